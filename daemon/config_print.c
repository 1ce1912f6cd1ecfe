/* SPDX-License-Identifier: Apache-2.0 */
/* The settings in force, as a configuration file that says the same. */
#include <inttypes.h>
#include <string.h>

#include "config.h"

/* The row of every word is its value in the enum. */
static const char *const log_levels[] = {"error", "warning", "info", "debug"};
static const char *const kernel_targets[] = {"auto", "yes", "no"};

static void print(FILE *file, const char *name, const char *value)
{
	fprintf(file, "%s = %s\n", name, value);
}

/* One line each; none of them is a value too. */
static void print_each(FILE *file, const char *name, char **values, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		print(file, name, values[i]);
	if (count == 0)
		print(file, name, "");
}

static void print_daemon(const struct config *config, FILE *file)
{
	fputs("[daemon]\n", file);
	print(file, "state_dir", config->state_dir);
	print(file, "runtime_dir", config->runtime_dir);
	print(file, "log_level", log_levels[config->log_level]);
	print(file, "kernel_target", kernel_targets[config->kernel_target]);
}

static void print_web(const struct config *config, FILE *file)
{
	bool is_six = strchr(config->listen_host, ':');
	fputs("[web]\n", file);
	print(file, "socket", config->socket);
	print(file, "socket_group", config->socket_group);
	if (config->listen_host[0])
		fprintf(file, "listen = %s%s%s:%u\n", is_six ? "[" : "", config->listen_host,
			is_six ? "]" : "", config->listen_port);
	else
		print(file, "listen", "");
	print(file, "token_file", config->token_file);
	print(file, "tls_certificate", config->tls_certificate);
	print(file, "tls_key", config->tls_key);
	print(file, "allow_unencrypted", config->allow_unencrypted ? "yes" : "no");
	print(file, "hosts", config->hosts);
	fprintf(file, "connections = %u\n", config->connections);
	fprintf(file, "connections_per_address = %u\n", config->connections_per_address);
	fprintf(file, "requests_per_second = %u\n", config->requests_per_second);
}

static void print_media(const struct config *config, FILE *file)
{
	fputs("[media]\n", file);
	print_each(file, "pools", config->pools, config->pool_count);
	print(file, "pool_watch", config->pool_watch ? "yes" : "no");
	fprintf(file, "pool_rescan = %us\n", config->pool_rescan_s);
	print(file, "pool_auto_import", config->pool_auto_import ? "yes" : "no");
	fprintf(file, "upload_limit = %" PRIu64 "\n", config->upload_limit);
	fprintf(file, "pool_reserve = %" PRIu64 "\n", config->pool_reserve);
	print(file, "tape_dir", config->tape_dir);
}

static void print_portal(const struct config *config, FILE *file)
{
	fputs("[portal]\n", file);
	print_each(file, "listen", config->portal_listen, config->portal_listen_count);
	print(file, "name_prefix", config->portal_prefix);
	print(file, "allow_open", config->portal_allow_open ? "yes" : "no");
	fprintf(file, "sessions = %u\n", config->portal_sessions);
}

void config_print(const struct config *config, FILE *file)
{
	print_daemon(config, file);
	print_web(config, file);
	print_media(config, file);
	print_portal(config, file);
	fputs("[kernel]\n", file);
	print_each(file, "listen", config->kernel_listen, config->kernel_listen_count);
}
