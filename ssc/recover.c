/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the roots to the end of the log (FORMAT.md, "Beginning"): a first walk finds the end, a
 * second one does what the frames before it do.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "native_private.h"
#include "util/bytes.h"
#include "util/crc32c.h"

enum { WINDOW_LENGTH = 1 << 20 };

struct walker {
	struct native *native;
	struct log_place place; /* where the next frame should be, and what it follows */
	uint64_t zone_offset;   /* of the zone that the address is in */
	bool expect_zone;       /* a NEXT frame came */

	uint8_t *window; /* bytes of the file */
	uint64_t window_offset;
	size_t window_length, window_room;
	int error; /* of reading the file */
};

static int walker_init(struct walker *w, struct native *native)
{
	*w = (struct walker){.native = native};
	size_t window = native->log.zone_size < WINDOW_LENGTH ? (size_t)native->log.zone_size
							      : WINDOW_LENGTH;
	w->window_room = native->scratch_length > window ? native->scratch_length : window;
	w->window = malloc(w->window_room);
	return w->window ? 0 : -ENOMEM;
}

/* `length` bytes at an offset, from the window; NULL with w->error set. */
static const uint8_t *bytes_at(struct walker *w, uint64_t offset, size_t length)
{
	if (offset >= w->window_offset && offset + length <= w->window_offset + w->window_length)
		return w->window + (offset - w->window_offset);
	if (length > w->window_room) {
		w->error = -EIO;
		return NULL;
	}
	w->window_length = 0;
	w->error = log_read_at(&w->native->log, offset, w->window, w->window_room);
	if (w->error < 0)
		return NULL;
	w->window_offset = offset;
	w->window_length = w->window_room;
	return w->window;
}

/* ---- one frame ------------------------------------------------------------------------------- */

static bool lengths_fit(const struct native *native, const struct frame *frame)
{
	uint64_t zone_size = native->log.zone_size;
	uint64_t left = zone_size - frame->address % zone_size;
	if (frame_length(frame) > left)
		return false;
	switch (frame->type) {
	case FRAME_DATA:
		return frame->parameter >= 1 && frame->parameter <= native->superblock.block_max &&
		       frame->stored_length <= frame->parameter;
	case FRAME_COMMIT:
		return frame->stored_length == COMMIT_LENGTH;
	case FRAME_CHECKPOINT:
		return frame->stored_length > COMMIT_LENGTH;
	case FRAME_META:
		return frame->stored_length <= native->superblock.attributes_max;
	case FRAME_LEAF:
	case FRAME_NODE:
		return frame->stored_length >= 8;
	case FRAME_ZONE:
	case FRAME_NEXT:
	case FRAME_FILEMARK:
		break;
	}
	return frame->stored_length == 0;
}

/* Valid but for what it follows. NULL: it is not, or (w->error) the file cannot be read. */
static const uint8_t *frame_at(
	struct walker *w, uint64_t offset, uint64_t address, struct frame *ret)
{
	const struct native *native = w->native;
	const uint8_t *bytes = bytes_at(w, offset, FRAME_HEADER);
	if (!bytes || !frame_decode(bytes, native->log.seed, ret) || ret->address != address ||
		!lengths_fit(native, ret))
		return NULL;
	bytes = bytes_at(w, offset, FRAME_HEADER + ret->stored_length);
	if (!bytes)
		return NULL;
	uint32_t crc = crc32c(native->log.seed, bytes + FRAME_HEADER, ret->stored_length);
	return crc == ret->stored_crc ? bytes + FRAME_HEADER : NULL;
}

static bool follows(const struct walker *w, const struct frame *frame)
{
	return frame->sequence == w->place.sequence + 1 &&
	       frame->previous_crc == w->place.previous_crc &&
	       (frame->epoch == w->place.epoch || frame->flags & FRAME_EPOCH) &&
	       (frame->type == FRAME_ZONE) == w->expect_zone;
}

/* The frame that follows, or NULL where the log ends. Moves the walker on. */
static const uint8_t *next_frame(struct walker *w, struct frame *ret)
{
	const struct log *log = &w->native->log;
	uint64_t address = w->place.address;
	if (!w->expect_zone && log->zone_size - address % log->zone_size < FRAME_HEADER)
		return NULL;
	uint64_t offset = w->zone_offset + address % log->zone_size;
	const uint8_t *stored = frame_at(w, offset, address, ret);
	if (!stored || !follows(w, ret))
		return NULL;
	w->place = (struct log_place){.address = address + frame_length(ret),
		.sequence = ret->sequence,
		.epoch = ret->epoch,
		.previous_crc = ret->crc};
	w->expect_zone = ret->type == FRAME_NEXT;
	if (!w->expect_zone)
		return stored;
	if (ret->parameter >= log->zones_max)
		return NULL;
	w->place.address = (log_use(log, address) + 1) * log->zone_size;
	w->zone_offset = log_zone_offset(log, ret->parameter);
	return stored;
}

/* ---- the first walk: where it ends ----------------------------------------------------------- */

struct end {
	struct log_place good; /* behind the last frame that counts */
	uint64_t stopped;      /* where no valid frame was */
	uint64_t stopped_zone_offset;
	uint64_t sequence; /* of the last valid frame */
	uint64_t lowest;   /* object of a replacement that does not count */
	uint64_t durable;  /* the highest durable address that a commit said */
	uint64_t dropped;  /* bytes of frames that do not count */
};

static bool ends_a_replacement(enum frame_type type)
{
	return type == FRAME_COMMIT || type == FRAME_CHECKPOINT;
}

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
	while ((stored = next_frame(w, &frame))) {
		if (frame.type == FRAME_DATA || frame.type == FRAME_FILEMARK) {
			if (frame.object > eod)
				break;
			replacing |= frame.object < eod;
			if (replacing && frame.object < ret->lowest)
				ret->lowest = frame.object;
			eod = frame.object + 1;
		}
		if (ends_a_replacement(frame.type)) {
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
		int result = index_cut(index, frame->object);
		if (result < 0)
			return result;
		log_kill_zones(
			&native->log, index_last_use(index), log_use(&native->log, frame->address));
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
	int result = index_cut(&native->index, commit.eod);
	if (result == 0)
		log_kill_zones(&native->log, index_last_use(&native->index),
			log_use(&native->log, frame->address));
	return result;
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
	while (w->place.address < end->good.address && (stored = next_frame(w, &frame))) {
		int result = do_frame(w->native, &frame, stored);
		if (result < 0)
			return result;
	}
	return w->place.address == end->good.address ? 0 : -EIO;
}

/* ---- damage, or a write that was cut off ------------------------------------------------------
 */

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
	if (ends_a_replacement(frame->type)) {
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
		const uint8_t *stored = frame_at(w, offset, address, &frame);
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

/* Was something lost that had been durable? */
static void judge(struct walker *w, const struct end *end, uint64_t durable)
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
	const uint8_t *stored = frame_at(w, offset, root->checkpoint, &frame);
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
		const uint8_t *stored = root->zone < native->log.zones_max
						? frame_at(w, offset, root->checkpoint, &frame)
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
	judge(w, &end, durable);
	return retire_others(w, roots, count);
}

int native_recover(struct native *native)
{
	struct walker walker;
	int result = walker_init(&walker, native);
	if (result == 0)
		result = walk(&walker);
	free(walker.window);
	return result;
}
