/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct abi_mailbox *mailbox(const struct ring *ring)
{
	return (struct abi_mailbox *)(void *)ring->map;
}

static uint32_t load_head(const struct ring *ring)
{
	return __atomic_load_n(&mailbox(ring)->head, __ATOMIC_ACQUIRE);
}

static uint32_t load_tail(const struct ring *ring)
{
	return __atomic_load_n(&mailbox(ring)->tail, __ATOMIC_RELAXED);
}

static bool is_position(const struct ring *ring, uint32_t position)
{
	return position < ring->size && position % ABI_ALIGN == 0;
}

/* From `from` forward to `to`, around the end. */
static uint32_t distance(const struct ring *ring, uint32_t from, uint32_t to)
{
	return to >= from ? to - from : to + ring->size - from;
}

static uint32_t advance(const struct ring *ring, uint32_t position, uint32_t length)
{
	return position + length == ring->size ? 0 : position + length;
}

static const uint8_t *at(const struct ring *ring, uint32_t position)
{
	return ring->map + ring->offset + position;
}

void ring_break(struct ring *ring, const char *reason)
{
	if (!ring->broken)
		ring->broken = reason;
}

static enum ring_result broken(struct ring *ring, const char *reason)
{
	ring_break(ring, reason);
	return RING_BROKEN;
}

/* ---- the beginning ------------------------------------------------------------------------- */

static const char kernel_remedy[] =
	"Run a kernel whose target_core_user is that of Linux 5.10 or later.";

static bool check_mailbox(
	const struct abi_mailbox *box, size_t map_size, const char **ret, struct error *error)
{
	uint64_t end = (uint64_t)box->ring_offset + box->ring_size;
	*ret = NULL;
	if (box->version != ABI_VERSION)
		return error_set(error, ERROR_KERNEL_TARGET, kernel_remedy,
			"the ring has layout version %u, not %u", box->version, ABI_VERSION);
	if (!(box->flags & ABI_CAN_OUT_OF_ORDER))
		return error_set(error, ERROR_KERNEL_TARGET, kernel_remedy,
			"the kernel takes answers only in the order of the commands");
	if (box->ring_offset < sizeof *box || box->ring_offset % ABI_ALIGN)
		*ret = "the ring begins inside the mailbox or unaligned";
	else if (!box->ring_size || box->ring_size % ABI_ALIGN || end > map_size)
		*ret = "the ring does not fit into its memory";
	return !*ret;
}

bool ring_init(struct ring *ring, void *map, size_t map_size, struct error *error)
{
	static const char remedy[] = "Reset the ring (action/reset_ring) or make the device again.";
	struct abi_mailbox box;
	const char *wrong = NULL;
	*ring = (struct ring){.map = map, .map_size = map_size};
	if (map_size < sizeof box)
		return error_set(error, ERROR_KERNEL_TARGET, remedy,
			"the memory of the ring has only %zu bytes", map_size);
	memcpy(&box, map, sizeof box);
	if (!check_mailbox(&box, map_size, &wrong, error))
		return wrong ? error_set(error, ERROR_KERNEL_TARGET, remedy, "%s", wrong) : false;

	ring->offset = box.ring_offset;
	ring->size = box.ring_size;
	ring->read_length = box.flags & ABI_CAN_READ_LENGTH;
	if (!ring_restart(ring))
		return error_set(error, ERROR_KERNEL_TARGET, remedy, "%s", ring->broken);
	/* Every taken command has at least the room of its answer. */
	ring->slot_capacity = ring->size / sizeof(struct abi_response) + 1;
	ring->slots = calloc(ring->slot_capacity, sizeof *ring->slots);
	if (!ring->slots)
		return error_set(error, ERROR_NO_MEMORY, "Free memory.", "no memory for a ring");
	return true;
}

void ring_finish(struct ring *ring)
{
	free(ring->slots);
	ring->slots = NULL;
}

bool ring_restart(struct ring *ring)
{
	if (ring->broken)
		return false;
	uint32_t tail = load_tail(ring);
	if (!is_position(ring, tail))
		return ring_break(ring, "the tail of the ring is not a position in it"), false;
	ring->tail = ring->taken = tail;
	ring->slot_first = ring->slot_count = 0;
	return true;
}

/* ---- taking -------------------------------------------------------------------------------- */

/*
 * A reset puts the tail back to 0, then the head. It shows as a tail that is not where we left it,
 * or, if that was at 0, as a head that has fallen behind what we took. The head is loaded first: if
 * the tail is still in its place after that, the head was from before any reset.
 */
static bool was_reset(const struct ring *ring, uint32_t head)
{
	uint32_t tail = load_tail(ring);
	return tail != ring->tail || distance(ring, tail, head) < distance(ring, tail, ring->taken);
}

bool ring_was_reset(const struct ring *ring)
{
	return was_reset(ring, load_head(ring));
}

/* By the group of the operation code, as the kernel does it (SPC-4 4.2.5.1; 7Fh: SPC-4 4.2.3). */
static unsigned cdb_length(const uint8_t *cdb)
{
	static const uint8_t of_group[8] = {6, 10, 10, 12, 16, 12, 10, 10};
	return cdb[0] == 0x7f ? 8u + cdb[7] : of_group[cdb[0] >> 5];
}

static enum ring_result peek_command(struct ring *ring, struct ring_entry *entry)
{
	struct abi_request request;
	memcpy(&request, at(ring, entry->position), sizeof request);
	uint64_t iovs =
		(uint64_t)request.iov_count + request.iov_in_count + request.iov_integrity_count;
	uint64_t begin = (uint64_t)ring->offset + entry->position;
	uint64_t end = begin + entry->length;
	uint64_t cdb_begin = begin + sizeof request + iovs * sizeof(struct abi_iovec);
	if (cdb_begin > end)
		return broken(ring, "a command has more iovecs than room for them");
	if (request.cdb_offset < cdb_begin || request.cdb_offset >= end)
		return broken(ring, "the CDB of a command lies outside of its entry");

	uint64_t room = end - request.cdb_offset;
	size_t copied = room < sizeof entry->cdb ? room : sizeof entry->cdb;
	memcpy(entry->cdb, ring->map + request.cdb_offset, copied);
	unsigned length = cdb_length(entry->cdb);
	if (length > room)
		return broken(ring, "the CDB of a command runs out of its entry");
	if (length < copied)
		memset(entry->cdb + length, 0, copied - length);
	entry->cdb_length = (uint8_t)(length < copied ? length : copied);
	entry->iov_count = request.iov_count;
	entry->bidirectional = request.iov_in_count;
	return RING_ENTRY;
}

static enum ring_result peek_task_management(struct ring *ring, struct ring_entry *entry)
{
	struct abi_task_management request;
	if (entry->length < sizeof request)
		return broken(ring, "a task management entry is too short");
	memcpy(&request, at(ring, entry->position), sizeof request);
	if (request.id_count > (entry->length - sizeof request) / sizeof request.ids[0])
		return broken(ring, "a task management entry has more ids than room for them");
	entry->function = request.function;
	entry->id_count = request.id_count;
	return RING_ENTRY;
}

static enum ring_result peek_body(struct ring *ring, struct ring_entry *entry, unsigned op)
{
	if (op == ABI_TASK_MANAGEMENT) {
		entry->kind = RING_TASK_MANAGEMENT;
		return peek_task_management(ring, entry);
	}
	entry->kind = op == ABI_COMMAND ? RING_COMMAND : RING_UNKNOWN;
	if (entry->length < sizeof(struct abi_response))
		return broken(ring, "an entry has no room for its answer");
	if (!entry->id)
		return broken(ring, "a command has the id 0");
	return op == ABI_COMMAND ? peek_command(ring, entry) : RING_ENTRY;
}

/* How far the entry at `taken` can reach: entries are never split. */
static uint32_t contiguous(const struct ring *ring, uint32_t head)
{
	return (ring->taken < head ? head : ring->size) - ring->taken;
}

enum ring_result ring_peek(struct ring *ring, struct ring_entry *ret)
{
	if (ring->broken)
		return RING_BROKEN;
	uint32_t head = load_head(ring);
	if (was_reset(ring, head))
		return RING_RESET;
	if (!is_position(ring, head))
		return broken(ring, "the head of the ring is not a position in it");
	while (ring->taken != head) {
		struct abi_header header;
		memcpy(&header, at(ring, ring->taken), sizeof header);
		uint32_t length = header.length_op & ~(uint32_t)ABI_OP_MASK;
		unsigned op = header.length_op & ABI_OP_MASK;
		if (!length || length > contiguous(ring, head))
			return broken(ring, "an entry is empty or runs out of the ring");
		if (op != ABI_PAD) {
			*ret = (struct ring_entry){
				.position = ring->taken, .length = length, .id = header.id};
			return peek_body(ring, ret, op);
		}
		ring->taken = advance(ring, ring->taken, length);
	}
	return RING_EMPTY;
}

static bool map_iov(struct ring *ring, const struct abi_iovec *from, struct iovec *ret)
{
	uint64_t data = (uint64_t)ring->offset + ring->size;
	if (from->offset < data || from->offset > ring->map_size ||
		from->length > ring->map_size - from->offset)
		return ring_break(ring, "an iovec points outside of the data area"), false;
	*ret = (struct iovec){.iov_base = ring->map + from->offset, .iov_len = from->length};
	return true;
}

static const char longer_than_area[] = "the iovecs of a command are longer than the data area";

bool ring_iov(struct ring *ring, const struct ring_entry *entry, struct iovec *ret, uint32_t count,
	uint64_t *ret_length)
{
	const uint8_t *from = at(ring, entry->position) + sizeof(struct abi_request);
	uint64_t length = 0, area = ring->map_size - ring->offset - ring->size;
	assert(entry->kind == RING_COMMAND && count <= entry->iov_count);
	for (uint32_t i = 0; i < count; i++, from += sizeof(struct abi_iovec)) {
		struct abi_iovec iov;
		memcpy(&iov, from, sizeof iov);
		if (!map_iov(ring, &iov, &ret[i]))
			return false;
		length += iov.length;
		if (length > area)
			return ring_break(ring, longer_than_area), false;
	}
	*ret_length = length;
	return true;
}

uint16_t ring_id(const struct ring *ring, const struct ring_entry *entry, uint32_t index)
{
	uint16_t id;
	assert(entry->kind == RING_TASK_MANAGEMENT && index < entry->id_count);
	memcpy(&id,
		at(ring, entry->position) + sizeof(struct abi_task_management) + index * sizeof id,
		sizeof id);
	return id;
}

void ring_take(struct ring *ring, const struct ring_entry *entry)
{
	assert(entry->position == ring->taken);
	if (entry->kind != RING_TASK_MANAGEMENT) {
		assert(ring->slot_count < ring->slot_capacity);
		uint32_t slot = (ring->slot_first + ring->slot_count++) % ring->slot_capacity;
		ring->slots[slot] = entry->position;
	}
	ring->taken = advance(ring, ring->taken, entry->length);
}

/* ---- answering ----------------------------------------------------------------------------- */

void ring_answer(struct ring *ring, const struct ring_answer *answer)
{
	assert(ring->slot_count && !ring->broken);
	uint8_t *slot = ring->map + ring->offset + ring->slots[ring->slot_first];
	struct abi_response response = {
		.status = answer->status, .read_length = answer->read_length};
	memcpy(&response.header, slot, sizeof response.header);
	response.header.id = answer->id;
	response.header.our_flags = (answer->unknown_op ? ABI_UNKNOWN_OP : 0) |
				    (answer->read_length ? ABI_READ_LENGTH_VALID : 0);
	memcpy(response.sense, answer->sense, sizeof response.sense);
	/* The length and op of the slot are the kernel's. */
	const size_t theirs = sizeof response.header.length_op;
	memcpy(slot + theirs, (const uint8_t *)&response + theirs, sizeof response - theirs);
	ring->slot_first = (ring->slot_first + 1) % ring->slot_capacity;
	ring->slot_count--;
}

/* The oldest command without an answer; what needs none is stepped over. */
static uint32_t answered(const struct ring *ring)
{
	return ring->slot_count ? ring->slots[ring->slot_first] : ring->taken;
}

bool ring_lags(const struct ring *ring)
{
	return !ring->broken && answered(ring) != ring->tail;
}

/*
 * A reset may come at any instant, and a tail behind the head sends the kernel round and round: the
 * tail moves only from where we left it. (Only a reset between these two lines, with the tail at 0
 * anyway, cannot be told from none.)
 */
bool ring_publish(struct ring *ring)
{
	uint32_t from = ring->tail, to = answered(ring);
	if (ring_was_reset(ring) || !__atomic_compare_exchange_n(&mailbox(ring)->tail, &from, to,
					    false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		return false;
	ring->tail = to;
	return true;
}
