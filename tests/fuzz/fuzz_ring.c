/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile memory under a ring device: entries as a kernel would put them and any bytes over them,
 * heads and tails that are none, resets at any moment, while commands wait for workers, for the
 * library and for their end. Whatever happens, the device touches nothing but answers, data of
 * commands and the tail, and comes to rest.
 */
#include "support.h"

#include "device_private.h"
#include "drive.h"
#include "util/reader.h"

enum {
	RING_SIZE = 2048,
	RING_OFFSET = 128,
	DATA_OFFSET = RING_OFFSET + RING_SIZE,
	DATA_SIZE = 16 * 1024,
	GUARD = 4096,
	GUARD_BYTE = 0x47,
	IOV_MAX_HERE = 4,
	STEPS_MAX = 256,
};

enum step { COMMAND, MANAGE, PAD, BYTES, HEAD, TAIL, SERVE, WORK, LIBRARY, RESET, STEP_COUNT };

struct memory {
	struct ring_port port;
	struct drive *drive;
	struct ring_device *device;
	unsigned failures;
	uint32_t head; /* where entries are put */
	uint32_t tail; /* as the last call has shown it */
	bool wild;     /* the tail was ours to spoil */
	union {
		struct abi_mailbox mailbox;
		uint8_t bytes[DATA_OFFSET + DATA_SIZE + GUARD];
	};
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the port ------------------------------------------------------------------------------ */

static int port_acknowledge(struct ring_port *port)
{
	return 1;
}

/* From the tail of the last call forward. */
static uint32_t distance(const struct memory *memory, uint32_t to)
{
	return to >= memory->tail ? to - memory->tail
				  : to + memory->mailbox.ring_size - memory->tail;
}

static int port_kick(struct ring_port *port)
{
	struct memory *memory = container_of(port, struct memory, port);
	uint32_t tail = memory->mailbox.tail;
	if (memory->wild)
		return 0;
	assert_true(tail < RING_SIZE && tail % ABI_ALIGN == 0);
	/* Never past the head: the kernel would not come back from there. */
	assert_true(distance(memory, tail) <= distance(memory, memory->mailbox.head));
	memory->tail = tail;
	return 0;
}

static void port_close(struct ring_port *port)
{
}

static const struct ring_port_ops port_ops = {
	.acknowledge = port_acknowledge,
	.kick = port_kick,
	.close = port_close,
};

static void failed(void *context, const char *reason)
{
	struct memory *memory = context;
	memory->failures++;
	assert_true(reason[0]);
}

/* ---- the steps ----------------------------------------------------------------------------- */

static uint8_t *ring_bytes(struct memory *memory)
{
	return memory->bytes + RING_OFFSET;
}

static void put(struct memory *memory, const void *entry, uint32_t length)
{
	if (memory->head + length > RING_SIZE)
		return;
	memcpy(ring_bytes(memory) + memory->head, entry, length);
	memory->head = (memory->head + length) % RING_SIZE;
	memory->mailbox.head = memory->head;
}

static void put_command(struct memory *memory, struct reader *reader)
{
	union {
		struct abi_request request;
		uint8_t bytes[112 + 16];
	} entry = {.request.header = {.length_op = sizeof entry | ABI_COMMAND}};
	entry.request.header.id = reader_u8(reader);
	entry.request.iov_count = reader_u8(reader) % (IOV_MAX_HERE + 1);
	entry.request.cdb_offset = RING_OFFSET + memory->head + 112;
	for (uint32_t i = 0; i < entry.request.iov_count; i++)
		entry.request.iov[i] = (struct abi_iovec){
			.offset = DATA_OFFSET + reader_be16(reader) % DATA_SIZE,
			.length = reader_be16(reader),
		};
	reader_bytes(reader, entry.bytes + 112, 16);
	put(memory, &entry, sizeof entry);
}

static void put_task_management(struct memory *memory, struct reader *reader)
{
	union {
		struct abi_task_management request;
		uint8_t bytes[48];
	} entry = {.request.header = {.length_op = sizeof entry | ABI_TASK_MANAGEMENT}};
	entry.request.function = reader_u8(reader);
	entry.request.id_count = reader_u8(reader) % 9;
	for (unsigned i = 0; i < 8; i++)
		entry.request.ids[i] = reader_u8(reader);
	put(memory, &entry, sizeof entry);
}

static void put_pad(struct memory *memory)
{
	uint32_t rest = RING_SIZE - memory->head;
	*(uint32_t *)(void *)(ring_bytes(memory) + memory->head) = rest | ABI_PAD;
	memory->mailbox.head = memory->head = 0;
}

static void put_bytes(struct memory *memory, struct reader *reader)
{
	size_t position = reader_be16(reader) % RING_SIZE, length = reader_u8(reader);
	if (length > RING_SIZE - position)
		length = RING_SIZE - position;
	reader_bytes(reader, ring_bytes(memory) + position, length);
}

static void reset(struct memory *memory)
{
	memory->mailbox.head = memory->head = 0;
	memory->mailbox.tail = memory->tail = 0;
}

static void serve(struct memory *memory)
{
	struct abi_mailbox before = memory->mailbox;
	memory->device->served.serve(&memory->device->served, true);
	before.tail = memory->mailbox.tail;
	assert_memory_equal(&before, &memory->mailbox, sizeof before);
}

static void work_library(struct drive *drive)
{
	if (!list_empty(&drive->inbox))
		library_answers(drive, SENSE_NONE);
}

static void step(struct memory *memory, struct reader *reader)
{
	switch ((enum step)(reader_u8(reader) % STEP_COUNT)) {
	case COMMAND:
		return put_command(memory, reader);
	case MANAGE:
		return put_task_management(memory, reader);
	case PAD:
		return put_pad(memory);
	case BYTES:
		return put_bytes(memory, reader);
	case HEAD:
		memory->mailbox.head = reader_be16(reader);
		memory->head = memory->mailbox.head % RING_SIZE / ABI_ALIGN * ABI_ALIGN;
		return;
	case TAIL:
		memory->mailbox.tail = reader_be16(reader);
		memory->wild = true;
		return;
	case SERVE:
		return serve(memory);
	case WORK:
		return run_workers(memory->drive);
	case LIBRARY:
		return work_library(memory->drive);
	case RESET:
		return reset(memory);
	case STEP_COUNT:
		return;
	}
}

/* ---- the device ---------------------------------------------------------------------------- */

static void mailbox_init(struct memory *memory, struct reader *reader)
{
	uint8_t how = reader_u8(reader);
	memory->mailbox = (struct abi_mailbox){
		.version = ABI_VERSION,
		.flags = (uint16_t)(ABI_CAN_OUT_OF_ORDER | (how & ABI_CAN_READ_LENGTH)),
		.ring_offset = RING_OFFSET,
		.ring_size = RING_SIZE,
	};
	if (how & 1)
		reader_bytes(reader, &memory->mailbox, 16);
	memory->mailbox.tail = memory->tail = memory->head = how & 0xf8;
	memory->mailbox.head = memory->head;
}

static bool device_init(struct memory *memory)
{
	memory->port = (struct ring_port){
		.ops = &port_ops, .map = memory->bytes, .map_size = DATA_OFFSET + DATA_SIZE};
	const struct ring_device_config config = {
		.port = &memory->port,
		.nexus = memory->drive->a,
		.failed = failed,
		.context = memory,
	};
	memory->device = ring_device_create(&config, NULL);
	return memory->device;
}

/* All that waits is done, one way or the other; destroying waits for nothing then. */
static void come_to_rest(struct memory *memory)
{
	serve(memory);
	ring_device_cancel_all(memory->device);
	run_workers(memory->drive);
	while (!list_empty(&memory->drive->inbox))
		library_answers(memory->drive, SENSE_NONE);
	assert_int_equal(memory->device->unanswered, 0);
	ring_device_destroy(memory->device);
	assert_true(memory->failures <= 1);
	for (size_t i = 0; i < GUARD; i++)
		assert_int_equal(memory->bytes[DATA_OFFSET + DATA_SIZE + i], GUARD_BYTE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory *memory = calloc(1, sizeof *memory);
	struct reader reader;
	assert_non_null(memory);
	memset(memory->bytes + DATA_OFFSET + DATA_SIZE, GUARD_BYTE, GUARD);
	memory->drive = drive_create();
	memory->drive->medium->cached = (uint64_t)MEDIUM_BLOCKS * BLOCK / 2;
	memory->drive->medium->nowait_result = -11; /* EAGAIN: the second half is not cached */
	reader_init(&reader, data, size);
	mailbox_init(memory, &reader);
	if (device_init(memory)) {
		for (int i = 0; i < STEPS_MAX && reader.left > 0; i++)
			step(memory, &reader);
		come_to_rest(memory);
	}
	drive_destroy(memory->drive);
	free(memory);
	return 0;
}
