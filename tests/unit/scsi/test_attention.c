/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "drive.h"

static struct request *request_sense(struct scsi_nexus *nexus, uint8_t desc, uint8_t length)
{
	return send_in(nexus, CDB(0x03, desc, 0, 0, length), length);
}

static void assert_reported(const struct request *request, enum scsi_sense_code code)
{
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 18);
	assert_int_equal(request->data[0], 0x70);
	assert_int_equal(request->data[2], scsi_sense_key(code));
	assert_int_equal(request->data[12], scsi_sense_asc(code));
	assert_int_equal(request->data[13], scsi_sense_ascq(code));
}

static void an_empty_set_has_nothing_to_take(void **state)
{
	scsi_attention_set set = 0;
	assert_int_equal(scsi_attention_take(&set), SENSE_NONE);
}

static void conditions_come_out_in_order_and_once(void **state)
{
	scsi_attention_set set = 0;
	for (int i = ATTENTION_COUNT - 1; i >= 0; i--) {
		scsi_attention_raise(&set, (enum scsi_attention)i);
		scsi_attention_raise(&set, (enum scsi_attention)i);
	}
	assert_int_equal(scsi_attention_take(&set), SENSE_POWER_ON);
	assert_int_equal(scsi_attention_take(&set), SENSE_DEVICE_RESET);
	assert_int_equal(scsi_attention_take(&set), SENSE_NEXUS_LOSS);
	assert_int_equal(scsi_attention_take(&set), SENSE_MEDIUM_CHANGED);
	assert_int_equal(scsi_attention_take(&set), SENSE_MODE_PARAMETERS_CHANGED);
	assert_int_equal(scsi_attention_take(&set), SENSE_RESERVATIONS_PREEMPTED);
	assert_int_equal(scsi_attention_take(&set), SENSE_RESERVATIONS_RELEASED);
	assert_int_equal(scsi_attention_take(&set), SENSE_REGISTRATIONS_PREEMPTED);
	assert_int_equal(set, 0);
}

static void a_new_nexus_is_told_of_power_on_once(void **state)
{
	struct drive *drive = *state;
	struct scsi_nexus *nexus = scsi_nexus_create(&drive->lu, "new");
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_POWER_ON);
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
}

static void one_condition_is_reported_per_command(void **state)
{
	struct drive *drive = *state;
	scsi_attention_raise(&drive->a->attentions, ATTENTION_MODE_PARAMETERS_CHANGED);
	scsi_attention_raise(&drive->a->attentions, ATTENTION_MEDIUM_CHANGED);
	assert_sense(send_none(drive->a, CDB(0x00)), SENSE_MEDIUM_CHANGED);
	assert_sense(send_none(drive->a, CDB(0x00)), SENSE_MODE_PARAMETERS_CHANGED);
	assert_good(send_none(drive->a, CDB(0x00)));
}

static void reporting_is_remembered(void **state)
{
	struct drive *drive = *state;
	scsi_attention_raise(&drive->a->attentions, ATTENTION_MEDIUM_CHANGED);
	send_none(drive->a, CDB(0x00));
	assert_int_equal(drive->remembered, 1);
	send_none(drive->a, CDB(0x00));
	assert_int_equal(drive->remembered, 1);
}

static void raise_all_spares_the_one_excepted(void **state)
{
	struct drive *drive = *state;
	scsi_attention_raise_all(&drive->lu, ATTENTION_MEDIUM_CHANGED, drive->a);
	assert_good(send_none(drive->a, CDB(0x00)));
	assert_sense(send_none(drive->b, CDB(0x00)), SENSE_MEDIUM_CHANGED);
}

static void inquiry_and_report_luns_neither_report_nor_clear(void **state)
{
	struct drive *drive = *state;
	scsi_attention_raise(&drive->a->attentions, ATTENTION_MEDIUM_CHANGED);
	assert_good(send_in(drive->a, CDB(0x12, 0, 0, 0, 36), 36));
	assert_good(send_in(drive->a, CDB(0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16), 16));
	assert_sense(send_none(drive->a, CDB(0x00)), SENSE_MEDIUM_CHANGED);
}

static void request_sense_returns_the_highest_as_data_and_clears_it(void **state)
{
	struct drive *drive = *state;
	scsi_attention_raise(&drive->a->attentions, ATTENTION_MODE_PARAMETERS_CHANGED);
	scsi_attention_raise(&drive->a->attentions, ATTENTION_MEDIUM_CHANGED);
	assert_reported(request_sense(drive->a, 0, 18), SENSE_MEDIUM_CHANGED);
	assert_int_equal(drive->remembered, 1);
	assert_reported(request_sense(drive->a, 0, 18), SENSE_MODE_PARAMETERS_CHANGED);
	assert_reported(request_sense(drive->a, 0, 18), SENSE_NONE);
	assert_int_equal(drive->remembered, 2);
}

static void request_sense_tells_whether_the_drive_is_ready(void **state)
{
	struct drive *drive = *state;
	drive->not_ready = SENSE_NO_MEDIUM_TRAY_OPEN;
	assert_reported(request_sense(drive->a, 0, 18), SENSE_NO_MEDIUM_TRAY_OPEN);
}

static void request_sense_tells_of_progress(void **state)
{
	struct drive *drive = *state;
	drive->not_ready = SENSE_BECOMING_READY;
	drive->progress = 0x4000;
	struct request *request = request_sense(drive->a, 0, 18);
	assert_reported(request, SENSE_BECOMING_READY);
	assert_memory_equal(request->data + 15, "\x80\x40\x00", 3);
}

static void request_sense_has_descriptor_format_on_demand(void **state)
{
	struct drive *drive = *state;
	drive->not_ready = SENSE_NO_MEDIUM_TRAY_OPEN;
	struct request *request = request_sense(drive->a, 1, 252);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 8);
	assert_memory_equal(request->data, "\x72\x02\x3a\x02", 4);
}

static void request_sense_stops_at_the_allocation_length(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x03, 0, 0, 0, 4), 18);
	assert_int_equal(request->cmd.data_in_done, 4);
	assert_untouched_from(request, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_set_has_nothing_to_take),
		cmocka_unit_test(conditions_come_out_in_order_and_once),
		drive_test(a_new_nexus_is_told_of_power_on_once),
		drive_test(one_condition_is_reported_per_command),
		drive_test(reporting_is_remembered),
		drive_test(raise_all_spares_the_one_excepted),
		drive_test(inquiry_and_report_luns_neither_report_nor_clear),
		drive_test(request_sense_returns_the_highest_as_data_and_clears_it),
		drive_test(request_sense_tells_whether_the_drive_is_ready),
		drive_test(request_sense_tells_of_progress),
		drive_test(request_sense_has_descriptor_format_on_demand),
		drive_test(request_sense_stops_at_the_allocation_length),
	};
	return cmocka_run_group_tests_name("scsi/attention", tests, NULL, NULL);
}
