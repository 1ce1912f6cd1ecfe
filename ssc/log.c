/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/crc32c.h"

enum { NO_ZONE = (int)0xffffffff, WRITE_BACK_BYTES = 1 << 20 };

bool log_init(struct log *log, const struct file_store *store, int fd, uint32_t seed,
	const struct superblock *superblock)
{
	*log = (struct log){
		.store = store,
		.fd = fd,
		.seed = seed,
		.zone_size = superblock->zone_size,
		.zones_max = superblock_zones_max(superblock),
	};
	log->zones = calloc(log->zones_max, sizeof *log->zones);
	log->free = calloc(log->zones_max, sizeof *log->free);
	log->retiring = calloc(log->zones_max, sizeof *log->retiring);
	return log->zones && log->free && log->retiring;
}

void log_finish(struct log *log)
{
	free(log->zones);
	free(log->free);
	free(log->retiring);
}

/* ---- places ---------------------------------------------------------------------------------- */

uint64_t log_zone_offset(const struct log *log, uint64_t index)
{
	return ZONES_AT + index * log->zone_size;
}

bool log_offset(const struct log *log, uint64_t address, uint64_t *ret)
{
	uint64_t use = log_use(log, address);
	uint32_t low = 0, high = log->zone_count;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		const struct zone *zone = &log->zones[middle];
		if (zone->use == use) {
			*ret = log_zone_offset(log, zone->index) + address % log->zone_size;
			return true;
		}
		if (zone->use < use)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* What was not read is zeros. */
static void clear_from(const struct iovec *parts, int part_count, size_t done)
{
	for (int i = 0; i < part_count; i++) {
		size_t there = done < parts[i].iov_len ? done : parts[i].iov_len;
		memset((uint8_t *)parts[i].iov_base + there, 0, parts[i].iov_len - there);
		done -= there;
	}
}

static int read_parts(
	const struct log *log, uint64_t offset, const struct iovec *parts, int part_count)
{
	ssize_t n = log->store->preadv(log->store, log->fd, parts, part_count, offset, 0);
	if (n < 0)
		return (int)n;
	clear_from(parts, part_count, (size_t)n);
	return 0;
}

int log_read_at(const struct log *log, uint64_t offset, void *buffer, size_t length)
{
	struct iovec part = {buffer, length};
	return read_parts(log, offset, &part, 1);
}

/* Only a read that waited says what is not there, or that something is wrong. */
static int read_at_hand(const struct log *log, uint64_t offset, const struct iovec *parts,
	int part_count, size_t length)
{
	ssize_t n = log->store->preadv(
		log->store, log->fd, parts, part_count, offset, FILE_STORE_NOWAIT);
	return n == (ssize_t)length ? 0 : -EAGAIN;
}

int log_read_parts(const struct log *log, uint64_t address, const struct iovec *parts,
	int part_count, bool wait)
{
	uint64_t offset;
	size_t length = 0;
	for (int i = 0; i < part_count; i++)
		length += parts[i].iov_len;
	if (!log_offset(log, address, &offset) ||
		length > log->zone_size - address % log->zone_size)
		return -EIO;
	return wait ? read_parts(log, offset, parts, part_count)
		    : read_at_hand(log, offset, parts, part_count, length);
}

int log_read(const struct log *log, uint64_t address, void *buffer, size_t length)
{
	struct iovec part = {buffer, length};
	return log_read_parts(log, address, &part, 1, true);
}

/* ---- zones ----------------------------------------------------------------------------------- */

int log_add_zone(struct log *log, uint64_t use, uint32_t index)
{
	if (index >= log->zones_max || log->zone_count == log->zones_max)
		return -EIO;
	if (log->zone_count > 0 && log->zones[log->zone_count - 1].use >= use)
		return -EIO;
	log->zones[log->zone_count++] = (struct zone){.use = use, .index = index};
	if (index >= log->next_index)
		log->next_index = index + 1;
	return 0;
}

void log_kill_zones(struct log *log, uint64_t low_use, uint64_t high_use)
{
	for (uint32_t i = 0; i < log->zone_count; i++)
		if (log->zones[i].use > low_use && log->zones[i].use < high_use)
			log->zones[i].dead = true;
}

void log_retire(struct log *log, uint64_t generation)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < log->zone_count; i++) {
		if (!log->zones[i].dead)
			log->zones[kept++] = log->zones[i];
		else
			log->retiring[log->retiring_count++] = (struct retiring){
				.index = log->zones[i].index, .generation = generation};
	}
	log->zone_count = kept;
}

static bool in_log(const struct log *log, uint32_t index)
{
	for (uint32_t i = 0; i < log->zone_count; i++)
		if (log->zones[i].index == index)
			return true;
	return false;
}

void log_retire_others(
	struct log *log, uint64_t file_size, const uint8_t *named, uint64_t generation)
{
	uint64_t zones = file_size > ZONES_AT
				 ? (file_size - ZONES_AT + log->zone_size - 1) / log->zone_size
				 : 0;
	if (zones > log->zones_max)
		zones = log->zones_max;
	if (zones > log->next_index)
		log->next_index = (uint32_t)zones;
	for (uint32_t i = 0; i < log->next_index; i++) {
		if (in_log(log, i))
			continue;
		if (named[i])
			log->retiring[log->retiring_count++] =
				(struct retiring){.index = i, .generation = generation};
		else
			log->free[log->free_count++] = i;
	}
}

void log_reclaim(struct log *log, uint64_t generation)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < log->retiring_count; i++) {
		struct retiring *zone = &log->retiring[i];
		if (zone->generation > generation) {
			log->retiring[kept++] = *zone;
			continue;
		}
		log->store->punch(
			log->store, log->fd, log_zone_offset(log, zone->index), log->zone_size);
		log->free[log->free_count++] = zone->index;
	}
	log->retiring_count = kept;
}

/* -ENOSPC: the file is as large as it may get. */
static int choose_zone(const struct log *log, uint32_t *ret)
{
	if (log->free_count > 0) {
		*ret = log->free[log->free_count - 1];
		return 0;
	}
	*ret = log->next_index;
	return log->next_index < log->zones_max && log->zone_count < log->zones_max ? 0 : -ENOSPC;
}

static void take_zone(struct log *log, uint64_t use, uint32_t index)
{
	if (log->free_count > 0)
		log->free_count--;
	log_add_zone(log, use, index);
}

/* ---- writing --------------------------------------------------------------------------------- */

/*
 * The disk begins on what is there while more comes, so that whoever waits for it waits for the
 * rest only. Left to the host's kernel, it would begin when all of it is asked for.
 */
static void write_back(struct log *log, uint64_t offset, uint64_t length)
{
	bool goes_on = offset == log->waiting_from + log->waiting;
	if (log->waiting > 0 && (!goes_on || log->waiting >= WRITE_BACK_BYTES)) {
		log->store->begin_writing_back(
			log->store, log->fd, log->waiting_from, log->waiting);
		goes_on = false;
	}
	if (!goes_on) {
		log->waiting_from = offset;
		log->waiting = 0;
	}
	log->waiting += length;
}

/* Moves `place` on when the frame was written. */
static int write_frame(
	struct log *log, const struct log_write *write, uint64_t offset, struct log_place *place)
{
	static const uint8_t zeros[FRAME_ALIGN];
	uint8_t header[FRAME_HEADER];
	struct frame frame = {
		.type = write->type,
		.flags = write->flags,
		.sequence = place->sequence + 1,
		.address = place->address,
		.object = write->object,
		.stored_length = write->stored_length,
		.parameter = write->parameter,
		.stored_crc = write->stored_crc,
		.logical_crc = write->logical_crc,
		.epoch = place->epoch,
		.previous_crc = place->previous_crc,
	};
	frame_encode(&frame, log->seed, header);
	size_t pad = (size_t)(frame_length(&frame) - FRAME_HEADER - write->stored_length);
	struct iovec iov[3] = {{header, sizeof header},
		{(void *)(uintptr_t)write->stored, write->stored_length},
		{(void *)(uintptr_t)zeros, pad}};
	int count = write->stored_length == 0 ? 1 : pad ? 3 : 2;
	int result = log->store->pwritev(log->store, log->fd, iov, count, offset);
	if (result < 0)
		return result;
	write_back(log, offset, frame_length(&frame));
	place->address += frame_length(&frame);
	place->sequence++;
	place->previous_crc = frame.crc;
	return 0;
}

/* The zone's own frame, at its beginning. */
static int write_zone_frame(
	struct log *log, uint32_t index, uint32_t before, uint64_t object, struct log_place *place)
{
	struct log_write write = {.type = FRAME_ZONE,
		.object = object,
		.parameter = before,
		.stored_crc = log->seed,
		.logical_crc = log->seed};
	return write_frame(log, &write, log_zone_offset(log, index), place);
}

static int next_zone(struct log *log, uint64_t object)
{
	uint32_t index;
	uint64_t offset, use = log_use(log, log->place.address) + 1;
	int result = choose_zone(log, &index);
	if (result < 0)
		return result;
	if (!log_offset(log, log->place.address, &offset))
		return -EIO;
	struct log_place place = log->place;
	struct log_write next = {.type = FRAME_NEXT,
		.object = object,
		.parameter = index,
		.stored_crc = log->seed,
		.logical_crc = log->seed};
	uint32_t before = log->zones[log->zone_count - 1].index;
	result = write_frame(log, &next, offset, &place);
	if (result < 0)
		return result;
	place.address = use * log->zone_size;
	result = write_zone_frame(log, index, before, object, &place);
	if (result < 0)
		return result;
	take_zone(log, use, index);
	log->place = place;
	return 0;
}

static bool fits(const struct log *log, uint64_t length)
{
	uint64_t left = log->zone_size - log->place.address % log->zone_size;
	return length + FRAME_HEADER <= left;
}

int log_make_room(struct log *log, uint64_t object, size_t stored_length)
{
	struct frame frame = {.stored_length = (uint32_t)stored_length};
	return fits(log, frame_length(&frame)) ? 0 : next_zone(log, object);
}

bool log_would_grow(const struct log *log, size_t stored_length)
{
	struct frame frame = {.stored_length = (uint32_t)stored_length};
	if (fits(log, frame_length(&frame)) || log->free_count > 0)
		return false;
	uint32_t dead = 0;
	for (uint32_t i = 0; i < log->zone_count; i++)
		dead += log->zones[i].dead;
	return log->retiring_count + dead > 0;
}

int log_append(struct log *log, const struct log_write *write, uint64_t *ret_address)
{
	uint64_t offset;
	int result = log_make_room(log, write->object, write->stored_length);
	if (result < 0)
		return result;
	if (!log_offset(log, log->place.address, &offset))
		return -EIO;
	*ret_address = log->place.address;
	return write_frame(log, write, offset, &log->place);
}

int log_append_plain(struct log *log, enum frame_type type, uint16_t flags, uint64_t object,
	const void *stored, size_t length, uint64_t *ret_address)
{
	struct log_write write = {.type = type,
		.flags = flags,
		.object = object,
		.stored = stored,
		.stored_length = (uint32_t)length,
		.parameter = (uint32_t)length,
		.stored_crc = crc32c(log->seed, stored, length)};
	write.logical_crc = write.stored_crc;
	return log_append(log, &write, ret_address);
}

int log_begin(struct log *log)
{
	int result = write_zone_frame(log, 0, (uint32_t)NO_ZONE, 0, &log->place);
	return result < 0 ? result : log_add_zone(log, 0, 0);
}
