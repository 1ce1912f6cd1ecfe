/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring in which nothing is right. The device fails once, says why, cancels what it has, and does
 * not touch the ring any more.
 */
#include "support.h"

#include "ring_fixture.h"

static const char taken_id[] = "a command has the id of one that is not answered";

static int setup(void **state)
{
	struct ring_fixture *fixture = fixture_create(NULL);
	ring_double_note_violations(fixture->kernel);
	assert_true(fixture_open(fixture, NULL));
	*state = fixture;
	return 0;
}

#define hostile_test(test) cmocka_unit_test_setup_teardown(test, setup, ring_teardown)

/* An entry at the head, as the kernel would have made it: op and length follow from the test. */
static struct abi_request *forge(struct ring_fixture *fixture, unsigned op, uint32_t length)
{
	uint32_t head = ring_double_head(fixture->kernel);
	struct abi_request *entry = (void *)(ring_double_ring(fixture->kernel) + head);
	memset(entry, 0, 1024);
	entry->header.length_op = length | op;
	entry->header.id = 9;
	entry->cdb_offset = sizeof(struct abi_mailbox) + head + 112;
	return entry;
}

static void show(struct ring_fixture *fixture, uint32_t length)
{
	ring_double_forge_head(fixture->kernel, ring_double_head(fixture->kernel) + length);
	serve(fixture);
}

/* With one command in flight; it is cancelled and the tail stays in front of it. */
static void assert_fails(struct ring_fixture *fixture, const char *reason)
{
	assert_failed(fixture, reason);
	assert_int_equal(ring_double_mailbox(fixture->kernel)->tail, 0);
	assert_int_equal(ring_double_counters(fixture->kernel).kicks, 0);
	while (!list_empty(&fixture->drive->inbox))
		assert_false(library_answers(fixture->drive, SENSE_NONE));
	ring_double_wake(fixture->kernel);
	serve(fixture);
	assert_int_equal(fixture->failures, 1);
	assert_int_equal(ring_double_mailbox(fixture->kernel)->tail, 0);
}

static void pend(struct ring_fixture *fixture)
{
	submit_pending(fixture);
	serve(fixture);
}

/* ---- head
 * ------------------------------------------------------------------------------------------- */

static void fails_with_head(struct ring_fixture *fixture, uint32_t head)
{
	pend(fixture);
	ring_double_forge_head(fixture->kernel, head);
	serve(fixture);
	assert_fails(fixture, "the head of the ring is not a position in it");
}

static void a_head_beyond_the_ring(void **state)
{
	fails_with_head(*state, 64 * 1024);
}

static void a_head_at_the_end_of_the_ring(void **state)
{
	fails_with_head(*state, 64 * 1024 - 128);
}

static void an_unaligned_head(void **state)
{
	fails_with_head(*state, 244);
}

static void an_enormous_head(void **state)
{
	fails_with_head(*state, UINT32_MAX - 7);
}

/* ---- lengths
 * ----------------------------------------------------------------------------------------- */

static void fails_with_length(struct ring_fixture *fixture, unsigned op, uint32_t length)
{
	pend(fixture);
	forge(fixture, op, length);
	show(fixture, 240);
	assert_fails(fixture, "an entry is empty or runs out of the ring");
}

static void an_empty_command(void **state)
{
	fails_with_length(*state, ABI_COMMAND, 0);
}

static void empty_padding(void **state)
{
	fails_with_length(*state, ABI_PAD, 0);
}

static void an_entry_beyond_the_head(void **state)
{
	fails_with_length(*state, ABI_COMMAND, 248);
}

static void padding_beyond_the_ring(void **state)
{
	fails_with_length(*state, ABI_PAD, 64 * 1024);
}

static void an_enormous_entry(void **state)
{
	fails_with_length(*state, ABI_COMMAND, UINT32_MAX - 7);
}

static void a_command_without_room_for_its_answer(void **state)
{
	struct ring_fixture *fixture = *state;
	pend(fixture);
	forge(fixture, ABI_COMMAND, 104);
	show(fixture, 104);
	assert_fails(fixture, "an entry has no room for its answer");
}

/* ---- commands
 * ------------------------------------------------------------------------------------------ */

static void the_id_0(void **state)
{
	struct ring_fixture *fixture = *state;
	pend(fixture);
	forge(fixture, ABI_COMMAND, 128)->header.id = 0;
	show(fixture, 128);
	assert_fails(fixture, "a command has the id 0");
}

static void an_id_that_is_in_use(void **state)
{
	struct ring_fixture *fixture = *state;
	pend(fixture);
	forge(fixture, ABI_COMMAND, 128)->header.id = 1;
	show(fixture, 128);
	assert_fails(fixture, taken_id);
}

static void an_id_that_is_in_use_with_an_unknown_op(void **state)
{
	struct ring_fixture *fixture = *state;
	pend(fixture);
	forge(fixture, 5, 128)->header.id = 1;
	show(fixture, 128);
	assert_fails(fixture, taken_id);
}

static void fails_with_iovs(struct ring_fixture *fixture, uint32_t out, uint32_t in, uint32_t dif)
{
	pend(fixture);
	struct abi_request *entry = forge(fixture, ABI_COMMAND, 128);
	entry->iov_count = out;
	entry->iov_in_count = in;
	entry->iov_integrity_count = dif;
	show(fixture, 128);
	assert_fails(fixture, "a command has more iovecs than room for them");
}

static void too_many_iovecs(void **state)
{
	fails_with_iovs(*state, 6, 0, 0);
}

static void four_billion_iovecs(void **state)
{
	fails_with_iovs(*state, UINT32_MAX, 0, 0);
}

static void iovecs_that_add_up_to_few(void **state)
{
	fails_with_iovs(*state, UINT32_MAX, 1, 0);
}

static void too_many_other_iovecs(void **state)
{
	fails_with_iovs(*state, 0, 3, 3);
}

static void fails_with_cdb(struct ring_fixture *fixture, uint64_t offset, const char *reason)
{
	pend(fixture);
	forge(fixture, ABI_COMMAND, 128)->cdb_offset = offset;
	show(fixture, 128);
	assert_fails(fixture, reason);
}

static const char cdb_outside[] = "the CDB of a command lies outside of its entry";

static void a_cdb_at_the_mailbox(void **state)
{
	fails_with_cdb(*state, 0, cdb_outside);
}

static void a_cdb_in_another_entry(void **state)
{
	fails_with_cdb(*state, 128 + 112, cdb_outside);
}

static void a_cdb_behind_the_map(void **state)
{
	fails_with_cdb(*state, UINT64_MAX, cdb_outside);
}

static void a_cdb_behind_its_entry(void **state)
{
	fails_with_cdb(*state, 128 + 120 + 128, cdb_outside);
}

static void a_cdb_that_runs_out_of_its_entry(void **state)
{
	fails_with_cdb(*state, 128 + 120 + 127, "the CDB of a command runs out of its entry");
}

static void a_variable_cdb_that_runs_out_of_its_entry(void **state)
{
	struct ring_fixture *fixture = *state;
	pend(fixture);
	struct abi_request *entry = forge(fixture, ABI_COMMAND, 128);
	memcpy((uint8_t *)entry + 112, (const uint8_t[8]){0x7f, [7] = 0xff}, 8);
	show(fixture, 128);
	assert_fails(fixture, "the CDB of a command runs out of its entry");
}

static void fails_with_iov(struct ring_fixture *fixture, uint64_t offset, uint64_t length)
{
	pend(fixture);
	struct abi_request *entry = forge(fixture, ABI_COMMAND, 128);
	entry->iov_count = 1;
	entry->iov[0] = (struct abi_iovec){offset, length};
	show(fixture, 128);
	assert_fails(fixture, "an iovec points outside of the data area");
}

static void an_iovec_into_the_ring(void **state)
{
	fails_with_iov(*state, 64 * 1024 - 8, 8);
}

static void an_iovec_into_the_mailbox(void **state)
{
	fails_with_iov(*state, 0, 8);
}

static void an_iovec_behind_the_map(void **state)
{
	fails_with_iov(*state, 2 * 1024 * 1024, 1);
}

static void an_iovec_that_runs_out_of_the_map(void **state)
{
	fails_with_iov(*state, 64 * 1024, 1 << 20 | 1);
}

static void an_iovec_that_runs_around(void **state)
{
	fails_with_iov(*state, 64 * 1024, UINT64_MAX);
}

/* The same bytes again and again: somebody would have to clear them all. */
static void iovecs_longer_than_the_data_area(void **state)
{
	struct ring_fixture *fixture = *state;
	pend(fixture);
	struct abi_request *entry = forge(fixture, ABI_COMMAND, 128);
	entry->iov_count = 2;
	entry->iov[0] = entry->iov[1] = (struct abi_iovec){64 * 1024, 1 << 20};
	show(fixture, 128);
	assert_fails(fixture, "the iovecs of a command are longer than the data area");
}

/* ---- task management
 * -------------------------------------------------------------------------------------- */

static void a_short_task_management_entry(void **state)
{
	struct ring_fixture *fixture = *state;
	pend(fixture);
	forge(fixture, ABI_TASK_MANAGEMENT, 24);
	show(fixture, 24);
	assert_fails(fixture, "a task management entry is too short");
}

static void fails_with_ids(struct ring_fixture *fixture, uint32_t count)
{
	pend(fixture);
	struct abi_task_management *entry = (void *)forge(fixture, ABI_TASK_MANAGEMENT, 40);
	entry->id_count = count;
	show(fixture, 40);
	assert_fails(fixture, "a task management entry has more ids than room for them");
}

static void too_many_ids(void **state)
{
	fails_with_ids(*state, 5);
}

static void four_billion_ids(void **state)
{
	fails_with_ids(*state, UINT32_MAX);
}

/* ---- what newer kernels may say
 * --------------------------------------------------------------------------- */

static void an_unknown_op_is_answered_as_such(void **state)
{
	struct ring_fixture *fixture = *state;
	for (unsigned op = 3; op <= 7; op++) {
		uint32_t head = ring_double_head(fixture->kernel);
		struct abi_request *entry = forge(fixture, op, 128);
		show(fixture, 128);
		assert_int_equal(entry->header.length_op, 128 | op);
		assert_int_equal(entry->header.our_flags, ABI_UNKNOWN_OP);
		assert_int_equal(entry->header.id, 9);
		assert_int_equal(ring_double_mailbox(fixture->kernel)->tail, head + 128);
	}
	assert_int_equal(fixture->failures, 0);
}

static void an_unknown_task_management_function_is_consumed(void **state)
{
	struct ring_fixture *fixture = *state;
	ring_double_abort(fixture->kernel, 77, NULL, 0, 0);
	serve(fixture);
	assert_int_equal(
		ring_double_mailbox(fixture->kernel)->tail, ring_double_head(fixture->kernel));
	assert_int_equal(fixture->drive->resets, 0);
}

/* ---- a tail that is not ours
 * -------------------------------------------------------------------------------- */

static void a_tail_beyond_the_ring(void **state)
{
	struct ring_fixture *fixture = *state;
	pend(fixture);
	ring_double_mailbox(fixture->kernel)->tail = UINT32_MAX;
	ring_double_wake(fixture->kernel);
	serve(fixture);
	assert_failed(fixture, "the tail of the ring is not a position in it");
	assert_int_equal(ring_double_mailbox(fixture->kernel)->tail, UINT32_MAX);
	ring_double_mailbox(fixture->kernel)->tail = 0;
}

/* ---- mailboxes
 * -------------------------------------------------------------------------------------------- */

static void refuse_mailbox(
	void (*spoil)(struct abi_mailbox *box), enum error_code code, const char *text)
{
	struct error error = {0};
	struct ring_fixture *fixture = fixture_create(NULL);
	struct abi_mailbox sound = *ring_double_mailbox(fixture->kernel);
	spoil(ring_double_mailbox(fixture->kernel));
	assert_false(fixture_open(fixture, &error));
	assert_int_equal(error.code, code);
	assert_non_null(strstr(error.sentence, text));
	*ring_double_mailbox(fixture->kernel) = sound;
	assert_true(fixture_open(fixture, &error));
	fixture_destroy(fixture);
}

static void version_3(struct abi_mailbox *box)
{
	box->version = 3;
}

static void in_order_only(struct abi_mailbox *box)
{
	box->flags &= ~ABI_CAN_OUT_OF_ORDER;
}

static void ring_in_mailbox(struct abi_mailbox *box)
{
	box->ring_offset = 120;
}

static void ring_unaligned(struct abi_mailbox *box)
{
	box->ring_offset = 129;
}

static void ring_empty(struct abi_mailbox *box)
{
	box->ring_size = 0;
}

static void ring_of_odd_size(struct abi_mailbox *box)
{
	box->ring_size = 1003;
}

static void ring_enormous(struct abi_mailbox *box)
{
	box->ring_size = UINT32_MAX - 7;
}

static void tail_outside(struct abi_mailbox *box)
{
	box->tail = box->ring_size;
}

static void a_ring_that_is_none_is_refused_with_a_reason(void **state)
{
	const enum error_code code = ERROR_KERNEL_TARGET;
	refuse_mailbox(version_3, code, "layout version 3");
	refuse_mailbox(in_order_only, code, "only in the order");
	refuse_mailbox(ring_in_mailbox, code, "inside the mailbox");
	refuse_mailbox(ring_unaligned, code, "unaligned");
	refuse_mailbox(ring_empty, code, "does not fit");
	refuse_mailbox(ring_of_odd_size, code, "does not fit");
	refuse_mailbox(ring_enormous, code, "does not fit");
	refuse_mailbox(tail_outside, code, "tail of the ring");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		hostile_test(a_head_beyond_the_ring),
		hostile_test(a_head_at_the_end_of_the_ring),
		hostile_test(an_unaligned_head),
		hostile_test(an_enormous_head),
		hostile_test(an_empty_command),
		hostile_test(empty_padding),
		hostile_test(an_entry_beyond_the_head),
		hostile_test(padding_beyond_the_ring),
		hostile_test(an_enormous_entry),
		hostile_test(a_command_without_room_for_its_answer),
		hostile_test(the_id_0),
		hostile_test(an_id_that_is_in_use),
		hostile_test(an_id_that_is_in_use_with_an_unknown_op),
		hostile_test(too_many_iovecs),
		hostile_test(four_billion_iovecs),
		hostile_test(iovecs_that_add_up_to_few),
		hostile_test(too_many_other_iovecs),
		hostile_test(a_cdb_at_the_mailbox),
		hostile_test(a_cdb_in_another_entry),
		hostile_test(a_cdb_behind_the_map),
		hostile_test(a_cdb_behind_its_entry),
		hostile_test(a_cdb_that_runs_out_of_its_entry),
		hostile_test(a_variable_cdb_that_runs_out_of_its_entry),
		hostile_test(an_iovec_into_the_ring),
		hostile_test(an_iovec_into_the_mailbox),
		hostile_test(an_iovec_behind_the_map),
		hostile_test(an_iovec_that_runs_out_of_the_map),
		hostile_test(an_iovec_that_runs_around),
		hostile_test(iovecs_longer_than_the_data_area),
		hostile_test(a_short_task_management_entry),
		hostile_test(too_many_ids),
		hostile_test(four_billion_ids),
		hostile_test(an_unknown_op_is_answered_as_such),
		hostile_test(an_unknown_task_management_function_is_consumed),
		hostile_test(a_tail_beyond_the_ring),
		cmocka_unit_test(a_ring_that_is_none_is_refused_with_a_reason),
	};
	return cmocka_run_group_tests_name("tcmu/hostile", tests, NULL, NULL);
}
