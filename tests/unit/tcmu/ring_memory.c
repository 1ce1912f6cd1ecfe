/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdlib.h>

#include "ring_memory.h"

int memory_setup(void **state)
{
	struct ring_memory *memory = aligned_alloc(16, (sizeof *memory + 15) / 16 * 16);
	assert_non_null(memory);
	memset(memory, 0, sizeof *memory);
	memory->mailbox = (struct abi_mailbox){
		.version = ABI_VERSION,
		.flags = ABI_CAN_OUT_OF_ORDER | ABI_CAN_READ_LENGTH | ABI_CAN_TASK_MANAGEMENT,
		.ring_offset = RING_OFFSET,
		.ring_size = RING_SIZE,
	};
	*state = memory;
	return 0;
}

int memory_teardown(void **state)
{
	struct ring_memory *memory = *state;
	ring_finish(&memory->ring);
	free(memory);
	return 0;
}

void memory_begin(struct ring_memory *memory, uint32_t position)
{
	memory->mailbox.head = memory->mailbox.tail = position;
	assert_true(ring_init(&memory->ring, memory->bytes, sizeof memory->bytes, NULL));
}

void *memory_at(struct ring_memory *memory, uint32_t position)
{
	return memory->bytes + RING_OFFSET + position;
}

struct abi_header *put_entry(struct ring_memory *memory, unsigned op, uint16_t id, uint32_t length)
{
	struct abi_header *header = memory_at(memory, memory->mailbox.head);
	assert_true(memory->mailbox.head + length <= RING_SIZE);
	memset(header, 0, length);
	*header = (struct abi_header){.length_op = length | op, .id = id};
	memory->mailbox.head = (memory->mailbox.head + length) % RING_SIZE;
	return header;
}

struct abi_request *put_command(struct ring_memory *memory, uint16_t id)
{
	uint32_t position = memory->mailbox.head;
	put_entry(memory, ABI_COMMAND, id, ENTRY);
	struct abi_request *request = memory_at(memory, position);
	request->cdb_offset = RING_OFFSET + position + ENTRY - 8;
	return request;
}

void put_pad(struct ring_memory *memory, uint32_t length)
{
	put_entry(memory, ABI_PAD, 0, length);
}

struct abi_task_management *put_task_management(struct ring_memory *memory, uint32_t ids)
{
	uint32_t position = memory->mailbox.head;
	put_entry(memory, ABI_TASK_MANAGEMENT, 0,
		(uint32_t)sizeof(struct abi_task_management) + (ids * 2 + 7) / 8 * 8);
	struct abi_task_management *request = memory_at(memory, position);
	request->id_count = ids;
	return request;
}

struct ring_entry take(struct ring_memory *memory)
{
	struct ring_entry entry;
	assert_int_equal(ring_peek(&memory->ring, &entry), RING_ENTRY);
	ring_take(&memory->ring, &entry);
	return entry;
}

void answer(struct ring_memory *memory, uint16_t id)
{
	ring_answer(&memory->ring, &(struct ring_answer){.id = id});
}
