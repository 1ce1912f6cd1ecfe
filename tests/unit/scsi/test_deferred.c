/* SPDX-License-Identifier: Apache-2.0 */
/* Deferred errors (SPC-4 4.5.6) and the write gate. */
#include "support.h"

#include "drive.h"

static const struct scsi_sense lost = {
	.code = SENSE_UNRECOVERED_READ_ERROR, .information_valid = true, .information = 7};

static void it_is_told_once_and_only_to_its_nexus(void **state)
{
	struct drive *drive = *state;
	scsi_defer(drive->a, &lost);
	assert_good(send_none(drive->b, CDB(0x00)));
	struct request *request = send_none(drive->a, CDB(0x00));
	assert_sense(request, SENSE_UNRECOVERED_READ_ERROR);
	assert_true(request->cmd.sense.deferred);
	assert_int_equal(request->cmd.sense.information, 7);
	assert_good(send_none(drive->a, CDB(0x00)));
}

static void inquiry_is_not_failed_by_it(void **state)
{
	struct drive *drive = *state;
	scsi_defer(drive->a, &lost);
	assert_good(send_in(drive->a, CDB(0x12, 0, 0, 0, 36), 36));
	assert_sense(send_none(drive->a, CDB(0x00)), SENSE_UNRECOVERED_READ_ERROR);
}

static void a_unit_attention_comes_before_it(void **state)
{
	struct drive *drive = *state;
	scsi_defer(drive->a, &lost);
	scsi_attention_raise(&drive->a->attentions, ATTENTION_MEDIUM_CHANGED);
	struct request *attention = send_none(drive->a, CDB(0x00));
	assert_sense(attention, SENSE_MEDIUM_CHANGED);
	assert_false(attention->cmd.sense.deferred);
	assert_sense(send_none(drive->a, CDB(0x00)), SENSE_UNRECOVERED_READ_ERROR);
}

static void request_sense_returns_it_as_data(void **state)
{
	struct drive *drive = *state;
	scsi_defer(drive->a, &lost);
	struct request *request = send_in(drive->a, CDB(0x03, 0, 0, 0, 18), 18);
	assert_good(request);
	assert_int_equal(request->data[0], 0xf1);
	assert_int_equal(request->data[2], 0x03);
	assert_int_equal(request->data[6], 7);
	assert_good(send_none(drive->a, CDB(0x00)));
}

static void descriptor_format_has_its_own_code(void **state)
{
	uint8_t buffer[SCSI_SENSE_MAX];
	struct scsi_sense sense = lost;
	sense.deferred = true;
	scsi_sense_encode(&sense, true, buffer);
	assert_int_equal(buffer[0], 0x73);
}

static void the_first_of_two_is_kept(void **state)
{
	struct drive *drive = *state;
	struct scsi_sense second = lost;
	second.information = 9;
	scsi_defer(drive->a, &lost);
	scsi_defer(drive->a, &second);
	assert_int_equal(send_none(drive->a, CDB(0x00))->cmd.sense.information, 7);
	assert_good(send_none(drive->a, CDB(0x00)));
}

/* ---- write protection ------------------------------------------------------------------------ */

static enum scsi_sense_code protected(struct scsi_cmd *cmd) { return SENSE_WRITE_PROTECTED; }

static enum scsi_sense_code unexpected(struct scsi_cmd *cmd)
{
	drive_of(cmd->nexus->lu)->handled++;
	return SENSE_NONE;
}

static void rows_that_write_are_refused_after_readiness(void **state)
{
	static const struct scsi_opcode rows[] = {
		{"WRITE", 0x0a, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_WRITES, {0x0a}, unexpected},
		{"READ", 0x0b, SCSI_ANY_ACTION, SCSI_NO_DATA, 0, {0x0b}, unexpected},
	};
	static struct scsi_device_type type;
	struct drive *drive = *state;
	type = test_type;
	type.opcodes.rows = rows;
	type.opcodes.count = 2;
	drive->lu.type = &type;
	assert_good(send_none(drive->a, CDB(0x0a))); /* no gate, no refusal */
	type.writable = protected;
	assert_sense(send_none(drive->a, CDB(0x0a)), SENSE_WRITE_PROTECTED);
	assert_good(send_none(drive->a, CDB(0x0b)));
	drive->not_ready = SENSE_MEDIUM_NOT_PRESENT;
	assert_sense(send_none(drive->a, CDB(0x0a)), SENSE_MEDIUM_NOT_PRESENT);
	assert_int_equal(drive->handled, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(it_is_told_once_and_only_to_its_nexus),
		drive_test(inquiry_is_not_failed_by_it),
		drive_test(a_unit_attention_comes_before_it),
		drive_test(request_sense_returns_it_as_data),
		cmocka_unit_test(descriptor_format_has_its_own_code),
		drive_test(the_first_of_two_is_kept),
		drive_test(rows_that_write_are_refused_after_readiness),
	};
	return cmocka_run_group_tests_name("scsi/deferred", tests, NULL, NULL);
}
