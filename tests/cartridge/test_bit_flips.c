/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One bit flips anywhere in a cartridge's file. Whatever is then read is what was written, or an
 * error; nothing that was promised is missing without being said to be damaged; and one bit costs
 * one object, unless the cartridge says that it is damaged.
 */
#include "support.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "fixture.h"
#include "tape_model.h"

enum { STEPS = 330, REOPEN_EVERY = 100, UNIT = 64 };

struct victim {
	struct power_store store, copy;
	struct model model;
	struct fixture_world world;
	uint64_t promised; /* objects */
	uint8_t **blocks;  /* what they are; NULL: a filemark */
	uint32_t *lengths;

	/* Results. */
	unsigned long flips, harmless, objects_lost, index_losses, said_damaged;
};

static struct cartridge *open_again(struct victim *v, struct cartridge *cartridge)
{
	if (cartridge)
		assert_int_equal(cart_close(cartridge), 0);
	cartridge = native_open(&v->store.store, "x", true, &v->world.world, NULL);
	assert_non_null(cartridge);
	return cartridge;
}

static void list_promised(struct victim *v)
{
	v->promised = v->model.states[model_present(&v->model)].eod;
	v->blocks = calloc(v->promised, sizeof *v->blocks);
	v->lengths = calloc(v->promised, sizeof *v->lengths);
	for (uint64_t i = 0; i < v->promised; i++) {
		const struct model_object *object = &v->model.states[v->model.at[i + 1]].object;
		if (object->filemark)
			continue;
		v->lengths[i] = object->length;
		v->blocks[i] = malloc(object->length);
		model_fill(object->seed, object->length, v->blocks[i]);
	}
}

/*
 * `killed`: after a synchronous commit and another one, which says in the log that the first was
 * durable. Of the last one nothing says so: what it added looks like a write that was cut off.
 */
static void victim_init(struct victim *v, uint64_t seed, bool killed)
{
	bool synchronous;
	memset(v, 0, sizeof *v);
	power_store_init(&v->store);
	model_init(&v->model, seed);
	fixture_world_init(&v->world, seed);
	assert_true(native_create(&v->store.store, "x", &fixture_small, &v->world.world, NULL));
	struct cartridge *cartridge = open_again(v, NULL);
	for (unsigned i = 1; i <= STEPS; i++) {
		assert_int_equal(model_step(&v->model, cartridge, &synchronous), 0);
		if (i % REOPEN_EVERY == 0)
			cartridge = open_again(v, cartridge);
	}
	if (!killed) {
		assert_int_equal(cart_close(cartridge), 0);
		list_promised(v);
	} else {
		assert_int_equal(model_commit(&v->model, cartridge, true), 0);
		list_promised(v);
		uint64_t eod = v->promised;
		assert_int_equal(model_append(&v->model, cartridge, eod, 500, COMPRESSION_NONE), 0);
		assert_int_equal(model_commit(&v->model, cartridge, true), 0);
		fixture_kill(&v->store, cartridge);
	}
	power_store_copy(&v->copy, &v->store);
}

static void victim_finish(struct victim *v)
{
	for (uint64_t i = 0; i < v->promised; i++)
		free(v->blocks[i]);
	free(v->blocks);
	free(v->lengths);
	power_store_finish(&v->store);
	power_store_finish(&v->copy);
	model_finish(&v->model);
}

struct outcome {
	uint64_t lost, first_lost; /* promised objects that are errors */
};

static void check_object(struct victim *v, struct cartridge *cartridge, uint64_t i, uint64_t at,
	struct outcome *outcome)
{
	static uint8_t block[MODEL_BLOCK_MAX];
	struct cartridge_object found = {0};
	int result = cart_read(cartridge, i, block, sizeof block, &found);
	if (result == -EIO || result == -ERANGE) {
		outcome->first_lost = outcome->lost++ ? outcome->first_lost : i;
		return;
	}
	if (result != 0)
		fail_msg("byte %" PRIu64 ": object %" PRIu64 " gives %d", at, i, result);
	if (found.filemark != !v->blocks[i] || found.length != v->lengths[i] ||
		(found.length && memcmp(block, v->blocks[i], found.length) != 0))
		fail_msg("byte %" PRIu64 ": object %" PRIu64 " is read and is another", at, i);
}

static void check(struct victim *v, uint64_t at)
{
	struct error error;
	struct outcome outcome = {0};
	struct cartridge_status status;
	struct cartridge *cartridge =
		native_open(&v->copy.store, "x", false, &v->world.world, &error);
	if (!cartridge)
		fail_msg("byte %" PRIu64 ": it cannot be opened: %s", at, error.sentence);
	cart_status(cartridge, &status);
	for (uint64_t i = 0; i < v->promised; i++)
		check_object(v, cartridge, i, at, &outcome);
	if (status.eod < v->promised && !status.damaged)
		fail_msg("byte %" PRIu64 ": %" PRIu64 " of %" PRIu64
			 " objects are there, and it is said to be whole",
			at, status.eod, v->promised);
	if (status.damaged) {
		if (outcome.lost && outcome.first_lost < status.damaged_object)
			fail_msg("byte %" PRIu64 ": said to be damaged from object %" PRIu64
				 ", %" PRIu64 " cannot be read",
				at, status.damaged_object, outcome.first_lost);
		if (status.writable)
			fail_msg("byte %" PRIu64 ": it is damaged and may be written to", at);
		v->said_damaged++;
	}
	v->harmless += !outcome.lost && !status.damaged;
	v->objects_lost += outcome.lost == 1 && !status.damaged;
	v->index_losses += outcome.lost > 1 && !status.damaged;
	v->flips++;
	assert_int_equal(cart_close(cartridge), 0);
}

static void flip(struct victim *v, uint64_t at, unsigned bit)
{
	v->copy.bytes[at] ^= (uint8_t)(1u << bit);
	check(v, at);
	v->copy.bytes[at] ^= (uint8_t)(1u << bit);
}

static bool is_blank(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Every byte of a header, and of other places one in 16 and the first and last. */
static void flip_everywhere(struct victim *v, uint64_t random)
{
	for (uint64_t unit = 0; unit + UNIT <= v->store.size; unit += UNIT) {
		const uint8_t *bytes = v->store.bytes + unit;
		bool header = memcmp(bytes, "CFRM", 4) == 0 || unit % 4096 == 0;
		if (is_blank(bytes, UNIT) && power_random(&random) % 16)
			continue;
		for (unsigned i = 0; i < UNIT; i++)
			if (header ? i % 3 == power_random(&random) % 3
				   : i == power_random(&random) % 48)
				flip(v, unit + i, (unsigned)(power_random(&random) % 8));
	}
}

static void run(uint64_t seed, bool killed)
{
	struct victim v;
	victim_init(&v, seed, killed);
	/* The copy is ours to spoil, and opening for reading writes nothing. */
	flip_everywhere(&v, seed);
	printf("seed %" PRIu64 ", %s: %lu flips in %" PRIu64 " KiB, %" PRIu64
	       " objects: %lu harmless, %lu cost one object, %lu more than one, "
	       "%lu said to be damaged\n",
		seed, killed ? "killed" : "closed", v.flips, v.store.size >> 10, v.promised,
		v.harmless, v.objects_lost, v.index_losses, v.said_damaged);
	assert_memory_equal(v.copy.bytes, v.store.bytes, v.store.size);
	assert_true(v.flips > 1000);
	assert_int_equal(v.index_losses, 0);
	assert_true(v.harmless > 0 && v.objects_lost > 0);
	victim_finish(&v);
}

static void test_a_bit_of_a_closed_cartridge(void **state)
{
	run(21, false);
}

static void test_a_bit_of_a_cartridge_whose_writer_was_killed(void **state)
{
	for (uint64_t seed = 31; seed < 33; seed++)
		run(seed, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_bit_of_a_closed_cartridge),
		cmocka_unit_test(test_a_bit_of_a_cartridge_whose_writer_was_killed),
	};
	setvbuf(stdout, NULL, _IOLBF, 0);
	return cmocka_run_group_tests_name("cartridge/bit_flips", tests, NULL, NULL);
}
