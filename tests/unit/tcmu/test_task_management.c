/* SPDX-License-Identifier: Apache-2.0 */
/* Task management: the initiator waits until every listed command is answered. */
#include "support.h"

#include "ring_fixture.h"

static void abort_io(struct ring_fixture *fixture, struct ring_io *io)
{
	ring_double_abort(fixture->kernel, ABI_ABORT_TASK, &io, 1, 0);
	serve(fixture);
}

static void a_command_that_waits_for_the_library_is_aborted(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_pending(fixture);
	serve(fixture);
	abort_io(fixture, io);
	assert_status(io, SCSI_STATUS_TASK_ABORTED);
	assert_false(library_answers(fixture->drive, SENSE_NONE));
}

static void a_command_and_its_abort_may_come_at_once(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_pending(fixture);
	abort_io(fixture, io);
	assert_status(io, SCSI_STATUS_TASK_ABORTED);
}

static void a_read_that_waits_for_a_worker_is_aborted(void **state)
{
	struct ring_fixture *fixture = *state;
	set_cached(fixture, false);
	struct ring_io *io = submit_read(fixture, 0, 8);
	serve(fixture);
	abort_io(fixture, io);
	assert_status(io, SCSI_STATUS_TASK_ABORTED);
	run(fixture);
	assert_int_equal(ring_double_in_flight(fixture->kernel), 0);
}

/* Its buffer is being written to: the answer waits for the worker. */
static void a_busy_command_is_answered_when_it_is_done(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_pending(fixture);
	serve(fixture);
	struct scsi_cmd *cmd =
		container_of(list_pop(&fixture->drive->inbox), struct scsi_cmd, library_link);
	assert_true(scsi_cmd_claim(cmd));
	abort_io(fixture, io);
	assert_false(io->done);
	scsi_cmd_finish(cmd, SENSE_NONE);
	scsi_cmd_put(cmd);
	assert_status(io, SCSI_STATUS_TASK_ABORTED);
}

static void other_commands_go_on(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *first = submit_pending(fixture), *second = submit_pending(fixture);
	serve(fixture);
	abort_io(fixture, first);
	assert_false(second->done);
	assert_false(library_answers(fixture->drive, SENSE_NONE));
	assert_true(library_answers(fixture->drive, SENSE_NONE));
	assert_status(second, SCSI_STATUS_GOOD);
}

static void ids_of_answered_commands_are_ignored(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *pending = submit_pending(fixture);
	struct ring_io *answered = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_true(answered->done);
	ring_double_abort(fixture->kernel, ABI_ABORT_TASK, &pending, 1, answered->id);
	serve(fixture);
	assert_status(pending, SCSI_STATUS_TASK_ABORTED);
	assert_int_equal(fixture->failures, 0);
}

/* The id of the answered command is in use again, behind the entry. */
static void who_got_the_id_afterwards_is_not_meant(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *answered = submit_none(fixture, CDB(0x00));
	serve(fixture);
	ring_double_abort(fixture->kernel, ABI_ABORT_TASK, NULL, 0, answered->id);
	struct ring_io *next = submit_pending(fixture);
	assert_int_equal(next->id, answered->id);
	serve(fixture);
	assert_false(next->done);
	assert_true(library_answers(fixture->drive, SENSE_NONE));
	assert_status(next, SCSI_STATUS_GOOD);
}

static void an_empty_list_is_consumed(void **state)
{
	struct ring_fixture *fixture = *state;
	for (int i = 0; i < 50; i++) {
		ring_double_abort(fixture->kernel, ABI_ABORT_TASK, NULL, 0, 0);
		serve(fixture);
	}
	assert_int_equal(ring_double_counters(fixture->kernel).task_management, 50);
	assert_int_equal(
		ring_double_mailbox(fixture->kernel)->tail, ring_double_head(fixture->kernel));
}

/* Answers go around the entry, which is not theirs to write to. */
static void no_answer_goes_into_the_entry(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *slow = submit_pending(fixture);
	ring_double_abort(fixture->kernel, ABI_ABORT_TASK, NULL, 0, 0);
	struct ring_io *quick = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_status(quick, SCSI_STATUS_GOOD);
	assert_false(slow->done);
	assert_true(library_answers(fixture->drive, SENSE_NONE));
	assert_status(slow, SCSI_STATUS_GOOD);
}

static void a_reset_aborts_all_and_raises_nothing_here(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *first = submit_pending(fixture), *second = submit_pending(fixture);
	serve(fixture);
	ring_double_abort_all(fixture->kernel, ABI_LUN_RESET);
	serve(fixture);
	assert_true(first->done && second->done);
	assert_int_equal(fixture->drive->resets, 1);
	/* 29/03 on this nexus comes from the kernel. */
	assert_int_equal(fixture->drive->a->attentions, 0);
	assert_int_equal(fixture->drive->b->attentions, 1u << ATTENTION_DEVICE_RESET);
}

static void a_reset_by_preempt_is_a_reset(void **state)
{
	struct ring_fixture *fixture = *state;
	ring_double_abort_all(fixture->kernel, ABI_LUN_RESET_BY_PREEMPT);
	serve(fixture);
	assert_int_equal(fixture->drive->resets, 1);
}

static void an_abort_is_no_reset(void **state)
{
	struct ring_fixture *fixture = *state;
	abort_io(fixture, submit_pending(fixture));
	assert_int_equal(fixture->drive->resets, 0);
	assert_int_equal(fixture->drive->b->attentions, 0);
}

static void commands_behind_a_reset_are_not_aborted(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *before = submit_pending(fixture);
	ring_double_abort_all(fixture->kernel, ABI_LUN_RESET);
	struct ring_io *after = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_status(before, SCSI_STATUS_TASK_ABORTED);
	assert_status(after, SCSI_STATUS_GOOD);
}

static void commands_that_waited_for_room_vanish(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *ios[20];
	for (int i = 0; i < 20; i++)
		ios[i] = submit_pending(fixture);
	assert_true(ios[19]->queued);
	ring_double_abort_all(fixture->kernel, ABI_LUN_RESET);
	serve(fixture);
	for (int i = 0; i < 20; i++)
		assert_true(ios[i]->done);
	assert_int_equal(ring_double_in_flight(fixture->kernel), 0);
}

/* ---- timeouts
 * ------------------------------------------------------------------------------------- */

static void an_expired_command_may_be_answered_late(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_pending(fixture);
	serve(fixture);
	ring_double_expire(fixture->kernel, io);
	assert_io_sense(io, 2, 0x08, 0x00);
	assert_int_equal(ring_double_in_flight(fixture->kernel), 1);
	assert_true(library_answers(fixture->drive, SENSE_NONE));
	assert_int_equal(ring_double_counters(fixture->kernel).late, 1);
	assert_int_equal(ring_double_in_flight(fixture->kernel), 0);
}

/* Until then the id stays with it, and so does its memory. */
static void an_expired_read_still_owns_its_buffer(void **state)
{
	struct ring_fixture *fixture = *state;
	set_cached(fixture, false);
	struct ring_io *late = submit_read(fixture, 0, 16);
	serve(fixture);
	ring_double_expire(fixture->kernel, late);
	set_cached(fixture, true);
	struct ring_io *next = submit_read(fixture, 20, 16);
	assert_int_not_equal(next->id, 1);
	run(fixture);
	assert_read(next, 20, 16);
	assert_int_equal(ring_double_counters(fixture->kernel).late, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ring_test(a_command_that_waits_for_the_library_is_aborted),
		ring_test(a_command_and_its_abort_may_come_at_once),
		ring_test(a_read_that_waits_for_a_worker_is_aborted),
		ring_test(a_busy_command_is_answered_when_it_is_done),
		ring_test(other_commands_go_on),
		ring_test(ids_of_answered_commands_are_ignored),
		ring_test(who_got_the_id_afterwards_is_not_meant),
		small_ring_test(an_empty_list_is_consumed),
		ring_test(no_answer_goes_into_the_entry),
		ring_test(a_reset_aborts_all_and_raises_nothing_here),
		ring_test(a_reset_by_preempt_is_a_reset),
		ring_test(an_abort_is_no_reset),
		ring_test(commands_behind_a_reset_are_not_aborted),
		small_ring_test(commands_that_waited_for_room_vanish),
		ring_test(an_expired_command_may_be_answered_late),
		ring_test(an_expired_read_still_owns_its_buffer),
	};
	return cmocka_run_group_tests_name("tcmu/task-management", tests, NULL, NULL);
}
