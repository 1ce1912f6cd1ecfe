/* SPDX-License-Identifier: Apache-2.0 */
#include "tape_bench.h"

static void a_loaded_tape_is_ready(void **state)
{
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

static void an_empty_drive_is_not_ready(void **state)
{
	EXPECT_SENSE(TEST_UNIT_READY(BENCH(state).host), SENSE_MEDIUM_NOT_PRESENT);
}

/* What moves the tape or looks at it needs one; what speaks of the drive does not. */
static void an_empty_drive_refuses_what_needs_a_tape(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_SENSE(read_block(host, 100, 0), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(write_marks(host, 1, 0), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(space_6(host, BLOCKS, 1), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(space_16(host, TO_EOD, 0), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(locate(host, 0), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(SEND(host, 0, 0x2b), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(SEND(host, 20, 0x34), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(REWIND(host), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(ERASE(host), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(SEND(host, 0, 0x13, 0, 0, 0, 1), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(SEND(host, 64, 0x8c, [13] = 64), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_LENGTH(SEND(host, 6, 0x05), 6);
	EXPECT_LENGTH(SEND(host, 12, 0x1a, 0, 0, 0, 12), 12);
	EXPECT_GOOD(SEND(host, 64, 0x4d, 0, 0x40, 0, 0, 0, 0, 0, 64));
}

static void the_library_takes_the_tape_out(void **state)
{
	fake_tape_unload(BENCH(state).fake);
	EXPECT_SENSE(TEST_UNIT_READY(BENCH(state).host), SENSE_MEDIUM_NOT_PRESENT);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(a_loaded_tape_is_ready),
	ON_NO_TAPE(an_empty_drive_is_not_ready),
	ON_NO_TAPE(an_empty_drive_refuses_what_needs_a_tape),
	ON_BLANK(the_library_takes_the_tape_out),
};
CONFORMANCE_SUITE("test-unit-ready", tests)
