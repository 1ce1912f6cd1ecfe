/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#include "util/bytes.h"

#define READ_12(nexus, flags, lba, count, last, expected)                                          \
	SEND(nexus, expected, 0xa8, (flags), 0, 0, (lba) >> 8, (lba)&0xff, 0, 0, (count) >> 8,     \
		(count)&0xff, (last))

static void each_block_is_where_it_belongs(void **state)
{
	const struct fake_answer *answer = READ_10(BENCH(state).host, 17, 20, 20 * 2048);
	EXPECT_LENGTH(answer, 20 * 2048);
	for (unsigned i = 0; i < 20; i++)
		EXPECT_BE32(answer, i * 2048, 17 + i);
}

static void twelve_bytes_read_the_same(void **state)
{
	const struct fake_answer *answer = READ_12(BENCH(state).host, 0, 999, 1, 0, 2048);
	EXPECT_LENGTH(answer, 2048);
	EXPECT_BE32(answer, 0, 999);
}

static void a_transfer_length_of_zero_is_good(void **state)
{
	EXPECT_LENGTH(READ_10(BENCH(state).host, 5, 0, 2048), 0);
	EXPECT_LENGTH(READ_12(BENCH(state).host, 0, 5, 0, 0, 2048), 0);
	EXPECT_LENGTH(READ_10(BENCH(state).host, DISC_BLOCKS, 0, 2048), 0);
}

static void fua_dpo_and_streaming_are_accepted(void **state)
{
	EXPECT_LENGTH(SEND(BENCH(state).host, 2048, 0x28, 0x18, 0, 0, 0, 1, 0, 0, 1), 2048);
	EXPECT_LENGTH(READ_12(BENCH(state).host, 0x18, 1, 1, 0x80, 2048), 2048);
}

static void reladr_and_protection_are_refused(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 2048, 0x28, 0x01, 0, 0, 0, 0, 0, 0, 1), 1, 0);
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 2048, 0x28, 0x20, 0, 0, 0, 0, 0, 0, 1), 1, 5);
	EXPECT_INVALID_CDB(READ_12(BENCH(state).host, 0x01, 1, 1, 0, 2048), 1, 0);
}

static void an_empty_drive_reads_nothing(void **state)
{
	EXPECT_SENSE(READ_10(BENCH(state).host, 0, 1, 2048), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void read_6_and_16_are_not_there(void **state)
{
	EXPECT_SENSE(SEND(BENCH(state).host, 2048, 0x08, 0, 0, 0, 1), SENSE_INVALID_OPCODE);
	EXPECT_SENSE(SEND(BENCH(state).host, 2048, 0x88), SENSE_INVALID_OPCODE);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(each_block_is_where_it_belongs),
	ON_DVD(twelve_bytes_read_the_same),
	ON_DVD(a_transfer_length_of_zero_is_good),
	ON_DVD(fua_dpo_and_streaming_are_accepted),
	ON_DVD(reladr_and_protection_are_refused),
	ON_EMPTY(an_empty_drive_reads_nothing),
	ON_DVD(read_6_and_16_are_not_there),
};
CONFORMANCE_SUITE("read-data", tests)
