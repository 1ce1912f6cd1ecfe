/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a command: pending, claimed, cancelled, reset. */
#include "support.h"

#include <errno.h>

#include "drive.h"

static struct request *send_pending(struct scsi_nexus *nexus)
{
	struct request *request = send_none(nexus, CDB(0x1b, 0, 0, 0, 2));
	assert_int_equal(request->completed, 0);
	return request;
}

static struct request *send_miss(struct drive *drive, struct scsi_nexus *nexus)
{
	drive->medium->cached = 0;
	drive->medium->nowait_result = -EAGAIN;
	struct request *request = send_read(nexus, 0, 1);
	assert_int_equal(request->completed, 0);
	return request;
}

static void assert_aborted(const struct request *request)
{
	assert_int_equal(request->completed, 1);
	assert_int_equal(request->cmd.status, SCSI_STATUS_TASK_ABORTED);
}

static void a_pending_command_is_completed_by_the_library(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_pending(drive->a);
	assert_int_equal(drive->requested, LIBRARY_TRAY_OPEN);
	assert_false(list_empty(&drive->lu.tasks));
	assert_true(library_answers(drive, SENSE_REMOVAL_PREVENTED));
	assert_sense(request, SENSE_REMOVAL_PREVENTED);
	assert_true(list_empty(&drive->lu.tasks));
	assert_int_equal(request->released, 1);
}

static void a_cancelled_pending_command_completes_at_once(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_pending(drive->a);
	scsi_cmd_cancel(&request->cmd);
	assert_aborted(request);
	assert_int_equal(request->released, 0); /* the library still holds it */
	assert_false(library_answers(drive, SENSE_NONE));
	assert_aborted(request);
}

static void a_command_cancelled_in_its_handler_is_not_handed_over(void **state)
{
	struct drive *drive = *state;
	drive->cancel_in_handler = true;
	struct request *request = send_none(drive->a, CDB(0x1b));
	assert_aborted(request);
	assert_true(list_empty(&drive->inbox));
	assert_true(list_empty(&drive->lu.tasks));
}

static void a_command_cancelled_before_it_runs_is_aborted(void **state)
{
	struct drive *drive = *state;
	struct request *request = prepare(drive->a, CDB(0x00), 0);
	scsi_cmd_cancel(&request->cmd);
	assert_int_equal(request->completed, 0);
	scsi_execute(&request->cmd);
	assert_aborted(request);
}

static void a_read_cancelled_before_it_is_queued_does_not_reach_a_worker(void **state)
{
	struct drive *drive = *state;
	drive->medium->cached = 0;
	drive->medium->nowait_result = -EAGAIN;
	struct request *request = prepare(drive->a, CDB(0x28, 0, 0, 0, 0, 0, 0, 0, 1), BLOCK);
	scsi_cmd_cancel(&request->cmd);
	scsi_execute(&request->cmd);
	assert_aborted(request);
	assert_true(list_empty(&drive->works));
}

static void a_bounced_read_cancelled_before_it_is_queued_gives_everything_back(void **state)
{
	struct drive *drive = *state;
	drive->medium->source.may_hang = true;
	struct request *request = prepare(drive->a, CDB(0x28, 0, 0, 0, 0, 0, 0, 0, 1), BLOCK);
	scsi_cmd_cancel(&request->cmd);
	scsi_execute(&request->cmd);
	assert_aborted(request);
	assert_true(list_empty(&drive->works));
}

static void cancelling_a_busy_command_waits_for_its_worker(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_pending(drive->a);
	struct scsi_cmd *cmd = container_of(list_pop(&drive->inbox), struct scsi_cmd, library_link);
	assert_true(scsi_cmd_claim(cmd));
	scsi_cmd_cancel(cmd);
	scsi_cmd_cancel(cmd);
	assert_int_equal(request->completed, 0);
	scsi_cmd_finish(cmd, SENSE_NONE);
	scsi_cmd_put(cmd);
	assert_aborted(request);
}

static void cancelling_a_complete_command_does_nothing(void **state)
{
	struct drive *drive = *state;
	struct request *request = prepare(drive->a, CDB(0x00), 0);
	scsi_cmd_get(&request->cmd);
	scsi_execute(&request->cmd);
	scsi_cmd_cancel(&request->cmd);
	assert_good(request);
	assert_int_equal(request->released, 0);
	scsi_cmd_put(&request->cmd);
}

static void a_cancelled_read_is_dropped_by_its_worker(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_miss(drive, drive->a);
	scsi_cmd_cancel(&request->cmd);
	assert_aborted(request);
	assert_int_equal(atomic_load(&drive->lu.reads_in_flight), 0);
	run_workers(drive);
	assert_int_equal(drive->medium->waiting_reads, 0);
	assert_untouched_from(request, 0);
}

static void busy_is_a_status_without_sense(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_pending(drive->a);
	library_answers(drive, SCSI_BUSY);
	assert_int_equal(request->cmd.status, SCSI_STATUS_BUSY);
	assert_int_equal(request->cmd.sense.code, SENSE_NONE);
}

static void reset_cancels_the_tasks_of_every_nexus(void **state)
{
	struct drive *drive = *state;
	struct request *one = send_pending(drive->a), *two = send_miss(drive, drive->b);
	scsi_lu_reset(&drive->lu, drive->a);
	assert_aborted(one);
	assert_aborted(two);
	assert_false(library_answers(drive, SENSE_NONE));
	run_workers(drive);
	assert_int_equal(drive->resets, 1);
	assert_sense(send_none(drive->b, CDB(0x00)), SENSE_DEVICE_RESET);
	assert_good(send_none(drive->a, CDB(0x00)));
}

static void reset_cancels_more_tasks_than_fit_a_batch(void **state)
{
	enum { MANY = 150 };
	struct drive *drive = *state;
	struct request *requests[MANY];
	for (int i = 0; i < MANY; i++)
		requests[i] = send_pending(drive->a);
	scsi_lu_reset(&drive->lu, NULL);
	for (int i = 0; i < MANY; i++) {
		assert_aborted(requests[i]);
		assert_false(library_answers(drive, SENSE_NONE));
	}
}

static void nexus_loss_cancels_only_its_own_tasks(void **state)
{
	struct drive *drive = *state;
	struct request *one = send_pending(drive->a), *two = send_pending(drive->b);
	scsi_nexus_lost(drive->a);
	assert_aborted(one);
	assert_int_equal(two->completed, 0);
	assert_false(library_answers(drive, SENSE_NONE));
	assert_true(library_answers(drive, SENSE_NONE));
	assert_good(two);
}

static void reset_goes_back_to_the_saved_mode_pages(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0, 0, 0, 0x0a, 0x0a, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	assert_good(send_out(drive->a, CDB(0x15, 0x10, 0, 0, sizeof list), list, sizeof list));
	assert_int_equal(scsi_mode_current(&drive->lu, 0x0a, 0)[2], 0x04);
	scsi_lu_reset(&drive->lu, NULL);
	assert_int_equal(scsi_mode_current(&drive->lu, 0x0a, 0)[2], 0x00);
	assert_false(send_none(drive->a, CDB(0x00))->cmd.sense_descriptor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(a_pending_command_is_completed_by_the_library),
		drive_test(a_cancelled_pending_command_completes_at_once),
		drive_test(a_command_cancelled_in_its_handler_is_not_handed_over),
		drive_test(a_command_cancelled_before_it_runs_is_aborted),
		drive_test(a_read_cancelled_before_it_is_queued_does_not_reach_a_worker),
		drive_test(a_bounced_read_cancelled_before_it_is_queued_gives_everything_back),
		drive_test(cancelling_a_busy_command_waits_for_its_worker),
		drive_test(cancelling_a_complete_command_does_nothing),
		drive_test(a_cancelled_read_is_dropped_by_its_worker),
		drive_test(busy_is_a_status_without_sense),
		drive_test(reset_cancels_the_tasks_of_every_nexus),
		drive_test(reset_cancels_more_tasks_than_fit_a_batch),
		drive_test(nexus_loss_cancels_only_its_own_tasks),
		drive_test(reset_goes_back_to_the_saved_mode_pages),
	};
	return cmocka_run_group_tests_name("scsi/command", tests, NULL, NULL);
}
