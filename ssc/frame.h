/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the log, and the slots at the beginning of the file (FORMAT.md). Bytes in, structs out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ssc/cartridge.h"

enum {
	FRAME_HEADER = 64,
	FRAME_ALIGN = 64,
	SLOT_LENGTH = 4096,
	ROOT_AT = 2 * SLOT_LENGTH,
	ZONES_AT = 65536,
	UUID_LENGTH = 16,
	ZONE_MIN = 65536,
	LEAF_MAX = 2048,
	LEAF_MIN = 16,
	NODE_MAX = 256,
	NODE_MIN = 4,
	LEVELS = 5, /* of nodes: 2048 * 256^5 objects */
	COUNTERS = 16,
	COMMIT_LENGTH = 192,
};

#define ZONE_MAX (UINT64_C(4) << 30)

enum frame_type {
	FRAME_ZONE = 1,
	FRAME_NEXT,
	FRAME_DATA,
	FRAME_FILEMARK,
	FRAME_COMMIT,
	FRAME_CHECKPOINT,
	FRAME_LEAF,
	FRAME_NODE,
	FRAME_META,
};

enum { FRAME_COMPRESSION = 0x0f, FRAME_EPOCH = 0x10 };

struct frame {
	enum frame_type type;
	uint16_t flags;
	uint64_t sequence, address, object;
	uint32_t stored_length, parameter;
	uint32_t stored_crc, logical_crc;
	uint32_t epoch, previous_crc;
	uint32_t crc; /* of the header; encode fills it in */
};

/* The CRC of everything of a cartridge begins with its UUID. */
uint32_t frame_seed(const uint8_t uuid[UUID_LENGTH]);

void frame_encode(struct frame *frame, uint32_t seed, uint8_t ret[FRAME_HEADER]);
/* False: no header, or not one of ours. */
bool frame_decode(const uint8_t bytes[FRAME_HEADER], uint32_t seed, struct frame *ret);
/* With header and padding. */
uint64_t frame_length(const struct frame *frame);

struct superblock {
	uint16_t version;
	uint32_t compatible, read_only, incompatible;
	uint8_t uuid[UUID_LENGTH];
	uint64_t made_s, capacity, zone_size;
	uint32_t block_max, leaf_objects, node_children, attributes_max;
	uint8_t density, medium_type;
	char barcode[CARTRIDGE_BARCODE_MAX], medium[CARTRIDGE_MEDIUM_MAX];
};

enum superblock_state {
	SUPERBLOCK_GOOD,
	SUPERBLOCK_FOREIGN,    /* none of ours */
	SUPERBLOCK_DAMAGED,    /* ours once */
	SUPERBLOCK_NEWER,      /* may be read */
	SUPERBLOCK_UNKNOWN,    /* features that nobody knows yet */
	SUPERBLOCK_IMPOSSIBLE, /* parameters that do not go together */
};

void superblock_encode(const struct superblock *superblock, uint8_t ret[SLOT_LENGTH]);
enum superblock_state superblock_decode(const uint8_t bytes[SLOT_LENGTH], struct superblock *ret);
/* Sizes that go together. */
bool superblock_possible(const struct superblock *superblock);
uint32_t superblock_zones_max(const struct superblock *superblock);
/* Stored bytes of the longest checkpoint: at most half a zone, where sizes go together. */
uint64_t superblock_checkpoint_max(const struct superblock *superblock);

struct root {
	uint64_t generation, checkpoint, zone, durable;
	bool clean;
};

void root_encode(const struct root *root, uint32_t seed, uint8_t ret[SLOT_LENGTH]);
bool root_decode(const uint8_t bytes[SLOT_LENGTH], uint32_t seed, struct root *ret);

struct commit {
	uint64_t eod, filemarks, bytes, used, durable, mount, when_s;
	uint64_t counters[COUNTERS];
};

void commit_encode(const struct commit *commit, uint8_t ret[COMMIT_LENGTH]);
void commit_decode(const uint8_t bytes[COMMIT_LENGTH], struct commit *ret);
