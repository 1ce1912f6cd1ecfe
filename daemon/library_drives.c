/* SPDX-License-Identifier: Apache-2.0 */
/* The drives: from a catalog row to a device that hosts see, and what readers may know of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_private.h"
#include "scsi/told.h"
#include "util/cleanup.h"

struct drive *drive_find(struct library *library, const char *name)
{
	for (unsigned i = 0; i < library->drive_count; i++)
		if (strcmp(library->drives[i]->row.name, name) == 0)
			return library->drives[i];
	return NULL;
}

void drives_insert(struct library *library, struct drive *drive)
{
	SCOPED_LOCK(&library->drives_lock);
	unsigned at = library->drive_count++;
	struct drive **grown = realloc(library->drives, library->drive_count * sizeof *grown);
	if (!grown)
		abort();
	library->drives = grown;
	for (; at > 0 && strcmp(grown[at - 1]->row.name, drive->row.name) > 0; at--)
		grown[at] = grown[at - 1];
	grown[at] = drive;
}

void drives_remove(struct library *library, struct drive *drive)
{
	SCOPED_LOCK(&library->drives_lock);
	unsigned at = 0;
	while (library->drives[at] != drive)
		at++;
	library->drive_count--;
	memmove(&library->drives[at], &library->drives[at + 1],
		(library->drive_count - at) * sizeof *library->drives);
}

/* ---- making one ------------------------------------------------------------------------------ */

struct scsi_lu_config drive_lu_config(struct drive *drive, struct scsi_executor *executor)
{
	return (struct scsi_lu_config){.name = drive->row.name,
		.serial = drive->row.serial,
		.library = &library_host_ops,
		.library_context = drive,
		.executor = executor,
		.clock = drive->library->config.clock};
}

static bool restore_page(void *context, const uint8_t *page, size_t length)
{
	scsi_mode_restore(context, page, length);
	return true;
}

/*
 * After a crash nobody knows which of the commands in flight were done. Where it matters, the drive
 * is as after power on (29/00), and no host goes on as if nothing had happened.
 */
static bool is_remembered(const struct drive *drive)
{
	return drive->kind->repeatable || drive->library->config.clean;
}

/*
 * What hosts were last told. The told record and the catalog agree: nobody notices a restart. They
 * do not, or there is no record: new nexuses (29/00), or the swap sequence. Persistent reservations
 * are those of the record in any case, and the catalog's follow it; without a record they are the
 * catalog's. When that cannot be had the drive is not shown: whoever was fenced off could write.
 */
static bool recall(struct drive *drive, struct error *error)
{
	struct scsi_lu *lu = drive->lu;
	_cleanup_free_ uint8_t *record = malloc(SCSI_TOLD_MAX);
	size_t length = record ? told_file_read(drive->told, record, SCSI_TOLD_MAX) : 0;
	scsi_lu_lock(lu);
	bool known = length > 0 && is_remembered(drive) && scsi_told_decode(lu, record, length);
	bool fenced = known || (length > 0 && scsi_told_decode_persistent(lu, record, length));
	scsi_lu_unlock(lu);
	/* Without a record the machine was off. */
	if (!(fenced ? drive_keep_reservations(drive, error)
		     : drive_restore_reservations(drive, error)))
		return false;
	drive->kind->recalled(drive, known);
	scsi_lu_lock(lu);
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
	return true;
}

/* With the mode pages that hosts have saved. */
static bool create_device(struct drive *drive, struct error *error)
{
	return drive->kind->create(drive, error) &&
	       catalog_mode_pages_each(
		       drive->library->catalog, drive->row.name, restore_page, drive->lu, error);
}

static bool create_nexus(struct drive *drive, struct error *error)
{
	struct scsi_port port;
	drive->nexus = scsi_nexus_create(drive->lu, "loopback");
	if (drive->nexus) {
		exporter_port(drive->row.serial, &port);
		scsi_nexus_set_port(drive->nexus, &port);
		return true;
	}
	return error_set(error, ERROR_NO_MEMORY, "Free some memory and try again.",
		"drive %s: out of memory", drive->row.name);
}

struct drive *drive_create(
	struct library *library, const struct catalog_drive *row, struct error *error)
{
	struct drive *drive = calloc(1, sizeof *drive);
	if (!drive) {
		error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
		return NULL;
	}
	drive->library = library;
	drive->row = *row;
	list_init(&drive->dirty);
	drive->kind = drive_kind_find(row->kind);
	if (!drive->kind || !drive->kind->has_personality(row->personality)) {
		drive_kind_unknown(row->name, row->personality, error);
		goto fail;
	}
	drive->told = told_file_open(library->config.told_dir, row->name, error);
	if (!drive->told || !create_device(drive, error) || !create_nexus(drive, error))
		goto fail;
	drive->kind->place(drive);
	if (!library->running) {
		guests_enter(&library->guests, drive);
		kernel_exports_enter(&library->kernel, drive);
	}
	if (recall(drive, error))
		return drive;
fail:
	drive_destroy(drive);
	return NULL;
}

static void forget_events(struct drive *drive)
{
	SCOPED_LOCK(&drive->library->inbox_lock);
	list_remove(&drive->dirty);
}

void drive_destroy(struct drive *drive)
{
	if (!drive)
		return;
	forget_events(drive);
	scsi_nexus_destroy(drive->nexus);
	told_file_close(steal(drive->told)); /* what goes now goes for us, not for hosts */
	if (drive->lu)
		drive->kind->destroy(drive);
	free(drive);
}

/* ---- showing it ------------------------------------------------------------------------------ */

bool drive_export(struct drive *drive, bool clean, struct error *error)
{
	struct library *library = drive->library;
	if (!drive->row.loopback || drive->export)
		return true;
	if (!library->config.exporter)
		return error_set(error, ERROR_KERNEL_TARGET,
			"Add it without showing it to this machine; exports of the portal show it.",
			"drive %s cannot be shown to this machine: %s", drive->row.name,
			library->config.exporter_reason);
	struct export_request request = {.name = drive->row.name,
		.serial = drive->row.serial,
		.nexus = drive->nexus,
		.clean = clean,
		.sequential = !drive->kind->repeatable,
		.context = drive};
	struct export *export = exporter_show(library->config.exporter, &request, error);
	SCOPED_LOCK(&library->drives_lock);
	drive->export = export;
	return export != NULL;
}

bool drive_unexport(struct drive *drive, struct error *error)
{
	struct library *library = drive->library;
	pthread_mutex_lock(&library->drives_lock);
	struct export *export = steal(drive->export); /* readers must not look at it meanwhile */
	pthread_mutex_unlock(&library->drives_lock);
	if (!export || export_remove(export, error))
		return true;
	SCOPED_LOCK(&library->drives_lock);
	drive->export = export;
	return false;
}

void drive_set_failure(struct drive *drive, char *failure, const struct error *error)
{
	SCOPED_LOCK(&drive->library->drives_lock);
	snprintf(failure, LIBRARY_TEXT_MAX, "%.160s. %.90s", error->sentence, error->remedy);
}

/* ---- the commit ------------------------------------------------------------------------------ */

/* A load counts, and people may have said something of it since it was looked up. */
static bool read_again(
	struct library *library, const struct catalog_medium *medium, struct catalog_medium *ret)
{
	return medium && catalog_medium_find(library->catalog, medium->id, ret, NULL) &&
	       strcmp(ret->id, medium->id) == 0;
}

void drive_publish_place(struct drive *drive, const struct catalog_medium *medium, bool tray_open)
{
	_cleanup_free_ struct catalog_medium *now = malloc(sizeof *now);
	if (now && read_again(drive->library, medium, now))
		medium = now;
	SCOPED_LOCK(&drive->library->drives_lock);
	snprintf(drive->row.medium, sizeof drive->row.medium, "%s", medium ? medium->id : "");
	drive->row.tray_open = tray_open;
	if (medium && medium != &drive->medium)
		drive->medium = *medium;
}

bool drive_commit_place(struct drive *drive, const struct catalog_medium *medium, bool tray_open,
	const char *actor, const char *verb, struct error *error)
{
	if (!catalog_drive_set_place(drive->library->catalog, drive->row.name,
		    medium ? medium->id : "", tray_open, actor, verb, error))
		return false;
	drive_publish_place(drive, medium, tray_open);
	return true;
}

/* ---- what readers see ------------------------------------------------------------------------ */

void medium_fill(const struct catalog_medium *medium, struct library_medium *ret)
{
	*ret = (struct library_medium){.size = medium->size, .added = medium->added};
	snprintf(ret->id, sizeof ret->id, "%s", medium->id);
	snprintf(ret->kind, sizeof ret->kind, "%s", medium->kind);
	snprintf(ret->path, sizeof ret->path, "%s", medium->path);
	snprintf(ret->format, sizeof ret->format, "%s", medium->format);
	snprintf(ret->file_system, sizeof ret->file_system, "%s", medium->file_system);
	snprintf(ret->volume_id, sizeof ret->volume_id, "%s", medium->volume_id);
	snprintf(ret->fault, sizeof ret->fault, "%s", medium->fault);
	snprintf(ret->barcode, sizeof ret->barcode, "%s", medium->barcode);
	snprintf(ret->medium_type, sizeof ret->medium_type, "%s", medium->medium_type);
	ret->capacity = medium->capacity;
	ret->write_protected = medium->write_protected;
	ret->loads = medium->loads;
	ret->version = medium->version;
	snprintf(ret->state, sizeof ret->state, "%s", medium->state);
	snprintf(ret->sha256, sizeof ret->sha256, "%s", medium->sha256);
	ret->verified = medium->verified;
	snprintf(ret->verify_result, sizeof ret->verify_result, "%s", medium->verify_result);
	ret->owned = medium->owned;
	snprintf(ret->notes, sizeof ret->notes, "%s", medium->notes);
	snprintf(ret->os, sizeof ret->os, "%s", medium->os);
	snprintf(ret->tags, sizeof ret->tags, "%s", medium->tags);
	ret->profile_set = medium->profile_override != PROFILE_NONE;
	snprintf(ret->profile, sizeof ret->profile, "%s", mmc_profile_name(medium_profile(medium)));
}

void drives_refresh_medium(struct library *library, const struct catalog_medium *medium)
{
	SCOPED_LOCK(&library->drives_lock);
	for (unsigned i = 0; i < library->drive_count; i++) {
		struct drive *drive = library->drives[i];
		if (strcmp(drive->row.medium, medium->id) == 0)
			drive->medium = *medium;
	}
}

static void fill_counters(struct drive *drive, struct library_drive *ret)
{
	struct scsi_lu *lu = drive->lu;
	struct export_counters counters = {0};
	if (drive->export)
		export_counters(drive->export, &counters);
	ret->inline_reads = atomic_load(&lu->inline_reads);
	ret->pool_reads = atomic_load(&lu->pool_reads);
	ret->bytes_read = atomic_load(&lu->bytes_read);
	ret->commands = atomic_load(&lu->commands);
	ret->wakeups = counters.wakeups;
	ret->kicks = counters.kicks;
	ret->allocations = counters.allocations;
}

void drive_add_host(const struct drive *drive, struct library_drive *ret, const char *name,
	const struct library_host *host)
{
	bool nobody = !drive->export && !host->commands && strcmp(name, drive->nexus->name) == 0;
	if (nobody || ret->host_count == LIBRARY_NEXUSES_MAX)
		return;
	struct library_host *next = &ret->hosts[ret->host_count++];
	*next = *host;
	snprintf(next->name, sizeof next->name, "%s", name);
}

void drive_fill(struct drive *drive, struct library_drive *ret)
{
	*ret = (struct library_drive){0};
	snprintf(ret->name, sizeof ret->name, "%s", drive->row.name);
	snprintf(ret->kind, sizeof ret->kind, "%s", drive->row.kind);
	snprintf(ret->personality, sizeof ret->personality, "%s", drive->row.personality);
	snprintf(ret->serial, sizeof ret->serial, "%s", drive->row.serial);
	snprintf(ret->failure, sizeof ret->failure, "%s",
		drive->failure[0] ? drive->failure : drive->medium_failure);
	if (drive->row.medium[0]) {
		ret->has_medium = true;
		medium_fill(&drive->medium, &ret->medium);
		snprintf(ret->medium.drive, sizeof ret->medium.drive, "%s", drive->row.name);
	}
	if (drive->export)
		export_address(drive->export, ret->export_address, sizeof ret->export_address);
	fill_counters(drive, ret);
	drive->kind->fill(drive, ret);
	drive_fill_reservation(drive, ret);
	if (ret->failure[0])
		snprintf(ret->state, sizeof ret->state, "failed");
}
