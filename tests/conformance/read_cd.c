/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define READ_CD(nexus, type, lba, count, fields, sub)                                              \
	SEND(nexus, 8192, 0xbe, (type) << 2, 0, 0, (lba) >> 8, (lba)&0xff, 0, 0, (count),          \
		(fields), (sub), 0)
#define READ_CD_MSF(nexus, m1, s1, f1, m2, s2, f2)                                                 \
	SEND(nexus, 8192, 0xb9, 0, 0, m1, s1, f1, m2, s2, f2, 0x10, 0, 0)

static void user_data_of_mode_1(void **state)
{
	const struct fake_answer *answer = READ_CD(BENCH(state).host, 2, 40, 2, 0x10, 0);
	EXPECT_LENGTH(answer, 4096);
	EXPECT_BE32(answer, 2048, 41);
	EXPECT_LENGTH(READ_CD(BENCH(state).host, 0, 40, 2, 0x10, 0), 4096);
}

static void no_fields_are_no_data(void **state)
{
	EXPECT_LENGTH(READ_CD(BENCH(state).host, 0, 40, 2, 0x00, 0), 0);
}

static void addresses_as_minutes_seconds_frames(void **state)
{
	const struct fake_answer *answer = READ_CD_MSF(BENCH(state).host, 0, 2, 16, 0, 2, 18);
	EXPECT_LENGTH(answer, 4096);
	EXPECT_BE32(answer, 0, 16);
	EXPECT_BE32(answer, 2048, 17);
}

static void impossible_addresses_are_refused(void **state)
{
	EXPECT_INVALID_CDB(READ_CD_MSF(BENCH(state).host, 0, 1, 74, 0, 2, 18), 3, 7);
	EXPECT_INVALID_CDB(READ_CD_MSF(BENCH(state).host, 0, 60, 0, 0, 61, 0), 3, 7);
	EXPECT_INVALID_CDB(READ_CD_MSF(BENCH(state).host, 0, 3, 0, 0, 2, 0), 6, 7);
}

static void a_track_of_data_is_not_audio(void **state)
{
	EXPECT_SENSE(READ_CD(BENCH(state).host, 1, 40, 1, 0x10, 0), SENSE_INVALID_TRACK_MODE);
	EXPECT_INVALID_CDB(READ_CD(BENCH(state).host, 6, 40, 1, 0x10, 0), 1, 4);
}

static void raw_fields_and_sub_channels_are_refused(void **state)
{
	EXPECT_INVALID_CDB(READ_CD(BENCH(state).host, 0, 40, 1, 0xf8, 0), 9, 7);
	EXPECT_INVALID_CDB(READ_CD(BENCH(state).host, 0, 40, 1, 0x10, 1), 10, 2);
}

static void out_of_range(void **state)
{
	EXPECT_SENSE(
		READ_CD(BENCH(state).host, 0, DISC_BLOCKS - 1, 2, 0x10, 0), SENSE_LBA_OUT_OF_RANGE);
}

static void a_dvd_is_no_cd(void **state)
{
	EXPECT_SENSE(READ_CD(BENCH(state).host, 0, 40, 1, 0x10, 0), SENSE_INCOMPATIBLE_FORMAT);
}

static const struct CMUnitTest tests[] = {
	ON_CD(user_data_of_mode_1),
	ON_CD(no_fields_are_no_data),
	ON_CD(addresses_as_minutes_seconds_frames),
	ON_CD(impossible_addresses_are_refused),
	ON_CD(a_track_of_data_is_not_audio),
	ON_CD(raw_fields_and_sub_channels_are_refused),
	ON_CD(out_of_range),
	ON_DVD(a_dvd_is_no_cd),
};
CONFORMANCE_SUITE("read-cd", tests)
