/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of a native cartridge: zones, addresses, and frames one behind the other. It knows
 * nothing of what frames mean.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "util/file_store.h"

struct zone {
	uint64_t use;
	uint32_t index; /* where it lies in the file */
	bool dead;      /* nothing in it counts any more */
};

/* A zone that may be used again when the roots of this generation and the next are durable. */
struct retiring {
	uint32_t index;
	uint64_t generation;
};

/* Where the next frame goes, and what it follows. */
struct log_place {
	uint64_t address, sequence;
	uint32_t epoch, previous_crc;
};

struct log {
	const struct file_store *store;
	int fd;
	uint32_t seed;
	uint64_t zone_size;
	uint32_t zones_max;

	struct log_place place;
	struct zone *zones; /* ascending use */
	uint32_t zone_count, zone_room;
	uint32_t next_index; /* zones of the file that were never used begin here */
	uint32_t *free;      /* zones of the file that may be used again */
	uint32_t free_count;
	struct retiring *retiring;
	uint32_t retiring_count;

	/* Of the file: written, and the disk was not asked to begin with it. */
	uint64_t waiting_from, waiting;
};

/* zones_max bounds all arrays. False: out of memory. */
bool log_init(struct log *log, const struct file_store *store, int fd, uint32_t seed,
	const struct superblock *superblock);
void log_finish(struct log *log);

/* Where an address lies in the file; false: in no zone of the log. */
bool log_offset(const struct log *log, uint64_t address, uint64_t *ret);
uint64_t log_zone_offset(const struct log *log, uint64_t index);
static inline uint64_t log_use(const struct log *log, uint64_t address)
{
	return address / log->zone_size;
}

/* What is behind the end of the file reads as zeros. The range lies in one zone. */
int log_read(const struct log *log, uint64_t address, void *buffer, size_t length);
/*
 * The same to several places, one behind the other. Without `wait` only what the host has in
 * memory: -EAGAIN, for any reason, and the places have anything in them.
 */
int log_read_parts(const struct log *log, uint64_t address, const struct iovec *parts,
	int part_count, bool wait);
int log_read_at(const struct log *log, uint64_t offset, void *buffer, size_t length);

/* The log goes on in this zone (recovery, and a new cartridge). -ENOMEM, -EIO: a use out of order.
 */
int log_add_zone(struct log *log, uint64_t use, uint32_t index);

struct log_write {
	enum frame_type type;
	uint16_t flags;
	uint64_t object;
	const void *stored;
	uint32_t stored_length;
	uint32_t parameter;
	uint32_t stored_crc, logical_crc;
};

/* Appends a frame, in the next zone when there is no room. On failure nothing was appended. */
int log_append(struct log *log, const struct log_write *write, uint64_t *ret_address);
/* The same of a frame that is stored as it is: its one checksum is worked out here. */
int log_append_plain(struct log *log, enum frame_type type, uint16_t flags, uint64_t object,
	const void *stored, size_t length, uint64_t *ret_address);
/* What log_append of so many stored bytes needs: the next zone is begun when there is no room. */
int log_make_room(struct log *log, uint64_t object, size_t stored_length);
/* That would make the file larger although zones are about to be usable again. */
bool log_would_grow(const struct log *log, size_t stored_length);
/* The first frame of all. */
int log_begin(struct log *log);

/*
 * After recovery: every zone of a file of so many bytes that is not in the log may be used again,
 * but those with 1 in `named`, which another root may lead to, only as if dropped with this
 * generation.
 */
void log_retire_others(
	struct log *log, uint64_t file_size, const uint8_t *named, uint64_t generation);

/* Zones in (low, high) hold nothing that counts. */
void log_kill_zones(struct log *log, uint64_t low_use, uint64_t high_use);
/* Drops the dead: they are in no checkpoint from this generation on. */
void log_retire(struct log *log, uint64_t generation);
/* Both roots are durable, the older of this generation: what retired by then may be used again. */
void log_reclaim(struct log *log, uint64_t generation);
