/* SPDX-License-Identifier: Apache-2.0 */
/* REPORT SUPPORTED OPERATION CODES and TASK MANAGEMENT FUNCTIONS, timestamps. */
#include "support.h"

#include "drive.h"
#include "scsi/maintenance.h"
#include "util/bytes.h"

/* clang-format off */
static const struct scsi_opcode rows[] = {
	{"REWIND", 0x01, SCSI_ANY_ACTION, SCSI_NO_DATA, 0,
		{0x01, 0x01}, scsi_test_unit_ready, 5, 600},
	{"READ POSITION", 0x34, 0x06, SCSI_DATA_IN, 0,
		{0x34, 0x1f, 0, 0, 0, 0, 0, 0xff, 0xff}, scsi_test_unit_ready},
	{"READ POSITION", 0x34, 0x08, SCSI_DATA_IN, 0,
		{0x34, 0x3f, 0, 0, 0, 0, 0, 0xff, 0xff}, scsi_test_unit_ready},
	{"REPORT SUPPORTED OPERATION CODES", 0xa3, 0x0c, SCSI_DATA_IN, 0,
		{0xa3, 0x1f, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		scsi_report_supported_opcodes},
	{"REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", 0xa3, 0x0d, SCSI_DATA_IN, 0,
		{0xa3, 0x1f, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff},
		scsi_report_supported_management},
	{"REPORT TIMESTAMP", 0xa3, 0x0f, SCSI_DATA_IN, 0,
		{0xa3, 0x1f, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, scsi_report_timestamp},
	{"SET TIMESTAMP", 0xa4, 0x0f, SCSI_DATA_OUT, 0,
		{0xa4, 0x1f, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, scsi_set_timestamp},
};
/* clang-format on */

static struct scsi_device_type type;

static int setup(void **state)
{
	drive_setup(state);
	type = test_type;
	type.opcodes.rows = rows;
	type.opcodes.count = sizeof rows / sizeof rows[0];
	((struct drive *)*state)->lu.type = &type;
	return 0;
}

#define maintenance_test(test) cmocka_unit_test_setup_teardown(test, setup, drive_teardown)

static struct request *codes(void **state, uint8_t options, uint8_t opcode, uint16_t action)
{
	struct drive *drive = *state;
	return send_in(drive->a,
		CDB(0xa3, 0x0c, options, opcode, (uint8_t)(action >> 8), (uint8_t)action, 0, 0, 1,
			0),
		256);
}

static void assert_bytes(struct request *request, const void *expected, size_t length)
{
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, length);
	assert_memory_equal(request->data, expected, length);
}

static void all_commands_are_listed(void **state)
{
	struct request *request = codes(state, 0, 0, 0);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 4 + 7 * 8);
	assert_int_equal(get_be32(request->data), 7 * 8);
	assert_memory_equal(request->data + 4, "\x01\0\0\0\0\0\0\x06", 8);
	assert_memory_equal(request->data + 12, "\x34\0\0\x06\0\x01\0\x0a", 8);
	assert_memory_equal(request->data + 28, "\xa3\0\0\x0c\0\x01\0\x0c", 8);
}

static void all_commands_may_have_timeouts(void **state)
{
	struct request *request = codes(state, 0x80, 0, 0);
	assert_int_equal(get_be32(request->data), 7 * 20);
	assert_memory_equal(request->data + 4, "\x01\0\0\0\0\x02\0\x06", 8);
	assert_memory_equal(request->data + 12, "\0\x0a\0\0\0\0\0\x05\0\0\x02\x58", 12);
}

static void one_command_has_its_usage(void **state)
{
	assert_bytes(codes(state, 1, 0x01, 0), "\0\x03\0\x06\x01\x01\0\0\0\0", 10);
	assert_bytes(codes(state, 3, 0x01, 0), "\0\x03\0\x06\x01\x01\0\0\0\0", 10);
	assert_bytes(codes(state, 0x81, 0x01, 0),
		"\0\x83\0\x06\x01\x01\0\0\0\0\0\x0a\0\0\0\0\0\x05\0\0\x02\x58", 22);
}

static void a_service_action_stands_for_itself(void **state)
{
	assert_bytes(codes(state, 2, 0x34, 8), "\0\x03\0\x0a\x34\x28\0\0\0\0\0\xff\xff\0", 14);
	assert_bytes(codes(state, 3, 0x34, 6), "\0\x03\0\x0a\x34\x06\0\0\0\0\0\xff\xff\0", 14);
}

static void what_is_not_supported_is_said(void **state)
{
	assert_bytes(codes(state, 1, 0x0f, 0), "\0\x01\0\0", 4);
	assert_bytes(codes(state, 2, 0x34, 7), "\0\x01\0\0", 4);
	assert_bytes(codes(state, 3, 0x34, 7), "\0\x01\0\0", 4);
	assert_bytes(codes(state, 3, 0x01, 7), "\0\x01\0\0", 4);
}

static void the_wrong_question_is_refused(void **state)
{
	assert_cdb_field(codes(state, 1, 0x34, 0), 2, 2);
	assert_cdb_field(codes(state, 2, 0x01, 0), 2, 2);
	assert_cdb_field(codes(state, 4, 0x01, 0), 2, 2);
}

static void task_management_functions(void **state)
{
	struct drive *drive = *state;
	assert_bytes(
		send_in(drive->a, CDB(0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 16), 16), "\xe8\0\0\0", 4);
	assert_bytes(send_in(drive->a, CDB(0xa3, 0x0d, 0x80, 0, 0, 0, 0, 0, 0, 16), 16),
		"\xe8\0\0\x0c\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_cdb_field(send_in(drive->a, CDB(0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 3), 3), 6, 7);
}

static struct request *timestamp(struct drive *drive)
{
	return send_in(drive->a, CDB(0xa3, 0x0f, 0, 0, 0, 0, 0, 0, 0, 12), 12);
}

static void time_counts_from_power_on(void **state)
{
	struct drive *drive = *state;
	drive->now_ns += 258000000; /* 0102h ms */
	assert_bytes(timestamp(drive), "\0\x0a\0\0\0\0\0\0\x01\x02\0\0", 12);
}

static void time_goes_on_from_what_a_host_sets(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[12] = {0, 0, 0, 0, 0x01, 0x8f, 0x00, 0x00, 0x00, 0x01};
	drive->now_ns += 5000000;
	assert_good(send_out(drive->a, CDB(0xa4, 0x0f, 0, 0, 0, 0, 0, 0, 0, 12), list, 12));
	drive->now_ns += 2000000;
	assert_bytes(timestamp(drive), "\0\x0a\x02\0\x01\x8f\0\0\0\x03\0\0", 12);
}

static void a_short_timestamp_is_refused(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[12] = {0};
	assert_sense(send_out(drive->a, CDB(0xa4, 0x0f, 0, 0, 0, 0, 0, 0, 0, 11), list, 11),
		SENSE_PARAMETER_LIST_LENGTH);
	assert_sense(send_out(drive->a, CDB(0xa4, 0x0f, 0, 0, 0, 0, 0, 0, 0, 12), list, 11),
		SENSE_PARAMETER_LIST_LENGTH);
	assert_good(send_none(drive->a, CDB(0xa4, 0x0f)));
	assert_int_equal(timestamp(drive)->data[2], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		maintenance_test(all_commands_are_listed),
		maintenance_test(all_commands_may_have_timeouts),
		maintenance_test(one_command_has_its_usage),
		maintenance_test(a_service_action_stands_for_itself),
		maintenance_test(what_is_not_supported_is_said),
		maintenance_test(the_wrong_question_is_refused),
		maintenance_test(task_management_functions),
		maintenance_test(time_counts_from_power_on),
		maintenance_test(time_goes_on_from_what_a_host_sets),
		maintenance_test(a_short_timestamp_is_refused),
	};
	return cmocka_run_group_tests_name("scsi/maintenance", tests, NULL, NULL);
}
