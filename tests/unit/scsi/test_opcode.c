/* SPDX-License-Identifier: Apache-2.0 */
/* The row of a command, and what the row says about its CDB. */
#include "support.h"

#include "drive.h"

static const char *name_of(const uint8_t *cdb)
{
	const struct scsi_opcode *row = scsi_opcode_find(&test_type.opcodes, cdb);
	return row ? row->name : "none";
}

static void every_row_is_found(void **state)
{
	for (size_t i = 0; i < test_type.opcodes.count; i++) {
		const struct scsi_opcode *row = &test_type.opcodes.rows[i];
		uint8_t action = row->service_action < 0 ? 0 : (uint8_t)row->service_action;
		assert_ptr_equal(
			scsi_opcode_find(&test_type.opcodes, CDB(row->opcode, action)), row);
	}
}

static void operation_codes_without_a_row_are_not_found(void **state)
{
	assert_string_equal(name_of(CDB(0x01)), "none");
	assert_string_equal(name_of(CDB(0x9d)), "none");
	assert_string_equal(name_of(CDB(0xff)), "none");
}

static void an_empty_table_has_no_command(void **state)
{
	const struct scsi_opcode_table empty = {NULL, 0};
	assert_null(scsi_opcode_find(&empty, CDB(0)));
}

static void service_actions_are_five_bits_of_byte_1(void **state)
{
	assert_string_equal(name_of(CDB(0x9e, 0x10)), "FIRST ACTION");
	assert_string_equal(name_of(CDB(0x9e, 0x12)), "SECOND ACTION");
	assert_string_equal(name_of(CDB(0x9e, 0xf2)), "SECOND ACTION");
	assert_string_equal(name_of(CDB(0x9e, 0x11)), "none");
	assert_string_equal(name_of(CDB(0x9e, 0x0f)), "none");
	assert_string_equal(name_of(CDB(0x9e, 0x13)), "none");
}

static void cdb_length_follows_the_group(void **state)
{
	assert_int_equal(scsi_cdb_length(0x00), 6);
	assert_int_equal(scsi_cdb_length(0x3c), 10);
	assert_int_equal(scsi_cdb_length(0x5a), 10);
	assert_int_equal(scsi_cdb_length(0x7f), 0);
	assert_int_equal(scsi_cdb_length(0x88), 16);
	assert_int_equal(scsi_cdb_length(0xa0), 12);
	assert_int_equal(scsi_cdb_length(0xc0), 0);
}

static void an_unknown_operation_code_is_refused(void **state)
{
	struct drive *drive = *state;
	assert_sense(send_none(drive->a, CDB(0x01)), SENSE_INVALID_OPCODE);
}

static void an_unknown_service_action_is_an_invalid_field(void **state)
{
	struct drive *drive = *state;
	assert_cdb_field(send_none(drive->a, CDB(0x9e, 0x11)), 1, 4);
}

static void the_lowest_bad_byte_is_pointed_to(void **state)
{
	struct drive *drive = *state;
	assert_cdb_field(send_none(drive->a, CDB(0x00, 0, 0, 0x10, 0x80)), 3, 4);
}

static void the_most_significant_bad_bit_is_pointed_to(void **state)
{
	struct drive *drive = *state;
	assert_cdb_field(send_none(drive->a, CDB(0x00, 0, 0x51)), 2, 6);
	assert_cdb_field(send_none(drive->a, CDB(0x9e, 0x10, 0, 0xfd)), 3, 7);
	assert_cdb_field(send_none(drive->a, CDB(0x9e, 0x10, 0, 0x3d)), 3, 0);
	assert_int_equal(drive->handled, 0);
}

static void bits_the_row_knows_are_let_through(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x9e, 0x10, 0xff, 0x3c)));
	assert_int_equal(drive->handled, 1);
}

static void vendor_bits_of_the_control_byte_are_ignored(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x00, 0, 0, 0, 0, 0xc0)));
	assert_good(
		send_none(drive->a, CDB(0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0)));
}

static void naca_and_the_rest_of_the_control_byte_are_refused(void **state)
{
	struct drive *drive = *state;
	assert_cdb_field(send_none(drive->a, CDB(0x00, 0, 0, 0, 0, 0x04)), 5, 2);
	assert_cdb_field(send_none(drive->a, CDB(0x00, 0, 0, 0, 0, 0xe0)), 5, 5);
	assert_cdb_field(send_in(drive->a, CDB(0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0x01), BLOCK), 9, 0);
}

static void the_control_byte_is_where_the_operation_code_puts_it(void **state)
{
	struct drive *drive = *state;
	struct request *request = prepare(drive->a, CDB(0x00, 0, 0, 0, 0, 0xc0), 0);
	request->cmd.cdb_length = 16; /* a transport that carries every CDB in 16 bytes */
	scsi_execute(&request->cmd);
	assert_good(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_found),
		cmocka_unit_test(operation_codes_without_a_row_are_not_found),
		cmocka_unit_test(an_empty_table_has_no_command),
		cmocka_unit_test(service_actions_are_five_bits_of_byte_1),
		cmocka_unit_test(cdb_length_follows_the_group),
		drive_test(an_unknown_operation_code_is_refused),
		drive_test(an_unknown_service_action_is_an_invalid_field),
		drive_test(the_lowest_bad_byte_is_pointed_to),
		drive_test(the_most_significant_bad_bit_is_pointed_to),
		drive_test(bits_the_row_knows_are_let_through),
		drive_test(vendor_bits_of_the_control_byte_are_ignored),
		drive_test(naca_and_the_rest_of_the_control_byte_are_refused),
		drive_test(the_control_byte_is_where_the_operation_code_puts_it),
	};
	return cmocka_run_group_tests_name("scsi/opcode", tests, NULL, NULL);
}
