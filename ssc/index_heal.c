/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A leaf or a node whose frame is damaged, once more from the frames that it would list: those of
 * one stretch of the log, where the last frame of an object, leaf or node is the one that counts.
 * (What a crash left behind the end is written over from there on, so nothing of it is before the
 * end.)
 */
#include <errno.h>
#include <string.h>

#include "index.h"
#include "util/bytes.h"
#include "util/crc32c.h"

struct walk {
	struct index *index;
	uint64_t low, high; /* addresses */
	void (*take)(struct walk *walk, const struct frame *frame);

	uint64_t first, span; /* number of the first object, objects a place */
	uint32_t places, found;
	unsigned level; /* of what is looked for: 0 leaves */
	struct leaf *leaf;
	struct node *node;
};

/* Headers only. What is no frame is stepped over. */
static void walk_zone(struct walk *w, uint64_t use)
{
	struct log *log = w->index->log;
	uint64_t address = use * log->zone_size, end = address + log->zone_size;
	if (address < w->low)
		address = w->low;
	if (end > w->high)
		end = w->high;
	while (address + FRAME_HEADER <= end) {
		uint8_t header[FRAME_HEADER];
		struct frame frame;
		uint64_t step = FRAME_ALIGN;
		if (log_read(log, address, header, sizeof header) == 0 &&
			frame_decode(header, log->seed, &frame) && frame.address == address) {
			w->take(w, &frame);
			step = frame_length(&frame);
			if (frame.type == FRAME_NEXT)
				return;
		}
		address += step;
	}
}

static void walk(struct walk *w, uint64_t low)
{
	const struct log *log = w->index->log;
	w->low = low;
	w->found = 0;
	for (uint32_t i = 0; i < log->zone_count; i++)
		if (log->zones[i].use >= log_use(log, low) &&
			log->zones[i].use <= log_use(log, w->high))
			walk_zone(w, log->zones[i].use);
}

/* The place of an object, leaf or node in what is made; false: it belongs elsewhere. */
static bool place_of(const struct walk *w, uint64_t object, uint32_t *ret)
{
	if (object < w->first || (object - w->first) % w->span != 0 ||
		(object - w->first) / w->span >= w->places)
		return false;
	*ret = (uint32_t)((object - w->first) / w->span);
	return true;
}

/* ---- leaves ---------------------------------------------------------------------------------- */

static void take_object(struct walk *w, const struct frame *frame)
{
	uint32_t i;
	if ((frame->type != FRAME_DATA && frame->type != FRAME_FILEMARK) ||
		!place_of(w, frame->object, &i))
		return;
	w->found += w->leaf->entries[i] == 0;
	w->leaf->entries[i] = frame->address / FRAME_ALIGN << 1 | (frame->type == FRAME_FILEMARK);
}

int index_heal_leaf(struct index *index, const struct child *child, uint64_t low, struct leaf *ret)
{
	struct walk w = {.index = index,
		.high = child->address,
		.take = take_object,
		.first = child->first.object,
		.span = 1,
		.places = index->leaf_objects,
		.leaf = ret};
	for (;; low = 0) {
		memset(ret->entries, 0, index->leaf_objects * sizeof *ret->entries);
		walk(&w, low);
		if (w.found == w.places)
			break;
		if (low == 0)
			return -EIO;
	}
	ret->first = child->first;
	ret->count = index->leaf_objects;
	ret->address = child->address;
	return 0;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

/* Its payload begins with the mark, behind a node's level. */
static bool read_mark(struct index *index, const struct frame *frame, struct mark *ret)
{
	size_t at = frame->type == FRAME_LEAF ? 0 : 8;
	const uint8_t *bytes = index->scratch;
	if (frame->stored_length < at + 32 || frame->stored_length > index_longest(index) ||
		log_read(index->log, frame->address + FRAME_HEADER, index->scratch,
			frame->stored_length) < 0 ||
		crc32c(index->log->seed, bytes, frame->stored_length) != frame->stored_crc)
		return false;
	*ret = index_get_mark(bytes + at);
	return ret->object == frame->object;
}

static void take_index(struct walk *w, const struct frame *frame)
{
	uint32_t i;
	struct mark mark;
	if (frame->type != (w->level == 0 ? FRAME_LEAF : FRAME_NODE) ||
		!place_of(w, frame->object, &i) || !read_mark(w->index, frame, &mark) ||
		(w->level > 0 && get_be32(w->index->scratch) != w->level))
		return;
	w->found += w->node->children[i].address == 0;
	w->node->children[i] = (struct child){mark, frame->address};
}

int index_heal_node(
	struct index *index, unsigned level, const struct child *child, struct node *ret)
{
	struct walk w = {.index = index,
		.high = child->address,
		.take = take_index,
		.first = child->first.object,
		.span = index_span(index, level),
		.places = index->node_children,
		.level = level - 1,
		.node = ret};
	memset(ret->children, 0, index->node_children * sizeof *ret->children);
	walk(&w, 0);
	if (w.found != w.places)
		return -EIO;
	ret->count = index->node_children;
	ret->address = child->address;
	return index_node_fits(index, level, child, ret) ? 0 : -EIO;
}
