/* SPDX-License-Identifier: Apache-2.0 */
/* VERIFY(6): a READ without Data-In. IMMED and BYTCMP are refused, as HP's LTO-5 manual has it (p.
 * 223). */
#include "tape_bench.h"

#define VERIFY(nexus, flags, length)                                                               \
	SEND(nexus, 0, 0x13, (flags), (length) >> 16 & 0xff, (length) >> 8 & 0xff, (length)&0xff)

static void a_block_is_passed(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(VERIFY(host, 0, FILES_BLOCK));
	EXPECT_POSITION(host, 1);
}

static void ends_and_lengths_are_told_as_by_read(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_END(VERIFY(host, 0, 150), SENSE_INCORRECT_LENGTH, ILI, 50);
	EXPECT_GOOD(locate(host, 2));
	EXPECT_END(VERIFY(host, 0, 100), SENSE_FILEMARK, FILEMARK, 100);
	EXPECT_POSITION(host, 3);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_END(VERIFY(host, 0, 100), SENSE_END_OF_DATA, 0, 100);
}

static void fixed_blocks_are_counted(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	set_block_length(host, 512);
	EXPECT_GOOD(write_fixed(host, 6, 512, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(VERIFY(host, FIXED, 4));
	EXPECT_POSITION(host, 4);
	EXPECT_END(VERIFY(host, FIXED, 4), SENSE_END_OF_DATA, 0, 2);
}

static void immed_and_byte_comparison_are_refused(void **state)
{
	EXPECT_INVALID_CDB(VERIFY(BENCH(state).host, 0x02, 1), 1, 1);
	EXPECT_INVALID_CDB(VERIFY(BENCH(state).host, 0x04, 1), 1, 2);
}

static void a_length_of_zero_moves_nothing(void **state)
{
	write_files(BENCH(state).host);
	EXPECT_GOOD(VERIFY(BENCH(state).host, 0, 0));
	EXPECT_POSITION(BENCH(state).host, 0);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(a_block_is_passed),
	ON_BLANK(ends_and_lengths_are_told_as_by_read),
	ON_BLANK(fixed_blocks_are_counted),
	ON_BLANK(immed_and_byte_comparison_are_refused),
	ON_BLANK(a_length_of_zero_moves_nothing),
};
CONFORMANCE_SUITE("verify", tests)
