/* SPDX-License-Identifier: Apache-2.0 */
/* A tape drive with a small cartridge, two hosts, and a mechanism that runs when a command is sent.
 */
#pragma once

#include "scsi/command.h"
#include "scsi/library.h"
#include "ssc/drive.h"
#include "tape.h"

enum { DATA_MAX = 64 * 1024 };

struct sent {
	struct scsi_cmd cmd;
	struct iovec iov[2];
	uint8_t data[DATA_MAX];
	unsigned completed, released;
};

struct drive_bench {
	struct ssc_drive *drive;
	struct scsi_lu *lu;
	struct scsi_nexus *a, *b;
	struct crash_store store;
	struct cartridge *out; /* what was unloaded */

	struct scsi_executor executor;
	struct list works;
	struct scsi_clock clock;
	struct sent sent[8]; /* the last ones, in turn */
	unsigned turn, events[8];
	unsigned submitted; /* to the executor */
	bool held;          /* what was sent is not over yet when send_… returns */
};

int drive_bench_setup(void **state); /* ready; the attentions are taken */
int drive_bench_teardown(void **state);

void bench_load(struct drive_bench *b, bool write_protected);
void bench_unload(struct drive_bench *b);
/* What was held goes on. */
void bench_go_on(struct drive_bench *b);

#define CDB(...) ((const uint8_t[16]){__VA_ARGS__})

/* Valid until seven more were sent. */
struct sent *send_in(struct scsi_nexus *nexus, const uint8_t *cdb, size_t length);
struct sent *send_out(
	struct scsi_nexus *nexus, const uint8_t *cdb, const void *data, size_t length);
struct sent *send_none(struct scsi_nexus *nexus, const uint8_t *cdb);

/* SENSE_NONE: GOOD. */
enum scsi_sense_code sense_of(const struct sent *sent);
void assert_is_(const struct sent *sent, enum scsi_sense_code code, int line);
#define assert_is(sent, code) assert_is_((sent), (code), __LINE__)
#define assert_good(sent)     assert_is_((sent), SENSE_NONE, __LINE__)
/* With INFORMATION. */
void assert_left_(const struct sent *sent, enum scsi_sense_code code, int64_t left, int line);
#define assert_left(sent, code, left) assert_left_((sent), (code), (left), __LINE__)

/* ---- often sent --------------------------------------------------------------------------------
 */

struct sent *write_block(struct scsi_nexus *nexus, uint32_t length, uint32_t seed);
struct sent *read_block(struct scsi_nexus *nexus, uint32_t length, bool sili);
struct sent *write_marks(struct scsi_nexus *nexus, uint32_t count, bool immediate);
struct sent *space(struct scsi_nexus *nexus, unsigned what, int32_t count);
struct sent *rewind_tape(struct scsi_nexus *nexus);
uint64_t position_of(struct scsi_nexus *nexus);
void assert_block(const struct sent *sent, uint32_t length, uint32_t seed);
/* Fixed blocks of this length, or 0. */
void set_block_length(struct scsi_nexus *nexus, uint32_t length);
