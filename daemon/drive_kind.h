/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is different between the kinds of drives: optical (drive_optical.c, load_optical.c) and tape
 * (drive_tape.c, load_tape.c). The rest of the library knows only this table.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "scsi/sense.h"

struct catalog_medium;
struct drive;
struct error;
struct job;
struct library_drive;
struct scsi_cmd;

struct drive_kind {
	const char *name;        /* as rows of drives have it: "optical" */
	const char *medium_kind; /* as rows of media have it: "disc" */
	/*
	 * What the kernel ends when a daemon died over it may be sent again by the host (BUSY). Not
	 * on a tape, where that would write a block twice.
	 */
	bool repeatable;

	bool (*has_personality)(const char *personality);

	/* Makes the device of drive->row, and drive->lu. */
	bool (*create)(struct drive *drive, struct error *error);
	/* The device goes, with what is in it; no nexus is left, and nothing more is remembered. */
	void (*destroy)(struct drive *drive);
	/*
	 * At start, before any command: what the catalog says is in it. A medium that cannot be
	 * opened leaves the drive empty for hosts, and drive->medium_failure says why.
	 */
	void (*place)(struct drive *drive);
	/* What hosts were last told has been read, or is not there. */
	void (*recalled)(struct drive *drive, bool known);

	/* Worker, job->drive claimed and job->medium found; they answer the job. */
	void (*load)(struct job *job);
	void (*eject)(struct job *job);
	/* The job ends with job->changing. */
	void (*give_up)(struct job *job);
	/* Whether a drive of this personality takes it. */
	bool (*fits)(const char *personality, const struct catalog_medium *medium);

	/* Worker: what a host asked for, but for saved mode pages. */
	enum scsi_sense_code (*request)(struct drive *drive, struct scsi_cmd *cmd);
	/* Worker: block `lba` of the medium cannot be read. */
	void (*fault)(struct drive *drive, uint64_t lba);

	/* drives_lock held: what readers see of it, beyond what all drives have. */
	void (*fill)(struct drive *drive, struct library_drive *ret);
};

/* NULL: there is no such personality. */
const struct drive_kind *drive_kind_of_personality(const char *personality);
/* Of the name in a row of the catalog. */
const struct drive_kind *drive_kind_find(const char *name);
/* Always false: the error of a personality that there is none of. */
bool drive_kind_unknown(const char *drive, const char *personality, struct error *error);

extern const struct drive_kind drive_kind_optical, drive_kind_tape;
