/* SPDX-License-Identifier: Apache-2.0 */
/* LOG SENSE and LOG SELECT over rows. */
#include "support.h"

#include "drive.h"
#include "util/bytes.h"

static uint64_t errors, loads;

static void build_errors(struct scsi_lu *lu, struct scsi_log *log)
{
	scsi_log_number(log, 0x0000, SCSI_LOG_COUNTER, 4, 0);
	scsi_log_number(log, 0x0003, SCSI_LOG_COUNTER, 4, errors);
	scsi_log_number(log, 0x0005, SCSI_LOG_COUNTER, 8, 0x1122334455667788);
}

static void reset_errors(struct scsi_lu *lu)
{
	errors = 0;
}

static void build_text(struct scsi_lu *lu, struct scsi_log *log)
{
	scsi_log_bytes(log, 0x0040, SCSI_LOG_ASCII, "ABC", 3);
}

static void build_loads(struct scsi_lu *lu, struct scsi_log *log)
{
	scsi_log_number(log, 0x0001, SCSI_LOG_BINARY, 2, loads);
}

static const struct scsi_log_page pages[] = {
	{0x02, 0x00, build_errors, reset_errors},
	{0x17, 0x00, build_text, NULL},
	{0x17, 0x01, build_loads, NULL},
	{0},
};

/* clang-format off */
static const struct scsi_opcode rows[] = {
	{"LOG SELECT", 0x4c, SCSI_ANY_ACTION, SCSI_DATA_OUT, OPCODE_WITHOUT_MEDIUM,
		{0x4c, 0x03, 0xff, 0xff, 0, 0, 0, 0xff, 0xff}, scsi_log_select},
	{"LOG SENSE", 0x4d, SCSI_ANY_ACTION, SCSI_DATA_IN, OPCODE_WITHOUT_MEDIUM,
		{0x4d, 0x01, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0xff}, scsi_log_sense},
};
/* clang-format on */

static struct scsi_device_type logging;

static int setup(void **state)
{
	drive_setup(state);
	logging = test_type;
	logging.opcodes.rows = rows;
	logging.opcodes.count = 2;
	logging.log_pages = pages;
	((struct drive *)*state)->lu.type = &logging;
	errors = 9;
	loads = 0x0102;
	return 0;
}

#define log_test(test) cmocka_unit_test_setup_teardown(test, setup, drive_teardown)

static struct request *sense(void **state, uint8_t page, uint8_t subpage, uint16_t pointer)
{
	struct drive *drive = *state;
	return send_in(drive->a,
		CDB(0x4d, 0, (uint8_t)(0x40 | page), subpage, 0, (uint8_t)(pointer >> 8),
			(uint8_t)pointer, 0, 200),
		200);
}

static void assert_page(struct request *request, const void *expected, size_t length)
{
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, length);
	assert_memory_equal(request->data, expected, length);
}

static void page_0_lists_the_pages(void **state)
{
	assert_page(sense(state, 0, 0, 0), "\x00\x00\x00\x03\x00\x02\x17", 7);
}

static void page_0_subpage_ff_lists_all(void **state)
{
	assert_page(sense(state, 0, 0xff, 0),
		"\x40\xff\x00\x0a\x00\x00\x00\xff\x02\x00\x17\x00\x17\x01", 14);
}

static void subpage_ff_lists_those_of_a_page(void **state)
{
	assert_page(sense(state, 0x17, 0xff, 0), "\x57\xff\x00\x04\x17\x00\x17\x01", 8);
}

static void parameters_have_code_control_length_and_value(void **state)
{
	assert_page(sense(state, 0x02, 0, 0),
		"\x02\x00\x00\x1c"
		"\x00\x00\x00\x04\x00\x00\x00\x00"
		"\x00\x03\x00\x04\x00\x00\x00\x09"
		"\x00\x05\x00\x08\x11\x22\x33\x44\x55\x66\x77\x88",
		32);
	assert_page(sense(state, 0x17, 0, 0),
		"\x17\x00\x00\x07\x00\x40\x01\x03"
		"ABC",
		11);
	assert_page(sense(state, 0x17, 1, 0), "\x57\x01\x00\x06\x00\x01\x03\x02\x01\x02", 10);
}

static void parameters_below_the_pointer_are_left_out(void **state)
{
	assert_page(sense(state, 0x02, 0, 4),
		"\x02\x00\x00\x0c\x00\x05\x00\x08\x11\x22\x33\x44\x55\x66\x77\x88", 16);
}

static void a_pointer_beyond_the_last_is_refused(void **state)
{
	assert_cdb_field(sense(state, 0x02, 0, 6), 5, 7);
}

static void the_allocation_length_cuts(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x4d, 0, 0x42, 0, 0, 0, 0, 0, 6), 200);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 6);
	assert_int_equal(get_be16(request->data + 2), 28); /* what there is */
	assert_untouched_from(request, 6);
}

static void what_there_is_not_is_pointed_to(void **state)
{
	struct drive *drive = *state;
	assert_cdb_field(sense(state, 0x03, 0, 0), 2, 5);
	assert_cdb_field(sense(state, 0x02, 1, 0), 3, 7);
	assert_cdb_field(sense(state, 0x03, 0xff, 0), 2, 5);
	assert_cdb_field(send_in(drive->a, CDB(0x4d, 0, 0x02, 0, 0, 0, 0, 0, 99), 99), 2, 7);
	assert_cdb_field(send_in(drive->a, CDB(0x4d, 1, 0x42, 0, 0, 0, 0, 0, 99), 99), 1, 0);
}

static void select_resets_counters_of_a_page(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x4c, 0x02, 0x57)));
	assert_int_equal(errors, 9);
	assert_good(send_none(drive->a, CDB(0x4c, 0x02, 0x42)));
	assert_int_equal(errors, 0);
}

static void select_resets_all_counters(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x4c, 0x00, 0x40)));
	assert_int_equal(errors, 9);
	assert_good(send_none(drive->a, CDB(0x4c, 0x02, 0x40)));
	assert_int_equal(errors, 0);
}

static void select_sets_nothing_else(void **state)
{
	struct drive *drive = *state;
	assert_cdb_field(send_out(drive->a, CDB(0x4c, 0, 0x42, 0, 0, 0, 0, 0, 4), "abcd", 4), 7, 7);
	assert_cdb_field(send_none(drive->a, CDB(0x4c, 0x03, 0x42)), 1, 0);
	assert_cdb_field(send_none(drive->a, CDB(0x4c, 0x02, 0x43)), 2, 5);
	assert_int_equal(errors, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		log_test(page_0_lists_the_pages),
		log_test(page_0_subpage_ff_lists_all),
		log_test(subpage_ff_lists_those_of_a_page),
		log_test(parameters_have_code_control_length_and_value),
		log_test(parameters_below_the_pointer_are_left_out),
		log_test(a_pointer_beyond_the_last_is_refused),
		log_test(the_allocation_length_cuts),
		log_test(what_there_is_not_is_pointed_to),
		log_test(select_resets_counters_of_a_page),
		log_test(select_resets_all_counters),
		log_test(select_sets_nothing_else),
	};
	return cmocka_run_group_tests_name("scsi/log page", tests, NULL, NULL);
}
