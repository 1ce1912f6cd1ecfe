/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

static void a_loaded_drive_is_ready(void **state)
{
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

static void an_empty_drive_says_tray_closed(void **state)
{
	EXPECT_SENSE(TEST_UNIT_READY(BENCH(state).host), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void an_open_drive_says_tray_open(void **state)
{
	EXPECT_GOOD(EJECT(BENCH(state).host));
	EXPECT_SENSE(TEST_UNIT_READY(BENCH(state).host), SENSE_NO_MEDIUM_TRAY_OPEN);
}

static void during_a_change_the_drive_is_becoming_ready(void **state)
{
	mmc_drive_begin_change(BENCH(state).fake->drive);
	EXPECT_SENSE(TEST_UNIT_READY(BENCH(state).host), SENSE_BECOMING_READY);
	mmc_drive_cancel_change(BENCH(state).fake->drive);
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

static void who_sees_no_medium_is_not_told_of_a_change(void **state)
{
	mmc_drive_begin_change(BENCH(state).fake->drive);
	EXPECT_SENSE(TEST_UNIT_READY(BENCH(state).host), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void a_new_nexus_is_told_of_power_on_once(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_POWER_ON);
	EXPECT_GOOD(TEST_UNIT_READY(other));
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

static const struct CMUnitTest tests[] = {
	ON_DVD(a_loaded_drive_is_ready),
	ON_EMPTY(an_empty_drive_says_tray_closed),
	ON_DVD(an_open_drive_says_tray_open),
	ON_DVD(during_a_change_the_drive_is_becoming_ready),
	ON_EMPTY(who_sees_no_medium_is_not_told_of_a_change),
	ON_DVD(a_new_nexus_is_told_of_power_on_once),
};
CONFORMANCE_SUITE("test-unit-ready", tests)
