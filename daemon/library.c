/* SPDX-License-Identifier: Apache-2.0 */
/* The library from start to stop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/access.h"
#include "library_private.h"
#include "pool_watch.h"
#include "log.h"
#include "util/cleanup.h"

enum { DRAIN_AT_STOP_MS = 10000 };

static void init_locks(struct library *library)
{
	pthread_condattr_t attributes;
	pthread_mutex_init(&library->reader_lock, NULL);
	pthread_mutex_init(&library->subscriber_lock, NULL);
	pthread_mutex_init(&library->drives_lock, NULL);
	pthread_mutex_init(&library->inbox_lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&library->inbox_filled, &attributes);
	pthread_cond_init(&library->answered, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_cond_init(&library->jobs_answered, NULL);
	list_init(&library->posted_jobs);
	list_init(&library->posted_commands);
	list_init(&library->dirty_drives);
	list_init(&library->waiting);
}

struct library *library_create(const struct library_config *config, struct error *error)
{
	struct library *library = calloc(1, sizeof *library);
	if (!library) {
		error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
		return NULL;
	}
	library->config = *config;
	if (!library->config.clock)
		library->config.clock = &scsi_clock_monotonic;
	init_locks(library);
	searches_init(&library->searches, library);
	background_init(&library->background, library);
	uploads_init(&library->uploads, library);
	library->systems = os_database_create(OS_DATABASE_DIRECTORIES);
	guests_init(&library->guests, library);
	kernel_exports_init(&library->kernel, library);
	targets_init(&library->targets);
	library->targets.policy = (struct targets_policy){.remote = config->portal_remote,
		.kernel_remote = config->kernel_remote,
		.allow_open = config->portal_allow_open};
	library->started_ns = library_now(library);
	library->catalog = config->clean ? catalog_open_trusted(config->catalog_path, error)
					 : catalog_open(config->catalog_path, error);
	if (library->catalog)
		library->reader = catalog_open_reader(config->catalog_path, error);
	if (!library->reader || !searches_start(&library->searches, error) ||
		!library_keys_load(library, error) ||
		!targets_reload(&library->targets, library->catalog, error)) {
		library_destroy(library);
		return NULL;
	}
	return library;
}

/* ---- seeds -------------------------------------------------------------------------------------
 */

/* By id, or by a path that is added when the catalog does not know it. */
static bool seed_medium(
	struct library *library, const char *text, struct catalog_medium *ret, struct error *error)
{
	const struct library_config *config = &library->config;
	char real[PATH_MAX];
	if (text[0] != '/')
		return catalog_medium_find(library->catalog, text, ret, error);
	if (!config->path_allowed(config->path_context, text, real, error))
		return false;
	if (catalog_medium_find(library->catalog, real, ret, NULL))
		return true;
	return library_add_file(library, real, ret, error);
}

static bool seed_fits(const struct drive_kind *kind, const struct catalog_drive *row,
	const struct catalog_medium *medium, struct error *error)
{
	if (strcmp(kind->medium_kind, medium->kind) == 0 && kind->fits(row->personality, medium))
		return true;
	return error_set(error, ERROR_MEDIUM_DOES_NOT_FIT,
		"Use a drive of its kind, and of a newer family (personality = bd-rom).",
		"drive %s (%s) cannot read %s", row->name, row->personality, medium->id);
}

struct seeded {
	struct catalog *catalog;
	struct catalog_drive *row;
	const char *medium; /* id; "": none */
};

static bool write_seeded(void *context, struct error *error)
{
	struct seeded *seeded = context;
	return catalog_drive_add(seeded->catalog, seeded->row, error) &&
	       catalog_history_add(
		       seeded->catalog, "seed", "drive-add", seeded->row->name, "", error) &&
	       (!seeded->medium[0] || catalog_drive_set_place(seeded->catalog, seeded->row->name,
					      seeded->medium, false, "seed", "load", error));
}

/* A tape that was moved meanwhile is where the operator wants it. */
static bool seed_row(
	struct library *library, struct catalog_drive *row, const char *medium, struct error *error)
{
	struct seeded seeded = {library->catalog, row, medium};
	struct error why = {0};
	bool ok = catalog_batch(library->catalog, write_seeded, &seeded, &why);
	if (!ok && why.code == ERROR_MEDIUM_IN_USE) {
		log_warning(
			"drive %s of the configuration is made empty: %s", row->name, why.sentence);
		seeded.medium = "";
		ok = catalog_batch(library->catalog, write_seeded, &seeded, &why);
	}
	if (!ok && error)
		*error = why;
	return ok;
}

bool library_seed_drive(
	struct library *library, const struct library_seed *seed, struct error *error)
{
	struct catalog_drive row;
	struct catalog_medium medium;
	if (catalog_drive_find(library->catalog, seed->name, &row, NULL))
		return true;
	row = (struct catalog_drive){.loopback = seed->loopback};
	snprintf(row.name, sizeof row.name, "%s", seed->name);
	snprintf(row.personality, sizeof row.personality, "%s",
		seed->personality[0] ? seed->personality : "dvd-rom");
	const struct drive_kind *kind = drive_kind_of_personality(row.personality);
	if (!kind) {
		drive_kind_unknown(seed->name, seed->personality, error);
		if (error)
			error->code = ERROR_CONFIGURATION;
		return false;
	}
	snprintf(row.kind, sizeof row.kind, "%s", kind->name);
	if (seed->medium[0] && (!seed_medium(library, seed->medium, &medium, error) ||
				       !seed_fits(kind, &row, &medium, error)))
		return false;
	return seed_row(library, &row, seed->medium[0] ? medium.id : "", error);
}

/* ---- start -------------------------------------------------------------------------------------
 */

struct rows {
	struct catalog_drive *rows;
	unsigned count;
	bool incomplete;
};

static bool collect_row(void *context, const struct catalog_drive *row)
{
	struct rows *all = context;
	struct catalog_drive *grown = realloc(all->rows, (all->count + 1) * sizeof *grown);
	if (!grown) {
		all->incomplete = true;
		return false;
	}
	all->rows = grown;
	grown[all->count++] = *row;
	return true;
}

static bool create_drives(struct library *library, struct error *error)
{
	struct rows all = {0};
	bool ok = catalog_drives_list(library->catalog, collect_row, &all, error);
	if (ok && all.incomplete)
		ok = error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	for (unsigned i = 0; ok && i < all.count; i++) {
		struct drive *drive = drive_create(library, &all.rows[i], error);
		ok = drive != NULL;
		if (ok)
			drives_insert(library, drive);
	}
	free(all.rows);
	return ok;
}

struct claims {
	const char **targets, **devices;
	char (*host_devices)[KERNEL_DEVICE_MAX];
};

static void claims_finish(struct claims *claims)
{
	free(claims->targets);
	free(claims->devices);
	free(claims->host_devices);
}

/* What earlier daemons left and we go on with. False: out of memory. */
static bool claim(struct library *library, struct claims *claims)
{
	unsigned hosts = kernel_exports_devices(&library->kernel, NULL, 0), count = 0;
	claims->host_devices = calloc(hosts + 1u, sizeof *claims->host_devices);
	claims->devices = calloc(library->drive_count + hosts + 1u, sizeof *claims->devices);
	claims->targets = kernel_exports_targets(&library->kernel);
	if (!claims->host_devices || !claims->devices || !claims->targets)
		return false;
	kernel_exports_devices(&library->kernel, claims->host_devices, hosts);
	for (unsigned i = 0; i < library->drive_count; i++)
		if (library->drives[i]->row.loopback)
			claims->devices[count++] = library->drives[i]->row.name;
	for (unsigned i = 0; i < hosts; i++)
		claims->devices[count++] = claims->host_devices[i];
	return true;
}

static void remove_orphans(struct library *library)
{
	_cleanup_(claims_finish) struct claims claims = {0};
	if (library->config.exporter && claim(library, &claims))
		exporter_remove_orphans(library->config.exporter, claims.targets, claims.devices);
}

/*
 * A drive that cannot be shown does not keep the others from starting. Without the kernel target
 * none is shown, and that is no failure of theirs.
 */
static void export_drives(struct library *library)
{
	for (unsigned i = 0; library->config.exporter && i < library->drive_count; i++) {
		struct drive *drive = library->drives[i];
		struct error error = {0};
		if (drive_export(drive, library->config.clean, &error))
			continue;
		log_failure(LOG_LEVEL_ERROR, "showing drives", &error);
		drive_set_failure(drive, drive->failure, &error);
	}
}

/* Before anything is shown: an address that is in use ends the start. */
static bool open_door(struct library *library, struct error *error)
{
	if (library->config.portal.listen_count == 0)
		return true;
	if (!portal_door_is_built()) {
		log_warning("this carouseld was built without the iSCSI portal (-Dportal): exports "
			    "are shown to nobody");
		return true;
	}
	library->door = portal_door_create(library, &library->config.portal, error);
	return library->door != NULL;
}

bool library_start(struct library *library, struct error *error)
{
	guests_find(&library->guests);
	if (!create_drives(library, error) || !open_door(library, error) ||
		!uploads_load(&library->uploads, error) ||
		!background_load(&library->background, error))
		return false;
	if (!library_worker_start(library))
		return error_set(error, ERROR_INTERNAL, "Look at the limit on threads.",
			"cannot start the library's thread");
	library->running = true;
	if (!uploads_start(&library->uploads, error) ||
		!background_start(&library->background, error))
		return false;
	if (library->config.clean)
		catalog_care_start(&library->care, library->config.catalog_path);
	remove_orphans(library);
	export_drives(library);
	kernel_exports_start(&library->kernel);
	remove_orphans(library); /* devices that a target held, which it does not show any more */
	guests_start(&library->guests);
	return (!library->door || portal_door_start(library->door, error)) &&
	       pool_watch_start(library, &library->config.watch, &library->watch, error);
}

/* Who is logged in to an export that is not open any more leaves; who may come in again does. */
static void close_unprotected(struct library *library, const struct targets_policy *policy)
{
	struct target *target;
	char warning[LIBRARY_TEXT_MAX];
	for (unsigned i = 0; (target = targets_at(&library->targets, i)); i++) {
		target_warning(policy, &target->row, warning);
		if (warning[0])
			portal_door_close(library->door, target->row.target);
		target_put(&library->targets, target);
	}
}

void library_allow_open(struct library *library, bool allow)
{
	struct targets_policy policy = targets_policy(&library->targets);
	bool withdrawn = policy.allow_open && !allow;
	policy.allow_open = allow;
	targets_set_policy(&library->targets, &policy);
	if (withdrawn)
		close_unprotected(library, &policy);
	kernel_exports_look(&library->kernel);
}

void library_pools_changed(struct library *library)
{
	pool_watch_look_again(library->watch);
}

void library_look_again(struct library *library)
{
	guests_look(&library->guests);
	kernel_exports_look(&library->kernel);
}

/* ---- stop --------------------------------------------------------------------------------------
 */

/* A drive that should be shown and is not may have left its ring in any state. */
static bool drain(struct drive *drive)
{
	if (drive->export)
		return export_drain(drive->export, DRAIN_AT_STOP_MS);
	/* Without the kernel target no ring was touched: it is as the last daemon left it. */
	return !drive->row.loopback ||
	       (!drive->library->config.exporter && drive->library->config.clean);
}

static void release(struct drive *drive)
{
	pthread_mutex_lock(&drive->library->drives_lock);
	struct export *export = steal(drive->export);
	pthread_mutex_unlock(&drive->library->drives_lock);
	if (export)
		export_release(export);
}

/* What hosts know at the very end, also where it is not written down at every step. */
static void remember_all(struct library *library)
{
	for (unsigned i = 0; i < library->drive_count; i++) {
		struct scsi_lu *lu = library->drives[i]->lu;
		scsi_lu_lock(lu);
		scsi_lu_remember(lu);
		scsi_lu_unlock(lu);
	}
}

/*
 * Operators first: no drive comes or goes any more. Then hosts: sessions are closed and no ring is
 * read any more while the worker still answers what was taken from it. Then the worker ends, and
 * the kernel's objects stay for the next daemon. Readers may come all the while.
 */
bool library_stop(struct library *library)
{
	bool drained = true;
	searches_stop(&library->searches);
	if (!library->running)
		return library->config.clean;
	catalog_care_stop(&library->care);
	uploads_stop(&library->uploads);
	pool_watch_stop(library->watch);
	background_stop(&library->background);
	library_jobs_stop(library);
	portal_door_stop(library->door);
	drained &= guests_stop(&library->guests, DRAIN_AT_STOP_MS);
	drained &= kernel_exports_stop(&library->kernel, DRAIN_AT_STOP_MS);
	for (unsigned i = 0; i < library->drive_count; i++)
		drained &= drain(library->drives[i]);
	library_worker_stop(library);
	library->running = false;
	remember_all(library);
	for (unsigned i = 0; i < library->drive_count; i++)
		release(library->drives[i]);
	guests_release(&library->guests);
	kernel_exports_release(&library->kernel);
	return drained;
}

void library_destroy(struct library *library)
{
	if (!library)
		return;
	searches_finish(&library->searches);
	catalog_care_stop(&library->care); /* of a start that failed */
	pool_watch_stop(library->watch);
	background_stop(&library->background);
	pool_watch_destroy(library->watch);
	background_finish(&library->background);
	uploads_stop(&library->uploads);
	uploads_finish(&library->uploads);
	os_database_destroy(library->systems);
	portal_door_destroy(library->door);
	guests_finish(&library->guests);
	kernel_exports_finish(&library->kernel);
	for (unsigned i = 0; i < library->drive_count; i++)
		drive_destroy(library->drives[i]);
	targets_finish(&library->targets);
	free(library->drives);
	catalog_close(library->reader);
	catalog_close(library->catalog);
	pthread_cond_destroy(&library->jobs_answered);
	pthread_cond_destroy(&library->answered);
	pthread_cond_destroy(&library->inbox_filled);
	pthread_mutex_destroy(&library->inbox_lock);
	pthread_mutex_destroy(&library->drives_lock);
	pthread_mutex_destroy(&library->subscriber_lock);
	pthread_mutex_destroy(&library->reader_lock);
	free(library);
}
