/* SPDX-License-Identifier: Apache-2.0 */
/* A device that is one mechanism: order, what passes the queue by, cancelling, finishing early. */
#include "support.h"

#include <ctype.h>

#include "persistent.h"

/* What the mechanism did, in order. */
static char did[16];

static void note(char what)
{
	size_t length = strlen(did);
	assert_true(length + 1 < sizeof did);
	did[length] = what;
	did[length + 1] = '\0';
}

/* The lock is free: somebody else could have it now. */
static void assert_unlocked(struct scsi_lu *lu)
{
	assert_int_equal(pthread_mutex_trylock(&lu->lock), 0);
	pthread_mutex_unlock(&lu->lock);
}

static enum scsi_sense_code move_unlocked(struct scsi_cmd *cmd)
{
	assert_unlocked(cmd->nexus->lu);
	note((char)cmd->cdb[4]);
	return cmd->cdb[4] == 'x' ? SENSE_UNRECOVERED_READ_ERROR : SENSE_NONE;
}

static enum scsi_sense_code move(struct scsi_cmd *cmd)
{
	return scsi_unlocked(cmd, move_unlocked);
}

static enum scsi_sense_code answer_first_unlocked(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	scsi_cmd_finish(cmd, SENSE_NONE);
	assert_unlocked(lu);
	note('e');
	return SCSI_PENDING;
}

static enum scsi_sense_code answer_first(struct scsi_cmd *cmd)
{
	return scsi_unlocked(cmd, answer_first_unlocked);
}

static enum scsi_sense_code cancelled_in_the_middle(struct scsi_cmd *cmd)
{
	scsi_cmd_cancel(cmd);
	assert_int_equal(container_of(cmd, struct request, cmd)->completed, 0);
	return SENSE_NONE;
}

static enum scsi_sense_code cancel_me(struct scsi_cmd *cmd)
{
	return scsi_unlocked(cmd, cancelled_in_the_middle);
}

/* CDB byte 4 'w': not without waiting. Upper case: it waited. */
static enum scsi_sense_code try_unlocked(struct scsi_cmd *cmd)
{
	assert_unlocked(cmd->nexus->lu);
	if (cmd->at_hand && cmd->cdb[4] == 'w')
		return SCSI_WOULD_WAIT;
	note(cmd->at_hand ? (char)cmd->cdb[4] : (char)toupper(cmd->cdb[4]));
	return SENSE_NONE;
}

static enum scsi_sense_code try_at_hand(struct scsi_cmd *cmd)
{
	return scsi_unlocked(cmd, try_unlocked);
}

static enum scsi_sense_code save(struct scsi_cmd *cmd)
{
	return scsi_library_request(cmd, LIBRARY_SAVE_MODE_PAGES);
}

/* While the mechanism is at a's object, b fences a off, and its answer waits for that object. */
static struct request *fence;

static enum scsi_sense_code preempted_in_the_middle(struct scsi_cmd *cmd)
{
	struct drive *drive = drive_of(cmd->nexus->lu);
	fence = pr_out(drive->b, PREEMPT_AND_ABORT, WE, 2, 1);
	assert_int_equal(fence->completed, 0);
	assert_true(scsi_cmd_is_aborted(cmd));
	note('p');
	return SENSE_NONE;
}

static enum scsi_sense_code preempt_me(struct scsi_cmd *cmd)
{
	return scsi_unlocked(cmd, preempted_in_the_middle);
}

/* clang-format off */
static const struct scsi_opcode rows[] = {
	{"TEST UNIT READY", 0x00, SCSI_ANY_ACTION, SCSI_NO_DATA, 0, {0x00}, scsi_test_unit_ready},
	{"MOVE", 0x01, SCSI_ANY_ACTION, SCSI_NO_DATA, 0, {0x01, 0, 0, 0, 0xff}, move},
	{"MOVE AND ANSWER FIRST", 0x02, SCSI_ANY_ACTION, SCSI_NO_DATA, 0, {0x02}, answer_first},
	{"REQUEST SENSE", 0x03, SCSI_ANY_ACTION, SCSI_DATA_IN,
		OPCODE_WITHOUT_MEDIUM | OPCODE_SKIPS_ATTENTION | OPCODE_IMMEDIATE,
		{0x03, 0x01, 0, 0, 0xff}, scsi_request_sense},
	{"CANCEL", 0x04, SCSI_ANY_ACTION, SCSI_NO_DATA, 0, {0x04}, cancel_me},
	{"SAVE", 0x05, SCSI_ANY_ACTION, SCSI_NO_DATA, 0, {0x05}, save},
	{"TRY", 0x06, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_TRIES_AT_HAND, {0x06, 0, 0, 0, 0xff},
		try_at_hand},
	{"PREEMPT ME", 0x07, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_TRIES_AT_HAND, {0x07}, preempt_me},
	SCSI_PERSISTENT_ROWS,
};
/* clang-format on */

static struct scsi_device_type mechanism;

static int setup(void **state)
{
	drive_setup(state);
	struct drive *drive = *state;
	mechanism = test_type;
	mechanism.queued = true;
	mechanism.opcodes.rows = rows;
	mechanism.opcodes.count = sizeof rows / sizeof rows[0];
	drive->lu.type = &mechanism;
	did[0] = '\0';
	return 0;
}

#define queue_test(test) cmocka_unit_test_setup_teardown(test, setup, drive_teardown)

static void commands_of_all_nexuses_run_in_order_of_arrival(void **state)
{
	struct drive *drive = *state;
	struct request *first = send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	struct request *second = send_none(drive->b, CDB(0x01, 0, 0, 0, '2'));
	struct request *third = send_none(drive->a, CDB(0x01, 0, 0, 0, 'x'));
	assert_int_equal(first->completed, 0);
	run_workers(drive);
	assert_good(first);
	assert_good(second);
	assert_sense(third, SENSE_UNRECOVERED_READ_ERROR);
	assert_string_equal(did, "12x");
}

static void the_executor_has_one_work_however_long_the_queue(void **state)
{
	struct drive *drive = *state;
	send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	send_none(drive->a, CDB(0x01, 0, 0, 0, '2'));
	assert_ptr_equal(drive->works.next, drive->works.prev);
	run_workers(drive);
	send_none(drive->a, CDB(0x01, 0, 0, 0, '3'));
	run_workers(drive);
	assert_string_equal(did, "123");
}

static void immediate_rows_pass_the_queue_by(void **state)
{
	struct drive *drive = *state;
	struct request *waiting = send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	assert_good(send_in(drive->a, CDB(0x03, 0, 0, 0, 18), 18));
	assert_int_equal(waiting->completed, 0);
	run_workers(drive);
	assert_good(waiting);
}

static void unknown_codes_are_refused_at_once(void **state)
{
	struct drive *drive = *state;
	send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	assert_sense(send_none(drive->a, CDB(0x99)), SENSE_INVALID_OPCODE);
	run_workers(drive);
}

/* What was true when the command came need not be so when its turn comes. */
static void gates_are_looked_at_when_its_turn_comes(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_none(drive->a, CDB(0x00));
	scsi_attention_raise(&drive->a->attentions, ATTENTION_MEDIUM_CHANGED);
	struct request *second = send_none(drive->a, CDB(0x00));
	drive->not_ready = SENSE_MEDIUM_NOT_PRESENT;
	run_workers(drive);
	assert_sense(request, SENSE_MEDIUM_CHANGED);
	assert_sense(second, SENSE_MEDIUM_NOT_PRESENT);
}

static void one_that_waits_is_cancelled_at_once(void **state)
{
	struct drive *drive = *state;
	struct request *first = send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	struct request *second = send_none(drive->a, CDB(0x01, 0, 0, 0, '2'));
	scsi_cmd_cancel(&first->cmd);
	assert_int_equal(first->completed, 1);
	assert_int_equal(first->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_int_equal(first->released, 0); /* the queue still refers to it */
	run_workers(drive);
	assert_int_equal(first->released, 1);
	assert_good(second);
	assert_string_equal(did, "2");
}

static void one_that_runs_is_cancelled_when_it_is_done(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_none(drive->a, CDB(0x04));
	run_workers(drive);
	assert_int_equal(request->completed, 1);
	assert_int_equal(request->cmd.status, SCSI_STATUS_TASK_ABORTED);
}

/* ---- what is told once ----------------------------------------------------------------------- */

/* The command that has just been claimed is aborted before it passes its gates. */
static void abort_the_watched(struct scsi_nexus *nexus)
{
	struct drive *drive = drive_of(nexus->lu);
	if (drive->watched)
		scsi_cmd_cancel(drive->watched);
	drive->watched = NULL;
}

static void run_aborted(struct drive *drive, const uint8_t *cdb, size_t length)
{
	mechanism.refresh = abort_the_watched;
	struct request *request = prepare(drive->a, cdb, length);
	drive->watched = &request->cmd;
	scsi_execute(&request->cmd);
	run_workers(drive);
	assert_int_equal(request->completed, 1);
	assert_int_equal(request->cmd.status, SCSI_STATUS_TASK_ABORTED);
}

static void an_aborted_command_takes_no_unit_attention_along(void **state)
{
	struct drive *drive = *state;
	scsi_attention_raise(&drive->a->attentions, ATTENTION_REGISTRATIONS_PREEMPTED);
	run_aborted(drive, CDB(0x01, 0, 0, 0, '1'), 0);
	run_aborted(drive, CDB(0x06, 0, 0, 0, 'a'), 0); /* at hand */
	struct request *next = send_none(drive->a, CDB(0x00));
	struct request *last = send_none(drive->a, CDB(0x00));
	run_workers(drive);
	assert_sense(next, SENSE_REGISTRATIONS_PREEMPTED);
	assert_good(last);
	assert_string_equal(did, "");
}

static void nor_does_an_aborted_request_sense(void **state)
{
	struct drive *drive = *state;
	scsi_attention_raise(&drive->a->attentions, ATTENTION_REGISTRATIONS_PREEMPTED);
	run_aborted(drive, CDB(0x03, 0, 0, 0, 18), 18);
	assert_int_equal(drive->a->attentions, 1u << ATTENTION_REGISTRATIONS_PREEMPTED);
}

static void one_that_came_meanwhile_is_pending_beside_it(void **state)
{
	struct drive *drive = *state;
	struct request *request = prepare(drive->a, CDB(0x01, 0, 0, 0, '1'), 0);
	scsi_attention_raise(&drive->a->attentions, ATTENTION_REGISTRATIONS_PREEMPTED);
	mechanism.refresh = abort_the_watched;
	drive->watched = &request->cmd;
	scsi_execute(&request->cmd);
	scsi_attention_raise(&drive->a->attentions, ATTENTION_DEVICE_RESET);
	run_workers(drive);
	struct request *first = send_none(drive->a, CDB(0x00));
	struct request *second = send_none(drive->a, CDB(0x00));
	run_workers(drive);
	assert_sense(first, SENSE_DEVICE_RESET);
	assert_sense(second, SENSE_REGISTRATIONS_PREEMPTED);
}

static void a_deferred_error_is_owed_still(void **state)
{
	static const struct scsi_sense lost = {.code = SENSE_WRITE_ERROR};
	struct drive *drive = *state;
	scsi_defer(drive->a, &lost);
	run_aborted(drive, CDB(0x01, 0, 0, 0, '1'), 0);
	run_aborted(drive, CDB(0x03, 0, 0, 0, 18), 18);
	struct request *next = send_none(drive->a, CDB(0x00));
	run_workers(drive);
	assert_sense(next, SENSE_WRITE_ERROR);
	assert_true(next->cmd.sense.deferred);
	assert_int_equal(drive->a->deferred.code, SENSE_NONE);
}

/* It was complete before the transport knew that its session ends. */
static void what_an_answer_said_that_nobody_gets_is_pending_again(void **state)
{
	struct drive *drive = *state;
	scsi_attention_raise(&drive->a->attentions, ATTENTION_REGISTRATIONS_PREEMPTED);
	struct request *unsent = send_none(drive->a, CDB(0x00));
	run_workers(drive);
	assert_sense(unsent, SENSE_REGISTRATIONS_PREEMPTED);
	scsi_cmd_unsent(&unsent->cmd);
	assert_int_equal(drive->a->attentions, 1u << ATTENTION_REGISTRATIONS_PREEMPTED);
	drive->a->attentions = 0;
	scsi_cmd_unsent(&unsent->cmd);
	assert_int_equal(drive->a->attentions, 0);
}

static void what_was_given_back_is_remembered(void **state)
{
	struct drive *drive = *state;
	scsi_attention_raise(&drive->a->attentions, ATTENTION_REGISTRATIONS_PREEMPTED);
	run_aborted(drive, CDB(0x01, 0, 0, 0, '1'), 0);
	assert_int_equal(drive->remembered, 2);
	run_aborted(drive, CDB(0x01, 0, 0, 0, '1'), 0);
	assert_int_equal(drive->remembered, 4);
}

static void a_lost_nexus_takes_its_commands_along(void **state)
{
	struct drive *drive = *state;
	struct request *mine = send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	struct request *other = send_none(drive->b, CDB(0x01, 0, 0, 0, '2'));
	scsi_nexus_lost(drive->a);
	assert_int_equal(mine->cmd.status, SCSI_STATUS_TASK_ABORTED);
	run_workers(drive);
	assert_good(other);
	assert_string_equal(did, "2");
}

static void one_that_is_answered_first_holds_up_the_next(void **state)
{
	struct drive *drive = *state;
	struct request *early = send_none(drive->a, CDB(0x02));
	struct request *next = send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	run_workers(drive);
	assert_good(early);
	assert_good(next);
	assert_string_equal(did, "e1");
}

static void the_library_may_take_it_over(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_none(drive->a, CDB(0x05));
	struct request *next = send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	run_workers(drive);
	assert_int_equal(request->completed, 0);
	assert_good(next);
	assert_true(library_answers(drive, SENSE_NONE));
	assert_good(request);
	assert_true(list_empty(&drive->lu.tasks));
}

static void what_the_library_has_can_be_cancelled(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_none(drive->a, CDB(0x05));
	run_workers(drive);
	scsi_cmd_cancel(&request->cmd);
	assert_int_equal(request->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_false(library_answers(drive, SENSE_NONE));
}

/* ---- what is at hand --------------------------------------------------------------------------
 */

static void what_is_at_hand_wakes_nobody_up(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x06, 0, 0, 0, 'a')));
	assert_true(list_empty(&drive->works));
	assert_true(list_empty(&drive->lu.tasks));
	assert_good(send_none(drive->b, CDB(0x06, 0, 0, 0, 'b')));
	assert_string_equal(did, "ab");
}

static void what_is_not_at_hand_goes_on_before_what_came_later(void **state)
{
	struct drive *drive = *state;
	struct request *first = send_none(drive->a, CDB(0x06, 0, 0, 0, 'w'));
	struct request *second = send_none(drive->b, CDB(0x06, 0, 0, 0, 'a'));
	assert_int_equal(first->completed, 0);
	assert_int_equal(second->completed, 0);
	run_workers(drive);
	assert_good(first);
	assert_good(second);
	assert_int_equal(first->released, 1);
	assert_string_equal(did, "WA");
}

static void a_mechanism_that_is_busy_is_waited_for(void **state)
{
	struct drive *drive = *state;
	send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	struct request *second = send_none(drive->a, CDB(0x06, 0, 0, 0, 'a'));
	assert_int_equal(second->completed, 0);
	run_workers(drive);
	assert_good(second);
	assert_string_equal(did, "1A");
}

static void one_that_goes_on_is_cancelled_when_it_is_done(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_none(drive->a, CDB(0x06, 0, 0, 0, 'w'));
	scsi_cmd_cancel(&request->cmd);
	assert_int_equal(request->completed, 0);
	run_workers(drive);
	assert_int_equal(request->completed, 1);
	assert_int_equal(request->released, 1);
	assert_int_equal(request->cmd.status, SCSI_STATUS_TASK_ABORTED);
}

static void gates_hold_at_hand_too(void **state)
{
	struct drive *drive = *state;
	drive->not_ready = SENSE_MEDIUM_NOT_PRESENT;
	assert_sense(send_none(drive->a, CDB(0x06, 0, 0, 0, 'a')), SENSE_MEDIUM_NOT_PRESENT);
	assert_string_equal(did, "");
}

/* ---- a host that goes on ----------------------------------------------------------------------
 */

enum { RETRIES_MAX = 200 };

/* Whose command was aborted sends another, at once. */
static struct retries {
	struct scsi_cmd commands[RETRIES_MAX];
	unsigned sent;
} retries;

static void send_retry(struct scsi_nexus *nexus);

static void complete_and_retry(struct scsi_cmd *cmd)
{
	if (cmd->status == SCSI_STATUS_TASK_ABORTED && retries.sent < RETRIES_MAX)
		send_retry(cmd->nexus);
}

static void release_nothing(struct scsi_cmd *cmd)
{
}

static const struct scsi_transport_ops retrying = {
	.complete = complete_and_retry,
	.release = release_nothing,
};

static void send_retry(struct scsi_nexus *nexus)
{
	struct scsi_cmd *cmd = &retries.commands[retries.sent++];
	scsi_cmd_init(cmd, nexus, &retrying);
	cmd->cdb[0] = 0x01;
	cmd->cdb[4] = 'r';
	cmd->cdb_length = 6;
	scsi_execute(cmd);
}

static void a_reset_ends_what_was_there_and_no_more(void **state)
{
	struct drive *drive = *state;
	retries.sent = 0;
	send_retry(drive->a);
	scsi_lu_reset(&drive->lu, drive->a);
	assert_int_equal(retries.sent, 2);
	scsi_nexus_lost(drive->a);
	drive->a->attentions = 0;
	assert_int_equal(retries.sent, 3);
	run_workers(drive);
	assert_int_equal(retries.commands[2].status, SCSI_STATUS_GOOD);
	assert_string_equal(did, "r");
}

/* ---- what is no command ---------------------------------------------------------------------- */

static void note_item(struct scsi_queue_item *item)
{
	note('i');
}

static void other_work_queues_like_a_command(void **state)
{
	struct drive *drive = *state;
	struct scsi_queue_item item = {.run = note_item};
	send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	scsi_lu_lock(&drive->lu);
	scsi_queue_add(&drive->lu, &item);
	scsi_lu_unlock(&drive->lu);
	send_none(drive->a, CDB(0x01, 0, 0, 0, '2'));
	run_workers(drive);
	assert_string_equal(did, "1i2");
}

static void two_register(struct drive *drive)
{
	register_key(drive->a, 1);
	register_key(drive->b, 2);
}

static void persistent_reserve_passes_the_queue_by(void **state)
{
	struct drive *drive = *state;
	struct request *queued = send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	two_register(drive);
	assert_good(pr_in(drive->b, READ_KEYS, 24));
	assert_int_equal(queued->completed, 0);
	run_workers(drive);
	assert_good(queued);
}

/* Gates are passed when the turn comes: what was queued before the reservation is kept out. */
static void what_waits_is_kept_out_by_a_reservation_that_came_later(void **state)
{
	struct drive *drive = *state;
	two_register(drive);
	struct request *queued = send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	assert_good(pr_out(drive->b, RESERVE, EA, 2, 0));
	run_workers(drive);
	assert_conflict(queued);
	assert_string_equal(did, "");
}

static void preempt_and_abort_ends_what_waits(void **state)
{
	struct drive *drive = *state;
	two_register(drive);
	struct request *queued = send_none(drive->a, CDB(0x01, 0, 0, 0, '1'));
	struct request *own = send_none(drive->b, CDB(0x01, 0, 0, 0, '2'));
	struct request *preempt = pr_out(drive->b, PREEMPT_AND_ABORT, WE, 2, 1);
	assert_int_equal(queued->cmd.status, SCSI_STATUS_TASK_ABORTED);
	run_workers(drive);
	assert_good(preempt);
	assert_good(own);
	assert_string_equal(did, "2");
}

static void assert_fenced(struct drive *drive, struct request *preempted)
{
	assert_int_equal(preempted->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_good(fence);
	assert_int_equal(drive->lu.persistent.count, 1);
}

/* SPC-4 5.12.11.6: nothing of the preempted happens after the answer. */
static void preempt_and_abort_is_answered_behind_the_object_under_way(void **state)
{
	struct drive *drive = *state;
	two_register(drive);
	struct request *first = send_none(drive->b, CDB(0x01, 0, 0, 0, '1'));
	struct request *preempted = send_none(drive->a, CDB(0x07));
	struct request *after = send_none(drive->b, CDB(0x01, 0, 0, 0, '2'));
	run_workers(drive);
	assert_good(first);
	assert_good(after);
	assert_fenced(drive, preempted);
	assert_string_equal(did, "1p2");
}

static void also_behind_what_runs_at_hand(void **state)
{
	struct drive *drive = *state;
	two_register(drive);
	struct request *preempted = send_none(drive->a, CDB(0x07));
	run_workers(drive);
	assert_fenced(drive, preempted);
}

static void a_preempt_and_abort_that_is_given_up_is_aborted(void **state)
{
	struct drive *drive = *state;
	two_register(drive);
	send_none(drive->b, CDB(0x01, 0, 0, 0, '1'));
	struct request *preempt = pr_out(drive->b, PREEMPT_AND_ABORT, WE, 2, 1);
	scsi_cmd_cancel(&preempt->cmd);
	assert_int_equal(preempt->cmd.status, SCSI_STATUS_TASK_ABORTED);
	run_workers(drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		queue_test(commands_of_all_nexuses_run_in_order_of_arrival),
		queue_test(the_executor_has_one_work_however_long_the_queue),
		queue_test(immediate_rows_pass_the_queue_by),
		queue_test(unknown_codes_are_refused_at_once),
		queue_test(gates_are_looked_at_when_its_turn_comes),
		queue_test(one_that_waits_is_cancelled_at_once),
		queue_test(one_that_runs_is_cancelled_when_it_is_done),
		queue_test(an_aborted_command_takes_no_unit_attention_along),
		queue_test(nor_does_an_aborted_request_sense),
		queue_test(one_that_came_meanwhile_is_pending_beside_it),
		queue_test(a_deferred_error_is_owed_still),
		queue_test(what_an_answer_said_that_nobody_gets_is_pending_again),
		queue_test(what_was_given_back_is_remembered),
		queue_test(a_lost_nexus_takes_its_commands_along),
		queue_test(one_that_is_answered_first_holds_up_the_next),
		queue_test(the_library_may_take_it_over),
		queue_test(what_the_library_has_can_be_cancelled),
		queue_test(what_is_at_hand_wakes_nobody_up),
		queue_test(what_is_not_at_hand_goes_on_before_what_came_later),
		queue_test(a_mechanism_that_is_busy_is_waited_for),
		queue_test(one_that_goes_on_is_cancelled_when_it_is_done),
		queue_test(gates_hold_at_hand_too),
		queue_test(persistent_reserve_passes_the_queue_by),
		queue_test(what_waits_is_kept_out_by_a_reservation_that_came_later),
		queue_test(preempt_and_abort_ends_what_waits),
		queue_test(preempt_and_abort_is_answered_behind_the_object_under_way),
		queue_test(also_behind_what_runs_at_hand),
		queue_test(a_preempt_and_abort_that_is_given_up_is_aborted),
		queue_test(a_reset_ends_what_was_there_and_no_more),
		queue_test(other_work_queues_like_a_command),
	};
	return cmocka_run_group_tests_name("scsi/queue", tests, NULL, NULL);
}
