/* SPDX-License-Identifier: Apache-2.0 */
/* A mapping written by hand, entry by entry: for tests of the ring alone. */
#pragma once

#include <stdint.h>

#include "ring.h"

enum {
	RING_SIZE = 1024,
	RING_OFFSET = 128,
	DATA_OFFSET = RING_OFFSET + RING_SIZE,
	DATA_SIZE = 4096,
	ENTRY = 120, /* the shortest command: an answer and a CDB of up to eight bytes */
};

struct ring_memory {
	union {
		struct abi_mailbox mailbox;
		uint8_t bytes[DATA_OFFSET + DATA_SIZE];
	};
	struct ring ring;
};

/* cmocka fixtures: an empty ring that was not looked at yet. */
int memory_setup(void **state);
int memory_teardown(void **state);
#define ring_test(test) cmocka_unit_test_setup_teardown(test, memory_setup, memory_teardown)

/* Head and tail start here; then ring_init. */
void memory_begin(struct ring_memory *memory, uint32_t position);

void *memory_at(struct ring_memory *memory, uint32_t position);
/* At head, which moves on; `length` is all of the entry. */
struct abi_header *put_entry(struct ring_memory *memory, unsigned op, uint16_t id, uint32_t length);
/* A TEST UNIT READY without data. */
struct abi_request *put_command(struct ring_memory *memory, uint16_t id);
void put_pad(struct ring_memory *memory, uint32_t length);
struct abi_task_management *put_task_management(struct ring_memory *memory, uint32_t ids);

/* Peeks and takes; the entry must be there. */
struct ring_entry take(struct ring_memory *memory);
void answer(struct ring_memory *memory, uint16_t id);
