/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VERIFY(10) (MMC-6, with BYTCHK as in SBC-3): what iscsi-test-cu's Verify10 suite expects of
 * a drive that has the command.
 */
#include "optical.h"

enum { BYTCHK = 0x02, DPO = 0x10, BLOCK = 2048, COUNT = 5 };

#define VERIFY(nexus, flags, lba, count, data, length)                                             \
	SEND_OUT(nexus, data, length, 0x2f, (flags), (lba) >> 24 & 0xff, (lba) >> 16 & 0xff,       \
		(lba) >> 8 & 0xff, (lba)&0xff, 0, (count) >> 8, (count)&0xff)

static const uint8_t *read_blocks(struct scsi_nexus *host, uint32_t lba)
{
	const struct fake_answer *answer = READ_10(host, lba, COUNT, COUNT * BLOCK);
	EXPECT_LENGTH(answer, COUNT * BLOCK);
	return answer->data;
}

static void what_can_be_read_is_good(void **state)
{
	EXPECT_GOOD(VERIFY(BENCH(state).host, 0, 0, DISC_BLOCKS, "", 0));
	EXPECT_GOOD(VERIFY(BENCH(state).host, DPO, DISC_BLOCKS - 1, 1, "", 0));
}

static void what_is_the_same_is_good(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(VERIFY(host, BYTCHK, 7, COUNT, read_blocks(host, 7), COUNT * BLOCK));
}

static void one_bit_is_a_miscompare_that_says_where(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned block = 0; block < COUNT; block++) {
		uint8_t data[COUNT * BLOCK];
		memcpy(data, read_blocks(host, 7), sizeof data);
		data[block * BLOCK + 1000] ^= 0x20;
		const struct fake_answer *answer =
			VERIFY(host, BYTCHK, 7, COUNT, data, sizeof data);
		EXPECT_SENSE(answer, SENSE_MISCOMPARE);
		assert_true(answer->sense.information_valid);
		assert_int_equal(answer->sense.information, 7 + block);
	}
}

/* Some initiators send the data all the same. */
static void without_bytchk_nothing_is_compared(void **state)
{
	static const uint8_t data[COUNT * BLOCK];
	EXPECT_GOOD(VERIFY(BENCH(state).host, 0, 7, COUNT, data, sizeof data));
}

static void all_of_the_data_must_be_there(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(
		VERIFY(host, BYTCHK, 7, COUNT, read_blocks(host, 7), COUNT * BLOCK - 1), 7, 7);
}

static void no_blocks_are_good_where_the_medium_is(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(VERIFY(host, BYTCHK, 0, 0, "", 0));
	EXPECT_GOOD(VERIFY(host, BYTCHK, DISC_BLOCKS, 0, "", 0));
	EXPECT_SENSE(VERIFY(host, BYTCHK, DISC_BLOCKS + 1, 0, "", 0), SENSE_LBA_OUT_OF_RANGE);
	EXPECT_SENSE(VERIFY(host, BYTCHK, 0x80000000, 0, "", 0), SENSE_LBA_OUT_OF_RANGE);
}

static void beyond_the_end_is_out_of_range(void **state)
{
	const struct fake_answer *answer = VERIFY(BENCH(state).host, 0, DISC_BLOCKS - 1, 2, "", 0);
	EXPECT_SENSE(answer, SENSE_LBA_OUT_OF_RANGE);
	assert_int_equal(answer->sense.information, DISC_BLOCKS);
}

static void an_empty_drive_has_nothing_to_verify(void **state)
{
	EXPECT_SENSE(VERIFY(BENCH(state).host, 0, 0, 1, "", 0), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(what_can_be_read_is_good),
	ON_DVD(what_is_the_same_is_good),
	ON_DVD(one_bit_is_a_miscompare_that_says_where),
	ON_DVD(without_bytchk_nothing_is_compared),
	ON_DVD(all_of_the_data_must_be_there),
	ON_DVD(no_blocks_are_good_where_the_medium_is),
	ON_DVD(beyond_the_end_is_out_of_range),
	ON_EMPTY(an_empty_drive_has_nothing_to_verify),
};
CONFORMANCE_SUITE("verify", tests)
