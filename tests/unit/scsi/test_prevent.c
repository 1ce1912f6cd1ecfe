/* SPDX-License-Identifier: Apache-2.0 */
/* PREVENT ALLOW MEDIUM REMOVAL: two latches per nexus (MMC-6 6.12). */
#include "support.h"

#include "drive.h"

enum { ALLOW, PREVENT, ALLOW_PERSISTENT, PREVENT_PERSISTENT };

static void prevent(struct scsi_nexus *nexus, uint8_t what)
{
	assert_good(send_none(nexus, CDB(0x1e, 0, 0, 0, what)));
}

static void prevent_holds_until_every_nexus_allows(void **state)
{
	struct drive *drive = *state;
	prevent(drive->a, PREVENT);
	prevent(drive->b, PREVENT);
	prevent(drive->a, ALLOW);
	assert_true(scsi_removal_prevented(&drive->lu, false));
	prevent(drive->b, ALLOW);
	assert_false(scsi_removal_prevented(&drive->lu, true));
}

static void persistent_prevent_stops_only_the_button(void **state)
{
	struct drive *drive = *state;
	prevent(drive->a, PREVENT_PERSISTENT);
	assert_false(scsi_removal_prevented(&drive->lu, false));
	assert_true(scsi_removal_prevented(&drive->lu, true));
}

static void the_two_latches_are_independent(void **state)
{
	struct drive *drive = *state;
	prevent(drive->a, PREVENT);
	prevent(drive->a, PREVENT_PERSISTENT);
	prevent(drive->a, ALLOW);
	assert_true(scsi_removal_prevented(&drive->lu, true));
	prevent(drive->a, ALLOW_PERSISTENT);
	assert_false(scsi_removal_prevented(&drive->lu, true));
}

static void only_a_change_is_remembered_and_only_allowing_is_an_event(void **state)
{
	struct drive *drive = *state;
	prevent(drive->a, ALLOW);
	assert_int_equal(drive->remembered, 0);
	prevent(drive->a, PREVENT);
	prevent(drive->a, PREVENT);
	assert_int_equal(drive->remembered, 1);
	assert_int_equal(drive->events[LIBRARY_EVENT_ALLOWED], 0);
	prevent(drive->a, ALLOW);
	assert_int_equal(drive->remembered, 2);
	assert_int_equal(drive->events[LIBRARY_EVENT_ALLOWED], 1);
}

static void nexus_loss_allows_for_that_nexus(void **state)
{
	struct drive *drive = *state;
	prevent(drive->a, PREVENT);
	prevent(drive->b, PREVENT_PERSISTENT);
	scsi_nexus_lost(drive->a);
	assert_false(scsi_removal_prevented(&drive->lu, false));
	assert_true(scsi_removal_prevented(&drive->lu, true));
	assert_int_equal(drive->events[LIBRARY_EVENT_ALLOWED], 1);
}

static void reset_allows_for_every_nexus(void **state)
{
	struct drive *drive = *state;
	prevent(drive->a, PREVENT);
	prevent(drive->b, PREVENT_PERSISTENT);
	scsi_lu_reset(&drive->lu, drive->a);
	assert_false(scsi_removal_prevented(&drive->lu, true));
	assert_int_equal(drive->events[LIBRARY_EVENT_ALLOWED], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(prevent_holds_until_every_nexus_allows),
		drive_test(persistent_prevent_stops_only_the_button),
		drive_test(the_two_latches_are_independent),
		drive_test(only_a_change_is_remembered_and_only_allowing_is_an_event),
		drive_test(nexus_loss_allows_for_that_nexus),
		drive_test(reset_allows_for_every_nexus),
	};
	return cmocka_run_group_tests_name("scsi/prevent", tests, NULL, NULL);
}
