/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disk that the cartridge's file is on is full, or fails: a write error, and never the end of
 * the tape, which hosts would answer with another tape.
 */
#include <errno.h>

#include "tape_bench.h"

static struct crash_store *store(void **state)
{
	return &BENCH(state).fake->tape->store;
}

static void a_block_that_does_not_fit_is_a_write_error(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 100, 1));
	store(state)->write_room_left = 10;
	EXPECT_END(write_block(host, 10000, 2), SENSE_WRITE_ERROR, 0, 10000);
	EXPECT_POSITION(host, 1);
}

static void so_is_a_filemark(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 100, 1));
	store(state)->write_room_left = 0;
	EXPECT_END(write_marks(host, 2, 0), SENSE_WRITE_ERROR, 0, 2);
	EXPECT_POSITION(host, 1);
	store(state)->write_room_left = SIZE_MAX;
}

static void with_room_again_writing_goes_on(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 100, 1));
	store(state)->write_room_left = 10;
	EXPECT_END(write_block(host, 10000, 2), SENSE_WRITE_ERROR, 0, 10000);
	store(state)->write_room_left = SIZE_MAX;
	EXPECT_GOOD(write_block(host, 10000, 3));
	EXPECT_GOOD(write_marks(host, 1, 0));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BLOCK(read_block(host, 100, 0), 100, 1);
	EXPECT_BLOCK(read_block(host, 10000, 0), 10000, 3);
	EXPECT_END(read_block(host, 100, 0), SENSE_FILEMARK, FILEMARK, 100);
	EXPECT_END(read_block(host, 100, 0), SENSE_END_OF_DATA, 0, 100);
}

/* INFORMATION: the blocks that are not on the tape. */
static void of_fixed_blocks_some_are_written(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	set_block_length(host, 4096);
	store(state)->write_room_left = 3 * 4096;
	const struct fake_answer *answer = write_fixed(host, 5, 4096, 0);
	EXPECT_SENSE(answer, SENSE_WRITE_ERROR);
	assert_true(answer->sense.information_valid);
	assert_in_range(answer->sense.information, 3, 4);
	EXPECT_POSITION(host, 5 - answer->sense.information);
	store(state)->write_room_left = SIZE_MAX;
}

static void what_is_on_the_tape_can_be_read(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	store(state)->write_room_left = 0;
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_WRITE_ERROR);
	EXPECT_GOOD(locate(host, 6));
	EXPECT_BLOCK(read_block(host, FILES_BLOCK, 0), FILES_BLOCK, 6);
	store(state)->write_room_left = SIZE_MAX;
}

static void a_disk_that_fails_is_a_write_error(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	store(state)->write_error = -EIO;
	EXPECT_END(write_block(host, 100, 1), SENSE_WRITE_ERROR, 0, 100);
	EXPECT_POSITION(host, 0);
	store(state)->write_error = 0;
}

/* What cannot be made to last is not called durable. */
static void a_flush_that_fails_is_told(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 100, 1));
	store(state)->sync_error = -EIO;
	EXPECT_SENSE(write_marks(host, 1, 0), SENSE_WRITE_ERROR);
	store(state)->sync_error = 0;
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(a_block_that_does_not_fit_is_a_write_error),
	ON_BLANK(so_is_a_filemark),
	ON_BLANK(with_room_again_writing_goes_on),
	ON_BLANK(of_fixed_blocks_some_are_written),
	ON_BLANK(what_is_on_the_tape_can_be_read),
	ON_BLANK(a_disk_that_fails_is_a_write_error),
	ON_BLANK(a_flush_that_fails_is_told),
};
CONFORMANCE_SUITE("disk-full", tests)
