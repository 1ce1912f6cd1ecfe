/* SPDX-License-Identifier: Apache-2.0 */
/* The Data-In phase of commands that read from a source. */
#include "support.h"

#include <errno.h>

#include "drive.h"

static struct medium *use_medium(struct drive *drive, bool may_hang)
{
	scsi_source_put(&drive->medium->source);
	drive->medium = medium_create(drive, may_hang);
	return drive->medium;
}

static void a_hit_is_answered_inline(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_read(drive->a, 3, 4);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 4 * BLOCK);
	assert_true(request->cmd.data_in);
	assert_medium_data(request, 3 * BLOCK, 4 * BLOCK);
	assert_untouched_from(request, 4 * BLOCK);
	assert_int_equal(drive->lu.inline_reads, 1);
	assert_int_equal(drive->lu.pool_reads, 0);
	assert_int_equal(drive->lu.bytes_read, 4 * BLOCK);
}

static void a_partial_hit_goes_on_in_a_worker(void **state)
{
	struct drive *drive = *state;
	drive->medium->cached = 3 * BLOCK + 100;
	drive->medium->nowait_result = -EAGAIN;
	struct request *request = send_read(drive->a, 2, 4);
	assert_int_equal(request->completed, 0);
	assert_int_equal(request->cmd.data_in_done, BLOCK + 100);
	run_workers(drive);
	assert_good(request);
	assert_medium_data(request, 2 * BLOCK, 4 * BLOCK);
	assert_int_equal(drive->lu.pool_reads, 1);
	assert_int_equal(drive->lu.inline_reads, 0);
	assert_int_equal(drive->lu.bytes_read, 4 * BLOCK);
}

static void a_file_system_without_nowait_is_counted(void **state)
{
	struct drive *drive = *state;
	drive->medium->cached = 0;
	drive->medium->nowait_result = -EOPNOTSUPP;
	struct request *request = send_read(drive->a, 0, 2);
	run_workers(drive);
	assert_good(request);
	assert_medium_data(request, 0, 2 * BLOCK);
	assert_int_equal(drive->lu.nowait_refused, 1);
}

/* preadv2(2), BUGS: Linux 5.9 and 5.10 return 0 with RWF_NOWAIT before the end of the file. */
static void nothing_from_nowait_is_not_yet_the_end(void **state)
{
	struct drive *drive = *state;
	drive->medium->cached = 0;
	drive->medium->nowait_result = 0;
	struct request *request = send_read(drive->a, 0, 2);
	run_workers(drive);
	assert_good(request);
	assert_medium_data(request, 0, 2 * BLOCK);
	assert_int_equal(drive->faults, 0);
}

static void an_error_from_nowait_is_left_to_a_worker(void **state)
{
	struct drive *drive = *state;
	drive->medium->cached = 0;
	drive->medium->nowait_result = -EINTR;
	struct request *request = send_read(drive->a, 0, 1);
	run_workers(drive);
	assert_good(request);
	assert_int_equal(drive->medium->changed_asked, 0);
}

static void assert_read_error(struct drive *drive, const struct request *request, uint64_t lba)
{
	assert_sense(request, SENSE_UNRECOVERED_READ_ERROR);
	assert_true(request->cmd.sense.information_valid);
	assert_int_equal(request->cmd.sense.information, lba);
	assert_int_equal(drive->faults, 1);
	assert_int_equal(drive->fault_lba, lba);
	assert_true(drive->medium->changed_asked > 0);
}

static void a_short_read_names_the_first_block_that_is_missing(void **state)
{
	struct drive *drive = *state;
	drive->medium->size = drive->medium->cached = 12 * BLOCK + 300;
	struct request *request = send_read(drive->a, 10, 8);
	run_workers(drive);
	assert_read_error(drive, request, 12);
	assert_int_equal(request->cmd.data_in_done, 2 * BLOCK);
	assert_medium_data(request, 10 * BLOCK, 2 * BLOCK);
}

static void a_failed_read_names_its_first_block(void **state)
{
	struct drive *drive = *state;
	drive->medium->cached = 0;
	drive->medium->nowait_result = -EAGAIN;
	drive->medium->read_error = -EIO;
	struct request *request = send_read(drive->a, 10, 8);
	run_workers(drive);
	assert_read_error(drive, request, 10);
	assert_int_equal(request->cmd.data_in_done, 0);
}

static void a_source_that_may_hang_is_read_into_private_memory(void **state)
{
	struct drive *drive = *state;
	use_medium(drive, true);
	struct request *request = send_read(drive->a, 5, 3);
	assert_int_equal(request->completed, 0);
	assert_int_equal(drive->medium->nowait_reads, 0);
	run_workers(drive);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 3 * BLOCK);
	assert_medium_data(request, 5 * BLOCK, 3 * BLOCK);
	assert_untouched_from(request, 3 * BLOCK);
}

static void a_short_read_of_a_source_that_may_hang_is_a_read_error(void **state)
{
	struct drive *drive = *state;
	use_medium(drive, true)->size = 7 * BLOCK + 1;
	struct request *request = send_read(drive->a, 5, 4);
	run_workers(drive);
	assert_read_error(drive, request, 7);
	assert_int_equal(request->cmd.data_in_done, 2 * BLOCK);
	assert_medium_data(request, 5 * BLOCK, 2 * BLOCK);
}

/* Asking is file I/O too, and a cancel must not wait for it. */
static void a_source_that_may_hang_is_asked_while_the_command_can_be_cancelled(void **state)
{
	struct drive *drive = *state;
	use_medium(drive, true)->read_error = -EIO;
	struct request *request = send_read(drive->a, 5, 4);
	drive->watched = &request->cmd;
	run_workers(drive);
	assert_int_equal(drive->medium->changed_owner, SCSI_CMD_QUEUED);
	assert_sense(request, SENSE_UNRECOVERED_READ_ERROR);
}

static void a_cancelled_read_of_a_source_that_may_hang_leaves_the_buffer_alone(void **state)
{
	struct drive *drive = *state;
	use_medium(drive, true);
	struct request *request = send_read(drive->a, 5, 3);
	scsi_cmd_cancel(&request->cmd);
	assert_int_equal(request->completed, 1);
	assert_int_equal(request->released, 0);
	run_workers(drive);
	assert_int_equal(request->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_untouched_from(request, 0);
}

static void a_read_that_waits_keeps_its_source(void **state)
{
	struct drive *drive = *state;
	struct medium *old = use_medium(drive, false);
	old->cached = 0;
	old->nowait_result = -EAGAIN;
	struct request *request = send_read(drive->a, 0, 1);
	use_medium(drive, false);
	assert_int_equal(drive->sources, 2);
	run_workers(drive);
	assert_int_equal(drive->sources, 1);
	assert_good(request);
}

static void the_initiators_length_bounds_the_read(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x28, 0, 0, 0, 0, 1, 0, 0, 4), BLOCK + 7);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, BLOCK + 7);
	assert_int_equal(request->cmd.data_wanted, 4 * BLOCK);
	assert_medium_data(request, BLOCK, BLOCK + 7);
	assert_untouched_from(request, BLOCK + 7);
}

static void a_longer_buffer_is_filled_as_far_as_the_command_goes(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x28, 0, 0, 0, 0, 1, 0, 0, 2), 8 * BLOCK);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 2 * BLOCK);
	assert_int_equal(request->cmd.data_wanted, 2 * BLOCK);
	assert_untouched_from(request, 2 * BLOCK);
}

static void no_buffer_or_no_blocks_is_good(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x28, 0, 0, 0, 0, 1, 0, 0, 4)));
	assert_good(send_in(drive->a, CDB(0x28, 0, 0, 0, 0, 1, 0, 0, 0), BLOCK));
	assert_int_equal(drive->medium->nowait_reads, 0);
}

static void a_piece_lies_in_one_iovec(void **state)
{
	uint8_t first[100], second[50];
	struct iovec iov[] = {{first, sizeof first}, {NULL, 0}, {second, sizeof second}};
	struct scsi_cmd cmd = {.iov = iov, .iov_count = 3, .transfer_length = 150};
	assert_ptr_equal(scsi_data_out_piece(&cmd, 0, 100), first);
	assert_ptr_equal(scsi_data_out_piece(&cmd, 99, 1), first + 99);
	assert_null(scsi_data_out_piece(&cmd, 99, 2));
	assert_ptr_equal(scsi_data_out_piece(&cmd, 100, 50), second);
	assert_ptr_equal(scsi_data_out_piece(&cmd, 149, 1), second + 49);
	assert_null(scsi_data_out_piece(&cmd, 101, 50));
	assert_null(scsi_data_out_piece(&cmd, 150, 1));
	assert_null(scsi_data_out_piece(&cmd, UINT64_MAX, 2));
}

static void data_in_is_placed_behind_what_is_there(void **state)
{
	uint8_t memory[100];
	struct iovec iov = {memory, sizeof memory};
	struct scsi_cmd cmd = {.iov = &iov, .iov_count = 1, .transfer_length = 100};
	assert_ptr_equal(scsi_data_in_piece(&cmd, 60), memory);
	assert_int_equal(cmd.data_in_done, 0);
	scsi_data_in_placed(&cmd, 60);
	assert_int_equal(cmd.data_in_done, 60);
	assert_int_equal(cmd.data_wanted, 60);
	assert_ptr_equal(scsi_data_in_piece(&cmd, 40), memory + 60);
	assert_null(scsi_data_in_piece(&cmd, 41));
	cmd.transfer_length = 90; /* the initiator expects less than there is memory */
	assert_null(scsi_data_in_piece(&cmd, 31));
}

static void data_out_is_bounded_by_both_sides(void **state)
{
	struct drive *drive = *state;
	struct request *request = prepare(drive->a, CDB(0x00), 120);
	uint8_t bytes[200];
	for (size_t i = 0; i < 120; i++)
		request->data[i] = (uint8_t)i;
	assert_int_equal(scsi_data_out(&request->cmd, bytes, sizeof bytes), 120);
	assert_int_equal(request->cmd.data_wanted, sizeof bytes);
	for (size_t i = 0; i < 120; i++)
		assert_int_equal(bytes[i], i);
	assert_int_equal(scsi_data_out(&request->cmd, bytes, 7), 7);
	scsi_execute(&request->cmd);
}

static void drained_at_once_without_reads(void **state)
{
	struct drive *drive = *state;
	assert_true(scsi_lu_drained(&drive->lu));
	assert_good(send_read(drive->a, 0, 1));
	assert_int_equal(drive->events[LIBRARY_EVENT_DRAINED], 0);
}

static void the_last_of_the_reads_in_flight_is_an_event_once(void **state)
{
	struct drive *drive = *state;
	drive->medium->cached = 0;
	drive->medium->nowait_result = -EAGAIN;
	struct request *first = send_read(drive->a, 0, 1);
	send_read(drive->b, 1, 1);
	assert_false(scsi_lu_drained(&drive->lu));
	assert_false(scsi_lu_drained(&drive->lu));
	scsi_cmd_cancel(&first->cmd);
	assert_int_equal(drive->events[LIBRARY_EVENT_DRAINED], 0);
	run_workers(drive);
	assert_int_equal(drive->events[LIBRARY_EVENT_DRAINED], 1);
	send_read(drive->a, 0, 1);
	run_workers(drive);
	assert_int_equal(drive->events[LIBRARY_EVENT_DRAINED], 1);
	assert_true(scsi_lu_drained(&drive->lu));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(a_hit_is_answered_inline),
		drive_test(a_partial_hit_goes_on_in_a_worker),
		drive_test(a_file_system_without_nowait_is_counted),
		drive_test(nothing_from_nowait_is_not_yet_the_end),
		drive_test(an_error_from_nowait_is_left_to_a_worker),
		drive_test(a_short_read_names_the_first_block_that_is_missing),
		drive_test(a_failed_read_names_its_first_block),
		drive_test(a_source_that_may_hang_is_read_into_private_memory),
		drive_test(a_short_read_of_a_source_that_may_hang_is_a_read_error),
		drive_test(a_source_that_may_hang_is_asked_while_the_command_can_be_cancelled),
		drive_test(a_cancelled_read_of_a_source_that_may_hang_leaves_the_buffer_alone),
		drive_test(a_read_that_waits_keeps_its_source),
		drive_test(the_initiators_length_bounds_the_read),
		drive_test(a_longer_buffer_is_filled_as_far_as_the_command_goes),
		drive_test(no_buffer_or_no_blocks_is_good),
		drive_test(data_out_is_bounded_by_both_sides),
		cmocka_unit_test(a_piece_lies_in_one_iovec),
		cmocka_unit_test(data_in_is_placed_behind_what_is_there),
		drive_test(drained_at_once_without_reads),
		drive_test(the_last_of_the_reads_in_flight_is_an_event_once),
	};
	return cmocka_run_group_tests_name("scsi/data", tests, NULL, NULL);
}
