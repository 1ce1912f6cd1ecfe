/* SPDX-License-Identifier: Apache-2.0 */
/* READ(6) of blocks of the current block length (SSC-4, READ(6), FIXED 1): INFORMATION counts
 * blocks. */
#include "tape_bench.h"

static void fixed_blocks(void **state)
{
	set_block_length(BENCH(state).host, 512);
}

static void many_blocks_in_one_command(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fixed_blocks(state);
	EXPECT_GOOD(write_fixed(host, 20, 512, 100));
	EXPECT_POSITION(host, 20);
	EXPECT_GOOD(REWIND(host));
	const struct fake_answer *answer = read_fixed(host, 20, 512);
	EXPECT_LENGTH(answer, 20 * 512);
	for (uint32_t i = 0; i < 20; i++) {
		uint8_t expected[512];
		block_fill(expected, 512, 100 + i);
		assert_memory_equal(answer->data + (size_t)i * 512, expected, 512);
	}
	EXPECT_POSITION(host, 20);
}

static void they_are_blocks_of_their_own(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fixed_blocks(state);
	EXPECT_GOOD(write_fixed(host, 3, 512, 1));
	EXPECT_GOOD(locate(host, 1));
	EXPECT_BLOCK(read_block(host, 512, 0), 512, 2); /* FIXED 0 works all the same */
}

static void a_filemark_ends_it(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fixed_blocks(state);
	EXPECT_GOOD(write_fixed(host, 2, 512, 1));
	EXPECT_GOOD(write_marks(host, 1, 0));
	EXPECT_GOOD(REWIND(host));
	const struct fake_answer *answer = read_fixed(host, 5, 512);
	EXPECT_END(answer, SENSE_FILEMARK, FILEMARK, 3);
	assert_int_equal(answer->length, 2 * 512);
	EXPECT_POSITION(host, 3);
	answer = read_fixed(host, 5, 512);
	EXPECT_END(answer, SENSE_END_OF_DATA, 0, 5);
	assert_int_equal(answer->length, 0);
}

static void the_end_of_data_ends_it(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fixed_blocks(state);
	EXPECT_GOOD(write_fixed(host, 1, 512, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BYTES(EXPECT_END(read_fixed(host, 4, 512), SENSE_END_OF_DATA, 0, 3), 512, 1);
	EXPECT_POSITION(host, 1);
}

/* SSC-4, READ(6); mhvtl_io.c: INFORMATION is what is left, the wrong block among it; it is passed.
 */
static void a_block_of_another_length_ends_it(void **state)
{
	static const uint32_t lengths[] = {100, 513};
	struct scsi_nexus *host = BENCH(state).host;
	fixed_blocks(state);
	for (unsigned i = 0; i < 2; i++) {
		EXPECT_GOOD(REWIND(host));
		EXPECT_GOOD(write_fixed(host, 2, 512, 1));
		EXPECT_GOOD(write_block(host, lengths[i], 9));
		EXPECT_GOOD(write_fixed(host, 1, 512, 3));
		EXPECT_GOOD(REWIND(host));
		const struct fake_answer *answer = read_fixed(host, 10, 512);
		EXPECT_END(answer, SENSE_INCORRECT_LENGTH, ILI, 8);
		EXPECT_POSITION(host, 3);
		EXPECT_BLOCK(read_fixed(host, 1, 512), 512, 3);
	}
}

/* SSC-4, READ(6); mhVTL refuses both likewise. */
static void it_needs_a_block_length_and_no_sili(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 512, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_INVALID_CDB(read_fixed(host, 1, 512), 1, 0);
	fixed_blocks(state);
	EXPECT_INVALID_CDB(SEND(host, 512, 0x08, FIXED | SILI, 0, 0, 1), 1, 1);
	EXPECT_POSITION(host, 0);
}

static void a_count_of_zero_reads_and_moves_nothing(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fixed_blocks(state);
	EXPECT_GOOD(write_fixed(host, 1, 512, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(read_fixed(host, 0, 512));
	EXPECT_POSITION(host, 0);
}

static void a_buffer_that_is_too_short_for_the_count(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fixed_blocks(state);
	EXPECT_GOOD(write_fixed(host, 4, 512, 1));
	EXPECT_GOOD(REWIND(host));
	const struct fake_answer *answer = SEND(host, 600, 0x08, FIXED, 0, 0, 4);
	uint8_t expected[1024];
	block_fill(expected, 512, 1);
	block_fill(expected + 512, 512, 2);
	EXPECT_LENGTH(answer, 600);
	assert_memory_equal(answer->data, expected, 600);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(many_blocks_in_one_command),
	ON_BLANK(they_are_blocks_of_their_own),
	ON_BLANK(a_filemark_ends_it),
	ON_BLANK(the_end_of_data_ends_it),
	ON_BLANK(a_block_of_another_length_ends_it),
	ON_BLANK(it_needs_a_block_length_and_no_sili),
	ON_BLANK(a_count_of_zero_reads_and_moves_nothing),
	ON_BLANK(a_buffer_that_is_too_short_for_the_count),
};
CONFORMANCE_SUITE("read-fixed", tests)
