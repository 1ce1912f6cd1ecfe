/* SPDX-License-Identifier: Apache-2.0 */
/* Damage, or a write that was cut off? (FORMAT.md, "Beginning") */
#include <inttypes.h>

#include "walker.h"

/* What valid frames behind the end say. */
struct behind {
	uint64_t left;     /* bytes that may still be looked at */
	uint64_t sequence; /* of the last valid frame */
	uint64_t missing;  /* frames between the valid ones */
	uint64_t durable;  /* the highest durable address */
	uint64_t lowest;   /* object that a frame is about */
};

static void take_behind(struct behind *b, const struct frame *frame, const uint8_t *stored)
{
	bool is_index = frame->type == FRAME_LEAF || frame->type == FRAME_NODE;
	if (frame->sequence > b->sequence) {
		b->missing += frame->sequence - b->sequence - 1;
		b->sequence = frame->sequence;
	}
	if (!is_index && frame->object < b->lowest)
		b->lowest = frame->object;
	if (walker_is_commit(frame->type)) {
		struct commit commit;
		commit_decode(stored, &commit);
		if (commit.durable > b->durable)
			b->durable = commit.durable;
	}
}

static void scan_zone(struct walker *w, uint64_t zone_offset, uint64_t address, struct behind *b)
{
	uint64_t zone_size = w->native->log.zone_size;
	uint64_t end = address - address % zone_size + zone_size;
	while (address + FRAME_HEADER <= end && b->left >= FRAME_ALIGN) {
		struct frame frame;
		uint64_t offset = zone_offset + address % zone_size, step = FRAME_ALIGN;
		const uint8_t *stored = walker_frame_at(w, offset, address, &frame);
		if (stored) {
			take_behind(b, &frame, stored);
			step = frame_length(&frame);
		}
		address += step;
		b->left -= step < b->left ? step : b->left;
	}
}

/* The zone that a use was given, whatever led there. */
static bool find_zone(struct walker *w, uint64_t use, uint64_t *ret_offset)
{
	const struct log *log = &w->native->log;
	int64_t size = log->store->size(log->store, w->native->fd);
	for (uint32_t i = 0; i < log->zones_max; i++) {
		struct frame frame;
		uint8_t header[FRAME_HEADER];
		*ret_offset = log_zone_offset(log, i);
		if (size < 0 || *ret_offset >= (uint64_t)size)
			return false;
		if (log_read_at(log, *ret_offset, header, sizeof header) == 0 &&
			frame_decode(header, log->seed, &frame) && frame.type == FRAME_ZONE &&
			frame.address == use * log->zone_size)
			return true;
	}
	return false;
}

static struct behind scan(struct walker *w, const struct end *end)
{
	uint64_t offset, use = log_use(&w->native->log, end->stopped);
	struct behind b = {.left = SCAN_BYTES, .sequence = end->sequence, .lowest = UINT64_MAX};
	scan_zone(w, end->stopped_zone_offset, end->stopped, &b);
	while (b.left >= FRAME_ALIGN && find_zone(w, ++use, &offset))
		scan_zone(w, offset, use * w->native->log.zone_size, &b);
	return b;
}

/*
 * What is missing may have replaced objects before the end that is left: then what is there is not
 * what the tape holds. A missing frame is about an object at most one below the next one's.
 */
static uint64_t first_doubtful(
	const struct native *native, const struct end *end, const struct behind *b)
{
	uint64_t eod = native->index.end.object;
	uint64_t doubtful = end->lowest < eod ? end->lowest : eod;
	uint64_t missing = b->lowest > b->missing ? b->lowest - b->missing : 0;
	return b->lowest < UINT64_MAX && missing < doubtful ? missing : doubtful;
}

static void damaged(struct native *native, const struct end *end, const struct behind *b)
{
	uint64_t offset = end->stopped_zone_offset + end->stopped % native->log.zone_size;
	native->damaged = true;
	native->damaged_object = first_doubtful(native, end, b);
	native->writable = false;
	native_say(native,
		"it is damaged from object %" PRIu64 " on (byte %" PRIu64
		" of the file): copy what can be read, or restore the file from a backup",
		native->damaged_object, offset);
}

void native_judge(struct walker *w, const struct end *end, uint64_t durable)
{
	struct native *native = w->native;
	struct behind behind = {.lowest = UINT64_MAX};
	native->dropped = end->dropped;
	if (end->durable > durable)
		durable = end->durable;
	bool certain = native->root.clean && end->stopped == native->root.durable;
	if (!certain || native->damaged)
		behind = scan(w, end);
	if (behind.durable > durable)
		durable = behind.durable;
	native->durable = durable < end->good.address ? durable : end->good.address;
	if (end->stopped < durable || native->damaged)
		damaged(native, end, &behind);
}
