/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many commands a logical unit has finished since it began, of which class, with which status
 * and sense key, and how long they took. Counters are atomic, relaxed and of one logical unit:
 * counting takes no lock, and what is read while commands end may be one command apart.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/* By what an operation code does to the medium. */
enum scsi_tally_class {
	SCSI_TALLY_READ,
	SCSI_TALLY_WRITE,
	SCSI_TALLY_POSITION, /* moves the medium or what reads it: LOCATE, SEEK, REWIND, LOAD */
	SCSI_TALLY_OTHER,
	SCSI_TALLY_CLASSES,
};

enum scsi_tally_status {
	SCSI_TALLY_GOOD,
	SCSI_TALLY_CHECK_CONDITION,
	SCSI_TALLY_RESERVATION_CONFLICT,
	SCSI_TALLY_OTHER_STATUS, /* BUSY, TASK SET FULL, TASK ABORTED */
	SCSI_TALLY_STATUSES,
};

enum {
	SCSI_TALLY_DURATIONS = 9, /* bounds; one counter more, for what took longer */
	SCSI_TALLY_SENSE_KEYS = 16,
};

/* Ascending, in microseconds: a duration counts for the first bound that it does not exceed. */
extern const uint32_t scsi_tally_bounds_us[SCSI_TALLY_DURATIONS];

struct scsi_tally {
	atomic_ullong commands[SCSI_TALLY_CLASSES][SCSI_TALLY_STATUSES];
	atomic_ullong durations[SCSI_TALLY_CLASSES][SCSI_TALLY_DURATIONS + 1];
	atomic_ullong duration_us[SCSI_TALLY_CLASSES];   /* their sum */
	atomic_ullong sense_keys[SCSI_TALLY_SENSE_KEYS]; /* of CHECK CONDITION */
};

enum scsi_tally_class scsi_tally_class_of(uint8_t operation_code);

/* `status` as SAM-5 5.3.1 has it; `sense_key` counts with CHECK CONDITION only. */
void scsi_tally_add(struct scsi_tally *tally, uint8_t operation_code, uint8_t status,
	uint8_t sense_key, uint32_t duration_us);
