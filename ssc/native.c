/* SPDX-License-Identifier: Apache-2.0 */
/* Cartridges of the native format, as the drive sees them. */
#include "ssc/native.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "native_private.h"
#include "util/crc32c.h"

static struct native *native_of(struct cartridge *cartridge)
{
	return (struct native *)(void *)cartridge;
}

/* The first reason is the one that counts. */
void native_say(struct native *native, const char *format, ...)
{
	va_list arguments;
	if (native->reason[0])
		return;
	va_start(arguments, format);
	vsnprintf(native->reason, sizeof native->reason, format, arguments);
	va_end(arguments);
}

/* Objects from the first on that are known to be what the tape holds. */
static uint64_t known_objects(const struct native *native)
{
	uint64_t known = native->damaged ? native->damaged_object : UINT64_MAX;
	return native->failed && native->lasting < known ? native->lasting : known;
}

static void native_status(const struct cartridge *cartridge, struct cartridge_status *ret)
{
	const struct native *native = (const struct native *)(const void *)cartridge;
	const struct superblock *superblock = &native->superblock;
	const struct mark *end = &native->index.end;
	const uint64_t *counters = native->counters;
	*ret = (struct cartridge_status){
		.eod = end->object,
		.filemarks = end->filemarks,
		.bytes = end->bytes,
		.used = end->used,
		.capacity = superblock->capacity,
		.block_max = superblock->block_max,
		.density = superblock->density,
		.medium_type = superblock->medium_type,
		.writable = native->writable && !native->failed,
		.damaged = native->damaged,
		.failed = native->failed,
		.damaged_object = native->damaged || native->failed ? known_objects(native) : 0,
		.dropped = native->dropped,
		.counters = {.mounts = counters[COUNTER_MOUNTS],
			.bytes_written = counters[COUNTER_BYTES_WRITTEN],
			.bytes_read = counters[COUNTER_BYTES_READ],
			.blocks_written = counters[COUNTER_BLOCKS_WRITTEN],
			.blocks_read = counters[COUNTER_BLOCKS_READ],
			.filemarks_written = counters[COUNTER_FILEMARKS_WRITTEN],
			.bytes_stored = counters[COUNTER_BYTES_STORED]},
	};
	memcpy(ret->identity, superblock->uuid, sizeof ret->identity);
	memcpy(ret->barcode, superblock->barcode, sizeof ret->barcode);
	memcpy(ret->medium, superblock->medium, sizeof ret->medium);
	memcpy(ret->reason, native->reason, sizeof ret->reason);
}

/* ---- reading --------------------------------------------------------------------------------- */

/*
 * A frame as it is read: in scratch, but for the first `placed` of its stored bytes, which are at
 * `place`.
 */
struct reading {
	uint8_t *place;
	size_t placed;
	struct frame frame;
};

/* Bytes that may belong to the frame: up to the next object, where that is known. */
static size_t frame_room(const struct native *native, const struct found *found)
{
	uint64_t left = native->log.zone_size - found->address % native->log.zone_size;
	uint64_t most = FRAME_HEADER + native->superblock.block_max + FRAME_ALIGN;
	uint64_t room = found->room > 0 && found->room < most ? found->room : most;
	return (size_t)(room < left ? room : left);
}

static bool is_sound(const struct native *native, const struct found *found, uint64_t object,
	size_t room, const struct frame *frame)
{
	return frame->address == found->address && frame->object == object &&
	       frame->type == (found->filemark ? FRAME_FILEMARK : FRAME_DATA) &&
	       FRAME_HEADER + (uint64_t)frame->stored_length <= room &&
	       frame->parameter <= native->superblock.block_max;
}

static uint32_t stored_crc(const struct native *native, const struct reading *reading)
{
	uint32_t crc = crc32c(native->log.seed, reading->place, reading->placed);
	return crc32c(crc, native->scratch + FRAME_HEADER + reading->placed,
		reading->frame.stored_length - reading->placed);
}

/* The frame where it was found, whole and checked. At most `capacity` bytes of it go to `place`. */
static int read_frame(struct native *native, uint64_t object, const struct found *found,
	void *place, size_t capacity, bool wait, struct reading *ret)
{
	size_t room = frame_room(native, found), placed = room - FRAME_HEADER;
	/* Where the next object is not known, the caller would see what is none of its business. */
	placed = found->room == 0 ? 0 : placed < capacity ? placed : capacity;
	const struct iovec parts[] = {{native->scratch, FRAME_HEADER}, {place, placed},
		{native->scratch + FRAME_HEADER + placed, room - FRAME_HEADER - placed}};
	int result = log_read_parts(&native->log, found->address, parts, 3, wait);
	if (result < 0)
		return result;
	*ret = (struct reading){.place = place};
	if (!frame_decode(native->scratch, native->log.seed, &ret->frame) ||
		!is_sound(native, found, object, room, &ret->frame))
		return -EIO;
	uint32_t stored = ret->frame.stored_length;
	ret->placed = placed < stored ? placed : stored;
	return stored_crc(native, ret) == ret->frame.stored_crc ? 0 : -EIO;
}

/* The stored bytes that are in scratch: none of a frame that was placed as a whole. */
static void place_rest(struct native *native, const struct reading *reading, const uint8_t *from,
	uint32_t capacity)
{
	uint32_t length = reading->frame.parameter;
	size_t end = capacity < length ? capacity : length;
	if (end > reading->placed)
		memcpy(reading->place + reading->placed, from + reading->placed,
			end - reading->placed);
}

/* The block to its place, as much as there is room for. */
static int unpack(struct native *native, struct reading *reading, uint32_t capacity)
{
	const struct frame *frame = &reading->frame;
	uint8_t *stored = native->scratch + FRAME_HEADER;
	unsigned how = frame->flags & FRAME_COMPRESSION;
	native->reads_plain = how == COMPRESSION_NONE;
	if (native->reads_plain) {
		place_rest(native, reading, stored, capacity);
		return frame->stored_length == frame->parameter ? 0 : -EIO;
	}
	memcpy(stored, reading->place, reading->placed);
	reading->placed = 0;
	if (!native_unpack(how, stored, frame->stored_length, native->packed, frame->parameter) ||
		crc32c(native->log.seed, native->packed, frame->parameter) != frame->logical_crc)
		return -EIO;
	place_rest(native, reading, native->packed, capacity);
	return 0;
}

/* What was read, unless it is a filemark, is in its place. */
static int finish_read(struct native *native, struct reading *reading, uint32_t capacity,
	struct cartridge_object *ret)
{
	*ret = (struct cartridge_object){.filemark = reading->frame.type == FRAME_FILEMARK};
	if (ret->filemark)
		return 0;
	int result = unpack(native, reading, capacity);
	if (result < 0)
		return result;
	ret->length = reading->frame.parameter;
	native->counters[COUNTER_BYTES_READ] += ret->length;
	native->counters[COUNTER_BLOCKS_READ]++;
	native->counted = true;
	return 0;
}

/* What is stored as it is goes straight to the buffer; what is not has to be unpacked first. */
static int native_read(struct cartridge *cartridge, uint64_t object, void *buffer,
	uint32_t capacity, struct cartridge_object *ret)
{
	struct native *native = native_of(cartridge);
	struct reading reading;
	struct found found;
	if (object >= known_objects(native))
		return -EIO;
	int result = index_find(&native->index, object, &found);
	if (result == 0)
		result = read_frame(native, object, &found, buffer,
			native->reads_plain ? capacity : 0, true, &reading);
	return result < 0 ? result : finish_read(native, &reading, capacity, ret);
}

/*
 * Unpacking takes too long here, and the length of what is read must be known. What is wrong in any
 * way is for native_read to find.
 */
static int native_read_at_hand(struct cartridge *cartridge, uint64_t object, void *buffer,
	uint32_t capacity, struct cartridge_object *ret)
{
	struct native *native = native_of(cartridge);
	struct reading reading;
	struct found found;
	if (object >= known_objects(native) || !native->reads_plain ||
		index_find_at_hand(&native->index, object, &found) < 0 || found.room == 0 ||
		read_frame(native, object, &found, buffer, capacity, false, &reading) < 0 ||
		reading.frame.flags & FRAME_COMPRESSION)
		return -EAGAIN;
	return finish_read(native, &reading, capacity, ret) < 0 ? -EAGAIN : 0;
}

/* ---- writing --------------------------------------------------------------------------------- */

static int error_of(struct native *native, int result)
{
	if (result == -EDQUOT || result == -EFBIG)
		return -ENOSPC;
	if (result == 0 || result == -ENOSPC || result == -ERANGE || result == -EROFS)
		return result;
	native->failed = true;
	native_say(native, "the host could not write it: open it again to see what is on it");
	return -EIO;
}

/* The first frame of this opening: what lies behind the end can never be taken for ours. */
int native_begin(struct native *native)
{
	uint32_t epoch, before;
	if (native->begun)
		return 0;
	/* A frame that ends the zone must not be the first of the new epoch. */
	int result = native_settle(native);
	if (result == 0)
		result = native_make_checkpoint_room(native);
	if (result < 0)
		return result;
	before = native->log.place.epoch;
	uint64_t end = native->log.place.address;
	native->world->random(native->world->context, &epoch, sizeof epoch);
	native->log.place.epoch = epoch;
	native->mount++;
	native->counters[COUNTER_MOUNTS]++;
	result = native_write_checkpoint(native, FRAME_EPOCH, false);
	native->begun = native->log.place.address != end; /* even if it could not be named */
	if (!native->begun) {
		native->log.place.epoch = before;
		native->mount--;
		native->counters[COUNTER_MOUNTS]--;
	}
	return result;
}

static int may_write(struct native *native, uint64_t object)
{
	if (native->failed)
		return -EIO;
	if (!native->writable)
		return -EROFS;
	return object <= native->index.end.object ? 0 : -ERANGE;
}

int native_cut(struct native *native, uint64_t object, uint64_t address)
{
	int result = index_cut(&native->index, object);
	if (result < 0)
		return result;
	log_kill_zones(
		&native->log, index_last_use(&native->index), log_use(&native->log, address));
	if (object < native->lasting)
		native->lasting = object;
	return 0;
}

/* What is replaced, by a frame at `address`, or erased, counts no more. */
static int cut(struct native *native, uint64_t object, uint64_t address)
{
	if (object == native->index.end.object)
		return 0;
	int result = native_cut(native, object, address);
	if (result < 0) {
		native->failed = true;
		native_say(native, "its index cannot be read");
		return -EIO;
	}
	native->uncommitted = true;
	return 0;
}

static int checkpoint_when_due(struct native *native)
{
	if (native->log.place.address - native->checkpoint < native->sync_bytes)
		return 0;
	return native_write_checkpoint(native, 0, false);
}

/*
 * Before the file grows by a zone, dropped ones are made usable: with two checkpoints no root needs
 * them any more. So a tape that is overwritten, or opened, again and again stays as large as it is.
 */
static int reclaim_when_due(struct native *native, size_t stored_length)
{
	int result = 0;
	for (unsigned i = 0; i < 2 && result == 0; i++) {
		if (!log_would_grow(&native->log, stored_length))
			break;
		result = native_write_checkpoint(native, 0, false);
	}
	return result;
}

/* Everything but the frame of the object itself. Behind a cut there is always room. */
static int prepare(struct native *native, uint64_t object, uint32_t length)
{
	int result = may_write(native, object);
	if (result == 0)
		result = native_begin(native);
	if (result == 0)
		result = reclaim_when_due(native, length + index_frames_length(&native->index));
	if (result == 0 && object == native->index.end.object)
		result = index_make_room(&native->index);
	return result;
}

static int append(struct native *native, const struct log_write *write)
{
	uint64_t address;
	struct frame frame = {.stored_length = write->stored_length};
	int result = log_append(&native->log, write, &address);
	if (result < 0)
		return result;
	result = cut(native, write->object, address);
	if (result < 0)
		return result;
	bool filemark = write->type == FRAME_FILEMARK;
	index_add(&native->index, address, filemark, write->parameter, frame_length(&frame));
	native->counters[COUNTER_BYTES_STORED] += write->stored_length;
	native->counted = true;
	return 0;
}

/* A block as it will be stored. */
static void pack(struct native *native, const void *block, uint32_t length,
	enum cartridge_compression compression, struct log_write *ret)
{
	ret->parameter = length;
	ret->logical_crc = crc32c(native->log.seed, block, length);
	ret->stored = block;
	ret->stored_length = length;
	ret->stored_crc = ret->logical_crc;
	size_t packed = compression == COMPRESSION_NONE ? 0
							: native_pack(compression, block, length,
								  native->packed, length - 1);
	if (packed == 0)
		return;
	ret->flags = (uint16_t)compression;
	ret->stored = native->packed;
	ret->stored_length = (uint32_t)packed;
	ret->stored_crc = crc32c(native->log.seed, native->packed, packed);
}

static int native_append(struct cartridge *cartridge, uint64_t object, const void *block,
	uint32_t length, enum cartridge_compression compression)
{
	struct native *native = native_of(cartridge);
	struct log_write write = {.type = FRAME_DATA, .object = object};
	int result = prepare(native, object, length);
	if (result < 0)
		return error_of(native, result);
	pack(native, block, length, compression, &write);
	result = append(native, &write);
	if (result < 0)
		return error_of(native, result);
	native->counters[COUNTER_BYTES_WRITTEN] += length;
	native->counters[COUNTER_BLOCKS_WRITTEN]++;
	return error_of(native, checkpoint_when_due(native));
}

static int native_append_filemarks(struct cartridge *cartridge, uint64_t object, uint32_t count)
{
	struct native *native = native_of(cartridge);
	struct log_write write = {.type = FRAME_FILEMARK,
		.stored_crc = native->log.seed,
		.logical_crc = native->log.seed};
	for (uint32_t i = 0; i < count; i++) {
		write.object = object + i;
		int result = prepare(native, write.object, 0);
		if (result == 0)
			result = append(native, &write);
		if (result == 0)
			result = checkpoint_when_due(native);
		if (result < 0)
			return error_of(native, result);
		native->counters[COUNTER_FILEMARKS_WRITTEN]++;
	}
	return 0;
}

static int native_erase(struct cartridge *cartridge, uint64_t object)
{
	struct native *native = native_of(cartridge);
	int result = may_write(native, object);
	if (result == 0)
		result = native_begin(native);
	if (result == 0)
		result = cut(native, object, native->log.place.address);
	return error_of(native, result);
}

static int native_commit(struct cartridge *cartridge, bool synchronous)
{
	struct native *native = native_of(cartridge);
	int result = may_write(native, 0);
	if (result < 0)
		return result;
	bool lasting = native->log.place.address == native->durable;
	if (!native->uncommitted && (!synchronous || lasting))
		return 0;
	result = native_begin(native);
	if (result == 0)
		result = native_write_commit(native, 0);
	if (result == 0 && synchronous)
		result = native_sync(native);
	return error_of(native, result);
}

/* ---- finding --------------------------------------------------------------------------------- */

static int native_filemarks_before(struct cartridge *cartridge, uint64_t object, uint64_t *ret)
{
	return index_filemarks_before(&native_of(cartridge)->index, object, ret);
}

static int native_find_filemark(struct cartridge *cartridge, uint64_t ordinal, uint64_t *ret_object)
{
	struct native *native = native_of(cartridge);
	int result = index_find_filemark(&native->index, ordinal, ret_object);
	return result == -ERANGE && (native->damaged || native->failed) ? -EIO : result;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static int native_get_attributes(
	struct cartridge *cartridge, const uint8_t **ret, size_t *ret_length)
{
	*ret = native_of(cartridge)->attributes;
	*ret_length = native_of(cartridge)->attributes_length;
	return 0;
}

static int native_set_attributes(struct cartridge *cartridge, const void *data, size_t length)
{
	struct native *native = native_of(cartridge);
	uint64_t address;
	if (length > native->superblock.attributes_max)
		return -ENOSPC;
	int result = may_write(native, 0);
	if (result == 0)
		result = native_begin(native);
	if (result < 0)
		return error_of(native, result);
	result = log_append_plain(
		&native->log, FRAME_META, 0, native->index.end.object, data, length, &address);
	if (result < 0)
		return error_of(native, result);
	memcpy(native->attributes, data, length);
	native->attributes_length = length;
	native->uncommitted = true;
	return 0;
}

/* ---- closing --------------------------------------------------------------------------------- */

void native_free(struct native *native)
{
	if (!native)
		return;
	if (native->fd >= 0)
		native->store->close(native->store, native->fd);
	log_finish(&native->log);
	index_finish(&native->index);
	free(native->attributes);
	free(native->scratch);
	free(native->packed);
	free(native);
}

/*
 * Another native of the same file takes the place of this one. Its fd stays open all the time: the
 * lock on the file is never let go.
 */
static int native_reopen(struct cartridge *cartridge)
{
	struct native *native = native_of(cartridge), old = *native;
	if (!native->failed)
		return 0;
	struct native *fresh =
		native_make(native->store, native->fd, &native->superblock, native->world);
	if (!fresh)
		return -ENOMEM;
	fresh->writable = native->writable;
	int result = native_recover(fresh);
	if (result == 0) {
		*native = *fresh;
		native->index.log = &native->log;
		*fresh = old;
	}
	fresh->fd = -1;
	native_free(fresh);
	return result;
}

/* Nothing is written when nothing happened. */
static int finish(struct native *native)
{
	if (!native->writable)
		return 0;
	if (native->failed)
		return -EIO;
	if (!native->begun && !native->counted)
		return 0;
	int result = native_begin(native);
	if (result == 0)
		result = native_write_checkpoint(native, 0, true);
	return error_of(native, result);
}

static int native_close(struct cartridge *cartridge)
{
	struct native *native = native_of(cartridge);
	int result = finish(native);
	native_free(native);
	return result;
}

static const struct cartridge_ops native_ops = {
	.status = native_status,
	.read = native_read,
	.read_at_hand = native_read_at_hand,
	.append = native_append,
	.append_filemarks = native_append_filemarks,
	.erase = native_erase,
	.commit = native_commit,
	.filemarks_before = native_filemarks_before,
	.find_filemark = native_find_filemark,
	.get_attributes = native_get_attributes,
	.set_attributes = native_set_attributes,
	.reopen = native_reopen,
	.close = native_close,
};

/* ---- opening --------------------------------------------------------------------------------- */

static size_t scratch_length(const struct superblock *superblock)
{
	size_t block = FRAME_HEADER + superblock->block_max + FRAME_ALIGN;
	size_t checkpoint = (size_t)superblock_checkpoint_max(superblock);
	return block > checkpoint ? block : checkpoint;
}

struct native *native_make(const struct file_store *store, int fd,
	const struct superblock *superblock, const struct native_world *world)
{
	struct native *native = calloc(1, sizeof *native);
	if (!native)
		return NULL;
	native->cartridge = (struct cartridge){&native_ops, superblock->block_max};
	native->store = store;
	native->fd = -1;
	native->world = world ? world : &native_world_machine;
	native->superblock = *superblock;
	native->scratch_length = scratch_length(superblock);
	native->scratch = malloc(native->scratch_length);
	native->packed = malloc(superblock->block_max);
	native->attributes = malloc(superblock->attributes_max + 1u);
	uint64_t eighth = superblock->capacity / 8, least = 4 * superblock->zone_size;
	native->sync_bytes = eighth < SYNC_BYTES ? eighth : SYNC_BYTES;
	if (native->sync_bytes < least)
		native->sync_bytes = least < SYNC_BYTES ? least : SYNC_BYTES;
	if (log_init(&native->log, store, fd, frame_seed(superblock->uuid), superblock) &&
		index_init(&native->index, &native->log, superblock) && native->scratch &&
		native->packed && native->attributes) {
		native->fd = fd;
		return native;
	}
	native_free(native);
	return NULL;
}
