/* SPDX-License-Identifier: Apache-2.0 */
/* Cartridges of the native format: held against a simple tape, opened again, overwritten. */
#include "support.h"

#include <errno.h>
#include <stdlib.h>

#include "tape.h"

struct bench {
	struct crash_store store;
	struct cartridge *cartridge;
	struct tape tape;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	assert_non_null(b);
	make_small(&b->store);
	b->cartridge = open_small(&b->store, true);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;
	assert_int_equal(cart_close(b->cartridge), 0);
	tape_free(&b->tape);
	crash_store_finish(&b->store);
	free(b);
	return 0;
}

#define ON_TAPE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static void write_at(struct bench *b, unsigned at, uint32_t length, uint32_t seed,
	enum cartridge_compression compression)
{
	uint8_t block[SMALL_BLOCK];
	block_fill(block, length, seed);
	assert_int_equal(cart_append(b->cartridge, at, block, length, compression), 0);
	tape_put(&b->tape, at,
		(struct tape_object){length, seed & (length >= 4 ? ~0u : (1u << 8 * length) - 1)});
}

static void append(struct bench *b, uint32_t length)
{
	write_at(b, b->tape.count, length, b->tape.count + 1, COMPRESSION_NONE);
}

static void mark(struct bench *b, unsigned at, unsigned count)
{
	assert_int_equal(cart_append_filemarks(b->cartridge, at, count), 0);
	for (unsigned i = 0; i < count; i++)
		tape_put(&b->tape, at + i, (struct tape_object){0});
}

static void again(struct bench *b)
{
	assert_int_equal(cart_close(b->cartridge), 0);
	b->cartridge = open_small(&b->store, true);
}

static struct cartridge_status look(struct bench *b)
{
	struct cartridge_status status;
	cart_status(b->cartridge, &status);
	return status;
}

static void a_new_cartridge_is_blank(void **state)
{
	struct bench *b = *state;
	struct cartridge_status status = look(b);
	assert_tape(b->cartridge, &b->tape);
	assert_true(status.writable);
	assert_string_equal(status.barcode, "ARC001L8");
	assert_string_equal(status.medium, "LTO-8");
	assert_int_equal(status.density, 0x5e);
	assert_int_equal(status.capacity, 1 << 20);
	assert_int_equal(status.block_max, SMALL_BLOCK);
	assert_int_equal(status.used, 0);
}

static void blocks_and_filemarks_are_what_they_were(void **state)
{
	struct bench *b = *state;
	append(b, 1);
	append(b, SMALL_BLOCK);
	mark(b, 2, 1);
	append(b, 512);
	mark(b, 4, 3);
	assert_tape(b->cartridge, &b->tape);
	again(b);
	assert_tape(b->cartridge, &b->tape);
}

static void a_small_buffer_gets_the_first_bytes_and_the_length(void **state)
{
	struct bench *b = *state;
	struct cartridge_object about;
	uint8_t buffer[8] = {0}, expected[512];
	append(b, 512);
	block_fill(expected, 512, 1);
	assert_int_equal(cart_read(b->cartridge, 0, buffer, 7, &about), 0);
	assert_int_equal(about.length, 512);
	assert_memory_equal(buffer, expected, 7);
	assert_int_equal(buffer[7], 0);
}

/* Some zones, and an index of several levels. */
static void many_objects_go_through_many_zones(void **state)
{
	struct bench *b = *state;
	for (unsigned i = 0; i < 700; i++) {
		if (i % 7 == 3)
			mark(b, b->tape.count, 1);
		else
			append(b, 1 + i * 37 % 1500);
	}
	assert_tape(b->cartridge, &b->tape);
	again(b);
	assert_tape(b->cartridge, &b->tape);
}

/* But for what is left of the last zone, which a commit waits for. */
static void the_disk_begins_before_anybody_waits_for_it(void **state)
{
	struct bench *b = *state;
	enum { ZONE = 64 << 10, BLOCKS = 300 };
	uint64_t before = b->store.begun_bytes;
	for (unsigned i = 0; i < BLOCKS; i++)
		append(b, SMALL_BLOCK);
	uint64_t begun = b->store.begun_bytes - before;
	assert_true(begun > BLOCKS * SMALL_BLOCK - ZONE);
	assert_true(begun <= b->store.size);
}

static void compressed_blocks_are_what_they_were(void **state)
{
	struct bench *b = *state;
	for (unsigned i = 0; i < 60; i++)
		write_at(b, i, 100 + i * 60, i, 1 + i % 2);
	assert_tape(b->cartridge, &b->tape);
	struct cartridge_status status = look(b);
	assert_true(status.counters.bytes_stored < status.bytes * 3 / 4);
	again(b);
	assert_tape(b->cartridge, &b->tape);
}

/*
 * What is read is put where the caller wants it without going through a buffer when the block
 * before was stored as it is: any order of both kinds, and of buffers that are too short.
 */
static void a_buffer_gets_its_bytes_whatever_was_read_before(void **state)
{
	struct bench *b = *state;
	uint64_t random = 7;
	uint8_t expected[SMALL_BLOCK], buffer[SMALL_BLOCK + 1];
	struct cartridge_object object;
	for (unsigned i = 0; i < 40; i++)
		write_at(b, i, 1 + chance(&random, SMALL_BLOCK), i,
			chance(&random, 2) ? COMPRESSION_LZ4 : COMPRESSION_NONE);
	for (unsigned tries = 0; tries < 500; tries++) {
		unsigned at = chance(&random, 40);
		uint32_t length = b->tape.objects[at].length;
		uint32_t room = chance(&random, 2) ? length : 1 + chance(&random, length);
		memset(buffer, 0xee, sizeof buffer);
		block_fill(expected, length, at);
		assert_int_equal(cart_read(b->cartridge, at, buffer, room, &object), 0);
		assert_false(object.filemark);
		assert_int_equal(object.length, length);
		assert_memory_equal(buffer, expected, room);
		assert_int_equal(buffer[room], 0xee);
	}
}

/* -EAGAIN, or what cart_read reads. */
static void what_is_at_hand_is_what_is_read(void **state)
{
	struct bench *b = *state;
	uint64_t random = 11;
	uint8_t expected[SMALL_BLOCK], buffer[SMALL_BLOCK];
	struct cartridge_object about;
	unsigned at_hand = 0;
	for (unsigned i = 0; i < 200; i++)
		write_at(b, i, 1 + chance(&random, SMALL_BLOCK), i,
			i % 50 == 7 ? COMPRESSION_LZ4 : COMPRESSION_NONE);
	for (unsigned i = 0; i < 200; i++) {
		uint32_t length = b->tape.objects[i].length;
		block_fill(expected, length, i);
		int result = cart_read_at_hand(b->cartridge, i, buffer, sizeof buffer, &about);
		at_hand += result == 0;
		if (result != 0) {
			assert_int_equal(result, -EAGAIN);
			result = cart_read(b->cartridge, i, buffer, sizeof buffer, &about);
		}
		assert_int_equal(result, 0);
		assert_int_equal(about.length, length);
		assert_memory_equal(buffer, expected, length);
	}
	/* All but two a leaf of 16, the compressed ones, and what follows those. */
	assert_true(at_hand > 200 - 2 * (200 / 16 + 1) - 2 * 4 - 1);
}

static void what_would_wait_or_is_wrong_is_not_at_hand(void **state)
{
	struct bench *b = *state;
	uint8_t buffer[SMALL_BLOCK], first[16];
	struct cartridge_object about;
	append(b, 1000);
	append(b, 1000);
	assert_int_equal(cart_read_at_hand(b->cartridge, 0, buffer, 1000, &about), -EAGAIN);
	assert_int_equal(cart_read(b->cartridge, 0, buffer, 1000, &about), 0);
	assert_int_equal(cart_read_at_hand(b->cartridge, 0, buffer, 1000, &about), 0);
	b->store.nothing_at_hand = true;
	assert_int_equal(cart_read_at_hand(b->cartridge, 0, buffer, 1000, &about), -EAGAIN);
	b->store.nothing_at_hand = false;
	block_fill(first, sizeof first, 1);
	uint8_t *at = memmem(b->store.now, b->store.size, first, sizeof first);
	assert_non_null(at);
	*at ^= 1;
	assert_int_equal(cart_read_at_hand(b->cartridge, 0, buffer, 1000, &about), -EAGAIN);
	assert_int_equal(cart_read(b->cartridge, 0, buffer, 1000, &about), -EIO);
	*at ^= 1;
	assert_int_equal(cart_read_at_hand(b->cartridge, 2, buffer, 1000, &about), -EAGAIN);
	assert_int_equal(cart_read(b->cartridge, 2, buffer, 1000, &about), -ERANGE);
}

static void what_does_not_shrink_is_stored_as_it_is(void **state)
{
	struct bench *b = *state;
	uint8_t block[256];
	uint64_t random = 1;
	struct cartridge_object about;
	for (unsigned i = 0; i < sizeof block; i++)
		block[i] = (uint8_t)chance(&random, 256);
	assert_int_equal(cart_append(b->cartridge, 0, block, sizeof block, COMPRESSION_ZSTD), 0);
	assert_int_equal(cart_append(b->cartridge, 1, block, 1, COMPRESSION_LZ4), 0);
	assert_int_equal(look(b).counters.bytes_stored, 257);
	uint8_t found[256];
	assert_int_equal(cart_read(b->cartridge, 0, found, sizeof found, &about), 0);
	assert_memory_equal(found, block, sizeof block);
}

static void overwriting_cuts_what_follows(void **state)
{
	struct bench *b = *state;
	static const unsigned places[] = {699, 500, 333, 96, 16, 15, 1, 0};
	for (unsigned i = 0; i < 700; i++)
		append(b, 1 + i % 300);
	for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
		write_at(b, places[i], 77, 9000 + i, COMPRESSION_NONE);
		assert_tape(b->cartridge, &b->tape);
		assert_int_equal(cart_commit(b->cartridge, i % 2), 0);
		if (i % 3 == 2)
			again(b);
		assert_tape(b->cartridge, &b->tape);
	}
}

static void erasing_cuts(void **state)
{
	struct bench *b = *state;
	for (unsigned i = 0; i < 100; i++)
		append(b, 300);
	assert_int_equal(cart_erase(b->cartridge, 40), 0);
	tape_cut(&b->tape, 40);
	assert_tape(b->cartridge, &b->tape);
	again(b);
	assert_tape(b->cartridge, &b->tape);
	append(b, 9);
	assert_int_equal(cart_erase(b->cartridge, 0), 0);
	tape_cut(&b->tape, 0);
	again(b);
	assert_tape(b->cartridge, &b->tape);
	assert_int_equal(look(b).used, 0);
}

/* A tape that is overwritten for ever stays as large as it is. */
static void the_file_does_not_grow_for_ever(void **state)
{
	struct bench *b = *state;
	size_t largest = 0;
	for (unsigned pass = 0; pass < 40; pass++) {
		for (unsigned i = 0; i < 220; i++)
			write_at(b, i, SMALL_BLOCK, pass * 1000 + i, COMPRESSION_NONE);
		mark(b, b->tape.count, 1);
		assert_int_equal(cart_commit(b->cartridge, true), 0);
		if (pass % 7 == 6)
			again(b);
		if (pass == 20)
			largest = b->store.size;
	}
	assert_tape(b->cartridge, &b->tape);
	assert_true(b->store.size <= largest + 4 * 65536);
	assert_true(b->store.size < 4u << 20);
}

static void what_is_not_there_is_not_found(void **state)
{
	struct bench *b = *state;
	struct cartridge_object about;
	uint64_t found;
	uint8_t byte = 0;
	assert_int_equal(cart_read(b->cartridge, 0, &byte, 1, &about), -ERANGE);
	assert_int_equal(cart_append(b->cartridge, 1, &byte, 1, COMPRESSION_NONE), -ERANGE);
	assert_int_equal(cart_append_filemarks(b->cartridge, 1, 1), -ERANGE);
	assert_int_equal(cart_erase(b->cartridge, 1), -ERANGE);
	assert_int_equal(cart_filemarks_before(b->cartridge, 1, &found), -ERANGE);
	assert_int_equal(cart_append_filemarks(b->cartridge, 7, 0), 0);
}

static void counters_count_over_openings(void **state)
{
	struct bench *b = *state;
	struct tape found;
	append(b, 100);
	mark(b, 1, 2);
	again(b);
	assert_true(tape_read(b->cartridge, &found));
	tape_free(&found);
	again(b);
	struct cartridge_counters counters = look(b).counters;
	assert_int_equal(counters.mounts, 2);
	assert_int_equal(counters.bytes_written, 100);
	assert_int_equal(counters.blocks_written, 1);
	assert_int_equal(counters.filemarks_written, 2);
	assert_int_equal(counters.bytes_read, 100);
	assert_int_equal(counters.blocks_read, 1);
}

static void attributes_are_kept(void **state)
{
	struct bench *b = *state;
	const uint8_t *found;
	size_t length;
	char big[2000] = {0};
	append(b, 10);
	assert_int_equal(cart_set_attributes(b->cartridge, "first", 5), 0);
	again(b);
	append(b, 10);
	assert_int_equal(cart_get_attributes(b->cartridge, &found, &length), 0);
	assert_int_equal(length, 5);
	assert_memory_equal(found, "first", 5);
	assert_int_equal(cart_set_attributes(b->cartridge, big, sizeof big), -ENOSPC);
	assert_int_equal(cart_set_attributes(b->cartridge, "2", 1), 0);
	again(b);
	assert_int_equal(cart_get_attributes(b->cartridge, &found, &length), 0);
	assert_int_equal(length, 1);
	assert_tape(b->cartridge, &b->tape);
}

/* Not a byte is written by who only looks. */
static void opening_and_closing_writes_nothing(void **state)
{
	struct bench *b = *state;
	append(b, 10);
	again(b);
	unsigned before = b->store.write_count + b->store.syncs;
	assert_int_equal(cart_commit(b->cartridge, true), 0);
	again(b);
	again(b);
	assert_int_equal(b->store.write_count + b->store.syncs, before);
}

static void a_reader_cannot_write(void **state)
{
	struct bench *b = *state;
	uint8_t byte = 1;
	append(b, 10);
	assert_int_equal(cart_close(b->cartridge), 0);
	b->cartridge = open_small(&b->store, false);
	assert_false(look(b).writable);
	assert_int_equal(cart_append(b->cartridge, 1, &byte, 1, COMPRESSION_NONE), -EROFS);
	assert_int_equal(cart_append_filemarks(b->cartridge, 1, 1), -EROFS);
	assert_int_equal(cart_erase(b->cartridge, 0), -EROFS);
	assert_int_equal(cart_set_attributes(b->cartridge, "x", 1), -EROFS);
	assert_int_equal(cart_commit(b->cartridge, true), -EROFS);
	assert_tape(b->cartridge, &b->tape);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void a_full_disk_takes_nothing_away(void **state)
{
	struct bench *b = *state;
	uint8_t block[SMALL_BLOCK];
	for (unsigned i = 0; i < 40; i++)
		append(b, 100);
	block_fill(block, sizeof block, 1);
	for (size_t room = 0; room < 300; room += 7) {
		b->store.write_room_left = room;
		assert_int_equal(
			cart_append(b->cartridge, 20, block, sizeof block, COMPRESSION_NONE),
			-ENOSPC);
		b->store.write_room_left = SIZE_MAX;
		assert_tape(b->cartridge, &b->tape);
	}
	assert_true(look(b).writable);
	write_at(b, 20, 500, 3, COMPRESSION_NONE);
	assert_tape(b->cartridge, &b->tape);
	again(b);
	assert_tape(b->cartridge, &b->tape);
}

static void after_a_failed_sync_nothing_is_written_any_more(void **state)
{
	struct bench *b = *state;
	uint8_t byte = 1;
	append(b, 100);
	assert_int_equal(cart_commit(b->cartridge, true), 0);
	struct tape kept = tape_copy(&b->tape);
	append(b, 200);
	b->store.sync_error = -EIO;
	assert_int_equal(cart_commit(b->cartridge, true), -EIO);
	assert_false(look(b).writable);
	assert_true(look(b).reason[0]);
	b->store.sync_error = 0;
	assert_int_equal(cart_append(b->cartridge, 2, &byte, 1, COMPRESSION_NONE), -EIO);
	assert_int_equal(cart_commit(b->cartridge, true), -EIO);
	assert_int_equal(cart_close(b->cartridge), -EIO);
	crash_store_cut_power(&b->store);
	b->cartridge = open_small(&b->store, true);
	assert_tape(b->cartridge, &kept);
	tape_free(&kept);
}

static void two_openers_are_refused(void **state)
{
	struct bench *b = *state;
	struct error error = {0};
	assert_null(native_open(&b->store.store, "/tape", true, &test_world, &error));
	assert_int_equal(error.code, ERROR_STATE_IN_USE);
}

static void a_cut_power_loses_only_what_was_not_committed(void **state)
{
	struct bench *b = *state;
	append(b, 100);
	mark(b, 1, 1);
	assert_int_equal(cart_commit(b->cartridge, true), 0);
	append(b, 300);
	struct cartridge *old = b->cartridge;
	b->store.open = false;
	struct crash_store after;
	crash_store_init(&after);
	crash_store_set(&after, b->store.durable, b->store.durable_size);
	struct cartridge *cartridge = open_small(&after, true);
	tape_cut(&b->tape, 2);
	assert_tape(cartridge, &b->tape);
	assert_int_equal(cart_close(cartridge), 0);
	crash_store_finish(&after);
	b->cartridge = old;
}

/* ---- what is no cartridge -------------------------------------------------------------------- */

static void foreign_files_are_refused(void **state)
{
	static uint8_t bytes[100000];
	static const size_t sizes[] = {0, 1, 4095, 4096, 8192, sizeof bytes};
	for (unsigned fill = 0; fill < 2; fill++) {
		memset(bytes, fill ? 0xa5 : 0, sizeof bytes);
		for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			struct crash_store store;
			struct error error = {0};
			crash_store_init(&store);
			crash_store_set(&store, bytes, sizes[i]);
			assert_null(native_open(&store.store, "/t", true, NULL, &error));
			assert_int_equal(error.code, ERROR_IMAGE_UNRECOGNISED);
			assert_true(error.remedy[0]);
			crash_store_finish(&store);
		}
	}
}

static void parameters_that_do_not_go_together_are_refused(void **state)
{
	struct native_create create = small_cartridge;
	struct crash_store store;
	struct error error = {0};
	crash_store_init(&store);
	create.zone_size = 65537;
	assert_false(native_create(&store.store, "/t", &create, &test_world, &error));
	assert_int_equal(error.code, ERROR_INVALID);
	create = small_cartridge;
	create.block_max = 65536;
	assert_false(native_create(&store.store, "/t", &create, &test_world, &error));
	create = small_cartridge;
	create.capacity = 0;
	assert_false(native_create(&store.store, "/t", &create, &test_world, &error));
	assert_false(store.exists);
	crash_store_finish(&store);
}

/* ---- after a failure ---------------------------------------------------------------------------
 */

static void do_something(struct bench *b, uint64_t *random)
{
	unsigned eod = b->tape.count;
	unsigned at = chance(random, 4) || eod == 0 ? eod : chance(random, eod);
	if (chance(random, 5) == 0)
		mark(b, at, 1 + chance(random, 2));
	else
		write_at(b, at, 4 + chance(random, 400), chance(random, 1 << 30), COMPRESSION_LZ4);
}

static void commit(struct bench *b, bool synchronous, struct tape *last)
{
	assert_int_equal(cart_commit(b->cartridge, synchronous), 0);
	if (!synchronous)
		return;
	tape_free(last);
	*last = tape_copy(&b->tape);
}

/* Objects below `count` are those of the tape. */
static void assert_first(struct cartridge *cartridge, uint64_t count, const struct tape *tape)
{
	uint8_t block[SMALL_BLOCK], expected[SMALL_BLOCK];
	struct cartridge_object about;
	assert_true(count <= tape->count);
	for (uint64_t i = 0; i < count; i++) {
		const struct tape_object *object = &tape->objects[i];
		assert_int_equal(cart_read(cartridge, i, block, sizeof block, &about), 0);
		assert_int_equal(about.filemark, object->length == 0);
		assert_int_equal(about.length, object->length);
		block_fill(expected, object->length, object->seed);
		assert_memory_equal(block, expected, object->length);
	}
}

/* The power is cut, of a copy. */
static void assert_lasts(const struct crash_store *store, uint64_t count, const struct tape *tape)
{
	struct crash_store disk;
	crash_store_init(&disk);
	crash_store_set(&disk, store->durable, store->durable_size);
	struct cartridge *cartridge = open_small(&disk, true);
	assert_first(cartridge, count, tape);
	assert_int_equal(cart_close(cartridge), 0);
	crash_store_finish(&disk);
}

/* What a failed one still tells is what lasts; opened again, it is one of the two tapes. */
static void a_failed_one_tells_what_lasts(void **state)
{
	struct bench *b = *state;
	struct tape last = {0};
	uint64_t random = 20261126, lost = 0;
	for (unsigned round = 0; round < 60; round++) {
		struct cartridge_object about;
		uint8_t byte;
		for (unsigned i = chance(&random, 20); i > 0; i--)
			do_something(b, &random);
		commit(b, true, &last);
		for (unsigned i = chance(&random, 12); i > 0; i--) {
			do_something(b, &random);
			if (chance(&random, 4) == 0)
				commit(b, false, &last);
		}
		mark(b, b->tape.count, 1);
		b->store.sync_error = -EIO;
		assert_int_equal(cart_commit(b->cartridge, true), -EIO);
		struct cartridge_status status = look(b);
		assert_true(status.failed);
		assert_false(status.damaged);
		assert_first(b->cartridge, status.damaged_object, &last);
		assert_first(b->cartridge, status.damaged_object, &b->tape);
		assert_int_equal(
			cart_read(b->cartridge, status.damaged_object, &byte, 1, &about), -EIO);
		assert_lasts(&b->store, status.damaged_object, &last);
		lost += b->tape.count - status.damaged_object;
		b->store.sync_error = 0;
		assert_int_equal(cart_reopen(b->cartridge), 0);
		status = look(b);
		assert_false(status.failed);
		assert_true(status.writable);
		assert_tape(b->cartridge, &b->tape); /* this host's kernel still has it all */
	}
	assert_true(lost > 100);
	tape_free(&last);
	again(b);
	assert_tape(b->cartridge, &b->tape);
}

static void what_cannot_be_read_is_not_opened_again(void **state)
{
	struct bench *b = *state;
	append(b, 100);
	b->store.sync_error = -EIO;
	assert_int_equal(cart_commit(b->cartridge, true), -EIO);
	b->store.sync_error = 0;
	uint8_t *roots = b->store.now + 8192, kept[8192];
	memcpy(kept, roots, sizeof kept);
	memset(roots, 0xff, sizeof kept);
	assert_int_equal(cart_reopen(b->cartridge), -EIO);
	assert_true(look(b).failed);
	memcpy(roots, kept, sizeof kept);
	assert_int_equal(cart_reopen(b->cartridge), 0);
	assert_int_equal(cart_reopen(b->cartridge), 0); /* nothing to do */
	assert_tape(b->cartridge, &b->tape);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_TAPE(a_new_cartridge_is_blank),
		ON_TAPE(blocks_and_filemarks_are_what_they_were),
		ON_TAPE(a_small_buffer_gets_the_first_bytes_and_the_length),
		ON_TAPE(many_objects_go_through_many_zones),
		ON_TAPE(the_disk_begins_before_anybody_waits_for_it),
		ON_TAPE(compressed_blocks_are_what_they_were),
		ON_TAPE(a_buffer_gets_its_bytes_whatever_was_read_before),
		ON_TAPE(what_is_at_hand_is_what_is_read),
		ON_TAPE(what_would_wait_or_is_wrong_is_not_at_hand),
		ON_TAPE(what_does_not_shrink_is_stored_as_it_is),
		ON_TAPE(overwriting_cuts_what_follows),
		ON_TAPE(erasing_cuts),
		ON_TAPE(the_file_does_not_grow_for_ever),
		ON_TAPE(what_is_not_there_is_not_found),
		ON_TAPE(counters_count_over_openings),
		ON_TAPE(attributes_are_kept),
		ON_TAPE(opening_and_closing_writes_nothing),
		ON_TAPE(a_reader_cannot_write),
		ON_TAPE(a_full_disk_takes_nothing_away),
		ON_TAPE(after_a_failed_sync_nothing_is_written_any_more),
		ON_TAPE(a_failed_one_tells_what_lasts),
		ON_TAPE(what_cannot_be_read_is_not_opened_again),
		ON_TAPE(two_openers_are_refused),
		ON_TAPE(a_cut_power_loses_only_what_was_not_committed),
		cmocka_unit_test(foreign_files_are_refused),
		cmocka_unit_test(parameters_that_do_not_go_together_are_refused),
	};
	return cmocka_run_group_tests_name("ssc/native", tests, NULL, NULL);
}
