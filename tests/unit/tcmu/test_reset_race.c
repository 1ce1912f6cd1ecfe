/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring that is reset while it is looked at. All of it is full of old commands, as a ring that has
 * been used is: none of them may be taken.
 */
#include "support.h"

#include <sched.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "ring.h"

enum { ROUNDS = 20000, ENTRIES = 16, LENGTH = 120, TAIL = 5 * LENGTH, HEAD = 9 * LENGTH };

static struct {
	struct abi_mailbox box;
	uint8_t ring[ENTRIES * LENGTH];
} memory;

static atomic_uint round_begun, round_done;

static void fill(void)
{
	memory.box = (struct abi_mailbox){.version = ABI_VERSION,
		.flags = ABI_CAN_OUT_OF_ORDER,
		.ring_offset = sizeof memory.box,
		.ring_size = sizeof memory.ring};
	for (uint32_t i = 0; i < ENTRIES; i++) {
		struct abi_request *entry = (void *)(memory.ring + i * LENGTH);
		entry->header = (struct abi_header){.length_op = LENGTH | ABI_COMMAND, .id = 7};
		entry->cdb_offset = sizeof memory.box + i * LENGTH + 112;
	}
}

/* The kernel: the tail first, then the head. */
static void *resetter(void *argument)
{
	for (unsigned i = 1; i <= ROUNDS; i++) {
		while (atomic_load(&round_begun) < i)
			sched_yield();
		__atomic_store_n(&memory.box.tail, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&memory.box.head, 0, __ATOMIC_RELEASE);
		atomic_store(&round_done, i);
	}
	return NULL;
}

/* One command at the tail is taken, and nothing waits. */
static void before_the_reset(struct ring *ring)
{
	struct ring_entry entry;
	memory.box.tail = TAIL;
	memory.box.head = HEAD;
	assert_true(ring_restart(ring));
	while (ring_peek(ring, &entry) == RING_ENTRY)
		ring_take(ring, &entry);
	assert_int_equal(ring->taken, HEAD);
}

static void old_commands_are_not_taken_again(void **state)
{
	pthread_t thread;
	struct ring ring;
	fill();
	assert_true(ring_init(&ring, &memory, sizeof memory, NULL));
	assert_int_equal(pthread_create(&thread, NULL, resetter, NULL), 0);
	for (unsigned i = 1; i <= ROUNDS; i++) {
		before_the_reset(&ring);
		atomic_store(&round_begun, i);
		enum ring_result result;
		do {
			struct ring_entry entry;
			result = ring_peek(&ring, &entry);
		} while (result == RING_EMPTY);
		assert_int_equal(result, RING_RESET);
		while (atomic_load(&round_done) < i)
			sched_yield();
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	ring_finish(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(old_commands_are_not_taken_again)};
	return cmocka_run_group_tests_name("tcmu/reset-race", tests, NULL, NULL);
}
