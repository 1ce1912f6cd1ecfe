/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the tape drive's suites. */
#pragma once

#include "conformance.h"
#include "fake_tape.h"

/* ---- fixtures ---------------------------------------------------------------------------------
 */

enum {
	BLOCK_MAX = 256 * 1024, /* of drive and cartridge: the longest that Proxmox writes */
	CAPACITY = 16 << 20,
	SHORT_CAPACITY = 4 << 20, /* early warning is a quarter before the end */
	SHORT_BLOCK = 64 * 1024,
};

int bench_blank(void **state);   /* a blank cartridge is loaded; the same as bench_ready */
int bench_short(void **state);   /* one that is soon full */
int bench_no_tape(void **state); /* a blank cartridge is not yet loaded */

#define ON_BLANK(test)   cmocka_unit_test_setup_teardown(test, bench_blank, bench_end)
#define ON_SHORT(test)   cmocka_unit_test_setup_teardown(test, bench_short, bench_end)
#define ON_NO_TAPE(test) cmocka_unit_test_setup_teardown(test, bench_no_tape, bench_end)

/* Another host, with nothing pending. */
struct scsi_nexus *other_host(void **state);

/* ---- expecting ---------------------------------------------------------------------------------
 */

enum { FILEMARK = 0x80, EOM = 0x40, ILI = 0x20 }; /* SPC-4 4.5.3, byte 2 */

/* GOOD, and the Data-In is such a block: block_fill below. */
#define EXPECT_BLOCK(answer, length, seed)                                                         \
	expect_block((answer), (length), (seed), __FILE__, __LINE__)
/* The same bytes, whatever the status is: data with sense. */
#define EXPECT_BYTES(answer, length, seed)                                                         \
	expect_bytes((answer), (length), (seed), __FILE__, __LINE__)
/* CHECK CONDITION with exactly these flags, VALID, and INFORMATION, signed. */
#define EXPECT_END(answer, code, flags, information)                                               \
	expect_end((answer), (code), (flags), (information), __FILE__, __LINE__)
/* The number of the object that comes next, by READ POSITION. */
#define EXPECT_POSITION(nexus, object) expect_position((nexus), (object), __FILE__, __LINE__)
/* INVALID FIELD IN PARAMETER LIST that points to a byte. */
#define EXPECT_INVALID_LIST(answer, byte) expect_invalid_list((answer), (byte), __FILE__, __LINE__)

const struct fake_answer *expect_block(const struct fake_answer *answer, uint32_t length,
	uint32_t seed, const char *file, int line);
const struct fake_answer *expect_bytes(const struct fake_answer *answer, uint32_t length,
	uint32_t seed, const char *file, int line);
const struct fake_answer *expect_end(const struct fake_answer *answer, enum scsi_sense_code code,
	unsigned flags, int64_t information, const char *file, int line);
void expect_position(struct scsi_nexus *nexus, uint64_t object, const char *file, int line);
void expect_invalid_list(
	const struct fake_answer *answer, unsigned byte, const char *file, int line);

/* ---- often sent ------------------------------------------------------------------------------ */

/* Bytes that no compression makes fewer, made of a seed. */
void block_fill(uint8_t *block, uint32_t length, uint32_t seed);

enum { FIXED = 0x01, SILI = 0x02, IMMED = 0x01 };

const struct fake_answer *write_block(struct scsi_nexus *nexus, uint32_t length, uint32_t seed);
const struct fake_answer *read_block(struct scsi_nexus *nexus, uint32_t length, unsigned flags);
/* `count` blocks of `length` bytes, the current block length; seeds from `seed` on. */
const struct fake_answer *write_fixed(
	struct scsi_nexus *nexus, uint32_t count, uint32_t length, uint32_t seed);
const struct fake_answer *read_fixed(struct scsi_nexus *nexus, uint32_t count, uint32_t length);
const struct fake_answer *write_marks(struct scsi_nexus *nexus, uint32_t count, unsigned flags);

enum { BLOCKS = 0, MARKS = 1, TO_EOD = 3 };
const struct fake_answer *space_6(struct scsi_nexus *nexus, unsigned code, int32_t count);
const struct fake_answer *space_16(struct scsi_nexus *nexus, unsigned code, int64_t count);
const struct fake_answer *locate(struct scsi_nexus *nexus, uint64_t object);
#define REWIND(nexus) SEND(nexus, 0, 0x01)
#define LOAD(nexus)   SEND(nexus, 0, 0x1b, 0, 0, 0, 0x01)
#define UNLOAD(nexus) SEND(nexus, 0, 0x1b, 0, 0, 0, 0x00)
#define ERASE(nexus)  SEND(nexus, 0, 0x19, 0x00)

/* MODE SELECT(6) with nothing but header and block descriptor. */
void set_block_length(struct scsi_nexus *nexus, uint32_t length);
void set_compression(struct scsi_nexus *nexus, bool on);
/* PEWS, which LTFS sets, in megabytes. */
void set_programmable_warning(struct scsi_nexus *nexus, uint8_t megabytes);

/*
 * Blocks 0 1, filemark 2, block 3, filemarks 4 5, blocks 6 7; all blocks FILES_BLOCK long, seeded
 * with their number. Rewound.
 */
enum { FILES_BLOCK = 100, FILES_EOD = 8, FILES_MARKS = 3 };
void write_files(struct scsi_nexus *nexus);

/* Writes SHORT_BLOCKs until early warning (which the last one has told); returns how many. */
unsigned write_to_early_warning(struct scsi_nexus *nexus);
