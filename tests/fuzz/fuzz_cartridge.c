/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cartridge that somebody made up, with right checksums. The input edits one that is whole:
 * flags, and then records of which (0 and 1: superblocks, 2 and 3: roots, else a frame), where in
 * it (two bytes; of a frame the header comes first), length (one) and so many bytes. What was
 * edited is sealed again, so that it gets past the checksums.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "tape_model.h"
#include "util/bytes.h"
#include "util/crc32c.h"
#include "util/reader.h"

enum {
	FLAG_WRITE = 1,  /* opened for writing */
	FLAG_UNLINK = 2, /* frames do not follow each other any more */
	FLAG_KILLED = 4, /* the base is one that was never closed */
	FLAG_CUT = 8,    /* the file ends early */
	SLOT = 4096,
	SLOTS = 4,
	ZONES_AT = 65536,
	ZONE = 65536,
	HEADER = 64,
	FRAMES_MAX = 400,
	OBJECTS_MAX = 600,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct base {
	struct power_store store;
	uint32_t frames[FRAMES_MAX]; /* offsets in the file, in the order of the log */
	unsigned frame_count;
	uint32_t seed;
};

static struct fixture_world world;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void list_frames(struct base *b)
{
	b->seed = crc32c(0, b->store.bytes + 24, 16);
	for (uint64_t zone = ZONES_AT; zone < b->store.size; zone += ZONE)
		for (uint64_t at = zone; at + HEADER <= b->store.size && at < zone + ZONE &&
					 memcmp(b->store.bytes + at, "CFRM", 4) == 0;
			at += HEADER + (get_be32(b->store.bytes + at + 32) + 63) / 64 * 64)
			if (b->frame_count < FRAMES_MAX)
				b->frames[b->frame_count++] = (uint32_t)at;
}

static void make_base(struct base *b, bool killed)
{
	struct model model;
	bool synchronous;
	power_store_init(&b->store);
	fixture_world_init(&world, 77);
	model_init(&model, 77);
	must(native_create(&b->store.store, "x", &fixture_small, &world.world, NULL));
	struct cartridge *cartridge = NULL;
	for (unsigned i = 0; i < 110; i++) {
		if (i % 40 == 0) {
			must(cart_close(cartridge) == 0);
			cartridge = native_open(&b->store.store, "x", true, &world.world, NULL);
			must(cartridge);
		}
		must(model_step(&model, cartridge, &synchronous) == 0);
	}
	if (killed)
		fixture_kill(&b->store, cartridge);
	else
		must(cart_close(cartridge) == 0);
	model_finish(&model);
	list_frames(b);
}

static void seal_slot(const struct base *b, uint8_t *bytes, unsigned slot)
{
	uint32_t seed = slot < 2 ? crc32c(0, bytes + slot * SLOT + 24, 16) : b->seed;
	put_be32(bytes + slot * SLOT + SLOT - 4, crc32c(seed, bytes + slot * SLOT, SLOT - 4));
}

/* Of the frame's bytes as they are now, as far as the file goes. */
static void seal_frame(
	const struct base *b, struct power_store *s, uint32_t at, uint32_t previous, bool link)
{
	uint8_t *header = s->bytes + at;
	uint32_t length = get_be32(header + 32);
	if (at + HEADER + (uint64_t)length <= s->size) {
		uint32_t crc = crc32c(b->seed, header + HEADER, length);
		if (!(header[7] & 15))
			put_be32(header + 44, crc);
		put_be32(header + 40, crc);
	}
	if (link)
		put_be32(header + 52, previous);
	put_be32(header + 60, crc32c(b->seed, header, 60));
}

static void edit(const struct base *b, struct power_store *s, struct reader *r)
{
	unsigned which = reader_u8(r), where = reader_be16(r), length = reader_u8(r) % 33;
	uint8_t bytes[32];
	uint64_t from = (uint64_t)which * SLOT, room = SLOT;
	reader_bytes(r, bytes, length);
	if (which >= SLOTS) {
		unsigned frame = (which - SLOTS) % b->frame_count;
		from = b->frames[frame];
		room = HEADER + get_be32(b->store.bytes + from + 32);
	}
	for (unsigned i = 0; i < length; i++)
		if (from + (where + i) % room < s->size)
			s->bytes[from + (where + i) % room] = bytes[i];
}

static void seal(const struct base *b, struct power_store *s, bool link)
{
	uint32_t previous = 0;
	for (unsigned i = 0; i < SLOTS; i++)
		seal_slot(b, s->bytes, i);
	for (unsigned i = 0; i < b->frame_count; i++) {
		if (b->frames[i] + HEADER > s->size)
			break;
		seal_frame(b, s, b->frames[i], previous, link);
		previous = get_be32(s->bytes + b->frames[i] + 60);
	}
}

/* Whatever it says, it can be asked for. */
static void read_all(struct cartridge *cartridge)
{
	static uint8_t block[MODEL_BLOCK_MAX];
	struct cartridge_status status;
	struct cartridge_object object;
	const uint8_t *attributes;
	size_t length;
	uint64_t some, i;
	cart_status(cartridge, &status);
	for (i = 0; i <= status.eod && i < OBJECTS_MAX; i++) {
		if (cart_read(cartridge, i, block, sizeof block, &object) == 0 && !object.filemark)
			must(object.length <= status.block_max);
		cart_filemarks_before(cartridge, i, &some);
		if (cart_find_filemark(cartridge, i, &some) == 0)
			must(some < status.eod);
	}
	cart_read(cartridge, UINT64_MAX, block, sizeof block, &object);
	if (cart_get_attributes(cartridge, &attributes, &length) == 0 && length > 0)
		must(attributes[length - 1] <= 0xff);
}

static void write_some(struct cartridge *cartridge, uint64_t where)
{
	static const uint8_t block[300] = {1, 2, 3};
	struct cartridge_status status;
	cart_status(cartridge, &status);
	if (status.block_max < sizeof block)
		return;
	uint64_t object = status.eod ? where % (status.eod + 1) : 0;
	if (cart_append(cartridge, object, block, sizeof block, COMPRESSION_NONE) == 0)
		cart_append(cartridge, object + 1, block, sizeof block, COMPRESSION_LZ4);
	cart_append_filemarks(cartridge, object, 20);
	cart_commit(cartridge, true);
	cart_set_attributes(cartridge, block, 30);
	cart_erase(cartridge, object);
	cart_commit(cartridge, false);
}

static void use(struct power_store *s, bool writable, uint64_t where)
{
	struct error error;
	struct cartridge *cartridge = native_open(&s->store, "x", writable, &world.world, &error);
	if (!cartridge)
		return;
	read_all(cartridge);
	if (writable)
		write_some(cartridge, where);
	read_all(cartridge);
	cart_close(cartridge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct base bases[2];
	struct power_store s;
	struct reader r;
	if (!bases[0].store.exists) {
		make_base(&bases[0], false);
		make_base(&bases[1], true);
	}
	reader_init(&r, data, size);
	unsigned flags = reader_u8(&r);
	uint64_t where = reader_be16(&r);
	const struct base *b = &bases[flags & FLAG_KILLED ? 1 : 0];
	power_store_copy(&s, &b->store);
	if (flags & FLAG_CUT)
		power_store_resize(&s, SLOTS * SLOT + where * 5 % (s.size - SLOTS * SLOT));
	for (unsigned i = 0; i < 12 && r.left >= 4; i++)
		edit(b, &s, &r);
	seal(b, &s, !(flags & FLAG_UNLINK));
	use(&s, flags & FLAG_WRITE, where);
	use(&s, false, where);
	power_store_finish(&s);
	return 0;
}
