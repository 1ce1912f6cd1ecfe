/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define TRACK_INFORMATION(nexus, type, number, length)                                             \
	SEND(nexus, 255, 0x52, (type), 0, 0, (number) >> 8, (number)&0xff, 0, 0, (length))

enum { BY_LBA, BY_TRACK, BY_SESSION };

static void expect_the_track(const struct fake_answer *answer)
{
	EXPECT_LENGTH(answer, 48);
	EXPECT_BE16(answer, 0, 46);
	EXPECT_U8(answer, 2, 1);
	EXPECT_U8(answer, 3, 1);
	EXPECT_U8(answer, 5, 0x04);
	EXPECT_U8(answer, 6, 0x01);
	EXPECT_BE32(answer, 8, 0);
	EXPECT_BE32(answer, 24, DISC_BLOCKS);
}

static void by_address_track_and_session(void **state)
{
	expect_the_track(TRACK_INFORMATION(BENCH(state).host, BY_LBA, 0, 48));
	expect_the_track(TRACK_INFORMATION(BENCH(state).host, BY_LBA, DISC_BLOCKS - 1, 48));
	expect_the_track(TRACK_INFORMATION(BENCH(state).host, BY_TRACK, 1, 48));
	expect_the_track(TRACK_INFORMATION(BENCH(state).host, BY_SESSION, 1, 48));
}

static void lead_in_and_invisible_track_are_refused(void **state)
{
	EXPECT_INVALID_CDB(TRACK_INFORMATION(BENCH(state).host, BY_TRACK, 0, 48), 2, 7);
	EXPECT_INVALID_CDB(TRACK_INFORMATION(BENCH(state).host, BY_TRACK, 0xff, 48), 2, 7);
}

static void what_is_not_there_is_refused(void **state)
{
	EXPECT_INVALID_CDB(TRACK_INFORMATION(BENCH(state).host, BY_TRACK, 2, 48), 2, 7);
	EXPECT_INVALID_CDB(TRACK_INFORMATION(BENCH(state).host, BY_SESSION, 2, 48), 2, 7);
	EXPECT_INVALID_CDB(TRACK_INFORMATION(BENCH(state).host, 3, 1, 48), 1, 1);
	EXPECT_SENSE(TRACK_INFORMATION(BENCH(state).host, BY_LBA, DISC_BLOCKS, 48),
		SENSE_LBA_OUT_OF_RANGE);
}

/* Linux takes the larger of READ CAPACITY and start + size - free, or the last recorded address. */
static void linux_makes_the_capacity_of_it(void **state)
{
	const struct fake_answer *answer = TRACK_INFORMATION(BENCH(state).host, BY_TRACK, 1, 48);
	EXPECT_U8(answer, 7, 0);
	EXPECT_BE32(answer, 16, 0);
	EXPECT_BE32(answer, 24, DISC_BLOCKS);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(by_address_track_and_session),
	ON_DVD(lead_in_and_invisible_track_are_refused),
	ON_DVD(what_is_not_there_is_refused),
	ON_DVD(linux_makes_the_capacity_of_it),
};
CONFORMANCE_SUITE("track-information", tests)
