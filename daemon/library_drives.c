/* SPDX-License-Identifier: Apache-2.0 */
/* The drives: from a catalog row to a device that hosts see, and what readers may know of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_private.h"
#include "scsi/told.h"
#include "util/cleanup.h"

static const char default_personality[] = "dvd-rom";

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

/* The disc that the catalog says is in it; NULL with `error` set when it cannot be had. */
static struct disc *open_medium(struct drive *drive, struct error *error)
{
	struct library *library = drive->library;
	if (!catalog_medium_find(library->catalog, drive->row.medium, &drive->medium, error))
		return NULL;
	struct disc *disc = image_open(library->config.io, drive->medium.path,
		(enum mmc_profile)drive->medium.profile_override, &drive->medium.identity, error);
	return disc ? library_share_disc(library, disc) : NULL;
}

static bool restore_page(void *context, const uint8_t *page, size_t length)
{
	scsi_mode_restore(context, page, length);
	return true;
}

/*
 * What hosts were last told. The told record and the catalog agree: nobody notices a restart. They
 * do not, or there is no record: new nexuses (29/00), or the swap sequence.
 */
static void recall(struct drive *drive)
{
	struct scsi_lu *lu = mmc_drive_lu(drive->mmc);
	_cleanup_free_ uint8_t *record = malloc(SCSI_TOLD_MAX);
	size_t length = record ? told_file_read(drive->told, record, SCSI_TOLD_MAX) : 0;
	scsi_lu_lock(lu);
	bool known = length > 0 && scsi_told_decode(lu, record, length);
	scsi_lu_unlock(lu);
	if (known)
		mmc_drive_told_matches(drive->mmc);
	scsi_lu_lock(lu);
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
}

static bool create_device(struct drive *drive, struct error *error)
{
	struct library *library = drive->library;
	struct catalog_drive *row = &drive->row;
	struct mmc_drive_config config = {
		.lu = {.name = row->name,
			.serial = row->serial,
			.library = &library_host_ops,
			.library_context = drive,
			.executor = library->config.readers,
			.clock = library->config.clock},
		.personality = mmc_personality_find(row->personality),
		.dwell_ms = library->config.dwell_ms,
	};
	if (!config.personality)
		return error_set(error, ERROR_INVALID, "Use cd-rom, dvd-rom or bd-rom.",
			"drive %s: there is no personality %s", row->name, row->personality);
	drive->mmc = mmc_drive_create(&config);
	if (!drive->mmc)
		return error_set(error, ERROR_NO_MEMORY, "Free some memory and try again.",
			"drive %s: out of memory", row->name);
	return catalog_mode_pages_each(
		library->catalog, row->name, restore_page, mmc_drive_lu(drive->mmc), error);
}

static bool create_nexus(struct drive *drive, struct error *error)
{
	drive->nexus = scsi_nexus_create(mmc_drive_lu(drive->mmc), "loopback");
	if (drive->nexus)
		return true;
	return error_set(error, ERROR_NO_MEMORY, "Free some memory and try again.",
		"drive %s: out of memory", drive->row.name);
}

/*
 * A medium that cannot be opened leaves the drive empty for hosts; the catalog still says where it
 * is, so nothing is lost when the file comes back.
 */
static void place_medium(struct drive *drive)
{
	struct error error = {0};
	struct disc *disc = NULL;
	if (drive->row.medium[0]) {
		disc = open_medium(drive, &error);
		if (!disc)
			drive_set_failure(drive, drive->medium_failure, &error);
	}
	mmc_drive_restore(drive->mmc, disc, drive->row.tray_open);
	disc_put(disc);
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
	if (!drive->row.personality[0])
		snprintf(drive->row.personality, sizeof drive->row.personality, "%s",
			default_personality);
	drive->told = told_file_open(library->config.told_dir, row->name, error);
	if (!drive->told || !create_device(drive, error) || !create_nexus(drive, error))
		goto fail;
	place_medium(drive);
	recall(drive);
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
	mmc_drive_destroy(drive->mmc);
	told_file_close(drive->told);
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

bool drive_commit_place(struct drive *drive, const struct catalog_medium *medium, bool tray_open,
	const char *actor, const char *verb, struct error *error)
{
	struct library *library = drive->library;
	if (!catalog_drive_set_place(library->catalog, drive->row.name, medium ? medium->id : "",
		    tray_open, actor, verb, error))
		return false;
	SCOPED_LOCK(&library->drives_lock);
	snprintf(drive->row.medium, sizeof drive->row.medium, "%s", medium ? medium->id : "");
	drive->row.tray_open = tray_open;
	if (medium && medium != &drive->medium)
		drive->medium = *medium;
	return true;
}

static bool is_same(const struct disc *known, const struct disc *disc)
{
	return known->profile == disc->profile && !disc_faulted(known) &&
	       file_identity_equal(&known->identity, &disc->identity);
}

struct disc *library_share_disc(struct library *library, struct disc *disc)
{
	for (unsigned i = 0; i < library->drive_count; i++) {
		struct mmc_drive_status status;
		mmc_drive_status(library->drives[i]->mmc, &status);
		if (status.disc && is_same(status.disc, disc)) {
			disc_put(disc);
			return status.disc;
		}
		disc_put(status.disc);
	}
	return disc;
}

/* ---- what readers see ------------------------------------------------------------------------ */

static const char *profile_name(uint32_t profile)
{
	switch (profile) {
	case PROFILE_CD_ROM:
		return "CD-ROM";
	case PROFILE_DVD_ROM:
		return "DVD-ROM";
	case PROFILE_BD_ROM:
		return "BD-ROM";
	default:
		return "";
	}
}

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
	snprintf(ret->profile, sizeof ret->profile, "%s",
		profile_name(
			medium->profile_override ? medium->profile_override : medium->profile));
}

/* Where the drive is not shown to this machine, nobody stands behind the loopback nexus. */
static bool is_nobody(const struct drive *drive, const struct mmc_nexus_status *nexus)
{
	return !drive->export && !nexus->commands && strcmp(nexus->name, drive->nexus->name) == 0;
}

static void fill_hosts(
	struct drive *drive, const struct mmc_drive_status *status, struct library_drive *ret)
{
	for (unsigned i = 0; i < status->nexus_count; i++) {
		const struct mmc_nexus_status *nexus = &status->nexuses[i];
		if (is_nobody(drive, nexus) || ret->host_count == LIBRARY_NEXUSES_MAX)
			continue;
		struct library_host *host = &ret->hosts[ret->host_count++];
		snprintf(host->name, sizeof host->name, "%s", nexus->name);
		host->locks = nexus->prevent || nexus->prevent_persistent;
		host->sees_medium = nexus->sees_medium;
		host->told = nexus->told;
		host->commands = nexus->commands;
	}
}

static void fill_counters(struct drive *drive, struct library_drive *ret)
{
	struct scsi_lu *lu = mmc_drive_lu(drive->mmc);
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

static const char *state_name(const struct drive *drive, const struct mmc_drive_status *status)
{
	if (drive->failure[0] || drive->medium_failure[0])
		return "failed";
	if (status->changing)
		return "changing";
	return status->has_disc ? "loaded" : "empty";
}

void drive_fill(struct drive *drive, struct library_drive *ret)
{
	struct mmc_drive_status status;
	mmc_drive_status(drive->mmc, &status);
	*ret = (struct library_drive){.locked = status.removal_prevented};
	snprintf(ret->name, sizeof ret->name, "%s", drive->row.name);
	snprintf(ret->kind, sizeof ret->kind, "%s", drive->row.kind);
	snprintf(ret->personality, sizeof ret->personality, "%s", drive->row.personality);
	snprintf(ret->serial, sizeof ret->serial, "%s", drive->row.serial);
	snprintf(ret->tray, sizeof ret->tray, "%s", status.tray_open ? "open" : "closed");
	snprintf(ret->state, sizeof ret->state, "%s", state_name(drive, &status));
	snprintf(ret->failure, sizeof ret->failure, "%s",
		drive->failure[0] ? drive->failure : drive->medium_failure);
	if (drive->row.medium[0]) {
		ret->has_medium = true;
		medium_fill(&drive->medium, &ret->medium);
	}
	if (drive->export)
		export_address(drive->export, ret->export_address, sizeof ret->export_address);
	fill_hosts(drive, &status, ret);
	fill_counters(drive, ret);
	disc_put(status.disc);
}
