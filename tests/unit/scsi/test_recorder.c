/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "drive.h"

static struct scsi_record records[SCSI_RECORDER_ENTRIES + 1];

static void a_new_recorder_is_empty(void **state)
{
	struct drive *drive = *state;
	assert_int_equal(scsi_recorder_read(&drive->a->recorder, records, 10), 0);
}

static void a_command_leaves_name_cdb_status_and_time(void **state)
{
	struct drive *drive = *state;
	drive->now_ns = 5000;
	send_in(drive->a, CDB(0x12, 0, 0, 0, 36), 36);
	assert_int_equal(scsi_recorder_read(&drive->a->recorder, records, 10), 1);
	assert_int_equal(scsi_recorder_read(&drive->b->recorder, records + 1, 10), 0);
	assert_int_equal(records[0].number, 1);
	assert_int_equal(records[0].started_ns, 5000);
	assert_string_equal(records[0].name, "INQUIRY");
	assert_int_equal(records[0].cdb_length, 6);
	assert_memory_equal(records[0].cdb, "\x12\0\0\0\x24\0", 6);
	assert_int_equal(records[0].status, SCSI_STATUS_GOOD);
	assert_int_equal(records[0].transferred, 36);
}

static void a_refusal_leaves_its_sense(void **state)
{
	struct drive *drive = *state;
	send_none(drive->a, CDB(0x01));
	assert_int_equal(scsi_recorder_read(&drive->a->recorder, records, 10), 1);
	assert_null(records[0].name);
	assert_int_equal(records[0].status, SCSI_STATUS_CHECK_CONDITION);
	assert_int_equal(records[0].sense, SENSE_INVALID_OPCODE);
}

static void duration_counts_until_completion(void **state)
{
	struct drive *drive = *state;
	send_none(drive->a, CDB(0x1b));
	drive->now_ns += 3000000;
	library_answers(drive, SENSE_NONE);
	scsi_recorder_read(&drive->a->recorder, records, 1);
	assert_int_equal(records[0].duration_us, 3000);
}

static void add(struct scsi_recorder *recorder, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		scsi_recorder_add(recorder, &(struct scsi_record){.transferred = i});
}

static void the_newest_256_are_kept(void **state)
{
	struct drive *drive = *state;
	add(&drive->a->recorder, SCSI_RECORDER_ENTRIES + 10);
	unsigned count =
		scsi_recorder_read(&drive->a->recorder, records, SCSI_RECORDER_ENTRIES + 1);
	assert_int_equal(count, SCSI_RECORDER_ENTRIES);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(records[i].number, 11 + i);
		assert_int_equal(records[i].transferred, 10 + i);
	}
}

static void fewer_are_the_newest_oldest_first(void **state)
{
	struct drive *drive = *state;
	add(&drive->a->recorder, 300);
	assert_int_equal(scsi_recorder_read(&drive->a->recorder, records, 2), 2);
	assert_int_equal(records[0].number, 299);
	assert_int_equal(records[1].number, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(a_new_recorder_is_empty),
		drive_test(a_command_leaves_name_cdb_status_and_time),
		drive_test(a_refusal_leaves_its_sense),
		drive_test(duration_counts_until_completion),
		drive_test(the_newest_256_are_kept),
		drive_test(fewer_are_the_newest_oldest_first),
	};
	return cmocka_run_group_tests_name("scsi/recorder", tests, NULL, NULL);
}
