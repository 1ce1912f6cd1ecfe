/* SPDX-License-Identifier: Apache-2.0 */
/* The ring with a kernel that keeps to the rules. */
#include "support.h"

#include "ring_memory.h"

/* ---- the beginning ------------------------------------------------------------------------- */

static void an_empty_ring_is_empty(void **state)
{
	struct ring_memory *memory = *state;
	struct ring_entry entry;
	memory_begin(memory, 0);
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_EMPTY);
	assert_false(ring_lags(&memory->ring));
}

static void it_goes_on_at_the_tail(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 240);
	put_command(memory, 7);
	assert_int_equal(take(memory).position, 240);
}

static void what_waits_in_the_ring_is_found(void **state)
{
	struct ring_memory *memory = *state;
	put_command(memory, 1);
	put_command(memory, 2);
	assert_true(ring_init(&memory->ring, memory->bytes, sizeof memory->bytes, NULL));
	assert_int_equal(take(memory).id, 1);
	assert_int_equal(take(memory).id, 2);
}

static void a_kernel_without_read_length_will_do(void **state)
{
	struct ring_memory *memory = *state;
	memory->mailbox.flags = ABI_CAN_OUT_OF_ORDER;
	memory_begin(memory, 0);
	assert_false(memory->ring.read_length);
}

/* ---- taking -------------------------------------------------------------------------------- */

static void peeking_twice_finds_the_same_entry(void **state)
{
	struct ring_memory *memory = *state;
	struct ring_entry first, second;
	memory_begin(memory, 0);
	put_command(memory, 3);
	assert_int_equal(ring_peek(&memory->ring, &first), RING_ENTRY);
	assert_int_equal(ring_peek(&memory->ring, &second), RING_ENTRY);
	assert_int_equal(first.position, second.position);
}

static struct ring_entry take_cdb(struct ring_memory *memory, uint8_t opcode, uint8_t seventh)
{
	uint32_t position = memory->mailbox.head;
	put_entry(memory, ABI_COMMAND, 1, 112 + 264);
	struct abi_request *request = memory_at(memory, position);
	uint8_t *cdb = memory_at(memory, position + 112);
	request->cdb_offset = RING_OFFSET + position + 112;
	memset(cdb, 0xff, 264);
	cdb[0] = opcode;
	cdb[7] = seventh;
	return take(memory);
}

static void assert_cdb_length(struct ring_memory *memory, uint8_t opcode, unsigned length)
{
	memory_begin(memory, 0);
	struct ring_entry entry = take_cdb(memory, opcode, 0xff);
	assert_int_equal(entry.cdb_length, length);
	assert_int_equal(entry.cdb[0], opcode);
	assert_int_equal(entry.cdb[length - 1], 0xff);
	for (unsigned i = length; i < SCSI_CDB_MAX; i++)
		assert_int_equal(entry.cdb[i], 0);
	ring_finish(&memory->ring);
}

static void the_cdb_is_as_long_as_its_group_says(void **state)
{
	assert_cdb_length(*state, 0x12, 6);
	assert_cdb_length(*state, 0x28, 10);
	assert_cdb_length(*state, 0x5a, 10);
	assert_cdb_length(*state, 0xa8, 12);
	assert_cdb_length(*state, 0x88, 16);
}

static void the_kernel_cuts_vendor_specific_cdbs_to_ten_bytes(void **state)
{
	assert_cdb_length(*state, 0xc1, 10);
	assert_cdb_length(*state, 0xd8, 10);
	assert_cdb_length(*state, 0xff, 10);
}

static void group_three_has_twelve_bytes(void **state)
{
	assert_cdb_length(*state, 0x60, 12);
	assert_cdb_length(*state, 0x7e, 12);
}

static void a_variable_length_cdb_says_its_length(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	assert_int_equal(take_cdb(memory, 0x7f, 12).cdb_length, 20);
}

static void a_cdb_longer_than_any_of_ours_is_cut(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	assert_int_equal(take_cdb(memory, 0x7f, 252).cdb_length, SCSI_CDB_MAX);
}

static void iovecs_become_pointers_into_the_data_area(void **state)
{
	struct ring_memory *memory = *state;
	struct ring_entry entry;
	struct iovec iov[2];
	uint64_t length;
	memory_begin(memory, 0);
	struct abi_request *request = put_command(memory, 1);
	request->iov_count = 2;
	request->iov[0] = (struct abi_iovec){DATA_OFFSET, 4000};
	request->iov[1] = (struct abi_iovec){DATA_OFFSET + 4000, 96};
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_ENTRY);
	assert_true(ring_iov(&memory->ring, &entry, iov, 2, &length));
	assert_int_equal(length, DATA_SIZE);
	assert_ptr_equal(iov[0].iov_base, memory->bytes + DATA_OFFSET);
	assert_ptr_equal(iov[1].iov_base, memory->bytes + DATA_OFFSET + 4000);
	assert_int_equal(iov[1].iov_len, 96);
}

static void padding_is_stepped_over(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, RING_SIZE - 136);
	put_pad(memory, 136);
	put_command(memory, 5);
	assert_int_equal(take(memory).position, 0);
}

static void padding_can_be_eight_bytes(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, RING_SIZE - 8);
	put_pad(memory, 8);
	put_command(memory, 5);
	assert_int_equal(take(memory).position, 0);
}

static void an_entry_may_end_where_the_ring_ends(void **state)
{
	struct ring_memory *memory = *state;
	struct ring_entry entry;
	memory_begin(memory, RING_SIZE - ENTRY);
	put_command(memory, 5);
	take(memory);
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_EMPTY);
	answer(memory, 5);
	ring_publish(&memory->ring);
	assert_int_equal(memory->mailbox.tail, 0);
}

static void task_management_lists_its_ids(void **state)
{
	struct ring_memory *memory = *state;
	struct ring_entry entry;
	memory_begin(memory, 0);
	struct abi_task_management *request = put_task_management(memory, 3);
	request->function = ABI_LUN_RESET;
	memcpy(request->ids, (uint16_t[]){9, 65535, 2}, 6);
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_ENTRY);
	assert_int_equal(entry.kind, RING_TASK_MANAGEMENT);
	assert_int_equal(entry.function, ABI_LUN_RESET);
	assert_int_equal(entry.id_count, 3);
	assert_int_equal(ring_id(&memory->ring, &entry, 0), 9);
	assert_int_equal(ring_id(&memory->ring, &entry, 1), 65535);
	assert_int_equal(ring_id(&memory->ring, &entry, 2), 2);
}

static void task_management_may_concern_nobody(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_task_management(memory, 0);
	assert_int_equal(take(memory).id_count, 0);
}

static void the_op_of_a_newer_kernel_is_unknown(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_entry(memory, 5, 4, ENTRY);
	assert_int_equal(take(memory).kind, RING_UNKNOWN);
}

static void data_in_of_its_own_makes_a_command_bidirectional(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1)->iov_in_count = 1;
	assert_true(take(memory).bidirectional);
}

/* ---- answering ----------------------------------------------------------------------------- */

static void an_answer_goes_into_the_oldest_slot_whoever_it_is_for(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1);
	put_command(memory, 2);
	take(memory);
	take(memory);
	answer(memory, 2);
	ring_publish(&memory->ring);
	const struct abi_header *slot = memory_at(memory, 0);
	assert_int_equal(slot->id, 2);
	assert_int_equal(memory->mailbox.tail, ENTRY);
}

static void an_answer_says_all_that_is_known(void **state)
{
	struct ring_memory *memory = *state;
	struct ring_answer check = {.id = 1, .status = 0x02, .read_length = 77};
	memory_begin(memory, 0);
	put_command(memory, 1);
	take(memory);
	memset(check.sense, 0x70, sizeof check.sense);
	ring_answer(&memory->ring, &check);
	const struct abi_response *slot = memory_at(memory, 0);
	assert_int_equal(slot->status, 0x02);
	assert_int_equal(slot->read_length, 77);
	assert_int_equal(slot->header.our_flags, ABI_READ_LENGTH_VALID);
	assert_memory_equal(slot->sense, check.sense, sizeof check.sense);
}

static void a_length_of_nothing_is_not_said(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1);
	take(memory);
	answer(memory, 1);
	assert_int_equal(((struct abi_header *)memory_at(memory, 0))->our_flags, 0);
}

static void an_unknown_op_is_answered_as_such(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_entry(memory, 6, 4, ENTRY);
	take(memory);
	ring_answer(&memory->ring, &(struct ring_answer){.id = 4, .unknown_op = true});
	assert_int_equal(((struct abi_header *)memory_at(memory, 0))->our_flags, ABI_UNKNOWN_OP);
}

static void length_and_op_of_a_slot_stay_the_kernels(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1);
	take(memory);
	answer(memory, 1);
	assert_int_equal(
		((struct abi_header *)memory_at(memory, 0))->length_op, ENTRY | ABI_COMMAND);
}

static void nothing_is_written_behind_an_answer(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1);
	take(memory);
	memset(memory_at(memory, sizeof(struct abi_response)), 0x5a, 8);
	answer(memory, 1);
	const uint8_t *behind = memory_at(memory, sizeof(struct abi_response));
	assert_int_equal(behind[0], 0x5a);
}

static void a_taken_entry_is_not_looked_at_again(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1);
	put_command(memory, 2);
	take(memory);
	take(memory);
	memset(memory_at(memory, 0), 0xff, 2 * ENTRY);
	answer(memory, 2);
	answer(memory, 1);
	ring_publish(&memory->ring);
	assert_int_equal(memory->mailbox.tail, 2 * ENTRY);
}

static void the_tail_passes_over_task_management_and_padding(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, RING_SIZE - ENTRY - 40);
	put_command(memory, 1);
	put_task_management(memory, 0);
	put_pad(memory, 8);
	put_command(memory, 2);
	take(memory);
	take(memory);
	take(memory);
	answer(memory, 1);
	ring_publish(&memory->ring);
	assert_int_equal(memory->mailbox.tail, 0);
}

static void task_management_alone_is_given_back(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_task_management(memory, 0);
	take(memory);
	assert_true(ring_lags(&memory->ring));
	ring_publish(&memory->ring);
	assert_int_equal(memory->mailbox.tail, memory->mailbox.head);
	assert_false(ring_lags(&memory->ring));
}

static void the_tail_never_passes_what_was_taken(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1);
	put_command(memory, 2);
	take(memory);
	answer(memory, 1);
	ring_publish(&memory->ring);
	assert_int_equal(memory->mailbox.tail, ENTRY);
	assert_int_equal(memory->mailbox.head, 2 * ENTRY);
}

static void without_an_answer_there_is_nothing_to_publish(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	put_command(memory, 1);
	put_task_management(memory, 0);
	take(memory);
	take(memory);
	assert_false(ring_lags(&memory->ring));
}

static void a_full_ring_wraps_many_times(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 0);
	for (uint16_t i = 1; i < 100; i++) {
		if (memory->mailbox.head + ENTRY > RING_SIZE)
			put_pad(memory, RING_SIZE - memory->mailbox.head);
		put_command(memory, i);
		assert_int_equal(take(memory).id, i);
		answer(memory, i);
		ring_publish(&memory->ring);
		assert_int_equal(memory->mailbox.tail, memory->mailbox.head);
	}
}

/* ---- resets -------------------------------------------------------------------------------- */

static void a_reset_shows_in_the_tail(void **state)
{
	struct ring_memory *memory = *state;
	struct ring_entry entry;
	memory_begin(memory, 480);
	memory->mailbox.head = memory->mailbox.tail = 0;
	assert_true(ring_was_reset(&memory->ring));
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_RESET);
}

static void a_reset_to_where_the_tail_was_shows_in_the_head(void **state)
{
	struct ring_memory *memory = *state;
	struct ring_entry entry;
	memory_begin(memory, 0);
	put_command(memory, 1);
	put_command(memory, 2);
	take(memory);
	take(memory);
	memory->mailbox.head = 0;
	put_command(memory, 1);
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_RESET);
}

static void after_a_reset_it_begins_again(void **state)
{
	struct ring_memory *memory = *state;
	memory_begin(memory, 480);
	put_command(memory, 1);
	take(memory);
	memory->mailbox.head = memory->mailbox.tail = 0;
	put_command(memory, 2);
	assert_true(ring_restart(&memory->ring));
	assert_int_equal(take(memory).id, 2);
	answer(memory, 2);
	ring_publish(&memory->ring);
	assert_int_equal(memory->mailbox.tail, ENTRY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ring_test(an_empty_ring_is_empty),
		ring_test(it_goes_on_at_the_tail),
		ring_test(what_waits_in_the_ring_is_found),
		ring_test(a_kernel_without_read_length_will_do),
		ring_test(peeking_twice_finds_the_same_entry),
		ring_test(the_cdb_is_as_long_as_its_group_says),
		ring_test(the_kernel_cuts_vendor_specific_cdbs_to_ten_bytes),
		ring_test(group_three_has_twelve_bytes),
		ring_test(a_variable_length_cdb_says_its_length),
		ring_test(a_cdb_longer_than_any_of_ours_is_cut),
		ring_test(iovecs_become_pointers_into_the_data_area),
		ring_test(padding_is_stepped_over),
		ring_test(padding_can_be_eight_bytes),
		ring_test(an_entry_may_end_where_the_ring_ends),
		ring_test(task_management_lists_its_ids),
		ring_test(task_management_may_concern_nobody),
		ring_test(the_op_of_a_newer_kernel_is_unknown),
		ring_test(data_in_of_its_own_makes_a_command_bidirectional),
		ring_test(an_answer_goes_into_the_oldest_slot_whoever_it_is_for),
		ring_test(an_answer_says_all_that_is_known),
		ring_test(a_length_of_nothing_is_not_said),
		ring_test(an_unknown_op_is_answered_as_such),
		ring_test(length_and_op_of_a_slot_stay_the_kernels),
		ring_test(nothing_is_written_behind_an_answer),
		ring_test(a_taken_entry_is_not_looked_at_again),
		ring_test(the_tail_passes_over_task_management_and_padding),
		ring_test(task_management_alone_is_given_back),
		ring_test(the_tail_never_passes_what_was_taken),
		ring_test(without_an_answer_there_is_nothing_to_publish),
		ring_test(a_full_ring_wraps_many_times),
		ring_test(a_reset_shows_in_the_tail),
		ring_test(a_reset_to_where_the_tail_was_shows_in_the_head),
		ring_test(after_a_reset_it_begins_again),
	};
	return cmocka_run_group_tests_name("tcmu/ring", tests, NULL, NULL);
}
