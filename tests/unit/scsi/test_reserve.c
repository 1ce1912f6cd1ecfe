/* SPDX-License-Identifier: Apache-2.0 */
/* SPC-2 reservations over two nexuses. */
#include "support.h"

#include "drive.h"

static void assert_conflict(const struct request *request)
{
	assert_int_equal(request->completed, 1);
	assert_int_equal(request->cmd.status, SCSI_STATUS_RESERVATION_CONFLICT);
}

static void the_holder_is_served_and_the_other_is_not(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x16)));
	assert_good(send_none(drive->a, CDB(0x00)));
	assert_conflict(send_none(drive->b, CDB(0x00)));
}

/* SPC-2 table 10: who reserves does not hold the medium fast in another host's name. */
static void the_other_may_allow_removal_and_not_prevent_it(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->b, CDB(0x1e, 0, 0, 0, 1)));
	assert_good(send_none(drive->a, CDB(0x16)));
	assert_conflict(send_none(drive->b, CDB(0x1e, 0, 0, 0, 1)));
	assert_conflict(send_none(drive->b, CDB(0x1e, 0, 0, 0, 2)));
	assert_conflict(send_none(drive->b, CDB(0x1e, 0, 0, 0, 3)));
	assert_true(drive->b->prevent);
	assert_good(send_none(drive->b, CDB(0x1e, 0, 0, 0, 0)));
	assert_false(drive->b->prevent);
}

static void reserving_again_is_good(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x16)));
	assert_good(send_none(drive->a, CDB(0x56)));
	assert_ptr_equal(drive->lu.reserved_by, drive->a);
}

static void the_other_cannot_reserve(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x56)));
	assert_conflict(send_none(drive->b, CDB(0x16)));
	assert_conflict(send_none(drive->b, CDB(0x56)));
	assert_ptr_equal(drive->lu.reserved_by, drive->a);
}

static void the_others_release_is_good_and_does_nothing(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x16)));
	assert_good(send_none(drive->b, CDB(0x17)));
	assert_good(send_none(drive->b, CDB(0x57)));
	assert_ptr_equal(drive->lu.reserved_by, drive->a);
}

static void release_10_releases_reserve_6(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x16)));
	assert_good(send_none(drive->a, CDB(0x57)));
	assert_good(send_none(drive->b, CDB(0x16)));
	assert_ptr_equal(drive->lu.reserved_by, drive->b);
}

static void both_are_remembered(void **state)
{
	struct drive *drive = *state;
	send_none(drive->a, CDB(0x16));
	assert_int_equal(drive->remembered, 1);
	send_none(drive->a, CDB(0x17));
	assert_int_equal(drive->remembered, 2);
	send_none(drive->a, CDB(0x17));
	assert_int_equal(drive->remembered, 2);
}

static void inquiry_request_sense_and_report_luns_go_through(void **state)
{
	struct drive *drive = *state;
	send_none(drive->a, CDB(0x16));
	assert_good(send_in(drive->b, CDB(0x12, 0, 0, 0, 36), 36));
	assert_good(send_in(drive->b, CDB(0x03, 0, 0, 0, 18), 18));
	assert_good(send_in(drive->b, CDB(0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16), 16));
}

static void third_party_and_extent_reservations_are_refused(void **state)
{
	struct drive *drive = *state;
	assert_cdb_field(send_none(drive->a, CDB(0x16, 0x10)), 1, 4);
	assert_cdb_field(send_none(drive->a, CDB(0x56, 0x01)), 1, 0);
	assert_null(drive->lu.reserved_by);
}

static void nexus_loss_releases(void **state)
{
	struct drive *drive = *state;
	send_none(drive->a, CDB(0x16));
	scsi_nexus_lost(drive->b);
	assert_ptr_equal(drive->lu.reserved_by, drive->a);
	scsi_nexus_lost(drive->a);
	assert_null(drive->lu.reserved_by);
	assert_sense(send_none(drive->a, CDB(0x00)), SENSE_NEXUS_LOSS);
}

static void reset_releases(void **state)
{
	struct drive *drive = *state;
	send_none(drive->a, CDB(0x16));
	scsi_lu_reset(&drive->lu, NULL);
	assert_null(drive->lu.reserved_by);
}

static void destroying_the_holder_releases(void **state)
{
	struct drive *drive = *state;
	struct scsi_nexus *nexus = scsi_nexus_create(&drive->lu, "c");
	nexus->attentions = 0;
	assert_good(send_none(nexus, CDB(0x16)));
	scsi_nexus_destroy(nexus);
	assert_good(send_none(drive->a, CDB(0x00)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(the_holder_is_served_and_the_other_is_not),
		drive_test(the_other_may_allow_removal_and_not_prevent_it),
		drive_test(reserving_again_is_good),
		drive_test(the_other_cannot_reserve),
		drive_test(the_others_release_is_good_and_does_nothing),
		drive_test(release_10_releases_reserve_6),
		drive_test(both_are_remembered),
		drive_test(inquiry_request_sense_and_report_luns_go_through),
		drive_test(third_party_and_extent_reservations_are_refused),
		drive_test(nexus_loss_releases),
		drive_test(reset_releases),
		drive_test(destroying_the_holder_releases),
	};
	return cmocka_run_group_tests_name("scsi/reserve", tests, NULL, NULL);
}
