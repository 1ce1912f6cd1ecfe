/* SPDX-License-Identifier: Apache-2.0 */
#include "web/server.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange.h"
#include "feed.h"
#include "head.h"
#include "http_tally.h"
#include "listen.h"
#include "peer.h"
#include "readers.h"
#include "refusals.h"
#include "tls.h"
#include "util/cleanup.h"
#include "web.h"

enum {
	CONNECTIONS_MAX = 64 + FEED_FOLLOWERS_MAX, /* of the unix socket */
	TCP_CONNECTIONS = 256,
	TCP_CONNECTIONS_PER_ADDRESS = 64,
	IDLE_SECONDS = 30,
	DRAIN_SECONDS = 2,
	POOL_BYTES = 4 * HEAD_BYTES_MAX, /* so that it is us who refuse long headers, mostly */
};

void web_log(struct web *web, int priority, const char *line)
{
	if (web->log)
		web->log(web->log_context, priority, line);
}

__attribute__((format(printf, 2, 0))) static void log_http_library(
	void *context, const char *format, va_list args)
{
	struct listener *listener = context;
	char line[256];
	vsnprintf(line, sizeof line, format, args);
	line[strcspn(line, "\r\n")] = '\0';
	web_log(listener->web, LOG_DEBUG, line);
}

/* What only a TCP listener has. */
static size_t list_tcp_options(struct listener *listener, struct MHD_OptionItem *ret)
{
	size_t count = 0;
	if (!listener->token)
		return 0;
	ret[count++] = (struct MHD_OptionItem){
		MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)peer_notify, listener};
	ret[count++] = (struct MHD_OptionItem){
		MHD_OPTION_CONNECTION_LIMIT, listener->web->connections, NULL};
	ret[count++] = (struct MHD_OptionItem){
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, listener->web->connections_per_address, NULL};
	if (!listener->web->tls)
		return count;
	ret[count++] =
		(struct MHD_OptionItem){MHD_OPTION_HTTPS_CERT_CALLBACK, 0, peer_choose_certificate};
	ret[count++] = (struct MHD_OptionItem){
		MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES};
	return count;
}

/* Takes the socket over, also when it fails. */
static bool listener_start(struct listener *listener, int fd, struct error *error)
{
	struct MHD_OptionItem tcp[8];
	size_t count = list_tcp_options(listener, tcp);
	bool tls = listener->token && listener->web->tls;
	tcp[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
	listener->daemon =
		MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
					 MHD_USE_ERROR_LOG | (tls ? MHD_USE_TLS : 0u),
			0, NULL, NULL, exchange_handle, listener, MHD_OPTION_EXTERNAL_LOGGER,
			log_http_library, listener, MHD_OPTION_LISTEN_SOCKET, fd,
			MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK,
			exchange_keep_escapes, listener, MHD_OPTION_NOTIFY_COMPLETED,
			exchange_completed, listener, MHD_OPTION_CONNECTION_LIMIT,
			(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
			listener->web->idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
			(size_t)POOL_BYTES, MHD_OPTION_ARRAY, tcp, MHD_OPTION_END);
	if (listener->daemon)
		return true;
	return error_set(error, ERROR_INTERNAL, "Look at the log for the reason.",
		"the HTTP server does not start");
}

/* Who connects from now on is refused. The descriptor stays open: the server's thread may be using
 * it. */
static void listener_quiesce(struct listener *listener)
{
	if (!listener->daemon)
		return;
	listener->quiesced = MHD_quiesce_daemon(listener->daemon);
	if (listener->quiesced >= 0)
		shutdown(listener->quiesced, SHUT_RDWR);
}

static void listener_stop(struct listener *listener)
{
	if (!listener->daemon)
		return;
	MHD_stop_daemon(listener->daemon);
	if (listener->quiesced >= 0)
		close(listener->quiesced);
}

static bool refuse_memory(struct error *error)
{
	return error_set(
		error, ERROR_NO_MEMORY, "Free some memory.", "no memory for the HTTP server");
}

static bool start_local(struct web *web, const struct web_config *config, struct error *error)
{
	if (!config->socket_path)
		return true;
	int fd = listen_unix(config->socket_path, config->socket_mode, config->socket_group, error);
	if (fd < 0)
		return false;
	web->socket_path = strdup(config->socket_path); /* without memory the file is left behind */
	web->local = (struct listener){.web = web, .group = config->socket_group};
	return listener_start(&web->local, fd, error);
}

static bool check_tcp(const struct web_config *config, struct error *error)
{
	if (!config->token || strlen(config->token) < WEB_TOKEN_MIN)
		return error_set(error, ERROR_CONFIGURATION, "Configure a longer token.",
			"listening on %.100s needs a token of at least %d characters",
			config->listen_address, WEB_TOKEN_MIN);
	bool tls = config->certificate_path && *config->certificate_path;
	if (tls && !(config->key_path && *config->key_path))
		return error_set(error, ERROR_CONFIGURATION, "Set tls_key.",
			"there is a certificate and no key");
	return tls || config->allow_unencrypted || listen_is_loopback(config->listen_address) ||
	       error_set(error, ERROR_CONFIGURATION,
		       "Set tls_certificate and tls_key, or listen on 127.0.0.1 or ::1.",
		       "%.100s is no loopback address, and tokens would cross the network "
		       "unencrypted",
		       config->listen_address);
}

/* What listeners share is there before the first of them answers. */
static bool prepare_tcp(struct web *web, const struct web_config *config, struct error *error)
{
	if (!config->listen_address)
		return true;
	if (!check_tcp(config, error))
		return false;
	web->connections = config->connections ? config->connections : TCP_CONNECTIONS;
	web->connections_per_address = config->connections_per_address
					       ? config->connections_per_address
					       : TCP_CONNECTIONS_PER_ADDRESS;
	if (!limits_init(&web->limits, config->requests_per_second, error))
		return false;
	web->token = strdup(config->token);
	web->hosts = strdup(config->hosts ? config->hosts : "");
	if (!web->token || !web->hosts)
		return refuse_memory(error);
	if (!config->certificate_path || !*config->certificate_path)
		return true;
	web->tls = tls_create(web, config->certificate_path, config->key_path, error);
	return web->tls;
}

static bool start_tcp(struct web *web, const struct web_config *config, struct error *error)
{
	if (!config->listen_address)
		return true;
	int fd = listen_tcp(config->listen_address, config->listen_port, &web->port, error);
	if (fd < 0)
		return false;
	web->tcp = (struct listener){.web = web, .token = web->token, .group = (gid_t)-1};
	return listener_start(&web->tcp, fd, error);
}

static bool check_config(const struct web_config *config, struct error *error)
{
	return config->socket_path || config->listen_address ||
	       error_set(error, ERROR_CONFIGURATION, "Configure a socket path or an address.",
		       "there is nothing to listen on");
}

static struct web *web_create(const struct web_config *config)
{
	struct web *web = calloc(1, sizeof *web);
	if (!web)
		return NULL;
	web->library = config->library;
	web->log = config->log;
	web->log_context = config->log_context;
	web->idle_seconds = config->idle_seconds ? config->idle_seconds : IDLE_SECONDS;
	web->lot = lot_create();
	web->tally = http_tally_create();
	web->refusals = refusals_create(config->library);
	return web;
}

static bool start_feed(struct web *web, const struct web_config *config, struct error *error)
{
	web->feed = feed_create(config->library, config->heartbeat_ms, error);
	return web->feed;
}

static bool start_readers(struct web *web, const struct web_config *config, struct error *error)
{
	web->readers = readers_create(config->io ? config->io : &file_io_posix, error);
	return web->readers;
}

struct web *web_start(const struct web_config *config, struct error *error)
{
	if (!check_config(config, error))
		return NULL;
	struct web *web = web_create(config);
	if (web && web->lot && web->tally && web->refusals && start_feed(web, config, error) &&
		start_readers(web, config, error) && prepare_tcp(web, config, error) &&
		start_local(web, config, error) && start_tcp(web, config, error))
		return web;
	if (!web || !web->lot || !web->tally || !web->refusals)
		refuse_memory(error);
	web_stop(web);
	return NULL;
}

bool web_reload(struct web *web, struct error *error)
{
	return !web->tls || tls_reload(web->tls, error);
}

uint16_t web_port(const struct web *web)
{
	return web->port;
}

static void stop_listeners(struct web *web)
{
	lot_close(web->lot);
	if (web->feed)
		feed_close(web->feed);
	listener_quiesce(&web->local);
	listener_quiesce(&web->tcp);
	lot_drain(web->lot, DRAIN_SECONDS);
	if (web->readers)
		readers_close(web->readers);
	listener_stop(&web->local);
	listener_stop(&web->tcp);
}

void web_stop(struct web *web)
{
	if (!web)
		return;
	if (web->socket_path)
		unlink(web->socket_path); /* before its end, so that a successor's is never removed
					   */
	if (web->lot)
		stop_listeners(web);
	feed_destroy(web->feed);
	readers_destroy(web->readers);
	lot_release(web->lot);
	http_tally_destroy(web->tally);
	free(web->socket_path);
	tls_destroy(web->tls);
	limits_finish(&web->limits);
	refusals_destroy(web->refusals);
	free(web->hosts);
	free(web->token);
	free(web);
}
