/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small device type of the tests' own, with a library, an executor, a clock and a medium that do
 * what the test tells them, one step at a time. Teardown fails when a command was not completed
 * and released exactly once, or a source was not given back.
 */
#pragma once

#include <stdlib.h>

#include "scsi/command.h"
#include "scsi/library.h"
#include "scsi/lu.h"
#include "scsi/source.h"
#include "scsi/spc.h"
#include "scsi/told.h"

enum {
	BLOCK = 512,
	MEDIUM_BLOCKS = 64,
	REQUEST_DATA = MEDIUM_BLOCKS * BLOCK,
	UNTOUCHED = 0xee, /* what data buffers hold before the command */
};

/* A medium in memory whose byte n is medium_byte(n). */
struct medium {
	struct scsi_source source;
	struct drive *drive;
	uint64_t size;     /* reads end here */
	uint64_t cached;   /* NOWAIT reads end here, with nowait_result */
	int nowait_result; /* -EAGAIN, -EOPNOTSUPP, 0 … */
	int read_error;    /* -errno of every waiting read; 0: none */
	unsigned waiting_reads, nowait_reads, changed_asked;
	enum scsi_cmd_owner changed_owner; /* of drive->watched, when `changed` was asked */
};

struct request {
	struct scsi_cmd cmd;
	struct list link; /* drive->requests */
	struct iovec iov[3];
	uint8_t data[REQUEST_DATA];
	unsigned completed, released;
};

struct drive {
	struct scsi_lu lu;
	struct scsi_nexus *a, *b;
	struct medium *medium;
	struct list requests;

	enum scsi_sense_code not_ready; /* what the ready gate answers */
	unsigned ready_asked, refreshed, resets, handled;
	uint16_t progress; /* not_ready is said with this progress; 0: none */
	uint8_t state;     /* what page 2Ah shows, and the told record of the drive */

	struct list inbox; /* library requests */
	uint8_t committed[SCSI_PERSISTENT_RECORD_MAX];
	size_t committed_length;
	unsigned commits;
	enum library_request requested;
	unsigned remembered, events[5], faults;
	uint64_t fault_lba;
	bool cancel_in_handler; /* START STOP UNIT is cancelled while its handler runs */

	struct scsi_executor executor;
	struct list works;
	struct scsi_cmd *watched;

	struct scsi_clock clock;
	uint64_t now_ns;
	unsigned sources; /* alive */
};

static inline struct drive *drive_of(struct scsi_lu *lu)
{
	return container_of(lu, struct drive, lu);
}

/* device_type.c */
extern const struct scsi_device_type test_type;
extern const struct scsi_personality test_personality;
extern const struct library_ops test_library;

uint8_t medium_byte(uint64_t offset);
struct medium *medium_create(struct drive *drive, bool may_hang);

/* cmocka fixtures: a ready drive with two nexuses whose 29/00 was taken. */
int drive_setup(void **state);
int drive_teardown(void **state);
#define drive_test(test) cmocka_unit_test_setup_teardown(test, drive_setup, drive_teardown)

struct drive *drive_create(void);
void drive_destroy(struct drive *drive);

#define CDB(...) ((const uint8_t[16]){__VA_ARGS__})

/* A command ready for scsi_execute; its buffer is three unequal iovecs. */
struct request *prepare(struct scsi_nexus *nexus, const uint8_t *cdb, size_t transfer_length);
struct request *send_in(struct scsi_nexus *nexus, const uint8_t *cdb, size_t transfer_length);
struct request *send_out(
	struct scsi_nexus *nexus, const uint8_t *cdb, const void *data, size_t transfer_length);
struct request *send_none(struct scsi_nexus *nexus, const uint8_t *cdb);

/* READ(10) of `blocks` blocks from `lba`, with room for exactly those. */
struct request *send_read(struct scsi_nexus *nexus, uint8_t lba, uint8_t blocks);

void run_workers(struct drive *drive);
/* The library takes the oldest request; false when it was cancelled meanwhile. */
/*
 * The oldest request is a PERSISTENT RESERVE OUT; the library begins, `commits`, and ends. What it
 * committed is drive->committed.
 */
void library_reserves(struct drive *drive, bool commits);
bool library_answers(struct drive *drive, enum scsi_sense_code code);

void assert_good(const struct request *request);
void assert_sense(const struct request *request, enum scsi_sense_code code);
void assert_cdb_field(const struct request *request, unsigned byte, unsigned bit);
void assert_parameter_field(const struct request *request, unsigned byte, unsigned bit);
void assert_medium_data(const struct request *request, uint64_t offset, size_t length);
void assert_untouched_from(const struct request *request, size_t offset);
