/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who was told by a WRITE that the tape is elsewhere writes nothing before it knows where. Linux st
 * (6.1, st_flush) writes the filemark of close(2) after a WRITE that a 29h or 28h ended; seen with
 * dd, which left a filemark at the beginning of a tape that had been full.
 */
#include "tape_bench.h"

static void swap(void **state)
{
	fake_tape_unload(BENCH(state).fake);
	fake_tape_load(BENCH(state).fake, false);
}

/* The host is in the middle of a tape and learns by a WRITE that it is not. */
static struct scsi_nexus *lost(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	swap(state);
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_MEDIUM_CHANGED);
	return host;
}

static void expect_whole(struct scsi_nexus *host)
{
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_POSITION(host, FILES_EOD);
}

static void nothing_is_written_by_a_host_that_is_lost(void **state)
{
	struct scsi_nexus *host = lost(state);
	EXPECT_SENSE(write_marks(host, 1, 0), SENSE_COMMAND_SEQUENCE_ERROR);
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_COMMAND_SEQUENCE_ERROR);
	EXPECT_SENSE(write_fixed(host, 1, 512, 1), SENSE_COMMAND_SEQUENCE_ERROR);
	EXPECT_SENSE(ERASE(host), SENSE_COMMAND_SEQUENCE_ERROR);
	expect_whole(host);
}

static void nor_after_power_on(void **state)
{
	struct scsi_nexus *late = fake_nexus(BENCH(state).fake, "late");
	write_files(BENCH(state).host);
	EXPECT_GOOD(REWIND(BENCH(state).host));
	EXPECT_SENSE(write_marks(late, 1, 0), SENSE_POWER_ON);
	EXPECT_SENSE(write_marks(late, 1, 0), SENSE_COMMAND_SEQUENCE_ERROR);
	expect_whole(late);
}

static void nor_after_a_read_that_was_not_done(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	swap(state);
	EXPECT_SENSE(read_block(host, 100, 0), SENSE_MEDIUM_CHANGED);
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_COMMAND_SEQUENCE_ERROR);
	expect_whole(host);
}

static void testing_whether_it_is_ready_finds_no_bearings(void **state)
{
	struct scsi_nexus *host = lost(state);
	EXPECT_GOOD(TEST_UNIT_READY(host));
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_COMMAND_SEQUENCE_ERROR);
	expect_whole(host);
}

static void it_may_read_on(void **state)
{
	struct scsi_nexus *host = lost(state);
	EXPECT_BLOCK(read_block(host, FILES_BLOCK, 0), FILES_BLOCK, 0);
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_COMMAND_SEQUENCE_ERROR);
}

static void going_somewhere_finds_them(void **state)
{
	struct scsi_nexus *host = lost(state);
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(write_block(host, 100, 1));
	host = lost(state);
	EXPECT_GOOD(locate(host, 1));
	EXPECT_GOOD(write_block(host, 100, 1));
	host = lost(state);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_GOOD(write_block(host, 100, 1));
	host = lost(state);
	EXPECT_GOOD(LOAD(host));
	EXPECT_GOOD(write_block(host, 100, 1));
}

static void so_does_asking(void **state)
{
	struct scsi_nexus *host = lost(state);
	EXPECT_POSITION(host, 0);
	EXPECT_GOOD(write_block(host, 100, 1));
}

static void spacing_from_where_nobody_knows_does_not(void **state)
{
	struct scsi_nexus *host = lost(state);
	EXPECT_GOOD(space_6(host, BLOCKS, 1));
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_COMMAND_SEQUENCE_ERROR);
}

/* As st does when the device is opened: what follows is meant for this tape. */
static void who_was_told_otherwise_may_write(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *late = fake_nexus(BENCH(state).fake, "late");
	write_files(host);
	swap(state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(write_block(host, 100, 1));
	EXPECT_SENSE(TEST_UNIT_READY(late), SENSE_POWER_ON);
	EXPECT_SENSE(TEST_UNIT_READY(late), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(write_block(late, 100, 1));
}

/* The tape stands where it stood. */
static void a_reset_loses_nobody(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 100, 1));
	scsi_lu_reset(BENCH(state).fake->lu, NULL);
	EXPECT_SENSE(write_block(host, 100, 2), SENSE_DEVICE_RESET);
	EXPECT_GOOD(write_block(host, 100, 2));
	EXPECT_POSITION(host, 2);
}

static void each_host_is_lost_for_itself(void **state)
{
	struct scsi_nexus *other = other_host(state), *host = lost(state);
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(write_block(other, 100, 1));
	EXPECT_SENSE(write_block(host, 100, 2), SENSE_COMMAND_SEQUENCE_ERROR);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(nothing_is_written_by_a_host_that_is_lost),
	ON_BLANK(nor_after_power_on),
	ON_BLANK(nor_after_a_read_that_was_not_done),
	ON_BLANK(testing_whether_it_is_ready_finds_no_bearings),
	ON_BLANK(it_may_read_on),
	ON_BLANK(going_somewhere_finds_them),
	ON_BLANK(so_does_asking),
	ON_BLANK(spacing_from_where_nobody_knows_does_not),
	ON_BLANK(who_was_told_otherwise_may_write),
	ON_BLANK(a_reset_loses_nobody),
	ON_BLANK(each_host_is_lost_for_itself),
};
CONFORMANCE_SUITE("bearings", tests)
