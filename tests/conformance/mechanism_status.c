/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define MECHANISM_STATUS(nexus, length) SEND(nexus, 255, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, (length))

static void a_closed_drive_without_changer(void **state)
{
	EXPECT_DATA(MECHANISM_STATUS(BENCH(state).host, 255), 0, 0, 0, 0, 0, 0, 0, 0);
}

static void an_open_tray_shows(void **state)
{
	EXPECT_GOOD(EJECT(BENCH(state).host));
	EXPECT_U8(MECHANISM_STATUS(BENCH(state).host, 8), 1, 0x10);
}

static void works_without_medium(void **state)
{
	EXPECT_U8(MECHANISM_STATUS(BENCH(state).host, 8), 1, 0);
}

static void a_short_allocation_length_cuts(void **state)
{
	EXPECT_LENGTH(MECHANISM_STATUS(BENCH(state).host, 3), 3);
}

static void reserved_bits_are_refused(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 8, 0xbd, 0, 1), 2, 0);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(a_closed_drive_without_changer),
	ON_DVD(an_open_tray_shows),
	ON_EMPTY(works_without_medium),
	ON_DVD(a_short_allocation_length_cuts),
	ON_DVD(reserved_bits_are_refused),
};
CONFORMANCE_SUITE("mechanism-status", tests)
