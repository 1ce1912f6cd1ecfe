/* SPDX-License-Identifier: Apache-2.0 */
/* Every read out of range is refused, with the first block that is not there in INFORMATION. */
#include "optical.h"

static void expect_out_of_range(const struct fake_answer *answer, uint64_t first)
{
	EXPECT_SENSE(answer, SENSE_LBA_OUT_OF_RANGE);
	assert_true(answer->sense.information_valid);
	assert_int_equal(answer->sense.information, first);
	assert_int_equal(answer->length, 0);
}

static void the_last_block_can_be_read(void **state)
{
	EXPECT_LENGTH(READ_10(BENCH(state).host, DISC_BLOCKS - 1, 1, 2048), 2048);
}

static void one_past_the_end(void **state)
{
	expect_out_of_range(READ_10(BENCH(state).host, DISC_BLOCKS, 1, 2048), DISC_BLOCKS);
}

static void across_the_end(void **state)
{
	expect_out_of_range(READ_10(BENCH(state).host, DISC_BLOCKS - 1, 2, 4096), DISC_BLOCKS);
}

static void far_away(void **state)
{
	expect_out_of_range(READ_10(BENCH(state).host, 0x80000000u, 1, 2048), 0x80000000u);
}

/* lba + count must not wrap to something small. */
static void at_the_end_of_the_numbers(void **state)
{
	expect_out_of_range(READ_10(BENCH(state).host, 0xffffffffu, 2, 4096), 0xffffffffu);
	expect_out_of_range(
		SEND(BENCH(state).host, 4096, 0xa8, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff),
		DISC_BLOCKS);
}

static void zero_blocks_past_the_end(void **state)
{
	expect_out_of_range(READ_10(BENCH(state).host, DISC_BLOCKS + 1, 0, 0), DISC_BLOCKS + 1);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(the_last_block_can_be_read),
	ON_DVD(one_past_the_end),
	ON_DVD(across_the_end),
	ON_DVD(far_away),
	ON_DVD(at_the_end_of_the_numbers),
	ON_DVD(zero_blocks_past_the_end),
};
CONFORMANCE_SUITE("read-bounds", tests)
