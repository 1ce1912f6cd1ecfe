/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cartridge of each version of the format stays readable for ever, and today's writer still makes
 * the same bytes. GOLDEN_UPDATE=1 in the environment writes the file of the present version.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "tape.h"

static const char path[] = GOLDEN_DIR "/cartridge-1.tape";

/* No chance and no time in it. */
static void count_up(void *context, void *ret, size_t length)
{
	uint8_t *next = context;
	for (size_t i = 0; i < length; i++)
		((uint8_t *)ret)[i] = (*next)++;
}

static uint64_t the_same_time(void *context)
{
	return 1767225600;
}

static void put(struct cartridge *cartridge, struct tape *tape, unsigned at, uint32_t length,
	enum cartridge_compression compression)
{
	uint8_t block[SMALL_BLOCK];
	uint32_t seed = 0x10000 + at;
	block_fill(block, length, seed);
	assert_int_equal(cart_append(cartridge, at, block, length, compression), 0);
	tape_put(tape, at, (struct tape_object){length, seed});
}

static void mark(struct cartridge *cartridge, struct tape *tape, unsigned at)
{
	assert_int_equal(cart_append_filemarks(cartridge, at, 1), 0);
	tape_put(tape, at, (struct tape_object){0});
}

/* Something of everything but compression, whose bytes are the libraries' business. */
static void write_golden(struct crash_store *store, struct tape *tape)
{
	static uint8_t next;
	struct native_world world = {count_up, the_same_time, &next};
	struct error error = {0};
	next = 1;
	crash_store_init(store);
	assert_true(native_create(&store->store, "/g", &small_cartridge, &world, &error));
	struct cartridge *cartridge = native_open(&store->store, "/g", true, &world, &error);
	assert_non_null(cartridge);
	for (unsigned i = 0; i < 90; i++) {
		if (i % 11 == 10)
			mark(cartridge, tape, i);
		else
			put(cartridge, tape, i, 4 + i * 53 % 1500, COMPRESSION_NONE);
	}
	assert_int_equal(cart_set_attributes(cartridge, "golden", 6), 0);
	assert_int_equal(cart_commit(cartridge, true), 0);
	put(cartridge, tape, 70, 500, COMPRESSION_NONE);
	mark(cartridge, tape, 71);
	assert_int_equal(cart_close(cartridge), 0);
	cartridge = native_open(&store->store, "/g", true, &world, &error);
	put(cartridge, tape, 72, SMALL_BLOCK, COMPRESSION_NONE);
	assert_int_equal(cart_close(cartridge), 0);
}

static size_t read_file(uint8_t *bytes, size_t room)
{
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t size = fread(bytes, 1, room, file);
	fclose(file);
	return size;
}

static void update(const struct crash_store *store)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(store->now, 1, store->size, file), store->size);
	assert_int_equal(fclose(file), 0);
}

static void todays_writer_makes_the_same_bytes(void **state)
{
	static uint8_t golden[1 << 20];
	struct crash_store store;
	struct tape tape = {0};
	write_golden(&store, &tape);
	if (getenv("GOLDEN_UPDATE"))
		update(&store);
	assert_int_equal(read_file(golden, sizeof golden), store.size);
	assert_memory_equal(golden, store.now, store.size);
	tape_free(&tape);
	crash_store_finish(&store);
}

static void the_golden_cartridge_is_read(void **state)
{
	static uint8_t golden[1 << 20];
	struct crash_store store, file;
	struct tape tape = {0};
	const uint8_t *attributes;
	size_t length;
	write_golden(&store, &tape);
	crash_store_init(&file);
	crash_store_set(&file, golden, read_file(golden, sizeof golden));
	struct cartridge *cartridge = open_small(&file, true);
	assert_tape(cartridge, &tape);
	assert_int_equal(cart_get_attributes(cartridge, &attributes, &length), 0);
	assert_int_equal(length, 6);
	assert_memory_equal(attributes, "golden", 6);
	assert_int_equal(cart_close(cartridge), 0);
	tape_free(&tape);
	crash_store_finish(&file);
	crash_store_finish(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(todays_writer_makes_the_same_bytes),
		cmocka_unit_test(the_golden_cartridge_is_read),
	};
	return cmocka_run_group_tests_name("ssc/golden", tests, NULL, NULL);
}
