/* SPDX-License-Identifier: Apache-2.0 */
/* A cartridge whose file is damaged: 03/11/00, and never a blank tape, an end, or other data. */
#include "tape_bench.h"

enum { LENGTH = 5000, COUNT = 40 };

static void write_blocks(struct scsi_nexus *host)
{
	for (uint32_t i = 0; i < COUNT; i++)
		EXPECT_GOOD(write_block(host, LENGTH, i));
	EXPECT_GOOD(write_marks(host, 1, 0));
}

/* Where the block is in the file. */
static uint8_t *find(struct crash_store *store, uint32_t seed)
{
	uint8_t block[LENGTH];
	block_fill(block, LENGTH, seed);
	uint8_t *at = memmem(store->now, store->size, block, LENGTH);
	assert_non_null(at);
	return at;
}

static void a_damaged_block_is_a_read_error_again_and_again(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_blocks(host);
	find(&BENCH(state).fake->tape->store, 3)[100] ^= 0x10;
	for (unsigned i = 0; i < 3; i++) {
		EXPECT_GOOD(locate(host, 3));
		const struct fake_answer *answer = read_block(host, LENGTH, 0);
		EXPECT_END(answer, SENSE_UNRECOVERED_READ_ERROR, 0, LENGTH);
		assert_int_equal(answer->length, 0);
	}
}

static void all_others_are_as_they_were(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_blocks(host);
	find(&BENCH(state).fake->tape->store, 3)[100] ^= 0x10;
	for (uint32_t i = 0; i < COUNT; i++) {
		EXPECT_GOOD(locate(host, i));
		if (i != 3)
			EXPECT_BLOCK(read_block(host, LENGTH, 0), LENGTH, i);
	}
	EXPECT_GOOD(locate(host, 4));
	EXPECT_GOOD(space_6(host, MARKS, 1));
	EXPECT_POSITION(host, COUNT + 1);
}

/* Also without Data-In. */
static void verify_finds_it(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_blocks(host);
	find(&BENCH(state).fake->tape->store, 1)[0] ^= 0x01;
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(SEND(host, 0, 0x13, 0, 0, LENGTH >> 8, LENGTH & 0xff));
	EXPECT_SENSE(SEND(host, 0, 0x13, 0, 0, LENGTH >> 8, LENGTH & 0xff),
		SENSE_UNRECOVERED_READ_ERROR);
}

/* Of fixed blocks those before it are there. */
static void fixed_blocks_before_it_are_data(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	set_block_length(host, LENGTH);
	EXPECT_GOOD(write_fixed(host, 5, LENGTH, 0));
	find(&BENCH(state).fake->tape->store, 2)[100] ^= 0x10;
	EXPECT_GOOD(REWIND(host));
	const struct fake_answer *answer = read_fixed(host, 5, LENGTH);
	EXPECT_END(answer, SENSE_UNRECOVERED_READ_ERROR, 0, 3);
	assert_int_equal(answer->length, 2 * LENGTH);
}

/* ---- from some place on everything is gone -----------------------------------------------------
 */

static void lose_the_second_half(void **state)
{
	struct fake_drive *fake = BENCH(state).fake;
	write_blocks(BENCH(state).host);
	fake_tape_unload(fake);
	uint8_t *at = find(&fake->tape->store, COUNT / 2);
	memset(at, 0, fake->tape->store.size - (size_t)(at - fake->tape->store.now));
	fake_tape_load(fake, false);
	settle(BENCH(state).host);
}

static void what_is_left_can_be_read(void **state)
{
	lose_the_second_half(state);
	for (uint32_t i = 0; i < COUNT / 2; i++)
		EXPECT_BLOCK(read_block(BENCH(state).host, LENGTH, 0), LENGTH, i);
}

static void the_rest_is_an_error_and_no_end(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	lose_the_second_half(state);
	EXPECT_GOOD(locate(host, COUNT / 2));
	for (unsigned i = 0; i < 3; i++)
		EXPECT_SENSE(read_block(host, LENGTH, 0), SENSE_UNRECOVERED_READ_ERROR);
}

static void nothing_can_be_written_over_it(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	lose_the_second_half(state);
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_WRITE_PROTECTED);
	EXPECT_SENSE(write_marks(host, 1, 0), SENSE_WRITE_PROTECTED);
	EXPECT_SENSE(ERASE(host), SENSE_WRITE_PROTECTED);
	EXPECT_U8(SEND(host, 12, 0x1a, 0, 0, 0, 12), 2, 0x80 | 0x10);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(a_damaged_block_is_a_read_error_again_and_again),
	ON_BLANK(all_others_are_as_they_were),
	ON_BLANK(verify_finds_it),
	ON_BLANK(fixed_blocks_before_it_are_data),
	ON_BLANK(what_is_left_can_be_read),
	ON_BLANK(the_rest_is_an_error_and_no_end),
	ON_BLANK(nothing_can_be_written_over_it),
};
CONFORMANCE_SUITE("damaged", tests)
