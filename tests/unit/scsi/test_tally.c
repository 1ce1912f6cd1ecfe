/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "drive.h"
#include "scsi/tally.h"

static void operation_codes_have_classes(void **state)
{
	assert_int_equal(scsi_tally_class_of(0x28), SCSI_TALLY_READ);     /* READ(10) */
	assert_int_equal(scsi_tally_class_of(0x08), SCSI_TALLY_READ);     /* READ(6) */
	assert_int_equal(scsi_tally_class_of(0x0a), SCSI_TALLY_WRITE);    /* WRITE(6) */
	assert_int_equal(scsi_tally_class_of(0x10), SCSI_TALLY_WRITE);    /* WRITE FILEMARKS */
	assert_int_equal(scsi_tally_class_of(0x92), SCSI_TALLY_POSITION); /* LOCATE(16) */
	assert_int_equal(scsi_tally_class_of(0x00), SCSI_TALLY_OTHER);    /* TEST UNIT READY */
	assert_int_equal(scsi_tally_class_of(0xff), SCSI_TALLY_OTHER);
}

static void a_command_counts_once_in_each_way(void **state)
{
	struct scsi_tally tally = {0};
	scsi_tally_add(&tally, 0x28, 0x00, 0, 25);
	scsi_tally_add(&tally, 0x28, 0x00, 0, 26);
	scsi_tally_add(&tally, 0x28, 0x02, 3, 10000001);
	assert_int_equal(tally.commands[SCSI_TALLY_READ][SCSI_TALLY_GOOD], 2);
	assert_int_equal(tally.commands[SCSI_TALLY_READ][SCSI_TALLY_CHECK_CONDITION], 1);
	assert_int_equal(tally.durations[SCSI_TALLY_READ][0], 1);
	assert_int_equal(tally.durations[SCSI_TALLY_READ][1], 1);
	assert_int_equal(tally.durations[SCSI_TALLY_READ][SCSI_TALLY_DURATIONS], 1);
	assert_int_equal(tally.duration_us[SCSI_TALLY_READ], 10000052);
	assert_int_equal(tally.sense_keys[3], 1);
	assert_int_equal(tally.sense_keys[0], 0);
}

static void statuses_are_told_apart(void **state)
{
	struct scsi_tally tally = {0};
	scsi_tally_add(&tally, 0x00, 0x18, 0, 1); /* RESERVATION CONFLICT */
	scsi_tally_add(&tally, 0x00, 0x08, 0, 1); /* BUSY */
	scsi_tally_add(&tally, 0x00, 0x40, 0, 1); /* TASK ABORTED */
	assert_int_equal(tally.commands[SCSI_TALLY_OTHER][SCSI_TALLY_RESERVATION_CONFLICT], 1);
	assert_int_equal(tally.commands[SCSI_TALLY_OTHER][SCSI_TALLY_OTHER_STATUS], 2);
}

static void commands_of_all_hosts_count_for_their_drive(void **state)
{
	struct drive *drive = *state;
	struct scsi_tally *tally = &drive->lu.tally;
	send_in(drive->a, CDB(0x12, 0, 0, 0, 36), 36);
	send_none(drive->b, CDB(0x1b));
	drive->now_ns += 3000000;
	library_answers(drive, SENSE_NONE);
	assert_int_equal(tally->commands[SCSI_TALLY_OTHER][SCSI_TALLY_GOOD], 1);
	assert_int_equal(tally->commands[SCSI_TALLY_POSITION][SCSI_TALLY_GOOD], 1);
	assert_int_equal(tally->duration_us[SCSI_TALLY_POSITION], 3000);
	send_none(drive->a, CDB(0x01));
	assert_int_equal(tally->commands[SCSI_TALLY_POSITION][SCSI_TALLY_CHECK_CONDITION], 1);
	assert_int_equal(tally->sense_keys[5], 1); /* ILLEGAL REQUEST */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operation_codes_have_classes),
		cmocka_unit_test(a_command_counts_once_in_each_way),
		cmocka_unit_test(statuses_are_told_apart),
		drive_test(commands_of_all_hosts_count_for_their_drive),
	};
	return cmocka_run_group_tests_name("scsi/tally", tests, NULL, NULL);
}
