/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "config.h"
#include "export_seed.h"
#include "path.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "web/server.h"

enum { EXIT_USAGE = 2 };

static int refuse(int code, const struct error *error)
{
	fprintf(stderr, "carouseld: %s\n%s\n", error->sentence, error->remedy);
	return code;
}

/* ---- the configuration --------------------------------------------------------------------------
 */

static bool check_exports(const struct config *config, struct error *error)
{
	_cleanup_free_ struct export_seed *seed = malloc(sizeof *seed);
	bool ok = seed != NULL;
	for (unsigned i = 0; ok && i < config->export_count; i++) {
		ok = export_seed_read(&config->exports[i], seed, error);
		export_seed_finish(seed);
	}
	return ok;
}

/* Who may not read it cannot tell. */
static bool is_kept_from_us(const char *path)
{
	return access(path, R_OK) < 0 && errno == EACCES;
}

static bool check_certificate(const struct config *config, struct error *error)
{
	const char *certificate = config->tls_certificate, *key = config->tls_key;
	return !*config->listen_host || !*certificate || is_kept_from_us(certificate) ||
	       is_kept_from_us(key) || web_check_certificate(certificate, key, error);
}

int report_check_config(const char *config_path)
{
	struct config config;
	struct error error = {0};
	if (!config_load(&config, config_path, &error))
		return refuse(EXIT_USAGE, &error);
	bool ok = check_exports(&config, &error) && check_certificate(&config, &error);
	config_finish(&config);
	return ok ? EXIT_SUCCESS : refuse(EXIT_USAGE, &error);
}

int report_show_config(const char *config_path)
{
	struct config config;
	struct error error = {0};
	if (!config_load(&config, config_path, &error))
		return refuse(EXIT_USAGE, &error);
	config_print(&config, stdout);
	config_finish(&config);
	return EXIT_SUCCESS;
}

/* ---- the catalog --------------------------------------------------------------------------------
 */

static int check_catalog(const char *path)
{
	struct error error = {0};
	bool missing = access(path, F_OK) < 0 && errno == ENOENT;
	if (!missing && !catalog_check(path, NULL, &error))
		return refuse(EXIT_FAILURE, &error);
	printf("%s is %s\n", path, missing ? "not there yet" : "sound");
	return EXIT_SUCCESS;
}

int report_check_catalog(const char *config_path)
{
	struct config config;
	struct error error = {0};
	char path[PATH_MAX];
	if (!config_load(&config, config_path, &error))
		return refuse(EXIT_USAGE, &error);
	bool ok = path_in(config.state_dir, "catalog.db", path, &error);
	config_finish(&config);
	return ok ? check_catalog(path) : refuse(EXIT_FAILURE, &error);
}
