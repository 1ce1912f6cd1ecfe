/* SPDX-License-Identifier: Apache-2.0 */
#include "walker.h"

#include <errno.h>
#include <stdlib.h>

#include "util/crc32c.h"

enum { WINDOW_LENGTH = 1 << 20 };

int walker_init(struct walker *w, struct native *native)
{
	*w = (struct walker){.native = native};
	size_t window = native->log.zone_size < WINDOW_LENGTH ? (size_t)native->log.zone_size
							      : WINDOW_LENGTH;
	w->window_room = native->scratch_length > window ? native->scratch_length : window;
	w->window = malloc(w->window_room);
	return w->window ? 0 : -ENOMEM;
}

void walker_finish(struct walker *w)
{
	free(w->window);
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
	/* A header may be all that is asked for. */
	size_t want = length <= FRAME_HEADER && WINDOW_LENGTH < w->window_room ? WINDOW_LENGTH
									       : w->window_room;
	w->window_length = 0;
	w->error = log_read_at(&w->native->log, offset, w->window, want);
	if (w->error < 0)
		return NULL;
	w->window_offset = offset;
	w->window_length = want;
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

const uint8_t *walker_frame_at(
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

const uint8_t *walker_next(struct walker *w, struct frame *ret)
{
	const struct log *log = &w->native->log;
	uint64_t address = w->place.address;
	if (!w->expect_zone && log->zone_size - address % log->zone_size < FRAME_HEADER)
		return NULL;
	uint64_t offset = w->zone_offset + address % log->zone_size;
	const uint8_t *stored = walker_frame_at(w, offset, address, ret);
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

bool walker_is_commit(enum frame_type type)
{
	return type == FRAME_COMMIT || type == FRAME_CHECKPOINT;
}
