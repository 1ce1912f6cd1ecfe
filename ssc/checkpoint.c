/* SPDX-License-Identifier: Apache-2.0 */
/* Commits, checkpoints and roots: what makes that counts, and what makes it last. */
#include <errno.h>
#include <string.h>

#include "native_private.h"
#include "util/reader.h"
#include "util/response.h"

enum { ZONE_ENTRY = 16 };

static void fill_commit(struct native *native, struct commit *ret)
{
	const struct mark *end = &native->index.end;
	*ret = (struct commit){
		.eod = end->object,
		.filemarks = end->filemarks,
		.bytes = end->bytes,
		.used = end->used,
		.durable = native->durable,
		.mount = native->mount,
		.when_s = native->world->now_s(native->world->context),
	};
	memcpy(ret->counters, native->counters, sizeof ret->counters);
}

int native_write_commit(struct native *native, uint16_t flags)
{
	uint8_t bytes[COMMIT_LENGTH];
	struct commit commit;
	uint64_t address;
	fill_commit(native, &commit);
	commit_encode(&commit, bytes);
	int result = log_append_plain(&native->log, FRAME_COMMIT, flags, native->index.end.object,
		bytes, sizeof bytes, &address);
	if (result < 0)
		return result;
	native->uncommitted = false;
	native->counted = false;
	return 0;
}

int native_sync(struct native *native)
{
	int result = native->store->sync(native->store, native->fd);
	if (result < 0) {
		native->failed = true;
		native_say(
			native, "the host could not write it: open it again to see what is on it");
		return -EIO;
	}
	native->durable = native->log.place.address;
	native->lasting = native->index.end.object;
	return 0;
}

/* ---- writing a checkpoint -------------------------------------------------------------------- */

static void put_mark(struct response *r, const struct mark *mark)
{
	response_be64(r, mark->object);
	response_be64(r, mark->filemarks);
	response_be64(r, mark->bytes);
	response_be64(r, mark->used);
}

static void encode_spine(struct native *native, struct response *r)
{
	const struct leaf *open = &native->index.open;
	put_mark(r, &open->first);
	for (uint32_t i = 0; i < open->count; i++)
		response_be64(r, open->entries[i]);
	for (unsigned level = 0; level < index_levels(&native->index); level++) {
		const struct node *node = &native->index.nodes[level];
		response_be32(r, node->count);
		response_be32(r, 0);
		for (uint32_t i = 0; i < node->count; i++) {
			put_mark(r, &node->children[i].first);
			response_be64(r, node->children[i].address);
		}
	}
}

static uint32_t count_live(const struct log *log)
{
	uint32_t live = 0;
	for (uint32_t i = 0; i < log->zone_count; i++)
		live += !log->zones[i].dead;
	return live;
}

static void encode_zones(const struct log *log, struct response *r)
{
	for (uint32_t i = 0; i < log->zone_count; i++) {
		if (log->zones[i].dead)
			continue;
		response_be64(r, log->zones[i].use);
		response_be64(r, log->zones[i].index);
	}
}

static size_t encode_checkpoint(struct native *native)
{
	struct response r;
	struct commit commit;
	response_init(&r, native->scratch, native->scratch_length);
	fill_commit(native, &commit);
	commit_encode(&commit, native->scratch);
	r.length = COMMIT_LENGTH;
	response_be32(&r, index_levels(&native->index));
	response_be32(&r, native->index.open.count);
	response_be32(&r, count_live(&native->log));
	response_be32(&r, (uint32_t)native->attributes_length);
	encode_spine(native, &r);
	encode_zones(&native->log, &r);
	response_bytes(&r, native->attributes, native->attributes_length);
	return r.overflowed ? 0 : r.length;
}

static int write_root(struct native *native, const struct root *root)
{
	uint8_t slot[SLOT_LENGTH];
	struct iovec iov = {slot, sizeof slot};
	root_encode(root, native->log.seed, slot);
	return native->store->pwritev(
		native->store, native->fd, &iov, 1, ROOT_AT + root->generation % 2 * SLOT_LENGTH);
}

/* The checkpoint is durable: now a root may name it. */
static int name_checkpoint(struct native *native, uint64_t address, bool clean)
{
	uint64_t offset;
	if (!log_offset(&native->log, address, &offset))
		return -EIO;
	struct root root = {
		.generation = native->root.generation + 1,
		.checkpoint = address,
		.zone = (offset - ZONES_AT) / native->log.zone_size,
		.durable = native->durable,
		.clean = clean,
	};
	int result = write_root(native, &root);
	if (result == 0)
		native->root = root;
	return result;
}

/*
 * The roots before this one were durable with the fdatasync just done, so zones that are in neither
 * of the checkpoints they name may be used again.
 */
static int finish_checkpoint(struct native *native, uint64_t address, bool close)
{
	uint64_t durable_generation = native->root.generation;
	int result = name_checkpoint(native, address, close);
	if (result < 0)
		return result;
	native->checkpoint = address;
	if (durable_generation > 0)
		log_reclaim(&native->log, durable_generation - 1);
	return close ? native_sync(native) : 0;
}

/* It must not begin a zone of its own that it does not list: begin that one first. */
int native_make_checkpoint_room(struct native *native)
{
	size_t length = encode_checkpoint(native);
	if (length == 0)
		return -EIO;
	return log_make_room(&native->log, native->index.end.object, length + ZONE_ENTRY);
}

int native_write_checkpoint(struct native *native, uint16_t flags, bool close)
{
	uint64_t address;
	int result = native_make_checkpoint_room(native);
	if (result < 0)
		return result;
	/* What lies between the last object and here are commits and attributes, and all in this.
	 */
	log_kill_zones(&native->log, index_last_use(&native->index),
		log_use(&native->log, native->log.place.address));
	size_t length = encode_checkpoint(native);
	result = log_append_plain(&native->log, FRAME_CHECKPOINT, flags, native->index.end.object,
		native->scratch, length, &address);
	if (result < 0)
		return result;
	native->uncommitted = false;
	native->counted = false;
	log_retire(&native->log, native->root.generation + 1);
	result = native_sync(native);
	return result < 0 ? result : finish_checkpoint(native, address, close);
}

/* ---- after a crash --------------------------------------------------------------------------- */

static int write_again(struct native *native, uint64_t address, size_t length)
{
	uint64_t offset;
	struct iovec iov = {native->scratch, length};
	int result = log_read(&native->log, address, native->scratch, length);
	if (result == 0 && !log_offset(&native->log, address, &offset))
		result = -EIO;
	return result < 0 ? result
			  : native->store->pwritev(native->store, native->fd, &iov, 1, offset);
}

int native_settle(struct native *native)
{
	uint64_t end = native->log.place.address, zone_size = native->log.zone_size;
	int result = native->root.clean ? 0 : write_root(native, &native->root);
	for (uint64_t at = native->durable; result == 0 && at < end;) {
		uint64_t left = zone_size - at % zone_size, length = native->scratch_length;
		length = left < length ? left : length;
		length = end - at < length ? end - at : length;
		result = write_again(native, at, (size_t)length);
		at += length;
	}
	return result;
}

/* ---- reading one ----------------------------------------------------------------------------- */

static struct mark get_mark(struct reader *reader)
{
	struct mark mark;
	mark.object = reader_be64(reader);
	mark.filemarks = reader_be64(reader);
	mark.bytes = reader_be64(reader);
	mark.used = reader_be64(reader);
	return mark;
}

static bool decode_leaf(struct index *index, uint32_t count, struct reader *reader)
{
	if (count > index->leaf_objects)
		return false;
	index->open.first = get_mark(reader);
	index->open.count = count;
	for (uint32_t i = 0; i < count; i++)
		index->open.entries[i] = reader_be64(reader);
	return !reader->failed;
}

static bool decode_node(struct index *index, struct node *node, struct reader *reader)
{
	uint32_t count = reader_be32(reader);
	reader_be32(reader);
	if (reader->failed || count > index->node_children)
		return false;
	node->count = count;
	for (uint32_t i = 0; i < count; i++) {
		node->children[i].first = get_mark(reader);
		node->children[i].address = reader_be64(reader);
	}
	return !reader->failed;
}

static bool decode_zones(struct log *log, uint32_t count, struct reader *reader)
{
	log->zone_count = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t use = reader_be64(reader), index = reader_be64(reader);
		if (reader->failed || index >= log->zones_max ||
			log_add_zone(log, use, (uint32_t)index) < 0)
			return false;
	}
	return count > 0;
}

static bool decode(struct native *native, struct reader *reader)
{
	struct index *index = &native->index;
	uint32_t levels = reader_be32(reader), entries = reader_be32(reader);
	uint32_t zones = reader_be32(reader), attributes = reader_be32(reader);
	if (levels > LEVELS || attributes > native->superblock.attributes_max ||
		!decode_leaf(index, entries, reader))
		return false;
	for (unsigned level = 0; level < LEVELS; level++)
		index->nodes[level].count = 0;
	for (uint32_t level = 0; level < levels; level++)
		if (!decode_node(index, &index->nodes[level], reader))
			return false;
	if (!decode_zones(&native->log, zones, reader))
		return false;
	reader_bytes(reader, native->attributes, attributes);
	native->attributes_length = attributes;
	return !reader->failed && reader->left == 0;
}

static void skip(struct reader *reader, uint64_t length)
{
	if (length > reader->left)
		reader->failed = true;
	if (reader->failed)
		return;
	reader->at += length;
	reader->left -= (size_t)length;
}

bool native_mark_zones(
	const struct native *native, const uint8_t *bytes, size_t length, uint8_t *marks)
{
	struct reader reader;
	reader_init(&reader, bytes, length);
	skip(&reader, COMMIT_LENGTH);
	uint32_t levels = reader_be32(&reader), entries = reader_be32(&reader);
	uint32_t zones = reader_be32(&reader);
	skip(&reader, 4 + 32 + 8 * (uint64_t)entries);
	for (uint32_t i = 0; i < levels && !reader.failed; i++) {
		uint64_t children = reader_be32(&reader);
		skip(&reader, 4 + 40 * children);
	}
	for (uint32_t i = 0; i < zones && !reader.failed; i++) {
		reader_be64(&reader);
		uint64_t index = reader_be64(&reader);
		if (index >= native->log.zones_max)
			return false;
		marks[index] = 1;
	}
	return !reader.failed;
}

int native_decode_checkpoint(struct native *native, const uint8_t *bytes, size_t length)
{
	struct commit commit;
	struct reader reader;
	if (length < COMMIT_LENGTH)
		return -EIO;
	commit_decode(bytes, &commit);
	reader_init(&reader, bytes + COMMIT_LENGTH, length - COMMIT_LENGTH);
	if (!decode(native, &reader))
		return -EIO;
	native->index.end = (struct mark){commit.eod, commit.filemarks, commit.bytes, commit.used};
	if (!index_joins(&native->index))
		return -EIO;
	native->mount = commit.mount;
	native->durable = commit.durable;
	native->lasting = commit.eod; /* a root names only what is durable */
	memcpy(native->counters, commit.counters, sizeof native->counters);
	return 0;
}
