/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tape drive (SSC-4): one mechanism in front of one cartridge. Commands run one after the other
 * in the queue of the logical unit (scsi/queue.h), and what the library does queues like a command.
 *
 * A cartridge is absent, seated (in the drive, but not threaded: a host has unloaded it), or ready.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "scsi/lu.h"
#include "ssc/cartridge.h"

struct ssc_drive;

struct ssc_personality {
	struct scsi_personality scsi;
	const char *medium;  /* that it writes: "LTO-8" */
	const char *density; /* its name, for REPORT DENSITY SUPPORT: "U-816" */
	const char *description;
	uint8_t density_code, medium_type;
	uint32_t bits_per_mm, tracks, capacity_mb;
	uint32_t block_max;
};

/* NULL-terminated: "lto-8". */
extern const struct ssc_personality *const ssc_personalities[];
const struct ssc_personality *ssc_personality_find(const char *name);

extern const struct scsi_device_type ssc_device_type;

struct ssc_drive_config {
	struct scsi_lu_config lu; /* type and personality are filled in by ssc_drive_create */
	const struct ssc_personality *personality;
};

struct ssc_drive *ssc_drive_create(const struct ssc_drive_config *config);
/* NULL is allowed. No nexus, no command and no cartridge is left. */
void ssc_drive_destroy(struct ssc_drive *drive);
struct scsi_lu *ssc_drive_lu(struct ssc_drive *drive);
struct ssc_drive *ssc_drive_of_lu(struct scsi_lu *lu);

/* ---- the library; queued behind the commands that are there -----------------------------------
 */

/*
 * Puts a cartridge in and makes it ready at its beginning: 28/00 on every nexus. The drive owns it
 * until it is taken out. `done` is called on the mechanism's thread, with no lock held.
 */
void ssc_drive_load(struct ssc_drive *drive, struct cartridge *cartridge, bool write_protected,
	void (*done)(void *context), void *context);

/*
 * Writes what is buffered, and gives the cartridge back (NULL: there was none) with the result of
 * cart_commit. It is the callee's then, to close.
 */
void ssc_drive_unload(struct ssc_drive *drive,
	void (*done)(void *context, struct cartridge *cartridge, int result), void *context);

/*
 * At start, before any command: what the catalog says is in it (NULL: nothing), ready and at its
 * beginning. Nobody is told anything. The drive owns it until it is taken out.
 */
void ssc_drive_restore(struct ssc_drive *drive, struct cartridge *cartridge, bool write_protected);

/*
 * After that, and after a scsi_told_decode that succeeded of the record of a daemon that stopped
 * cleanly. True: the cartridge is the one that was in it, with the same EOD; position, mode and
 * nexuses are as they were, and nobody is told anything. False: another one is, or none; every
 * nexus of the record is told 28/00 of one that is there. A record of a daemon that died is not
 * asked for: the drive is as after power on then, and every nexus gets 29/00.
 */
bool ssc_drive_told_matches(struct ssc_drive *drive);

/* ---- looking: a snapshot, made after every command ---------------------------------------------
 */

enum ssc_presence { SSC_ABSENT, SSC_SEATED, SSC_READY };

struct ssc_drive_status {
	enum ssc_presence presence;
	bool write_protected, removal_prevented;
	uint64_t position;                 /* object */
	struct cartridge_status cartridge; /* valid unless absent */
	uint64_t bytes_read, bytes_written, alerts;
};

void ssc_drive_status(struct ssc_drive *drive, struct ssc_drive_status *ret);
