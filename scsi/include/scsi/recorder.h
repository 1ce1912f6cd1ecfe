/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flight recorder: the last 256 commands of a nexus, for `carousel trace` and for the one who
 * asks "what was this host told?". Its lock is a leaf and is held for a copy of one entry.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "scsi/sense.h"

enum { SCSI_RECORDER_ENTRIES = 256 };

struct scsi_record {
	uint64_t number;     /* counts from 1 */
	uint64_t started_ns; /* monotonic */
	uint32_t duration_us;
	const char *name; /* of the opcode row, static; NULL: unknown operation code */
	uint8_t cdb[16];
	uint8_t cdb_length;
	uint8_t status;
	enum scsi_sense_code sense; /* for CHECK CONDITION */
	uint64_t transferred;       /* bytes of Data-In */
};

struct scsi_recorder {
	pthread_mutex_t lock;
	uint64_t count;              /* commands recorded since the start */
	struct scsi_record *entries; /* SCSI_RECORDER_ENTRIES; NULL: nothing is recorded */
};

/* Records nothing yet. */
void scsi_recorder_init(struct scsi_recorder *recorder);
void scsi_recorder_finish(struct scsi_recorder *recorder);
/* From now on commands are recorded. False: out of memory. */
bool scsi_recorder_start(struct scsi_recorder *recorder);
/* `to`, which is stopped, goes on with the memory of `from`. */
void scsi_recorder_move(struct scsi_recorder *to, struct scsi_recorder *from);
/* Forgets all that was recorded. */
void scsi_recorder_stop(struct scsi_recorder *recorder);
void scsi_recorder_add(struct scsi_recorder *recorder, const struct scsi_record *record);
/* Commands recorded since the start. */
uint64_t scsi_recorder_count(struct scsi_recorder *recorder);
/* Copies up to `max` of the newest records, oldest first; returns how many. */
unsigned scsi_recorder_read(struct scsi_recorder *recorder, struct scsi_record *ret, unsigned max);
