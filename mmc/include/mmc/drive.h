/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The optical drive: tray, medium, and what each nexus believes about them.
 *
 * Tray (closed-empty, closed-loaded, open-empty, open-with-disc) is the drive's. Presence is per
 * nexus: after any removal a nexus sees 02/3A until it was told so on a command *and* a dwell has
 * passed since; then, if a medium is in the closed drive, exactly one 06/28/00 and one NewMedia
 * event. So no host ever misses a swap, whatever it polls with.
 *
 * The mmc_drive_* functions below take lu->lock themselves; call them with no lock held.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "mmc/disc.h"
#include "scsi/lu.h"

/* One of the kernel target, and 64 of the portal. */
enum { MMC_DWELL_MS_DEFAULT = 2000, MMC_NEXUSES_SHOWN = 65 };

struct mmc_drive;

/* The families a drive can read: data of the personality, used for "does it fit" and the profiles.
 */
struct mmc_personality {
	struct scsi_personality scsi;
	const enum mmc_profile *profiles; /* descending, ends with PROFILE_NONE */
};

/* NULL-terminated: "cd-rom", "dvd-rom", "bd-rom". */
extern const struct mmc_personality *const mmc_personalities[];
const struct mmc_personality *mmc_personality_find(const char *name);

extern const struct scsi_device_type mmc_device_type;

struct mmc_drive_config {
	struct scsi_lu_config lu; /* type and personality are filled in by mmc_drive_create */
	const struct mmc_personality *personality;
	uint32_t dwell_ms;
};

struct mmc_drive *mmc_drive_create(const struct mmc_drive_config *config);
void mmc_drive_destroy(struct mmc_drive *drive); /* NULL is allowed; no nexus is left */
struct scsi_lu *mmc_drive_lu(struct mmc_drive *drive);
struct mmc_drive *mmc_drive_of_lu(struct scsi_lu *lu);

bool mmc_drive_fits(struct mmc_drive *drive, enum mmc_profile profile);

/*
 * At start, before any command: what the catalog says. No event, no attention. Takes a reference
 * to disc (may be NULL).
 */
void mmc_drive_restore(struct mmc_drive *drive, struct disc *disc, bool tray_open);

/*
 * After a scsi_told_decode that succeeded: true when what hosts were last told is what the drive
 * now holds (same image identity, same tray); the nexuses of the record are as before and stay
 * silent. False: it holds something else, and the swap sequence has been started on every nexus of
 * the record that believed in a medium. Nexuses the record does not know stay new either way.
 */
bool mmc_drive_told_matches(struct mmc_drive *drive);

/* ---- a change, by the library -------------------------------------------------------------- */

/*
 * 1. From now on hosts get 02/04/01 (they retry) and no new read of the old medium starts. True:
 * none is in flight either; false: wait for LIBRARY_EVENT_DRAINED.
 */
bool mmc_drive_begin_change(struct mmc_drive *drive);
/* 2a. The commit failed: everything is as before, no event. */
void mmc_drive_cancel_change(struct mmc_drive *drive);
/*
 * 2b. Publish; cannot fail. The medium is `disc` (a reference is taken) or none, and the tray is
 * open or closed. What was in there before is gone. A change of the medium or of the tray starts
 * the swap sequence on every nexus that believed in the old one.
 */
void mmc_drive_publish(struct mmc_drive *drive, struct disc *disc, bool tray_open);

/*
 * The host moves the tray; the disc stays on it. Publish only, after the commit. Does nothing when
 * the tray is where it should be.
 */
void mmc_drive_move_tray(struct mmc_drive *drive, bool open);

/* The operator's button on a locked drive: one EjectRequest event on every nexus. */
void mmc_drive_request_eject(struct mmc_drive *drive);

/* ---- looking ------------------------------------------------------------------------------- */

struct mmc_nexus_status {
	char name[SCSI_NEXUS_NAME_MAX];
	bool prevent, prevent_persistent;
	bool told; /* has been told of the present state of the drive (absent, or present) */
	bool sees_medium;
	uint64_t commands;
};

struct mmc_drive_status {
	bool tray_open;
	bool has_disc;
	bool changing;
	bool removal_prevented; /* an operator's eject needs the hosts or force */
	bool eject_prevented;   /* a host's eject is refused */
	bool all_told;
	uint64_t generation; /* counts media put in since the drive was made */
	struct disc *disc;   /* a reference for the caller, or NULL */
	unsigned nexus_count;
	struct mmc_nexus_status nexuses[MMC_NEXUSES_SHOWN];
};

/* Whether this nexus sees a medium now. */
bool mmc_nexus_sees_medium(struct scsi_nexus *nexus);

void mmc_drive_status(struct mmc_drive *drive, struct mmc_drive_status *ret);
