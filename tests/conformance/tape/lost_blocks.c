/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks that were answered GOOD in buffered mode and cannot be made to last: the host that wrote
 * them is told once, by a command of its own (SPC-4 4.5.6; SSC-4 4.2.13).
 */
#include <errno.h>

#include "tape_bench.h"

static void disk_fails(void **state, bool fails)
{
	BENCH(state).fake->tape->store.sync_error = fails ? -EIO : 0;
}

/* A flush is there to tell: a current error. */
static void a_flush_tells_it_as_its_own_error(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 1000, 1));
	disk_fails(state, true);
	const struct fake_answer *answer = write_marks(host, 0, 0);
	EXPECT_SENSE(answer, SENSE_WRITE_ERROR);
	assert_false(answer->sense.deferred);
	disk_fails(state, false);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

/* 71h: the REWIND itself is not what failed. */
static void a_rewind_tells_it_as_an_earlier_error(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 1000, 1));
	disk_fails(state, true);
	const struct fake_answer *answer = REWIND(host);
	EXPECT_SENSE(answer, SENSE_WRITE_ERROR);
	assert_true(answer->sense.deferred);
	disk_fails(state, false);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

/* Whoever else moves the tape does not take the news away from who wrote. */
static void who_wrote_is_told_whoever_found_out(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	EXPECT_GOOD(write_block(host, 1000, 1));
	disk_fails(state, true);
	REWIND(other);
	disk_fails(state, false);
	const struct fake_answer *answer = TEST_UNIT_READY(host);
	EXPECT_SENSE(answer, SENSE_WRITE_ERROR);
	assert_true(answer->sense.deferred);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

/* INQUIRY and REQUEST SENSE do not fail for it; REQUEST SENSE has it as its data. */
static void request_sense_takes_it(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	EXPECT_GOOD(write_block(host, 1000, 1));
	disk_fails(state, true);
	REWIND(other);
	disk_fails(state, false);
	EXPECT_U8(SEND(host, 36, 0x12, 0, 0, 0, 36), 0, 0x01);
	const struct fake_answer *answer = SEND(host, 18, 0x03, 0, 0, 0, 18);
	EXPECT_U8(answer, 0, 0x71);
	EXPECT_U8(answer, 2, 0x03);
	EXPECT_BE16(answer, 12, 0x0c00);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(a_flush_tells_it_as_its_own_error),
	ON_BLANK(a_rewind_tells_it_as_an_earlier_error),
	ON_BLANK(who_wrote_is_told_whoever_found_out),
	ON_BLANK(request_sense_takes_it),
};
CONFORMANCE_SUITE("lost-blocks", tests)
