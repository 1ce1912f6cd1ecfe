/* SPDX-License-Identifier: Apache-2.0 */
/* The optical drive as a kind: its disc, its tray, and what readers see of them. */
#include "drive_optical.h"

#include <stdio.h>
#include <string.h>

#include "library_paths.h"
#include "log.h"

static bool has_personality(const char *personality)
{
	return mmc_personality_find(personality);
}

static bool create(struct drive *drive, struct error *error)
{
	struct library *library = drive->library;
	struct catalog_drive *row = &drive->row;
	struct mmc_drive_config config = {
		.lu = drive_lu_config(drive, library->config.readers),
		.personality = mmc_personality_find(row->personality),
		.dwell_ms = library->config.dwell_ms,
	};
	drive->mmc = mmc_drive_create(&config);
	if (!drive->mmc)
		return error_set(error, ERROR_NO_MEMORY, "Free some memory and try again.",
			"drive %s: out of memory", row->name);
	drive->lu = mmc_drive_lu(drive->mmc);
	return true;
}

static void destroy(struct drive *drive)
{
	mmc_drive_destroy(drive->mmc);
}

/* ---- the disc in it ---------------------------------------------------------------------------
 */

static bool is_same(const struct disc *known, const struct disc *disc)
{
	return known->profile == disc->profile && !disc_faulted(known) &&
	       file_identity_equal(&known->identity, &disc->identity);
}

struct disc *optical_share_disc(struct library *library, struct disc *disc)
{
	for (unsigned i = 0; i < library->drive_count; i++) {
		struct mmc_drive_status status;
		if (library->drives[i]->kind != &drive_kind_optical)
			continue;
		mmc_drive_status(library->drives[i]->mmc, &status);
		if (status.disc && is_same(status.disc, disc)) {
			disc_put(disc);
			return status.disc;
		}
		disc_put(status.disc);
	}
	return disc;
}

struct disc *optical_open(
	struct library *library, const struct catalog_medium *medium, struct error *error)
{
	char path[PATH_MAX];
	if (!library_locate(&library->config, medium->path, path, error))
		return NULL;
	return image_open(
		library->config.io, path, medium_profile(medium), &medium->identity, error);
}

/* The disc that the catalog says is in it; NULL with `error` set when it cannot be had. */
static struct disc *open_medium(struct drive *drive, struct error *error)
{
	struct library *library = drive->library;
	if (!catalog_medium_find(library->catalog, drive->row.medium, &drive->medium, error))
		return NULL;
	struct disc *disc = optical_open(library, &drive->medium, error);
	return disc ? optical_share_disc(library, disc) : NULL;
}

static void place(struct drive *drive)
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

static void recalled(struct drive *drive, bool known)
{
	if (known)
		mmc_drive_told_matches(drive->mmc);
}

static bool fits(const char *personality, const struct catalog_medium *medium)
{
	enum mmc_profile profile = medium_profile(medium);
	const struct mmc_personality *found = mmc_personality_find(personality);
	for (const enum mmc_profile *p = found->profiles; *p != PROFILE_NONE; p++)
		if (*p == profile)
			return true;
	return false;
}

/* ---- what hosts ask ---------------------------------------------------------------------------
 */

/*
 * START STOP UNIT was judged when it came, and the drive may have changed since. The same rules as
 * there: nothing to do is GOOD, and an eject must not throw out a medium that the host has not
 * seen.
 */
static enum scsi_sense_code judge_again(
	const struct mmc_drive_status *status, struct scsi_nexus *nexus, bool open, bool *ret_move)
{
	bool unseen = status->has_disc && !status->tray_open && !mmc_nexus_sees_medium(nexus);
	*ret_move = false;
	if (status->tray_open == open || (open && unseen))
		return SENSE_NONE;
	if (status->changing)
		return SENSE_BECOMING_READY;
	if (open && status->eject_prevented)
		return status->has_disc ? SENSE_REMOVAL_PREVENTED : SENSE_REMOVAL_PREVENTED_EMPTY;
	*ret_move = true;
	return SENSE_NONE;
}

static bool commit_tray(struct drive *drive, const char *host, bool open)
{
	char actor[SCSI_NEXUS_NAME_MAX + 8];
	struct error error = {0};
	snprintf(actor, sizeof actor, "host %s", host);
	if (drive_commit_place(drive, drive->row.medium[0] ? &drive->medium : NULL, open, actor,
		    open ? "tray-open" : "tray-close", &error))
		return true;
	log_error("drive %s: %s", drive->row.name, error.sentence);
	return false;
}

static enum scsi_sense_code move_tray(struct drive *drive, struct scsi_nexus *nexus, bool open)
{
	struct mmc_drive_status status;
	bool move;
	mmc_drive_status(drive->mmc, &status);
	disc_put(status.disc);
	enum scsi_sense_code code = judge_again(&status, nexus, open, &move);
	if (!move)
		return code;
	if (!commit_tray(drive, nexus->name, open))
		return SENSE_INTERNAL_TARGET_FAILURE;
	mmc_drive_move_tray(drive->mmc, open);
	return SENSE_NONE;
}

static enum scsi_sense_code request(struct drive *drive, struct scsi_cmd *cmd)
{
	return move_tray(drive, cmd->nexus, cmd->library_request == LIBRARY_TRAY_OPEN);
}

static void note_fault(struct drive *drive, uint64_t lba)
{
	struct mmc_drive_status status;
	char fault[CATALOG_TEXT_MAX];
	mmc_drive_status(drive->mmc, &status);
	bool changed = status.disc && disc_faulted(status.disc);
	disc_put(status.disc);
	snprintf(fault, sizeof fault,
		changed ? "the image file changed under the drive (block %llu)"
			: "block %llu cannot be read",
		(unsigned long long)lba);
	drive_note_fault(drive, fault);
}

/* ---- what readers see -------------------------------------------------------------------------
 */

static void fill_hosts(
	struct drive *drive, const struct mmc_drive_status *status, struct library_drive *ret)
{
	for (unsigned i = 0; i < status->nexus_count; i++) {
		const struct mmc_nexus_status *nexus = &status->nexuses[i];
		struct library_host host = {.locks = nexus->prevent || nexus->prevent_persistent,
			.sees_medium = nexus->sees_medium,
			.told = nexus->told,
			.commands = nexus->commands};
		drive_add_host(drive, ret, nexus->name, &host);
	}
}

static void fill(struct drive *drive, struct library_drive *ret)
{
	struct mmc_drive_status status;
	mmc_drive_status(drive->mmc, &status);
	ret->locked = status.removal_prevented;
	snprintf(ret->tray, sizeof ret->tray, "%s", status.tray_open ? "open" : "closed");
	snprintf(ret->state, sizeof ret->state, "%s",
		status.changing   ? "changing"
		: status.has_disc ? "loaded"
				  : "empty");
	fill_hosts(drive, &status, ret);
	disc_put(status.disc);
}

const struct drive_kind drive_kind_optical = {
	.name = "optical",
	.medium_kind = "disc",
	.repeatable = true,
	.has_personality = has_personality,
	.create = create,
	.destroy = destroy,
	.place = place,
	.recalled = recalled,
	.load = optical_load,
	.eject = optical_eject,
	.give_up = optical_give_up,
	.fits = fits,
	.request = request,
	.fault = note_fault,
	.fill = fill,
};
