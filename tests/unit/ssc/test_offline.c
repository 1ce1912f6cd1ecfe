/* SPDX-License-Identifier: Apache-2.0 */
/* Verify and repair, and a flipped bit anywhere in the file. */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "frame.h"
#include "ssc/offline.h"
#include "tape.h"

struct bench {
	struct crash_store store;
	struct tape tape;
	uint8_t *bytes; /* of the file as it should be */
	size_t size;
	unsigned problems;
	struct cartridge_problem last;
};

static void put_block(struct cartridge *cartridge, struct tape *tape, unsigned at, uint32_t seed)
{
	uint8_t block[SMALL_BLOCK];
	uint32_t length = 4 + seed * 131 % 900;
	block_fill(block, length, seed);
	assert_int_equal(cart_append(cartridge, at, block, length, seed % 3), 0);
	tape_put(tape, at, (struct tape_object){length, seed});
}

/* A tape with a past: written over in the middle, closed and opened again. */
static void write_tape(struct bench *b)
{
	struct cartridge *cartridge = open_small(&b->store, true);
	for (unsigned i = 0; i < 300; i++)
		put_block(cartridge, &b->tape, i, i + 1);
	assert_int_equal(cart_commit(cartridge, true), 0);
	for (unsigned i = 130; i < 420; i++) {
		if (i % 9 == 0) {
			assert_int_equal(cart_append_filemarks(cartridge, i, 1), 0);
			tape_put(&b->tape, i, (struct tape_object){0});
		} else {
			put_block(cartridge, &b->tape, i, 1000 + i);
		}
	}
	assert_int_equal(cart_set_attributes(cartridge, "attributes", 10), 0);
	assert_int_equal(cart_close(cartridge), 0);
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	assert_non_null(b);
	make_small(&b->store);
	b->store.open = false;
	write_tape(b);
	b->size = b->store.size;
	b->bytes = malloc(b->size);
	assert_non_null(b->bytes);
	memcpy(b->bytes, b->store.now, b->size);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;
	tape_free(&b->tape);
	crash_store_finish(&b->store);
	free(b->bytes);
	free(b);
	return 0;
}

#define ON_FILE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static void note_problem(void *context, const struct cartridge_problem *problem)
{
	struct bench *b = context;
	b->problems++;
	b->last = *problem;
}

static struct cartridge_report run(struct bench *b, bool repair)
{
	struct cartridge_watcher watcher = {.problem = note_problem, .context = b};
	struct cartridge_report report;
	struct error error = {0};
	b->problems = 0;
	bool ok = repair ? native_repair(&b->store.store, "/tape", &watcher, &report, &error)
			 : native_verify(&b->store.store, "/tape", true, &watcher, &report, &error);
	if (!ok)
		fail_msg("%s", error.sentence);
	assert_int_equal(report.problems, b->problems);
	return report;
}

static void assert_whole(struct bench *b)
{
	struct cartridge *cartridge = open_small(&b->store, false);
	assert_tape(cartridge, &b->tape);
	assert_int_equal(cart_close(cartridge), 0);
}

static void a_whole_cartridge_has_no_problems(void **state)
{
	struct bench *b = *state;
	struct cartridge_report report = run(b, false);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.blocks + report.filemarks, b->tape.count);
	assert_int_equal(report.status.eod, b->tape.count);
	assert_memory_equal(b->store.now, b->bytes, b->size); /* it only looked */
	report = run(b, true);
	assert_false(report.repaired);
	assert_memory_equal(b->store.now, b->bytes, b->size);
}

static void a_damaged_block_is_located(void **state)
{
	struct bench *b = *state;
	struct native_place place;
	struct cartridge *cartridge = open_small(&b->store, false);
	assert_int_equal(native_locate(cartridge, 77, &place), 0);
	cart_close(cartridge);
	b->store.now[place.offset + FRAME_HEADER] ^= 1;
	struct cartridge_report report = run(b, false);
	assert_int_equal(report.problems, 1);
	assert_int_equal(b->last.object, 77);
	assert_int_equal(b->last.offset, place.offset);
	assert_non_null(strstr(b->last.what, "object 77"));
}

static void a_damaged_superblock_is_mended_from_the_other(void **state)
{
	for (unsigned copy = 0; copy < 2; copy++) {
		struct bench *b = *state;
		memset(b->store.now + copy * SLOT_LENGTH, 0x55, SLOT_LENGTH);
		assert_int_equal(run(b, false).problems, 1);
		assert_true(run(b, true).repaired);
		assert_int_equal(run(b, false).problems, 0);
		assert_whole(b);
	}
}

/* Every frame of the index in the file, found by looking at every place where one could be. */
static unsigned wipe_index(struct bench *b)
{
	struct superblock superblock;
	unsigned wiped = 0;
	superblock_decode(b->bytes, &superblock);
	uint32_t seed = frame_seed(superblock.uuid);
	for (size_t at = ZONES_AT; at + FRAME_HEADER <= b->size; at += FRAME_ALIGN) {
		struct frame frame;
		if (!frame_decode(b->store.now + at, seed, &frame) ||
			(frame.type != FRAME_LEAF && frame.type != FRAME_NODE))
			continue;
		memset(b->store.now + at + FRAME_HEADER, 0, frame.stored_length);
		wiped++;
	}
	return wiped;
}

static void a_lost_index_is_made_anew(void **state)
{
	struct bench *b = *state;
	assert_true(wipe_index(b) > 20);
	assert_true(run(b, false).problems > 300);
	assert_true(run(b, true).repaired);
	assert_int_equal(run(b, false).problems, 0);
	assert_whole(b);
	struct cartridge *cartridge = open_small(&b->store, true);
	put_block(cartridge, &b->tape, b->tape.count, 4711);
	put_block(cartridge, &b->tape, 40, 4712);
	assert_tape(cartridge, &b->tape);
	assert_int_equal(cart_close(cartridge), 0);
	assert_int_equal(run(b, false).problems, 0);
	assert_whole(b);
}

/* ---- a flipped bit --------------------------------------------------------------------------- */

/* What can be read is what was written, what cannot says so, and nothing is missing in silence. */
static void look_at_damaged(struct bench *b, size_t bit)
{
	struct error error = {0};
	struct cartridge_status status;
	struct cartridge *cartridge =
		native_open(&b->store.store, "/tape", false, &test_world, &error);
	if (!cartridge) {
		assert_true(error.sentence[0] && error.remedy[0]);
		return;
	}
	cart_status(cartridge, &status);
	if (!status.damaged && status.eod != b->tape.count)
		fail_msg("bit %zu: %llu objects", bit, (unsigned long long)status.eod);
	for (unsigned i = 0; i < b->tape.count; i++) {
		static uint8_t block[SMALL_BLOCK], expected[SMALL_BLOCK];
		struct cartridge_object about;
		const struct tape_object *object = &b->tape.objects[i];
		int result = cart_read(cartridge, i, block, sizeof block, &about);
		if (result == -EIO)
			continue;
		if (result != 0)
			fail_msg("bit %zu: object %u: %d", bit, i, result);
		assert_int_equal(about.filemark, object->length == 0);
		assert_int_equal(about.length, object->length);
		block_fill(expected, object->length, object->seed);
		assert_memory_equal(block, expected, object->length);
	}
	cart_close(cartridge);
}

static void a_flipped_bit_is_never_other_data(void **state)
{
	struct bench *b = *state;
	uint64_t random = 5;
	for (unsigned n = 0; n < 700; n++) {
		/* the slots first, then anywhere */
		size_t bytes = n < 300 ? 4 * SLOT_LENGTH : b->size;
		size_t bit = chance(&random, (uint32_t)bytes) * 8u + chance(&random, 8);
		b->store.now[bit / 8] ^= (uint8_t)(1u << bit % 8);
		look_at_damaged(b, bit);
		b->store.now[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* Every bit of a header, of each type of frame. */
static void a_flipped_bit_in_any_header_is_never_other_data(void **state)
{
	struct bench *b = *state;
	struct superblock superblock;
	bool seen[16] = {0};
	superblock_decode(b->bytes, &superblock);
	uint32_t seed = frame_seed(superblock.uuid);
	for (size_t at = ZONES_AT; at + FRAME_HEADER <= b->size; at += FRAME_ALIGN) {
		struct frame frame;
		if (!frame_decode(b->bytes + at, seed, &frame) || seen[frame.type])
			continue;
		seen[frame.type] = true;
		for (size_t bit = 0; bit < FRAME_HEADER * 8; bit += 3) {
			b->store.now[at + bit / 8] ^= (uint8_t)(1u << bit % 8);
			look_at_damaged(b, at * 8 + bit);
			b->store.now[at + bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	assert_true(seen[FRAME_ZONE] && seen[FRAME_NEXT] && seen[FRAME_DATA] &&
		    seen[FRAME_FILEMARK] && seen[FRAME_COMMIT] && seen[FRAME_CHECKPOINT] &&
		    seen[FRAME_LEAF] && seen[FRAME_NODE] && seen[FRAME_META]);
}

/* A file that was copied in part. */
static void a_cut_file_is_never_other_data(void **state)
{
	struct bench *b = *state;
	for (size_t size = 0; size < b->size; size += 7919) {
		crash_store_set(&b->store, b->bytes, size);
		look_at_damaged(b, size);
	}
	crash_store_set(&b->store, b->bytes, b->size);
	assert_whole(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILE(a_whole_cartridge_has_no_problems),
		ON_FILE(a_damaged_block_is_located),
		ON_FILE(a_damaged_superblock_is_mended_from_the_other),
		ON_FILE(a_lost_index_is_made_anew),
		ON_FILE(a_flipped_bit_is_never_other_data),
		ON_FILE(a_flipped_bit_in_any_header_is_never_other_data),
		ON_FILE(a_cut_file_is_never_other_data),
	};
	return cmocka_run_group_tests_name("ssc/offline", tests, NULL, NULL);
}
