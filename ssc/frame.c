/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <string.h>

#include "util/bytes.h"
#include "util/crc32c.h"

enum { FRAME_MAGIC = 0x4346524d /* "CFRM" */, SLOT_CRC_AT = SLOT_LENGTH - 4, FORMAT_VERSION = 1 };

static const uint8_t superblock_magic[8] = "CARTRDGE", root_magic[8] = "CARTROOT";

uint32_t frame_seed(const uint8_t uuid[UUID_LENGTH])
{
	return crc32c(0, uuid, UUID_LENGTH);
}

/* ---- frames ---------------------------------------------------------------------------------- */

void frame_encode(struct frame *frame, uint32_t seed, uint8_t ret[FRAME_HEADER])
{
	memset(ret, 0, FRAME_HEADER);
	put_be32(ret, FRAME_MAGIC);
	ret[4] = (uint8_t)frame->type;
	put_be16(ret + 6, frame->flags);
	put_be64(ret + 8, frame->sequence);
	put_be64(ret + 16, frame->address);
	put_be64(ret + 24, frame->object);
	put_be32(ret + 32, frame->stored_length);
	put_be32(ret + 36, frame->parameter);
	put_be32(ret + 40, frame->stored_crc);
	put_be32(ret + 44, frame->logical_crc);
	put_be32(ret + 48, frame->epoch);
	put_be32(ret + 52, frame->previous_crc);
	frame->crc = crc32c(seed, ret, 60);
	put_be32(ret + 60, frame->crc);
}

bool frame_decode(const uint8_t bytes[FRAME_HEADER], uint32_t seed, struct frame *ret)
{
	if (get_be32(bytes) != FRAME_MAGIC || crc32c(seed, bytes, 60) != get_be32(bytes + 60))
		return false;
	*ret = (struct frame){
		.type = bytes[4],
		.flags = get_be16(bytes + 6),
		.sequence = get_be64(bytes + 8),
		.address = get_be64(bytes + 16),
		.object = get_be64(bytes + 24),
		.stored_length = get_be32(bytes + 32),
		.parameter = get_be32(bytes + 36),
		.stored_crc = get_be32(bytes + 40),
		.logical_crc = get_be32(bytes + 44),
		.epoch = get_be32(bytes + 48),
		.previous_crc = get_be32(bytes + 52),
		.crc = get_be32(bytes + 60),
	};
	return ret->type >= FRAME_ZONE && ret->type <= FRAME_META && bytes[5] == 0 &&
	       !(ret->flags & ~(FRAME_COMPRESSION | FRAME_EPOCH)) &&
	       (ret->flags & FRAME_COMPRESSION) <= COMPRESSION_ZSTD && get_be32(bytes + 56) == 0;
}

uint64_t frame_length(const struct frame *frame)
{
	uint64_t stored = frame->stored_length;
	return FRAME_HEADER + (stored + FRAME_ALIGN - 1) / FRAME_ALIGN * FRAME_ALIGN;
}

/* ---- superblock ------------------------------------------------------------------------------ */

static void seal(uint8_t slot[SLOT_LENGTH], uint32_t seed)
{
	put_be32(slot + SLOT_CRC_AT, crc32c(seed, slot, SLOT_CRC_AT));
}

static bool is_sealed(const uint8_t slot[SLOT_LENGTH], uint32_t seed)
{
	return get_be32(slot + SLOT_CRC_AT) == crc32c(seed, slot, SLOT_CRC_AT);
}

/* The copies end with a NUL; the fields need not. */
static void put_text(uint8_t *field, const char *text)
{
	memcpy(field, text, strnlen(text, 32));
}

static void get_text(const uint8_t *field, char ret[33])
{
	memcpy(ret, field, 32);
	ret[32] = '\0';
}

void superblock_encode(const struct superblock *superblock, uint8_t ret[SLOT_LENGTH])
{
	memset(ret, 0, SLOT_LENGTH);
	memcpy(ret, superblock_magic, sizeof superblock_magic);
	put_be16(ret + 8, superblock->version);
	put_be32(ret + 12, superblock->compatible);
	put_be32(ret + 16, superblock->read_only);
	put_be32(ret + 20, superblock->incompatible);
	memcpy(ret + 24, superblock->uuid, UUID_LENGTH);
	put_be64(ret + 40, superblock->made_s);
	put_be64(ret + 48, superblock->capacity);
	put_be64(ret + 56, superblock->zone_size);
	put_be32(ret + 64, superblock->block_max);
	put_be32(ret + 68, superblock->leaf_objects);
	put_be32(ret + 72, superblock->node_children);
	put_be32(ret + 76, superblock->attributes_max);
	ret[80] = 1;
	ret[81] = superblock->density;
	ret[82] = superblock->medium_type;
	put_text(ret + 96, superblock->barcode);
	put_text(ret + 128, superblock->medium);
	seal(ret, frame_seed(superblock->uuid));
}

uint32_t superblock_zones_max(const struct superblock *superblock)
{
	return (uint32_t)(3 * (superblock->capacity / superblock->zone_size) + 32);
}

uint64_t superblock_checkpoint_max(const struct superblock *s)
{
	return 1024 + 8ull * s->leaf_objects + 40ull * LEVELS * s->node_children +
	       16ull * superblock_zones_max(s) + s->attributes_max;
}

bool superblock_possible(const struct superblock *s)
{
	if (s->zone_size < ZONE_MIN || s->zone_size > ZONE_MAX ||
		s->zone_size & (s->zone_size - 1) || s->capacity == 0 ||
		s->capacity / s->zone_size > 100000)
		return false;
	if (s->block_max < 1 || s->block_max > s->zone_size / 4 || s->leaf_objects < LEAF_MIN ||
		s->leaf_objects > LEAF_MAX || s->node_children < NODE_MIN ||
		s->node_children > NODE_MAX || s->attributes_max > s->zone_size / 4)
		return false;
	return superblock_checkpoint_max(s) <= s->zone_size / 2;
}

enum superblock_state superblock_decode(const uint8_t bytes[SLOT_LENGTH], struct superblock *ret)
{
	if (memcmp(bytes, superblock_magic, sizeof superblock_magic) != 0)
		return SUPERBLOCK_FOREIGN;
	*ret = (struct superblock){
		.version = get_be16(bytes + 8),
		.compatible = get_be32(bytes + 12),
		.read_only = get_be32(bytes + 16),
		.incompatible = get_be32(bytes + 20),
		.made_s = get_be64(bytes + 40),
		.capacity = get_be64(bytes + 48),
		.zone_size = get_be64(bytes + 56),
		.block_max = get_be32(bytes + 64),
		.leaf_objects = get_be32(bytes + 68),
		.node_children = get_be32(bytes + 72),
		.attributes_max = get_be32(bytes + 76),
		.density = bytes[81],
		.medium_type = bytes[82],
	};
	memcpy(ret->uuid, bytes + 24, UUID_LENGTH);
	get_text(bytes + 96, ret->barcode);
	get_text(bytes + 128, ret->medium);
	if (!is_sealed(bytes, frame_seed(ret->uuid)))
		return SUPERBLOCK_DAMAGED;
	if (ret->version < 1 || ret->incompatible || bytes[80] != 1)
		return SUPERBLOCK_UNKNOWN;
	if (!superblock_possible(ret))
		return SUPERBLOCK_IMPOSSIBLE;
	return ret->version > FORMAT_VERSION || ret->read_only ? SUPERBLOCK_NEWER : SUPERBLOCK_GOOD;
}

/* ---- roots ----------------------------------------------------------------------------------- */

void root_encode(const struct root *root, uint32_t seed, uint8_t ret[SLOT_LENGTH])
{
	memset(ret, 0, SLOT_LENGTH);
	memcpy(ret, root_magic, sizeof root_magic);
	put_be64(ret + 8, root->generation);
	put_be64(ret + 16, root->checkpoint);
	put_be64(ret + 24, root->zone);
	put_be64(ret + 32, root->durable);
	put_be32(ret + 40, root->clean);
	seal(ret, seed);
}

bool root_decode(const uint8_t bytes[SLOT_LENGTH], uint32_t seed, struct root *ret)
{
	if (memcmp(bytes, root_magic, sizeof root_magic) != 0 || !is_sealed(bytes, seed))
		return false;
	*ret = (struct root){
		.generation = get_be64(bytes + 8),
		.checkpoint = get_be64(bytes + 16),
		.zone = get_be64(bytes + 24),
		.durable = get_be64(bytes + 32),
		.clean = get_be32(bytes + 40) == 1,
	};
	return ret->generation > 0;
}

/* ---- commits --------------------------------------------------------------------------------- */

void commit_encode(const struct commit *commit, uint8_t ret[COMMIT_LENGTH])
{
	memset(ret, 0, COMMIT_LENGTH);
	put_be64(ret, commit->eod);
	put_be64(ret + 8, commit->filemarks);
	put_be64(ret + 16, commit->bytes);
	put_be64(ret + 24, commit->used);
	put_be64(ret + 32, commit->durable);
	put_be64(ret + 40, commit->mount);
	put_be64(ret + 48, commit->when_s);
	for (unsigned i = 0; i < COUNTERS; i++)
		put_be64(ret + 64 + 8 * i, commit->counters[i]);
}

void commit_decode(const uint8_t bytes[COMMIT_LENGTH], struct commit *ret)
{
	*ret = (struct commit){
		.eod = get_be64(bytes),
		.filemarks = get_be64(bytes + 8),
		.bytes = get_be64(bytes + 16),
		.used = get_be64(bytes + 24),
		.durable = get_be64(bytes + 32),
		.mount = get_be64(bytes + 40),
		.when_s = get_be64(bytes + 48),
	};
	for (unsigned i = 0; i < COUNTERS; i++)
		ret->counters[i] = get_be64(bytes + 64 + 8 * i);
}
