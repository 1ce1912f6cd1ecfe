/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a ring beside commands: resets under the device, removal, the next process. */
#include "support.h"

#include "device_private.h"
#include "ring_fixture.h"

static void reset_ring(struct ring_fixture *fixture, int level)
{
	ring_double_block(fixture->kernel, true);
	ring_double_reset(fixture->kernel, level);
	ring_double_block(fixture->kernel, false);
}

/* ---- a reset by somebody else -------------------------------------------------------------------
 */

static void an_idle_ring_may_be_reset(void **state)
{
	struct ring_fixture *fixture = *state;
	submit_none(fixture, CDB(0x00));
	serve(fixture);
	reset_ring(fixture, 1);
	struct ring_io *io = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(fixture->failures, 0);
}

static void what_was_taken_before_a_reset_is_not_answered(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *first = submit_pending(fixture), *second = submit_pending(fixture);
	serve(fixture);
	reset_ring(fixture, 1);
	assert_status(first, SCSI_STATUS_BUSY);
	assert_status(second, SCSI_STATUS_BUSY);
	struct ring_io *io = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_false(library_answers(fixture->drive, SENSE_NONE));
	assert_int_equal(ring_double_counters(fixture->kernel).answers, 1);
}

static void a_reset_is_seen_by_who_answers_too(void **state)
{
	struct ring_fixture *fixture = *state;
	submit_none(fixture, CDB(0x00));
	serve(fixture);
	struct ring_io *io = submit_pending(fixture);
	serve(fixture);
	reset_ring(fixture, 2);
	assert_io_sense(io, 2, 0x08, 0);
	assert_true(library_answers(fixture->drive, SENSE_NONE));
	assert_int_equal(ring_double_mailbox(fixture->kernel)->tail, 0);
	io = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
}

/* New commands wait until the old ones have left their buffers and ids. */
static void busy_commands_are_waited_for(void **state)
{
	struct ring_fixture *fixture = *state;
	submit_pending(fixture);
	serve(fixture);
	struct scsi_cmd *cmd =
		container_of(list_pop(&fixture->drive->inbox), struct scsi_cmd, library_link);
	assert_true(scsi_cmd_claim(cmd));
	submit_pending(fixture);
	serve(fixture);
	reset_ring(fixture, 1);
	struct ring_io *io = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_false(io->done);
	scsi_cmd_finish(cmd, SENSE_NONE);
	scsi_cmd_put(cmd);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
}

static void commands_queue_while_blocked(void **state)
{
	struct ring_fixture *fixture = *state;
	ring_double_block(fixture->kernel, true);
	struct ring_io *io = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_false(io->done);
	ring_double_block(fixture->kernel, false);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
}

/* ---- removal
 * --------------------------------------------------------------------------------------- */

static void a_removed_device_fails_once(void **state)
{
	struct ring_fixture *fixture = *state;
	submit_pending(fixture);
	serve(fixture);
	ring_double_remove(fixture->kernel);
	serve(fixture);
	assert_failed(fixture, "the kernel has removed the device");
	assert_false(library_answers(fixture->drive, SENSE_NONE));
	serve(fixture);
	assert_int_equal(fixture->failures, 1);
}

static void a_removal_that_is_but_an_error_is_seen(void **state)
{
	struct ring_fixture *fixture =
		fixture_create(&(struct ring_double_config){.error_only = true});
	assert_true(fixture_open(fixture, NULL));
	ring_double_remove(fixture->kernel);
	serve(fixture);
	assert_failed(fixture, "the kernel has removed the device");
	fixture_destroy(fixture);
}

static void a_removal_is_seen_by_who_answers_too(void **state)
{
	struct ring_fixture *fixture = *state;
	submit_pending(fixture);
	serve(fixture);
	ring_double_remove(fixture->kernel);
	assert_true(library_answers(fixture->drive, SENSE_NONE));
	serve(fixture);
	assert_failed(fixture, "the kernel has removed the device");
}

/* ---- the next process
 * -------------------------------------------------------------------------------- */

static void only_one_has_it_open(void **state)
{
	struct ring_fixture *fixture = *state;
	assert_null(ring_double_open(fixture->kernel));
}

static void a_drained_ring_is_continued_at_the_tail(void **state)
{
	struct ring_fixture *fixture = *state;
	for (int i = 0; i < 9; i++) {
		for (int j = 0; j < i; j++)
			submit_none(fixture, CDB(0x00));
		serve(fixture);
		assert_true(ring_device_drain(fixture->device, 1000));
		struct ring_io *io = submit_none(fixture, CDB(0x00));
		serve(fixture);
		assert_false(io->done);
		fixture_close(fixture);
		assert_true(fixture_open(fixture, NULL));
		assert_status(io, SCSI_STATUS_GOOD);
	}
}

static void draining_does_not_wait_for_ever(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_pending(fixture);
	serve(fixture);
	assert_false(ring_device_drain(fixture->device, 1));
	assert_true(library_answers(fixture->drive, SENSE_NONE));
	assert_status(io, SCSI_STATUS_GOOD);
	assert_true(ring_device_drain(fixture->device, 1));
}

static void a_broken_ring_is_not_called_drained(void **state)
{
	struct ring_fixture *fixture = *state;
	ring_double_remove(fixture->kernel);
	serve(fixture);
	assert_false(ring_device_drain(fixture->device, 1));
}

static void what_runs_is_aborted_when_the_device_goes(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_pending(fixture);
	set_cached(fixture, false);
	struct ring_io *read = submit_read(fixture, 0, 4);
	serve(fixture);
	ring_device_cancel_all(fixture->device);
	assert_status(io, SCSI_STATUS_TASK_ABORTED);
	assert_status(read, SCSI_STATUS_TASK_ABORTED);
}

static void after_a_crash_the_ring_is_reset_not_replayed(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_pending(fixture);
	serve(fixture);
	ring_double_kill(fixture->kernel);
	struct ring_device *dead = fixture->device;
	ring_double_block(fixture->kernel, true);
	ring_double_reset(fixture->kernel, 1);
	assert_status(io, SCSI_STATUS_BUSY);
	assert_false(list_empty(&fixture->drive->inbox));
	library_answers(fixture->drive, SENSE_NONE);
	ring_device_destroy(dead);
	assert_true(fixture_open(fixture, NULL));
	ring_double_block(fixture->kernel, false);
	io = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(ring_double_counters(fixture->kernel).answers, 1);
}

/* ---- the tail, to the instruction
 * --------------------------------------------------------------------- */

struct bare {
	struct ring_double *kernel;
	struct ring_port *port;
	struct ring ring;
	struct ring_io io[2];
};

static int bare_setup(void **state)
{
	struct bare *bare = calloc(1, sizeof *bare);
	assert_non_null(bare);
	bare->kernel = ring_double_create(NULL);
	bare->port = ring_double_open(bare->kernel);
	assert_true(ring_init(&bare->ring, bare->port->map, bare->port->map_size, NULL));
	*state = bare;
	return 0;
}

static int bare_teardown(void **state)
{
	struct bare *bare = *state;
	ring_finish(&bare->ring);
	bare->port->ops->close(bare->port);
	ring_double_destroy(bare->kernel);
	free(bare);
	return 0;
}

/* Takes a command and writes its answer; the tail does not move yet. */
static void answer_one(struct bare *bare, struct ring_io *io)
{
	struct ring_entry entry;
	ring_double_submit(bare->kernel, io);
	assert_int_equal(ring_peek(&bare->ring, &entry), RING_ENTRY);
	ring_take(&bare->ring, &entry);
	ring_answer(&bare->ring, &(struct ring_answer){.id = entry.id});
}

static void bare_reset(struct bare *bare)
{
	ring_double_block(bare->kernel, true);
	ring_double_reset(bare->kernel, 1);
}

static void a_published_tail_is_seen(void **state)
{
	struct bare *bare = *state;
	answer_one(bare, &bare->io[0]);
	assert_true(ring_publish(&bare->ring));
	assert_int_equal(bare->port->ops->kick(bare->port), 0);
	assert_true(bare->io[0].done);
}

/* A tail behind the head locks the kernel up. */
static void the_tail_is_not_moved_over_a_reset_ring(void **state)
{
	struct bare *bare = *state;
	answer_one(bare, &bare->io[0]);
	assert_true(ring_publish(&bare->ring));
	answer_one(bare, &bare->io[1]);
	bare_reset(bare);
	assert_false(ring_publish(&bare->ring));
	assert_int_equal(ring_double_mailbox(bare->kernel)->tail, 0);
	assert_int_equal(bare->port->ops->kick(bare->port), 0);
}

static void nor_if_it_had_not_moved_before(void **state)
{
	struct bare *bare = *state;
	answer_one(bare, &bare->io[0]);
	bare_reset(bare);
	assert_false(ring_publish(&bare->ring));
	assert_int_equal(ring_double_mailbox(bare->kernel)->tail, 0);
	assert_int_equal(bare->port->ops->kick(bare->port), 0);
}

#define bare_test(test) cmocka_unit_test_setup_teardown(test, bare_setup, bare_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ring_test(an_idle_ring_may_be_reset),
		ring_test(what_was_taken_before_a_reset_is_not_answered),
		ring_test(a_reset_is_seen_by_who_answers_too),
		ring_test(busy_commands_are_waited_for),
		ring_test(commands_queue_while_blocked),
		ring_test(a_removed_device_fails_once),
		cmocka_unit_test(a_removal_that_is_but_an_error_is_seen),
		ring_test(a_removal_is_seen_by_who_answers_too),
		ring_test(only_one_has_it_open),
		small_ring_test(a_drained_ring_is_continued_at_the_tail),
		ring_test(draining_does_not_wait_for_ever),
		ring_test(a_broken_ring_is_not_called_drained),
		ring_test(what_runs_is_aborted_when_the_device_goes),
		ring_test(after_a_crash_the_ring_is_reset_not_replayed),
		bare_test(a_published_tail_is_seen),
		bare_test(the_tail_is_not_moved_over_a_reset_ring),
		bare_test(nor_if_it_had_not_moved_before),
	};
	return cmocka_run_group_tests_name("tcmu/reset", tests, NULL, NULL);
}
