/* SPDX-License-Identifier: Apache-2.0 */
/* Commands through the ring: where they lie in it, what of them arrives, and what comes back. */
#include "support.h"

#include "ring_fixture.h"

static void a_command_is_answered(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
}

static void a_read_brings_the_medium(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_read(fixture, 3, 20);
	serve(fixture);
	assert_read(io, 3, 20);
	assert_int_equal(io->residual, 0);
}

static void data_out_arrives(void **state)
{
	struct ring_fixture *fixture = *state;
	uint8_t list[16] = {[4] = 0x01, 0x0a, 0x00, 0x11};
	struct ring_io *io = submit_out(fixture, CDB(0x15, 0x10, 0, 0, 16), list, 16);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	struct ring_io *sense = submit_in(fixture, CDB(0x1a, 8, 0x01, 0, 255), 255);
	serve(fixture);
	/* The other nexus is told of it; this one reads it back. */
	assert_status(sense, SCSI_STATUS_GOOD);
	assert_int_equal(sense->data[4 + 3], 0x11);
}

static void what_waits_in_the_ring_is_served_at_the_start(void **state)
{
	struct ring_fixture *fixture = fixture_create(NULL);
	struct ring_io *io = submit_none(fixture, CDB(0x00));
	assert_true(fixture_open(fixture, NULL));
	assert_status(io, SCSI_STATUS_GOOD);
	fixture_destroy(fixture);
}

static void one_call_answers_a_batch(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *ios[20];
	struct tcmu_counters counters;
	ring_double_plug(fixture->kernel, true);
	for (int i = 0; i < 20; i++)
		ios[i] = submit_none(fixture, CDB(0x00));
	ring_double_plug(fixture->kernel, false);
	serve(fixture);
	for (int i = 0; i < 20; i++)
		assert_status(ios[i], SCSI_STATUS_GOOD);
	assert_int_equal(ring_double_counters(fixture->kernel).kicks, 1);
	assert_int_equal(ring_double_counters(fixture->kernel).acknowledged, 1);
	ring_device_counters(fixture->device, &counters);
	assert_int_equal(counters.kicks, 1);
	assert_int_equal(counters.wakeups, 1);
	assert_int_equal(counters.commands, 20);
}

static void a_wakeup_without_a_cause_is_answered_with_nothing(void **state)
{
	struct ring_fixture *fixture = *state;
	ring_double_wake(fixture->kernel);
	serve(fixture);
	assert_int_equal(served_calls(), 1);
	assert_int_equal(ring_double_counters(fixture->kernel).kicks, 0);
}

static void events_in_a_row_are_one_wakeup(void **state)
{
	struct ring_fixture *fixture = *state;
	for (int i = 0; i < 5; i++)
		submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_int_equal(ring_double_counters(fixture->kernel).events, 5);
	assert_int_equal(served_calls(), 1);
}

static void a_steady_load_takes_no_memory(void **state)
{
	struct ring_fixture *fixture = *state;
	struct tcmu_counters counters;
	for (int round = 0; round < 100; round++) {
		for (uint8_t i = 0; i < 30; i++)
			submit_read(fixture, i, 2);
		serve(fixture);
	}
	ring_device_counters(fixture->device, &counters);
	assert_int_equal(counters.commands, 3000);
	assert_int_equal(counters.allocations, 0);
}

static void answers_may_come_in_any_order(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *slow = submit_pending(fixture);
	set_cached(fixture, false);
	struct ring_io *read = submit_read(fixture, 7, 9);
	struct ring_io *quick = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_false(slow->done);
	assert_false(read->done);
	assert_status(quick, SCSI_STATUS_GOOD);
	run(fixture);
	assert_read(read, 7, 9);
	assert_false(slow->done);
	assert_true(library_answers(fixture->drive, SENSE_NONE));
	assert_status(slow, SCSI_STATUS_GOOD);
}

/* The slot of the slow command was overwritten by answers to others. */
static void a_request_is_not_read_again(void **state)
{
	struct ring_fixture *fixture = *state;
	set_cached(fixture, false);
	struct ring_io *slow = submit_read(fixture, 1, 60);
	serve(fixture);
	for (int i = 0; i < 40; i++) {
		struct ring_io *io = submit_none(fixture, CDB(0x00));
		serve(fixture);
		assert_status(io, SCSI_STATUS_GOOD);
	}
	run(fixture);
	assert_read(slow, 1, 60);
}

static void ids_are_free_before_the_kernel_may_use_them_again(void **state)
{
	struct ring_fixture *fixture = *state;
	for (int i = 0; i < 200; i++) {
		struct ring_io *io = submit_none(fixture, CDB(0x00));
		assert_int_equal(io->id, 1);
		serve(fixture);
		assert_status(io, SCSI_STATUS_GOOD);
	}
	assert_int_equal(fixture->failures, 0);
}

/* ---- geometry
 * ------------------------------------------------------------------------------------ */

static void entries_wrap_behind_padding(void **state)
{
	struct ring_fixture *fixture = *state;
	for (int i = 0; i < 300; i++) {
		struct ring_io *io = i % 3 ? submit_none(fixture, CDB(0x00))
					   : submit_read(fixture, (uint8_t)(i % 40), 2);
		serve(fixture);
		assert_status(io, SCSI_STATUS_GOOD);
	}
	assert_true(ring_double_counters(fixture->kernel).pads > 10);
}

/* Entries of 120 bytes in a ring of 8 + 120n. */
static void padding_may_be_of_eight_bytes(void **state)
{
	struct ring_fixture *fixture =
		fixture_create(&(struct ring_double_config){.ring_size = 8 + 5 * 120});
	assert_true(fixture_open(fixture, NULL));
	for (int i = 0; i < 30; i++) {
		struct ring_io *io = submit_none(fixture, CDB(0x00));
		serve(fixture);
		assert_status(io, SCSI_STATUS_GOOD);
	}
	struct ring_double_counters counters = ring_double_counters(fixture->kernel);
	assert_int_equal(counters.smallest_pad, 8);
	assert_true(counters.pads >= 5);
	fixture_destroy(fixture);
}

static void an_entry_may_end_where_the_ring_ends(void **state)
{
	struct ring_fixture *fixture =
		fixture_create(&(struct ring_double_config){.ring_size = 5 * 120});
	assert_true(fixture_open(fixture, NULL));
	for (int i = 0; i < 30; i++) {
		struct ring_io *io = submit_none(fixture, CDB(0x00));
		serve(fixture);
		assert_status(io, SCSI_STATUS_GOOD);
	}
	struct ring_double_counters counters = ring_double_counters(fixture->kernel);
	assert_int_equal(counters.pads, 0);
	assert_int_equal(counters.wraps, 6);
	fixture_destroy(fixture);
}

static void a_full_ring_makes_commands_wait(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *ios[40];
	for (int i = 0; i < 40; i++)
		ios[i] = submit_none(fixture, CDB(0x00));
	assert_true(ios[39]->queued);
	serve(fixture);
	for (int i = 0; i < 40; i++)
		assert_status(ios[i], SCSI_STATUS_GOOD);
}

static void a_full_data_area_makes_commands_wait(void **state)
{
	struct ring_fixture *fixture = fixture_create(&(struct ring_double_config){.blocks = 8});
	assert_true(fixture_open(fixture, NULL));
	set_cached(fixture, false);
	struct ring_io *first = submit_read(fixture, 0, 60), *second = submit_read(fixture, 1, 60);
	assert_true(second->queued);
	run(fixture);
	assert_read(first, 0, 60);
	assert_false(second->done);
	run(fixture);
	assert_read(second, 1, 60);
	fixture_destroy(fixture);
}

static void commands_may_be_refused_while_it_is_full(void **state)
{
	struct ring_fixture *fixture = fixture_create(
		&(struct ring_double_config){.ring_size = 1024 - 128, .full_at_once = true});
	assert_true(fixture_open(fixture, NULL));
	struct ring_io *ios[10];
	for (int i = 0; i < 10; i++)
		ios[i] = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_status(ios[0], SCSI_STATUS_GOOD);
	assert_status(ios[9], SCSI_STATUS_TASK_SET_FULL);
	fixture_destroy(fixture);
}

static void scattered_data_is_put_together(void **state)
{
	struct ring_fixture *fixture = *state;
	ring_double_fragment(fixture->kernel, 4);
	struct ring_io *io = submit_read(fixture, 2, 50);
	serve(fixture);
	assert_read(io, 2, 50);
	assert_int_equal(ring_double_counters(fixture->kernel).most_iovs, 5);
}

static void large_blocks_are_used_in_part(void **state)
{
	struct ring_fixture *fixture =
		fixture_create(&(struct ring_double_config){.block_pages = 3, .blocks = 20});
	ring_double_fragment(fixture->kernel, 4);
	assert_true(fixture_open(fixture, NULL));
	struct ring_io *io = submit_read(fixture, 2, 50);
	serve(fixture);
	assert_read(io, 2, 50);
	fixture_destroy(fixture);
}

/* More than preadv takes at once. */
static void there_may_be_more_than_a_thousand_iovecs(void **state)
{
	struct ring_fixture *fixture = fixture_create(&(struct ring_double_config){.blocks = 2500});
	ring_double_fragment(fixture->kernel, 1200);
	assert_true(fixture_open(fixture, NULL));
	struct ring_io *io = submit_in(fixture, CDB(0x28, 0, 0, 0, 0, 1, 0, 0, 60), 1100 * 4096);
	serve(fixture);
	assert_true(ring_double_counters(fixture->kernel).most_iovs > 1024);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, 60 * BLOCK);
	assert_int_equal(io->residual, 1100 * 4096 - 60 * BLOCK);
	for (size_t i = 0; i < io->received; i++)
		assert_int_equal(io->data[i], medium_byte(BLOCK + i));
	fixture_destroy(fixture);
}

static void other_commands_do_not_pay_for_one_with_many_iovecs(void **state)
{
	struct ring_fixture *fixture = *state;
	struct tcmu_counters before, after;
	ring_double_fragment(fixture->kernel, 100);
	submit_in(fixture, CDB(0x28, 0, 0, 0, 0, 1, 0, 0, 60), 90 * 4096);
	serve(fixture);
	ring_device_counters(fixture->device, &before);
	assert_int_equal(before.allocations, 1);
	submit_in(fixture, CDB(0x28, 0, 0, 0, 0, 1, 0, 0, 60), 90 * 4096);
	serve(fixture);
	ring_device_counters(fixture->device, &after);
	assert_int_equal(after.allocations, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ring_test(a_command_is_answered),
		ring_test(a_read_brings_the_medium),
		ring_test(data_out_arrives),
		cmocka_unit_test(what_waits_in_the_ring_is_served_at_the_start),
		ring_test(one_call_answers_a_batch),
		ring_test(a_wakeup_without_a_cause_is_answered_with_nothing),
		ring_test(events_in_a_row_are_one_wakeup),
		ring_test(a_steady_load_takes_no_memory),
		ring_test(answers_may_come_in_any_order),
		small_ring_test(a_request_is_not_read_again),
		ring_test(ids_are_free_before_the_kernel_may_use_them_again),
		small_ring_test(ids_are_free_before_the_kernel_may_use_them_again),
		small_ring_test(entries_wrap_behind_padding),
		cmocka_unit_test(padding_may_be_of_eight_bytes),
		cmocka_unit_test(an_entry_may_end_where_the_ring_ends),
		small_ring_test(a_full_ring_makes_commands_wait),
		cmocka_unit_test(a_full_data_area_makes_commands_wait),
		cmocka_unit_test(commands_may_be_refused_while_it_is_full),
		ring_test(scattered_data_is_put_together),
		cmocka_unit_test(large_blocks_are_used_in_part),
		cmocka_unit_test(there_may_be_more_than_a_thousand_iovecs),
		ring_test(other_commands_do_not_pay_for_one_with_many_iovecs),
	};
	return cmocka_run_group_tests_name("tcmu/ring", tests, NULL, NULL);
}
