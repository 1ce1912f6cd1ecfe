/* SPDX-License-Identifier: Apache-2.0 */
#include "index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/crc32c.h"

enum { LEAF_HEADER = 32, NODE_HEADER = 8, CHILD_LENGTH = 40, ENTRY_LENGTH = 8 };

static size_t leaf_length(const struct index *index)
{
	return LEAF_HEADER + (size_t)index->leaf_objects * ENTRY_LENGTH;
}

static size_t node_length(const struct index *index)
{
	return NODE_HEADER + (size_t)index->node_children * CHILD_LENGTH;
}

size_t index_longest(const struct index *index)
{
	return leaf_length(index) > node_length(index) ? leaf_length(index) : node_length(index);
}

bool index_init(struct index *index, struct log *log, const struct superblock *superblock)
{
	*index = (struct index){
		.log = log,
		.leaf_objects = superblock->leaf_objects,
		.node_children = superblock->node_children,
	};
	bool ok = true;
	for (unsigned i = 0; i < LEVELS; i++) {
		index->nodes[i].children = calloc(index->node_children, sizeof(struct child));
		index->cached_nodes[i].children =
			calloc(index->node_children, sizeof(struct child));
		ok = ok && index->nodes[i].children && index->cached_nodes[i].children;
	}
	index->open.entries = calloc(index->leaf_objects, sizeof(uint64_t));
	index->cached_leaf.entries = calloc(index->leaf_objects, sizeof(uint64_t));
	index->scratch = malloc(FRAME_HEADER + index_longest(index));
	return ok && index->open.entries && index->cached_leaf.entries && index->scratch;
}

void index_finish(struct index *index)
{
	for (unsigned i = 0; i < LEVELS; i++) {
		free(index->nodes[i].children);
		free(index->cached_nodes[i].children);
	}
	free(index->open.entries);
	free(index->cached_leaf.entries);
	free(index->scratch);
}

unsigned index_levels(const struct index *index)
{
	unsigned levels = LEVELS;
	while (levels > 0 && index->nodes[levels - 1].count == 0)
		levels--;
	return levels;
}

size_t index_frames_length(const struct index *index)
{
	return leaf_length(index) + 2 * FRAME_HEADER +
	       LEVELS * (node_length(index) + 2 * FRAME_HEADER);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static void put_mark(uint8_t *to, const struct mark *mark)
{
	put_be64(to, mark->object);
	put_be64(to + 8, mark->filemarks);
	put_be64(to + 16, mark->bytes);
	put_be64(to + 24, mark->used);
}

struct mark index_get_mark(const uint8_t *from)
{
	return (struct mark){
		get_be64(from), get_be64(from + 8), get_be64(from + 16), get_be64(from + 24)};
}

static int write_leaf(struct index *index, uint64_t *ret_address)
{
	put_mark(index->scratch, &index->open.first);
	for (uint32_t i = 0; i < index->leaf_objects; i++)
		put_be64(index->scratch + LEAF_HEADER + (size_t)i * ENTRY_LENGTH,
			index->open.entries[i]);
	return log_append_plain(index->log, FRAME_LEAF, 0, index->open.first.object, index->scratch,
		leaf_length(index), ret_address);
}

static int write_node(struct index *index, unsigned level, uint64_t *ret_address)
{
	const struct node *node = &index->nodes[level - 1];
	put_be32(index->scratch, level);
	put_be32(index->scratch + 4, 0);
	for (uint32_t i = 0; i < node->count; i++) {
		uint8_t *to = index->scratch + NODE_HEADER + (size_t)i * CHILD_LENGTH;
		put_mark(to, &node->children[i].first);
		put_be64(to + 32, node->children[i].address);
	}
	return log_append_plain(index->log, FRAME_NODE, 0, node->children[0].first.object,
		index->scratch, node_length(index), ret_address);
}

/* A frame of the index, checked; its stored bytes, in index->scratch. */
static int read_frame(struct index *index, enum frame_type type, const struct child *child,
	size_t length, const uint8_t **ret_stored)
{
	struct frame frame;
	const uint8_t *stored = index->scratch + FRAME_HEADER;
	int result = log_read(index->log, child->address, index->scratch, FRAME_HEADER + length);
	if (result < 0)
		return result;
	if (!frame_decode(index->scratch, index->log->seed, &frame) || frame.type != type ||
		frame.address != child->address || frame.object != child->first.object ||
		frame.stored_length != length ||
		crc32c(index->log->seed, stored, length) != frame.stored_crc)
		return -EIO;
	*ret_stored = stored;
	return 0;
}

static int read_leaf(struct index *index, const struct child *child, struct leaf *ret)
{
	const uint8_t *stored;
	int result = read_frame(index, FRAME_LEAF, child, leaf_length(index), &stored);
	if (result < 0)
		return result;
	ret->first = index_get_mark(stored);
	ret->count = index->leaf_objects;
	ret->address = child->address;
	for (uint32_t i = 0; i < ret->count; i++)
		ret->entries[i] = get_be64(stored + LEAF_HEADER + (size_t)i * ENTRY_LENGTH);
	return index_leaf_fits(child, ret) ? 0 : -EIO;
}

static int read_node(
	struct index *index, unsigned level, const struct child *child, struct node *ret)
{
	const uint8_t *stored;
	int result = read_frame(index, FRAME_NODE, child, node_length(index), &stored);
	if (result < 0)
		return result;
	if (get_be32(stored) != level)
		return -EIO;
	ret->count = index->node_children;
	ret->address = child->address;
	for (uint32_t i = 0; i < ret->count; i++) {
		const uint8_t *from = stored + NODE_HEADER + (size_t)i * CHILD_LENGTH;
		ret->children[i] = (struct child){index_get_mark(from), get_be64(from + 32)};
	}
	return index_node_fits(index, level, child, ret) ? 0 : -EIO;
}

/* Child `at` of a node of level 1; of what is damaged, made anew. */
static int get_leaf(struct index *index, const struct node *node, uint32_t at, struct leaf *ret)
{
	const struct child *child = &node->children[at];
	int result = read_leaf(index, child, ret);
	if (result != -EIO || index->strict)
		return result;
	return index_heal_leaf(index, child, at > 0 ? node->children[at - 1].address : 0, ret);
}

static int get_node(
	struct index *index, unsigned level, const struct child *child, struct node *ret)
{
	int result = read_node(index, level, child, ret);
	return result != -EIO || index->strict ? result : index_heal_node(index, level, child, ret);
}

/* ---- growing --------------------------------------------------------------------------------- */

static struct node *node_at(struct index *index, unsigned level)
{
	return &index->nodes[level - 1];
}

static void push(struct index *index, unsigned level, const struct mark *first, uint64_t address)
{
	struct node *node = node_at(index, level);
	node->children[node->count++] = (struct child){*first, address};
}

/* The node becomes a child of the level above, which has room. */
static void close_node(struct index *index, unsigned level, uint64_t address)
{
	struct node *node = node_at(index, level);
	push(index, level + 1, &node->children[0].first, address);
	node->count = 0;
}

static int make_room_at(struct index *index, unsigned level)
{
	uint64_t address;
	if (node_at(index, level)->count < index->node_children)
		return 0;
	if (level == LEVELS)
		return -ENOSPC;
	int result = make_room_at(index, level + 1);
	if (result == 0)
		result = write_node(index, level, &address);
	if (result == 0)
		close_node(index, level, address);
	return result;
}

static void close_leaf(struct index *index, uint64_t address)
{
	push(index, 1, &index->open.first, address);
	index->open.first = index->end;
	index->open.count = 0;
}

int index_make_room(struct index *index)
{
	uint64_t address;
	if (index->open.count < index->leaf_objects)
		return 0;
	int result = make_room_at(index, 1);
	if (result == 0)
		result = write_leaf(index, &address);
	if (result == 0)
		close_leaf(index, address);
	return result;
}

void index_add(struct index *index, uint64_t address, bool filemark, uint32_t bytes, uint64_t used)
{
	index->open.entries[index->open.count++] = address / FRAME_ALIGN << 1 | filemark;
	index->end.object++;
	index->end.filemarks += filemark;
	index->end.bytes += bytes;
	index->end.used += used;
}

int index_take_leaf(struct index *index, uint64_t object, uint64_t address)
{
	if (index->open.count != index->leaf_objects || index->open.first.object != object ||
		node_at(index, 1)->count == index->node_children)
		return -EIO;
	close_leaf(index, address);
	return 0;
}

int index_take_node(struct index *index, uint32_t level, uint64_t object, uint64_t address)
{
	if (level < 1 || level >= LEVELS || node_at(index, level)->count != index->node_children ||
		node_at(index, level)->children[0].first.object != object ||
		node_at(index, level + 1)->count == index->node_children)
		return -EIO;
	close_node(index, level, address);
	return 0;
}

/* ---- finding --------------------------------------------------------------------------------- */

typedef uint64_t key_of(const struct mark *mark);

static uint64_t by_object(const struct mark *mark)
{
	return mark->object;
}

static uint64_t by_filemarks(const struct mark *mark)
{
	return mark->filemarks;
}

/* The last child whose key is at most `key`; the first one's is. */
static uint32_t choose(const struct node *node, key_of *of, uint64_t key)
{
	uint32_t low = 0, high = node->count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (of(&node->children[middle].first) <= key)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The lowest level whose open node has the key; 0: none. */
static unsigned level_of(const struct index *index, key_of *of, uint64_t key)
{
	for (unsigned level = 1; level <= LEVELS; level++) {
		const struct node *node = &index->nodes[level - 1];
		if (node->count > 0 && of(&node->children[0].first) <= key)
			return level;
	}
	return 0;
}

/* The full leaf that has the key, from the cache or, with `wait`, the log. */
static int descend(struct index *index, key_of *of, uint64_t key, bool wait, struct leaf **ret)
{
	unsigned level = level_of(index, of, key);
	if (level == 0)
		return -EIO;
	const struct node *node = &index->nodes[level - 1];
	for (; level > 1; level--) {
		const struct child *child = &node->children[choose(node, of, key)];
		struct node *cached = &index->cached_nodes[level - 2];
		if (cached->address != child->address) {
			if (!wait)
				return -EAGAIN;
			cached->address = 0;
			int result = get_node(index, level - 1, child, cached);
			if (result < 0) {
				cached->address = 0;
				return result;
			}
		}
		node = cached;
	}
	uint32_t at = choose(node, of, key);
	if (index->cached_leaf.address != node->children[at].address) {
		if (!wait)
			return -EAGAIN;
		int result = get_leaf(index, node, at, &index->cached_leaf);
		if (result < 0) {
			index->cached_leaf.address = 0;
			return result;
		}
	}
	*ret = &index->cached_leaf;
	return 0;
}

static int leaf_of(struct index *index, uint64_t object, bool wait, struct leaf **ret)
{
	*ret = &index->open;
	return object >= index->open.first.object ? 0
						  : descend(index, by_object, object, wait, ret);
}

static uint64_t entry_address(uint64_t entry)
{
	return (entry >> 1) * FRAME_ALIGN;
}

static int find(struct index *index, uint64_t object, bool wait, struct found *ret)
{
	struct leaf *leaf;
	if (object >= index->end.object)
		return -ERANGE;
	int result = leaf_of(index, object, wait, &leaf);
	if (result < 0)
		return result;
	uint64_t i = object - leaf->first.object;
	if (i >= leaf->count)
		return -EIO;
	*ret = (struct found){
		.address = entry_address(leaf->entries[i]), .filemark = leaf->entries[i] & 1};
	if (i + 1 < leaf->count)
		ret->room = entry_address(leaf->entries[i + 1]) - ret->address;
	return 0;
}

int index_find(struct index *index, uint64_t object, struct found *ret)
{
	return find(index, object, true, ret);
}

int index_find_at_hand(struct index *index, uint64_t object, struct found *ret)
{
	return find(index, object, false, ret);
}

static uint64_t count_filemarks(const struct leaf *leaf, uint64_t count)
{
	uint64_t filemarks = 0;
	for (uint64_t i = 0; i < count; i++)
		filemarks += leaf->entries[i] & 1;
	return filemarks;
}

int index_filemarks_before(struct index *index, uint64_t object, uint64_t *ret)
{
	struct leaf *leaf;
	if (object > index->end.object)
		return -ERANGE;
	if (object == index->end.object) {
		*ret = index->end.filemarks;
		return 0;
	}
	int result = leaf_of(index, object, true, &leaf);
	if (result < 0)
		return result;
	if (object - leaf->first.object > leaf->count)
		return -EIO;
	*ret = leaf->first.filemarks + count_filemarks(leaf, object - leaf->first.object);
	return 0;
}

int index_find_filemark(struct index *index, uint64_t ordinal, uint64_t *ret_object)
{
	struct leaf *leaf = &index->open;
	if (ordinal >= index->end.filemarks)
		return -ERANGE;
	if (ordinal < index->open.first.filemarks) {
		int result = descend(index, by_filemarks, ordinal, true, &leaf);
		if (result < 0)
			return result;
	}
	uint64_t left = ordinal - leaf->first.filemarks;
	for (uint32_t i = 0; i < leaf->count; i++) {
		if (!(leaf->entries[i] & 1))
			continue;
		if (left-- == 0) {
			*ret_object = leaf->first.object + i;
			return 0;
		}
	}
	return -EIO;
}

/* ---- cutting --------------------------------------------------------------------------------- */

/* A header that cannot be read: what is known is where the frame is and where the next one. */
static void guess(const struct index *index, const struct leaf *leaf, uint32_t i, struct mark *mark)
{
	uint64_t address = entry_address(leaf->entries[i]);
	uint64_t next = i + 1 < leaf->count ? entry_address(leaf->entries[i + 1]) : 0;
	if (log_use(index->log, next) == log_use(index->log, address) && next > address)
		mark->used += next - address;
}

/*
 * The mark behind the first `count` objects of a leaf, from the headers of their frames. A
 * damaged one costs its object and some bytes of the sums, not the tape.
 */
static int sum_up(struct index *index, const struct leaf *leaf, uint32_t count, struct mark *ret)
{
	*ret = leaf->first;
	for (uint32_t i = 0; i < count; i++) {
		uint8_t header[FRAME_HEADER];
		struct frame frame;
		uint64_t address = entry_address(leaf->entries[i]);
		int result = log_read(index->log, address, header, sizeof header);
		if (result < 0 && result != -EIO)
			return result;
		bool good = result == 0 && frame_decode(header, index->log->seed, &frame) &&
			    frame.address == address && frame.object == ret->object;
		ret->object++;
		ret->filemarks += leaf->entries[i] & 1;
		if (!good) {
			guess(index, leaf, i, ret);
			continue;
		}
		ret->bytes += frame.type == FRAME_DATA ? frame.parameter : 0;
		ret->used += frame_length(&frame);
	}
	return 0;
}

static void clear_below(struct index *index, unsigned level)
{
	for (unsigned i = 1; i < level; i++)
		node_at(index, i)->count = 0;
}

/* Opens again the full leaf that was just descended to: what lies behind it is forgotten. */
static void reopen(struct index *index, uint64_t object)
{
	unsigned level = level_of(index, by_object, object);
	clear_below(index, level);
	for (; level > 1; level--) {
		struct node *node = node_at(index, level), *below = node_at(index, level - 1);
		const struct node *cached = &index->cached_nodes[level - 2];
		node->count = choose(node, by_object, object);
		below->count = cached->count;
		memcpy(below->children, cached->children, cached->count * sizeof(struct child));
	}
	struct node *node = node_at(index, 1);
	node->count = choose(node, by_object, object);
	index->open.first = index->cached_leaf.first;
	memcpy(index->open.entries, index->cached_leaf.entries,
		index->leaf_objects * sizeof(uint64_t));
}

int index_cut(struct index *index, uint64_t object)
{
	struct mark end;
	struct leaf *leaf;
	int result = leaf_of(index, object, true, &leaf);
	if (result < 0)
		return result;
	uint32_t count = (uint32_t)(object - leaf->first.object);
	if (count > leaf->count)
		return -EIO;
	result = sum_up(index, leaf, count, &end);
	if (result < 0)
		return result;
	if (leaf != &index->open)
		reopen(index, object);
	index->open.count = count;
	index->end = end;
	return 0;
}

uint64_t index_last_use(const struct index *index)
{
	uint64_t last = 0;
	for (uint32_t i = 0; i < index->open.count; i++) {
		uint64_t address = entry_address(index->open.entries[i]);
		last = address > last ? address : last;
	}
	for (unsigned i = 0; i < LEVELS; i++) {
		const struct node *node = &index->nodes[i];
		if (node->count > 0 && node->children[node->count - 1].address > last)
			last = node->children[node->count - 1].address;
	}
	return log_use(index->log, last);
}
