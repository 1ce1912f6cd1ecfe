/* SPDX-License-Identifier: Apache-2.0 */
/* The ring with memory that is wrong: it breaks, with a reason, and nothing of it is touched. */
#include "support.h"

#include "ring_memory.h"

static void assert_refused(struct ring_memory *memory, const char *reason)
{
	struct error error = {0};
	assert_false(ring_init(&memory->ring, memory->bytes, sizeof memory->bytes, &error));
	assert_int_equal(error.code, ERROR_KERNEL_TARGET);
	assert_string_equal(error.sentence, reason);
	assert_true(error.remedy[0]);
}

static void assert_breaks(struct ring_memory *memory, const char *reason)
{
	struct ring_entry entry;
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_BROKEN);
	assert_string_equal(memory->ring.broken, reason);
	assert_false(ring_lags(&memory->ring));
}

/* ---- the mailbox --------------------------------------------------------------------------- */

static void another_layout_is_refused(void **state)
{
	struct ring_memory *memory = *state;
	memory->mailbox.version = 1;
	assert_refused(memory, "the ring has layout version 1, not 2");
}

static void a_kernel_that_wants_answers_in_order_is_refused(void **state)
{
	struct ring_memory *memory = *state;
	memory->mailbox.flags = ABI_CAN_READ_LENGTH;
	assert_refused(memory, "the kernel takes answers only in the order of the commands");
}

static void a_ring_inside_the_mailbox_is_refused(void **state)
{
	struct ring_memory *memory = *state;
	memory->mailbox.ring_offset = 64;
	assert_refused(memory, "the ring begins inside the mailbox or unaligned");
}

static void a_ring_that_is_not_aligned_is_refused(void **state)
{
	struct ring_memory *memory = *state;
	memory->mailbox.ring_offset = RING_OFFSET + 4;
	assert_refused(memory, "the ring begins inside the mailbox or unaligned");
}

static void a_ring_that_ends_behind_its_memory_is_refused(void **state)
{
	struct ring_memory *memory = *state;
	memory->mailbox.ring_size = DATA_OFFSET + DATA_SIZE;
	assert_refused(memory, "the ring does not fit into its memory");
}

static void a_ring_whose_end_overflows_is_refused(void **state)
{
	struct ring_memory *memory = *state;
	memory->mailbox.ring_size = UINT32_MAX - 7;
	assert_refused(memory, "the ring does not fit into its memory");
}

static void a_ring_without_room_is_refused(void **state)
{
	struct ring_memory *memory = *state;
	memory->mailbox.ring_size = 0;
	assert_refused(memory, "the ring does not fit into its memory");
}

static void a_tail_outside_of_the_ring_is_refused(void **state)
{
	struct ring_memory *memory = *state;
	memory->mailbox.tail = RING_SIZE;
	assert_refused(memory, "the tail of the ring is not a position in it");
}

static void memory_too_small_for_a_mailbox_is_refused(void **state)
{
	struct ring_memory *memory = *state;
	assert_false(ring_init(&memory->ring, memory->bytes, 127, NULL));
}

/* ---- head and entries ---------------------------------------------------------------------- */

static void a_head_outside_of_the_ring_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	memory->mailbox.head = RING_SIZE;
	assert_breaks(memory, "the head of the ring is not a position in it");
}

static void a_head_that_is_not_aligned_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	memory->mailbox.head = 12;
	assert_breaks(memory, "the head of the ring is not a position in it");
}

static void an_entry_without_length_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	memory->mailbox.head = 128;
	assert_breaks(memory, "an entry is empty or runs out of the ring");
}

static void an_entry_beyond_head_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1);
	memory->mailbox.head -= 8;
	assert_breaks(memory, "an entry is empty or runs out of the ring");
}

static void an_entry_beyond_the_end_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, RING_SIZE - 64);
	put_entry(memory, ABI_COMMAND, 1, 64)->length_op = 128 | ABI_COMMAND;
	memory->mailbox.head = 256;
	assert_breaks(memory, "an entry is empty or runs out of the ring");
}

static void padding_beyond_head_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_entry(memory, ABI_PAD, 0, 64)->length_op = RING_SIZE;
	assert_breaks(memory, "an entry is empty or runs out of the ring");
}

static void a_command_too_short_for_its_answer_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_entry(memory, ABI_COMMAND, 1, 104);
	assert_breaks(memory, "an entry has no room for its answer");
}

static void an_unknown_op_too_short_for_its_answer_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_entry(memory, 3, 1, 8);
	assert_breaks(memory, "an entry has no room for its answer");
}

static void the_id_0_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 0);
	assert_breaks(memory, "a command has the id 0");
}

/* ---- commands ------------------------------------------------------------------------------ */

static void more_iovecs_than_room_break_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1)->iov_count = UINT32_MAX;
	assert_breaks(memory, "a command has more iovecs than room for them");
}

static void counts_of_iovecs_that_overflow_break_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	struct abi_request *request = put_command(memory, 1);
	request->iov_count = 0x80000000u;
	request->iov_in_count = 0x80000000u;
	assert_breaks(memory, "a command has more iovecs than room for them");
}

static void assert_cdb_outside(struct ring_memory *memory, uint64_t offset)
{
	memory_begin(memory, 0);
	put_command(memory, 1)->cdb_offset = offset;
	assert_breaks(memory, "the CDB of a command lies outside of its entry");
	ring_finish(&memory->ring);
}

static void a_cdb_outside_of_its_entry_breaks_it(void **state)
{
	assert_cdb_outside(*state, 0);
	assert_cdb_outside(*state, RING_OFFSET + 47);
	assert_cdb_outside(*state, RING_OFFSET + ENTRY);
	assert_cdb_outside(*state, UINT64_MAX);
}

static void a_cdb_that_runs_out_of_its_entry_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1);
	*(uint8_t *)memory_at(memory, ENTRY - 8) = 0x88;
	assert_breaks(memory, "the CDB of a command runs out of its entry");
}

static void assert_iov_breaks(struct ring_memory *memory, uint64_t offset, uint64_t length)
{
	struct ring_entry entry;
	struct iovec iov;
	uint64_t sum;
	memory_begin(memory, 0);
	struct abi_request *request = put_command(memory, 1);
	request->iov_count = 1;
	request->iov[0] = (struct abi_iovec){offset, length};
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_ENTRY);
	assert_false(ring_iov(&memory->ring, &entry, &iov, 1, &sum));
	assert_string_equal(memory->ring.broken, "an iovec points outside of the data area");
	ring_finish(&memory->ring);
}

static void an_iovec_outside_of_the_data_area_breaks_it(void **state)
{
	assert_iov_breaks(*state, 0, 8);
	assert_iov_breaks(*state, DATA_OFFSET - 1, 8);
	assert_iov_breaks(*state, DATA_OFFSET + DATA_SIZE - 4, 8);
	assert_iov_breaks(*state, DATA_OFFSET + DATA_SIZE + 1, 0);
	assert_iov_breaks(*state, UINT64_MAX - 3, 8);
	assert_iov_breaks(*state, DATA_OFFSET, UINT64_MAX);
}

/* ---- task management ----------------------------------------------------------------------- */

static void a_short_task_management_entry_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_entry(memory, ABI_TASK_MANAGEMENT, 0, 24);
	assert_breaks(memory, "a task management entry is too short");
}

static void more_ids_than_room_break_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_task_management(memory, 4)->id_count = UINT32_MAX;
	assert_breaks(memory, "a task management entry has more ids than room for them");
}

/* ---- afterwards ---------------------------------------------------------------------------- */

static void a_broken_ring_stays_broken(void **state)
{
	struct ring_memory *memory = *state;
	struct ring_entry entry;
	memory_begin(memory, 0);
	memory->mailbox.head = 4;
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_BROKEN);
	memory->mailbox.head = 0;
	put_command(memory, 1);
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_BROKEN);
	assert_false(ring_restart(&memory->ring));
}

static void the_first_reason_counts(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	ring_break(&memory->ring, "first");
	ring_break(&memory->ring, "second");
	assert_string_equal(memory->ring.broken, "first");
}

static void a_reset_to_a_tail_outside_breaks_it(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	memory->mailbox.tail = 4;
	assert_true(ring_was_reset(&memory->ring));
	assert_false(ring_restart(&memory->ring));
	assert_string_equal(memory->ring.broken, "the tail of the ring is not a position in it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ring_test(another_layout_is_refused),
		ring_test(a_kernel_that_wants_answers_in_order_is_refused),
		ring_test(a_ring_inside_the_mailbox_is_refused),
		ring_test(a_ring_that_is_not_aligned_is_refused),
		ring_test(a_ring_that_ends_behind_its_memory_is_refused),
		ring_test(a_ring_whose_end_overflows_is_refused),
		ring_test(a_ring_without_room_is_refused),
		ring_test(a_tail_outside_of_the_ring_is_refused),
		ring_test(memory_too_small_for_a_mailbox_is_refused),
		ring_test(a_head_outside_of_the_ring_breaks_it),
		ring_test(a_head_that_is_not_aligned_breaks_it),
		ring_test(an_entry_without_length_breaks_it),
		ring_test(an_entry_beyond_head_breaks_it),
		ring_test(an_entry_beyond_the_end_breaks_it),
		ring_test(padding_beyond_head_breaks_it),
		ring_test(a_command_too_short_for_its_answer_breaks_it),
		ring_test(an_unknown_op_too_short_for_its_answer_breaks_it),
		ring_test(the_id_0_breaks_it),
		ring_test(more_iovecs_than_room_break_it),
		ring_test(counts_of_iovecs_that_overflow_break_it),
		ring_test(a_cdb_outside_of_its_entry_breaks_it),
		ring_test(a_cdb_that_runs_out_of_its_entry_breaks_it),
		ring_test(an_iovec_outside_of_the_data_area_breaks_it),
		ring_test(a_short_task_management_entry_breaks_it),
		ring_test(more_ids_than_room_break_it),
		ring_test(a_broken_ring_stays_broken),
		ring_test(the_first_reason_counts),
		ring_test(a_reset_to_a_tail_outside_breaks_it),
	};
	return cmocka_run_group_tests_name("tcmu/bad entries", tests, NULL, NULL);
}
