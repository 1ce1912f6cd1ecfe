/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define DISC_INFORMATION(nexus, type, length)                                                      \
	SEND(nexus, 255, 0x51, (type), 0, 0, 0, 0, 0, 0, (length))

static void a_complete_disc_of_one_session_and_track(void **state)
{
	const struct fake_answer *answer = DISC_INFORMATION(BENCH(state).host, 0, 255);
	EXPECT_LENGTH(answer, 34);
	EXPECT_BE16(answer, 0, 32);
	EXPECT_U8(answer, 2, 0x0e);
	EXPECT_BE32(answer, 3, 0x01010101);
}

static void nothing_can_be_appended(void **state)
{
	const struct fake_answer *answer = DISC_INFORMATION(BENCH(state).host, 0, 255);
	EXPECT_BE32(answer, 16, 0xffffffff);
	EXPECT_BE32(answer, 20, 0xffffffff);
}

static void no_track_can_be_added(void **state)
{
	EXPECT_DATA(DISC_INFORMATION(BENCH(state).host, 1, 255), 0, 10, 0x20, 0, 0, 1, 0, 1, 0, 0,
		0, 0);
}

static void nothing_can_be_overwritten(void **state)
{
	EXPECT_DATA(DISC_INFORMATION(BENCH(state).host, 2, 255), 0, 14, 0x40, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0);
}

static void other_types_are_refused(void **state)
{
	for (unsigned type = 3; type < 8; type++)
		EXPECT_INVALID_CDB(DISC_INFORMATION(BENCH(state).host, type, 255), 1, 2);
}

static void a_short_allocation_length_cuts(void **state)
{
	EXPECT_DATA(DISC_INFORMATION(BENCH(state).host, 0, 2), 0, 32);
	EXPECT_LENGTH(DISC_INFORMATION(BENCH(state).host, 0, 0), 0);
}

static void an_empty_drive_has_none(void **state)
{
	EXPECT_SENSE(DISC_INFORMATION(BENCH(state).host, 0, 34), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(a_complete_disc_of_one_session_and_track),
	ON_DVD(nothing_can_be_appended),
	ON_DVD(no_track_can_be_added),
	ON_DVD(nothing_can_be_overwritten),
	ON_DVD(other_types_are_refused),
	ON_DVD(a_short_allocation_length_cuts),
	ON_EMPTY(an_empty_drive_has_none),
};
CONFORMANCE_SUITE("disc-information", tests)
