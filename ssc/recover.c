/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the roots to the end of the log (FORMAT.md, "Beginning"): a first walk finds the end, a
 * second one does what the frames before it do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "walker.h"

/* ---- the first walk: where it ends ----------------------------------------------------------- */

static void find_end(struct walker *w, struct end *ret)
{
	const uint8_t *stored;
	struct frame frame;
	uint64_t eod = w->native->index.end.object;
	bool replacing = false;
	ret->good = w->place;
	ret->stopped = w->place.address;
	ret->stopped_zone_offset = w->zone_offset;
	ret->sequence = w->place.sequence;
	ret->lowest = UINT64_MAX;
	while ((stored = walker_next(w, &frame))) {
		if (frame.type == FRAME_DATA || frame.type == FRAME_FILEMARK) {
			if (frame.object > eod)
				break;
			replacing |= frame.object < eod;
			if (replacing && frame.object < ret->lowest)
				ret->lowest = frame.object;
			eod = frame.object + 1;
		}
		if (walker_is_commit(frame.type)) {
			struct commit commit;
			commit_decode(stored, &commit);
			if (commit.durable > ret->durable)
				ret->durable = commit.durable;
			eod = commit.eod;
			replacing = false;
		}
		ret->stopped = w->place.address;
		ret->stopped_zone_offset = w->zone_offset;
		ret->sequence = w->place.sequence;
		ret->dropped += frame_length(&frame);
		if (!replacing && !w->expect_zone) {
			ret->good = w->place;
			ret->lowest = UINT64_MAX;
			ret->dropped = 0;
		}
	}
}

/* ---- the second: what the frames do ---------------------------------------------------------- */

static int add_object(struct native *native, const struct frame *frame)
{
	struct index *index = &native->index;
	if (frame->object < index->end.object) {
		int result = native_cut(native, frame->object, frame->address);
		if (result < 0)
			return result;
	}
	if (index->open.count == index->leaf_objects)
		return -EIO;
	bool filemark = frame->type == FRAME_FILEMARK;
	index_add(index, frame->address, filemark, filemark ? 0 : frame->parameter,
		frame_length(frame));
	native->counters[COUNTER_FILEMARKS_WRITTEN] += filemark;
	native->counters[COUNTER_BLOCKS_WRITTEN] += !filemark;
	native->counters[COUNTER_BYTES_WRITTEN] += filemark ? 0 : frame->parameter;
	native->counters[COUNTER_BYTES_STORED] += frame->stored_length;
	return 0;
}

static int take_commit(struct native *native, const struct frame *frame, const uint8_t *stored)
{
	struct commit commit;
	commit_decode(stored, &commit);
	native->mount = commit.mount;
	memcpy(native->counters, commit.counters, sizeof native->counters);
	if (commit.eod > native->index.end.object)
		return -EIO;
	if (commit.eod == native->index.end.object) {
		/* Exact, even where an object in a leaf that was cut could not be read. */
		native->index.end.filemarks = commit.filemarks;
		native->index.end.bytes = commit.bytes;
		native->index.end.used = commit.used;
		return 0;
	}
	return native_cut(native, commit.eod, frame->address);
}

static int do_frame(struct native *native, const struct frame *frame, const uint8_t *stored)
{
	switch (frame->type) {
	case FRAME_NEXT:
		return log_add_zone(
			&native->log, log_use(&native->log, frame->address) + 1, frame->parameter);
	case FRAME_DATA:
	case FRAME_FILEMARK:
		return add_object(native, frame);
	case FRAME_COMMIT:
	case FRAME_CHECKPOINT:
		return take_commit(native, frame, stored);
	case FRAME_LEAF:
		return index_take_leaf(&native->index, frame->object, frame->address);
	case FRAME_NODE:
		return index_take_node(
			&native->index, get_be32(stored), frame->object, frame->address);
	case FRAME_META:
		memcpy(native->attributes, stored, frame->stored_length);
		native->attributes_length = frame->stored_length;
		return 0;
	case FRAME_ZONE:
		break;
	}
	return 0;
}

static int replay(struct walker *w, const struct end *end)
{
	const uint8_t *stored;
	struct frame frame;
	while (w->place.address < end->good.address && (stored = walker_next(w, &frame))) {
		int result = do_frame(w->native, &frame, stored);
		if (result < 0)
			return result;
	}
	return w->place.address == end->good.address ? 0 : -EIO;
}

/* ---- the beginning --------------------------------------------------------------------------- */

/* Takes over the checkpoint that a root names; the walker stands behind it. */
static bool begin_at(struct walker *w, const struct root *root)
{
	struct native *native = w->native;
	struct log *log = &native->log;
	struct frame frame;
	if (root->zone >= log->zones_max)
		return false;
	w->zone_offset = log_zone_offset(log, root->zone);
	uint64_t offset = w->zone_offset + root->checkpoint % log->zone_size;
	const uint8_t *stored = walker_frame_at(w, offset, root->checkpoint, &frame);
	if (!stored || frame.type != FRAME_CHECKPOINT ||
		native_decode_checkpoint(native, stored, frame.stored_length) < 0)
		return false;
	uint64_t listed;
	if (!log_offset(log, root->checkpoint, &listed) || listed != offset)
		return false;
	w->place = (struct log_place){.address = root->checkpoint + frame_length(&frame),
		.sequence = frame.sequence,
		.epoch = frame.epoch,
		.previous_crc = frame.crc};
	native->checkpoint = root->checkpoint;
	return true;
}

/* Both slots, the better one first; returns how many are valid. */
static int read_roots(struct native *native, struct root ret[2])
{
	uint8_t slot[SLOT_LENGTH];
	int count = 0;
	for (unsigned i = 0; i < 2; i++) {
		int result =
			log_read_at(&native->log, ROOT_AT + i * SLOT_LENGTH, slot, sizeof slot);
		if (result < 0)
			return result;
		count += root_decode(slot, native->log.seed, &ret[count]);
	}
	if (count == 2 && ret[1].generation > ret[0].generation) {
		struct root later = ret[1];
		ret[1] = ret[0];
		ret[0] = later;
	}
	return count;
}

static bool choose_beginning(struct walker *w, const struct root *roots, int count)
{
	for (int i = 0; i < count; i++) {
		if (begin_at(w, &roots[i])) {
			w->native->root = roots[i];
			w->native->root.generation = roots[0].generation;
			return true;
		}
		w->native->damaged = true;
	}
	return false;
}

/*
 * What the other root leads to must stay until two roots do not need it. Where there is no other
 * checkpoint to go back to, nothing of it must; if it is there and cannot be read, everything.
 */
static void mark_other(struct walker *w, const struct root *roots, int count, uint8_t *ret_named)
{
	struct native *native = w->native;
	for (int i = 0; i < count; i++) {
		const struct root *root = &roots[i];
		struct frame frame;
		if (root->checkpoint == native->root.checkpoint)
			continue;
		uint64_t offset = log_zone_offset(&native->log, root->zone) +
				  root->checkpoint % native->log.zone_size;
		const uint8_t *stored =
			root->zone < native->log.zones_max
				? walker_frame_at(w, offset, root->checkpoint, &frame)
				: NULL;
		if (!stored || frame.type != FRAME_CHECKPOINT ||
			!native_mark_zones(native, stored, frame.stored_length, ret_named))
			memset(ret_named, 1, native->log.zones_max);
	}
}

static int retire_others(struct walker *w, const struct root *roots, int count)
{
	struct native *native = w->native;
	int64_t size = native->store->size(native->store, native->fd);
	if (size < 0)
		return (int)size;
	uint8_t *named = calloc(native->log.zones_max, 1);
	if (!named)
		return -ENOMEM;
	mark_other(w, roots, count, named);
	log_retire_others(&native->log, (uint64_t)size, named, native->root.generation);
	free(named);
	return 0;
}

static int walk(struct walker *w)
{
	struct native *native = w->native;
	struct root roots[2];
	struct end end = {0};
	int count = read_roots(native, roots);
	if (count < 0)
		return count;
	if (!choose_beginning(w, roots, count))
		return w->error < 0 ? w->error : -EIO;
	struct log_place beginning = w->place;
	uint64_t zone_offset = w->zone_offset;
	find_end(w, &end);
	if (w->error < 0)
		return w->error;
	w->place = beginning;
	w->zone_offset = zone_offset;
	w->expect_zone = false;
	int result = replay(w, &end);
	if (result < 0)
		return result;
	native->log.place = end.good;
	uint64_t durable = roots[0].durable;
	if (native->durable > durable)
		durable = native->durable;
	native_judge(w, &end, durable);
	if (native->durable == native->log.place.address)
		native->lasting = native->index.end.object;
	return retire_others(w, roots, count);
}

int native_recover(struct native *native)
{
	struct walker walker;
	int result = walker_init(&walker, native);
	if (result == 0)
		result = walk(&walker);
	walker_finish(&walker);
	return result;
}
