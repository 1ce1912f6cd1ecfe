/* SPDX-License-Identifier: Apache-2.0 */
#include "reload.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "daemon/library.h"
#include "daemon/pools.h"
#include "export_seed.h"
#include "log.h"
#include "util/cleanup.h"
#include "util/error.h"

static const char actor[] = "reload";

/* ---- an operation that is waited for --------------------------------------------------------- */

struct wait {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done, ok;
	struct error error;
	char medium[LIBRARY_ID_MAX]; /* of the one that was added */
};

#define WAIT                                                                                       \
	{                                                                                          \
		.lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER            \
	}

static void note_answer(void *context, const struct library_result *result)
{
	struct wait *wait = context;
	SCOPED_LOCK(&wait->lock);
	wait->ok = result->ok;
	wait->error = result->error;
	if (result->has_medium)
		snprintf(wait->medium, sizeof wait->medium, "%s", result->medium.id);
	wait->done = true;
	pthread_cond_signal(&wait->answered);
}

static bool await(struct wait *wait, struct error *error)
{
	SCOPED_LOCK(&wait->lock);
	while (!wait->done)
		pthread_cond_wait(&wait->answered, &wait->lock);
	*error = wait->error;
	return wait->ok;
}

/* ---- drives ---------------------------------------------------------------------------------- */

static bool add_drive(
	struct library *library, const struct config_drive *drive, struct error *error)
{
	struct wait wait = WAIT;
	struct library_drive_add add = {
		.loopback = config_drive_loopback(drive, library_has_kernel_target(library))};
	snprintf(add.name, sizeof add.name, "%s", drive->name);
	snprintf(add.personality, sizeof add.personality, "%s", drive->personality);
	library_drive_add(library, &add, actor, note_answer, &wait);
	return await(&wait, error);
}

/* The id of a medium that is named by its id, or by a path that may have to be added. */
static bool find_medium(
	struct library *library, const char *text, char ret[LIBRARY_ID_MAX], struct error *error)
{
	struct wait wait = WAIT;
	struct library_media_add add = {0};
	snprintf(ret, LIBRARY_ID_MAX, "%s", text);
	if (text[0] != '/')
		return true;
	snprintf(add.path, sizeof add.path, "%s", text);
	library_media_add(library, &add, actor, note_answer, &wait);
	if (!await(&wait, error))
		return false;
	snprintf(ret, LIBRARY_ID_MAX, "%s", wait.medium);
	return true;
}

static bool load_drive(
	struct library *library, const struct config_drive *drive, struct error *error)
{
	struct wait wait = WAIT;
	struct library_load load = {0};
	if (!drive->medium[0])
		return true;
	if (!find_medium(library, drive->medium, load.medium, error))
		return false;
	snprintf(load.drive, sizeof load.drive, "%s", drive->name);
	library_load(library, &load, actor, note_answer, &wait);
	return await(&wait, error);
}

static bool make_drive(struct library *library, const struct config_drive *drive)
{
	struct library_drive known;
	struct error error = {0};
	char what[128];
	if (library_drive_get(library, drive->name, &known, NULL))
		return true;
	snprintf(what, sizeof what, "drive %s", drive->name);
	if (!add_drive(library, drive, &error) || !load_drive(library, drive, &error)) {
		log_failure(LOG_LEVEL_ERROR, what, &error);
		return false;
	}
	log_info("drive %s was made", drive->name);
	return true;
}

/* ---- exports --------------------------------------------------------------------------------- */

static bool put_export(struct library *library, const struct config_export *export,
	struct export_seed *seed, struct error *error)
{
	struct wait wait = WAIT;
	if (!export_seed_read(export, seed, error))
		return false;
	library_export_put(library, &seed->put, true, actor, note_answer, &wait);
	return await(&wait, error);
}

static bool make_export(struct library *library, const struct config_export *export)
{
	_cleanup_free_ struct library_export *known = malloc(sizeof *known);
	_cleanup_free_ struct export_seed *seed = malloc(sizeof *seed);
	struct error error = {0};
	char what[128];
	if (known && library_export_get(library, export->name, known, NULL))
		return true;
	snprintf(what, sizeof what, "export %s", export->name);
	bool ok = known && seed && put_export(library, export, seed, &error);
	if (seed)
		export_seed_finish(seed);
	if (ok)
		log_info("export %s was made", export->name);
	else
		log_failure(LOG_LEVEL_ERROR, what, &error);
	return ok;
}

bool reload_seeds(struct library *library, const struct config *config)
{
	bool ok = true;
	for (unsigned i = 0; i < config->drive_count; i++)
		ok &= make_drive(library, &config->drives[i]);
	for (unsigned i = 0; i < config->export_count; i++)
		ok &= make_export(library, &config->exports[i]);
	return ok;
}

/* ---- pools ----------------------------------------------------------------------------------- */

static bool has_pool(const struct config *config, const char *path)
{
	for (unsigned i = 0; i < config->pool_count; i++)
		if (strcmp(config->pools[i], path) == 0)
			return true;
	return false;
}

void reload_tell_pools(
	struct library *library, const struct config *before, const struct config *now)
{
	for (unsigned i = 0; i < before->pool_count; i++)
		if (!has_pool(now, before->pools[i]))
			library_note_pool(library, before->pools[i], false, actor);
	for (unsigned i = 0; i < now->pool_count; i++)
		if (!has_pool(before, now->pools[i]))
			library_note_pool(library, now->pools[i], true, actor);
}

/* ---- what waits for a restart ---------------------------------------------------------------- */

static bool same_portal(const struct config *a, const struct config *b)
{
	if (a->portal_listen_count != b->portal_listen_count ||
		a->portal_sessions != b->portal_sessions)
		return false;
	for (unsigned i = 0; i < a->portal_listen_count; i++)
		if (strcmp(a->portal_listen[i], b->portal_listen[i]) != 0)
			return false;
	return strcmp(a->portal_prefix, b->portal_prefix) == 0;
}

static bool same_kernel(const struct config *a, const struct config *b)
{
	if (a->kernel_listen_count != b->kernel_listen_count)
		return false;
	for (unsigned i = 0; i < a->kernel_listen_count; i++)
		if (strcmp(a->kernel_listen[i], b->kernel_listen[i]) != 0)
			return false;
	return true;
}

static bool same_web(const struct config *a, const struct config *b)
{
	return strcmp(a->socket, b->socket) == 0 && strcmp(a->socket_group, b->socket_group) == 0 &&
	       strcmp(a->listen_host, b->listen_host) == 0 && a->listen_port == b->listen_port &&
	       strcmp(a->token_file, b->token_file) == 0 &&
	       strcmp(a->tls_certificate, b->tls_certificate) == 0 &&
	       strcmp(a->tls_key, b->tls_key) == 0 && strcmp(a->hosts, b->hosts) == 0 &&
	       a->allow_unencrypted == b->allow_unencrypted && a->connections == b->connections &&
	       a->connections_per_address == b->connections_per_address &&
	       a->requests_per_second == b->requests_per_second;
}

static bool same_daemon(const struct config *a, const struct config *b)
{
	return strcmp(a->state_dir, b->state_dir) == 0 &&
	       strcmp(a->runtime_dir, b->runtime_dir) == 0 && a->kernel_target == b->kernel_target;
}

static bool same_media(const struct config *a, const struct config *b)
{
	return strcmp(a->tape_dir, b->tape_dir) == 0 && a->pool_watch == b->pool_watch &&
	       a->pool_rescan_s == b->pool_rescan_s &&
	       a->pool_auto_import == b->pool_auto_import; /* pools count at once */
}

void reload_warn(const struct config *running, const struct config *fresh)
{
	static const char text[] = "what changed in [%s] counts after a restart";
	if (!same_daemon(running, fresh))
		log_warning(text, "daemon");
	if (!same_media(running, fresh))
		log_warning(text, "media");
	if (!same_web(running, fresh))
		log_warning(text, "web");
	if (!same_portal(running, fresh))
		log_warning(text, "portal");
	if (!same_kernel(running, fresh))
		log_warning(text, "kernel");
}
