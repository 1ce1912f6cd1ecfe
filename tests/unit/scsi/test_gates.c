/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the gates: for each pair of neighbours, which of two reasons a host is given. */
#include "support.h"

#include "drive.h"

static void pend(struct scsi_nexus *nexus)
{
	scsi_attention_raise(&nexus->attentions, ATTENTION_MEDIUM_CHANGED);
}

static void refresh_comes_before_everything(void **state)
{
	struct drive *drive = *state;
	send_none(drive->a, CDB(0x01));
	assert_int_equal(drive->refreshed, 1);
}

static void operation_code_before_attention(void **state)
{
	struct drive *drive = *state;
	pend(drive->a);
	assert_sense(send_none(drive->a, CDB(0x01)), SENSE_INVALID_OPCODE);
	assert_sense(send_none(drive->a, CDB(0x00)), SENSE_MEDIUM_CHANGED);
}

static void cdb_bits_before_attention(void **state)
{
	struct drive *drive = *state;
	pend(drive->a);
	assert_cdb_field(send_none(drive->a, CDB(0x00, 0, 1)), 2, 0);
	assert_sense(send_none(drive->a, CDB(0x00)), SENSE_MEDIUM_CHANGED);
}

static void attention_before_reservation(void **state)
{
	struct drive *drive = *state;
	send_none(drive->b, CDB(0x16));
	pend(drive->a);
	assert_sense(send_none(drive->a, CDB(0x00)), SENSE_MEDIUM_CHANGED);
	struct request *request = send_none(drive->a, CDB(0x00));
	assert_int_equal(request->cmd.status, SCSI_STATUS_RESERVATION_CONFLICT);
}

static void reservation_before_readiness(void **state)
{
	struct drive *drive = *state;
	send_none(drive->b, CDB(0x16));
	drive->not_ready = SENSE_NO_MEDIUM_TRAY_CLOSED;
	struct request *request = send_none(drive->a, CDB(0x00));
	assert_int_equal(request->cmd.status, SCSI_STATUS_RESERVATION_CONFLICT);
	assert_int_equal(drive->ready_asked, 0);
	assert_sense(send_none(drive->b, CDB(0x00)), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void readiness_before_the_handler(void **state)
{
	struct drive *drive = *state;
	drive->not_ready = SENSE_NO_MEDIUM_TRAY_CLOSED;
	/* Out of range, had the handler been asked. */
	assert_sense(send_in(drive->a, CDB(0x28, 0, 0xff), BLOCK), SENSE_NO_MEDIUM_TRAY_CLOSED);
	drive->not_ready = SENSE_NONE;
	assert_sense(send_in(drive->a, CDB(0x28, 0, 0xff), BLOCK), SENSE_LBA_OUT_OF_RANGE);
}

static void rows_that_need_no_medium_are_not_held_up_by_readiness(void **state)
{
	struct drive *drive = *state;
	drive->not_ready = SENSE_NO_MEDIUM_TRAY_CLOSED;
	assert_good(send_none(drive->a, CDB(0x1e)));
	assert_int_equal(drive->ready_asked, 0);
}

static void a_refused_command_leaves_the_buffer_alone(void **state)
{
	struct drive *drive = *state;
	pend(drive->a);
	struct request *request = send_read(drive->a, 0, 4);
	assert_sense(request, SENSE_MEDIUM_CHANGED);
	assert_int_equal(request->cmd.data_in_done, 0);
	assert_untouched_from(request, 0);
}

static void sense_format_follows_d_sense(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0, 0, 0, 0x0a, 0x0a, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	assert_false(send_none(drive->a, CDB(0x01))->cmd.sense_descriptor);
	assert_good(send_out(drive->a, CDB(0x15, 0x10, 0, 0, sizeof list), list, sizeof list));
	assert_true(send_none(drive->a, CDB(0x01))->cmd.sense_descriptor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(refresh_comes_before_everything),
		drive_test(operation_code_before_attention),
		drive_test(cdb_bits_before_attention),
		drive_test(attention_before_reservation),
		drive_test(reservation_before_readiness),
		drive_test(readiness_before_the_handler),
		drive_test(rows_that_need_no_medium_are_not_held_up_by_readiness),
		drive_test(a_refused_command_leaves_the_buffer_alone),
		drive_test(sense_format_follows_d_sense),
	};
	return cmocka_run_group_tests_name("scsi/gates", tests, NULL, NULL);
}
