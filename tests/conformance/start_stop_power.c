/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define POWER_CONDITION(nexus, condition) SEND(nexus, 0, 0x1b, 0, 0, 0, (condition) << 4)

static void the_known_conditions_are_accepted(void **state)
{
	EXPECT_GOOD(POWER_CONDITION(BENCH(state).host, 2));
	EXPECT_GOOD(POWER_CONDITION(BENCH(state).host, 3));
	EXPECT_GOOD(POWER_CONDITION(BENCH(state).host, 5));
	EXPECT_GOOD(POWER_CONDITION(BENCH(state).host, 1));
}

/* iscsi-test-cu 1.19's StartStopUnit.PwrCnd sends all fifteen to a removable unit. */
static void the_others_change_nothing(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(POWER_CONDITION(host, 3));
	settle(host);
	for (unsigned condition = 4; condition < 16; condition++)
		if (condition != 5)
			EXPECT_GOOD(POWER_CONDITION(host, condition));
	EXPECT_DATA(GET_EVENTS(host, POWER), 0, 6, 0x02, 0x16, 0, 3, 0, 0);
}

/* The same program's NoLoej: bit 2, NO_FLUSH, with LOEJ 0. */
static void nothing_is_flushed_or_not(void **state)
{
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x1b, 0, 0, 0, 0x04));
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x1b, 0, 0, 0, 0x05));
	assert_int_equal(BENCH(state).fake->requests, 0);
}

static void a_change_is_an_event_for_every_host(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	settle(other);
	EXPECT_GOOD(POWER_CONDITION(BENCH(state).host, 3));
	EXPECT_DATA(GET_EVENTS(other, POWER), 0, 6, 0x02, 0x16, 1, 3, 0, 0);
	EXPECT_DATA(GET_EVENTS(other, POWER), 0, 6, 0x02, 0x16, 0, 3, 0, 0);
}

static void a_read_wakes_the_drive(void **state)
{
	EXPECT_GOOD(POWER_CONDITION(BENCH(state).host, 5));
	settle(BENCH(state).host);
	EXPECT_GOOD(READ_10(BENCH(state).host, 0, 1, 2048));
	EXPECT_DATA(GET_EVENTS(BENCH(state).host, POWER), 0, 6, 0x02, 0x16, 1, 1, 0, 0);
}

static void a_power_condition_does_not_move_the_tray(void **state)
{
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x1b, 0, 0, 0, 0x32));
	assert_int_equal(BENCH(state).fake->requests, 0);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(the_known_conditions_are_accepted),
	ON_DVD(the_others_change_nothing),
	ON_DVD(nothing_is_flushed_or_not),
	ON_DVD(a_change_is_an_event_for_every_host),
	ON_DVD(a_read_wakes_the_drive),
	ON_DVD(a_power_condition_does_not_move_the_tray),
};
CONFORMANCE_SUITE("start-stop-power", tests)
