/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "tape.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- the simple tape ------------------------------------------------------------------------- */

void tape_put(struct tape *tape, unsigned at, struct tape_object object)
{
	if (at == tape->room) {
		tape->room = tape->room ? 2 * tape->room : 64;
		tape->objects = reallocarray(tape->objects, tape->room, sizeof *tape->objects);
		if (!tape->objects)
			abort();
	}
	tape->objects[at] = object;
	tape->count = at + 1;
}

void tape_cut(struct tape *tape, unsigned at)
{
	tape->count = at;
}

struct tape tape_copy(const struct tape *tape)
{
	struct tape copy = {0};
	for (unsigned i = 0; i < tape->count; i++)
		tape_put(&copy, i, tape->objects[i]);
	return copy;
}

void tape_free(struct tape *tape)
{
	free(tape->objects);
	*tape = (struct tape){0};
}

bool tape_equal(const struct tape *a, const struct tape *b)
{
	return a->count == b->count &&
	       (a->count == 0 ||
		       memcmp(a->objects, b->objects, a->count * sizeof *a->objects) == 0);
}

/* The seed is in the first bytes; half of the rest repeats, so that it can be compressed. */
void block_fill(uint8_t *block, uint32_t length, uint32_t seed)
{
	uint32_t x = seed * 2654435761u + 1;
	for (uint32_t i = 0; i < length; i++) {
		if (i % 64 < 32)
			x = x * 1664525u + 1013904223u;
		block[i] = (uint8_t)(i % 64 < 32 ? x >> 24 : seed);
	}
	for (uint32_t i = 0; i < 4 && i < length; i++)
		block[i] = (uint8_t)(seed >> (8 * i));
}

uint32_t chance(uint64_t *state, uint32_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % below;
}

/* ---- held against a cartridge ---------------------------------------------------------------- */

static bool read_block(struct cartridge *cartridge, uint64_t object, struct tape_object *ret)
{
	static uint8_t block[1 << 16], expected[1 << 16];
	struct cartridge_object about;
	int result = cart_read(cartridge, object, block, sizeof block, &about);
	if (result < 0) {
		fprintf(stderr, "object %llu: %s\n", (unsigned long long)object, strerror(-result));
		return false;
	}
	*ret = (struct tape_object){0};
	if (about.filemark)
		return true;
	ret->length = about.length;
	for (uint32_t i = 0; i < 4 && i < about.length; i++)
		ret->seed |= (uint32_t)block[i] << (8 * i);
	block_fill(expected, about.length, ret->seed);
	if (memcmp(block, expected, about.length) == 0)
		return true;
	fprintf(stderr, "object %llu holds other data\n", (unsigned long long)object);
	return false;
}

bool tape_read(struct cartridge *cartridge, struct tape *ret)
{
	struct cartridge_status status;
	struct tape_object object;
	cart_status(cartridge, &status);
	*ret = (struct tape){0};
	for (uint64_t i = 0; i < status.eod; i++) {
		if (!read_block(cartridge, i, &object))
			return false;
		tape_put(ret, (unsigned)i, object);
	}
	return true;
}

static void assert_filemarks(struct cartridge *cartridge, const struct tape *tape)
{
	uint64_t filemarks = 0, found;
	for (unsigned i = 0; i <= tape->count; i++) {
		assert_int_equal(cart_filemarks_before(cartridge, i, &found), 0);
		assert_int_equal(found, filemarks);
		if (i == tape->count || tape->objects[i].length > 0)
			continue;
		assert_int_equal(cart_find_filemark(cartridge, filemarks, &found), 0);
		assert_int_equal(found, i);
		filemarks++;
	}
	assert_int_equal(cart_find_filemark(cartridge, filemarks, &found), -ERANGE);
}

void assert_tape(struct cartridge *cartridge, const struct tape *tape)
{
	struct cartridge_status status;
	struct cartridge_object about;
	struct tape found;
	uint64_t bytes = 0;
	uint8_t byte;
	cart_status(cartridge, &status);
	assert_int_equal(status.eod, tape->count);
	assert_true(tape_read(cartridge, &found));
	assert_true(tape_equal(&found, tape));
	tape_free(&found);
	for (unsigned i = 0; i < tape->count; i++)
		bytes += tape->objects[i].length;
	assert_int_equal(status.bytes, bytes);
	assert_int_equal(cart_read(cartridge, tape->count, &byte, 1, &about), -ERANGE);
	assert_filemarks(cartridge, tape);
}

/* ---- cartridges ------------------------------------------------------------------------------ */

static uint64_t world_state = 7;

static void world_random(void *context, void *ret, size_t length)
{
	for (size_t i = 0; i < length; i++)
		((uint8_t *)ret)[i] = (uint8_t)chance(&world_state, 256);
}

static uint64_t world_now(void *context)
{
	return 1767225600;
}

const struct native_world test_world = {.random = world_random, .now_s = world_now};

const struct native_create small_cartridge = {
	.barcode = "ARC001L8",
	.medium = "LTO-8",
	.density = 0x5e,
	.medium_type = 0x88,
	.capacity = 1 << 20,
	.block_max = SMALL_BLOCK,
	.zone_size = 65536,
	.leaf_objects = 16,
	.node_children = 4,
	.attributes_max = 1024,
};

void make_small(struct crash_store *store)
{
	struct error error = {0};
	crash_store_init(store);
	if (!native_create(&store->store, "/tape", &small_cartridge, &test_world, &error))
		fail_msg("%s", error.sentence);
}

struct cartridge *open_small(struct crash_store *store, bool writable)
{
	struct error error = {0};
	struct cartridge *cartridge =
		native_open(&store->store, "/tape", writable, &test_world, &error);
	if (!cartridge)
		fail_msg("%s", error.sentence);
	return cartridge;
}
