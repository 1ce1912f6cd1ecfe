/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the tape. A command that comes into the early warning zone succeeds and says so; Linux
 * st makes one ENOSPC of it and goes on (st.c, st_write), tar and btape write their last labels. At
 * the very end the block is refused (HP's LTO-5 manual p. 191; mhvtl_io.c).
 */
#include "tape_bench.h"

enum { MEGABYTE = 1000000 };

static void a_block_in_the_zone_is_written_and_told(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned count = write_to_early_warning(host);
	assert_in_range((uint64_t)count * SHORT_BLOCK, SHORT_CAPACITY / 2, SHORT_CAPACITY);
	EXPECT_POSITION(host, count);
	EXPECT_GOOD(locate(host, count - 1));
	EXPECT_BLOCK(read_block(host, SHORT_BLOCK, 0), SHORT_BLOCK, count);
}

static void writing_goes_on_and_each_command_is_told_once(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned count = write_to_early_warning(host);
	for (unsigned i = 1; i <= 3; i++) {
		EXPECT_END(write_block(host, 1000, i), SENSE_EARLY_WARNING, EOM, 0);
		EXPECT_POSITION(host, count + i);
	}
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

static void a_filemark_is_written_and_told_too(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned count = write_to_early_warning(host);
	EXPECT_END(write_marks(host, 1, 0), SENSE_EARLY_WARNING, EOM, 0);
	EXPECT_POSITION(host, count + 1);
	EXPECT_GOOD(space_6(host, MARKS, -1));
	EXPECT_POSITION(host, count);
}

/* All of them are on the tape when the first of them came into the zone. */
static void fixed_blocks_are_all_written(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned count = write_to_early_warning(host);
	set_block_length(host, 1024);
	EXPECT_END(write_fixed(host, 5, 1024, 70), SENSE_EARLY_WARNING, EOM, 0);
	EXPECT_POSITION(host, count + 5);
	EXPECT_GOOD(locate(host, count + 4));
	EXPECT_BLOCK(read_fixed(host, 1, 1024), 1024, 74);
}

/* REW of the device configuration page is 0: reading says nothing. */
static void reading_there_says_nothing(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned count = write_to_early_warning(host);
	EXPECT_GOOD(locate(host, count - 1));
	EXPECT_BLOCK(read_block(host, SHORT_BLOCK, 0), SHORT_BLOCK, count);
	EXPECT_END(read_block(host, SHORT_BLOCK, 0), SENSE_END_OF_DATA, 0, SHORT_BLOCK);
}

static void writing_from_the_beginning_is_good_again(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_to_early_warning(host);
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(write_block(host, SHORT_BLOCK, 1));
}

/* Returns where the tape was full. */
static unsigned fill(struct scsi_nexus *host)
{
	unsigned count = write_to_early_warning(host);
	for (;; count++) {
		const struct fake_answer *answer = write_block(host, SHORT_BLOCK, count);
		if (answer->sense.code == SENSE_VOLUME_OVERFLOW)
			return count;
		EXPECT_END(answer, SENSE_EARLY_WARNING, EOM, 0);
	}
}

static void at_the_very_end_a_block_is_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned count = fill(host);
	for (unsigned i = 0; i < 2; i++) {
		EXPECT_END(
			write_block(host, SHORT_BLOCK, 1), SENSE_VOLUME_OVERFLOW, EOM, SHORT_BLOCK);
		EXPECT_POSITION(host, count);
	}
	EXPECT_GOOD(REWIND(host));
	for (unsigned i = 0; i < count; i++)
		EXPECT_LENGTH(read_block(host, SHORT_BLOCK, 0), SHORT_BLOCK);
	EXPECT_END(read_block(host, 100, 0), SENSE_END_OF_DATA, 0, 100);
}

/* INFORMATION: the blocks that are not on the tape; the others are. */
static void of_fixed_blocks_those_that_fit_are_written(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	enum { LENGTH = 8192, COUNT = 64 };
	set_block_length(host, LENGTH);
	const struct fake_answer *answer;
	uint64_t written = 0;
	do {
		answer = write_fixed(host, COUNT, LENGTH, 7);
		written += COUNT;
	} while (answer->sense.code != SENSE_VOLUME_OVERFLOW);
	uint64_t left = answer->sense.information;
	EXPECT_END(answer, SENSE_VOLUME_OVERFLOW, EOM, (int64_t)left);
	assert_in_range(left, 1, COUNT);
	EXPECT_POSITION(host, written - left);
}

static void a_filemark_still_fits(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned count = fill(host);
	EXPECT_END(write_marks(host, 1, 0), SENSE_EARLY_WARNING, EOM, 0);
	EXPECT_POSITION(host, count + 1);
}

/* ---- programmable early warning (SSC-4, device configuration extension page) ----------------- */

static void it_comes_once_and_before_early_warning(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct fake_answer *answer;
	unsigned programmable = 0, count = 0;
	set_programmable_warning(host, 1);
	for (;; count++) {
		answer = write_block(host, SHORT_BLOCK, count);
		if (answer->sense.code == SENSE_EARLY_WARNING)
			break;
		if (answer->status == SCSI_STATUS_GOOD)
			continue;
		EXPECT_SENSE(answer, SENSE_PROGRAMMABLE_EARLY_WARNING);
		EXPECT_POSITION(host, count + 1); /* it is written */
		assert_int_equal(programmable, 0);
		programmable = count;
	}
	assert_in_range((uint64_t)(count - programmable) * SHORT_BLOCK, MEGABYTE - 2 * SHORT_BLOCK,
		MEGABYTE + 2 * SHORT_BLOCK);
}

static void without_it_nothing_comes(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	set_programmable_warning(host, 1);
	set_programmable_warning(host, 0);
	write_to_early_warning(host); /* fails at anything but GOOD before */
}

static const struct CMUnitTest tests[] = {
	ON_SHORT(a_block_in_the_zone_is_written_and_told),
	ON_SHORT(writing_goes_on_and_each_command_is_told_once),
	ON_SHORT(a_filemark_is_written_and_told_too),
	ON_SHORT(fixed_blocks_are_all_written),
	ON_SHORT(reading_there_says_nothing),
	ON_SHORT(writing_from_the_beginning_is_good_again),
	ON_SHORT(at_the_very_end_a_block_is_refused),
	ON_SHORT(of_fixed_blocks_those_that_fit_are_written),
	ON_SHORT(a_filemark_still_fits),
	ON_SHORT(it_comes_once_and_before_early_warning),
	ON_SHORT(without_it_nothing_comes),
};
CONFORMANCE_SUITE("early-warning", tests)
