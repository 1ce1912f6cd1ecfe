/* SPDX-License-Identifier: Apache-2.0 */
/* Cartridges made of tapes in SIMH's format, and tapes made of cartridges. */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "frame.h"
#include "ssc/offline.h"
#include "ssc/simh.h"
#include "tap_bytes.h"
#include "tape.h"

struct bench {
	struct crash_store file;   /* of the tape */
	struct crash_store medium; /* the file of the cartridge */
	struct cartridge *cartridge;
	struct tap_bytes tap;
	struct simh_transfer transfer;
	struct error error;
	unsigned calls, calls_left; /* of progress */
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	assert_non_null(b);
	crash_store_init(&b->file);
	make_small(&b->medium);
	b->cartridge = open_small(&b->medium, true);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;
	cart_close(b->cartridge);
	crash_store_finish(&b->file);
	crash_store_finish(&b->medium);
	free(b);
	return 0;
}

#define WITH_CARTRIDGE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static void blank(struct bench *b)
{
	cart_close(b->cartridge);
	crash_store_finish(&b->medium);
	make_small(&b->medium);
	b->cartridge = open_small(&b->medium, true);
}

static void reopen(struct bench *b, bool writable)
{
	assert_int_equal(cart_close(b->cartridge), 0);
	b->cartridge = open_small(&b->medium, writable);
}

/* Imports what is in the file. */
static bool import_file(struct bench *b)
{
	b->transfer.blocks = b->transfer.filemarks = b->transfer.bytes = b->transfer.damaged = 0;
	struct simh_reader *reader =
		simh_reader_open(&b->file.store, "/a.tap", SMALL_BLOCK, &b->error);
	assert_non_null(reader);
	bool ok = simh_import(reader, b->cartridge, &b->transfer, &b->error);
	simh_reader_close(reader);
	return ok;
}

static bool import_tap(struct bench *b)
{
	crash_store_set(&b->file, b->tap.bytes, b->tap.length);
	return import_file(b);
}

static bool export(struct bench *b)
{
	b->transfer.blocks = b->transfer.filemarks = b->transfer.bytes = b->transfer.damaged = 0;
	b->transfer.without_data = 0;
	crash_store_finish(&b->file);
	crash_store_init(&b->file);
	struct simh_writer *writer = simh_writer_create(&b->file.store, "/a.tap", &b->error);
	assert_non_null(writer);
	bool ok = simh_export(b->cartridge, writer, &b->transfer, &b->error);
	simh_writer_close(writer);
	return ok;
}

static void must(const struct bench *b, bool ok)
{
	if (!ok)
		fail_msg("%s", b->error.sentence);
}

static void assert_refused(struct bench *b, bool ok, enum error_code code, const char *part)
{
	assert_false(ok);
	assert_int_equal(b->error.code, code);
	if (!strstr(b->error.sentence, part))
		fail_msg("\"%s\" is not in \"%s\"", part, b->error.sentence);
	assert_true(b->error.remedy[0]);
}

static void assert_file(const struct bench *b, const struct tap_bytes *tap)
{
	assert_int_equal(b->file.size, tap->length);
	assert_memory_equal(b->file.now, tap->bytes, tap->length);
	assert_int_equal(b->file.durable_size, tap->length);
}

static void load_fixture(struct tap_bytes *tap, const char *name)
{
	char path[512];
	snprintf(path, sizeof path, GOLDEN_DIR "/%s", name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	tap->length = fread(tap->bytes, 1, sizeof tap->bytes, file);
	assert_true(tap->length > 0 && tap->length < sizeof tap->bytes);
	fclose(file);
}

static void assert_object(struct bench *b, uint64_t object, uint32_t length, uint8_t seed)
{
	uint8_t block[SMALL_BLOCK];
	struct cartridge_object about;
	assert_int_equal(cart_read(b->cartridge, object, block, sizeof block, &about), 0);
	assert_int_equal(about.filemark, length == 0);
	assert_int_equal(about.length, length);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(block[i], tap_data(seed, i));
}

static uint64_t objects(const struct bench *b)
{
	struct cartridge_status status;
	cart_status(b->cartridge, &status);
	return status.eod;
}

/* ---- import ---------------------------------------------------------------------------------- */

/* Of make_tap.py, which knows nothing of Carousel. */
static void assert_fixture_tape(struct bench *b)
{
	static const uint32_t lengths[] = {80, 80, 0, 512, 511, 1, 0, 0};
	static const uint8_t seeds[] = {1, 2, 0, 3, 4, 5, 0, 0};
	assert_int_equal(objects(b), 8);
	for (unsigned i = 0; i < 8; i++)
		assert_object(b, i, lengths[i], seeds[i]);
}

static void tapes_of_both_paddings_are_the_same_cartridge(void **state)
{
	struct bench *b = *state;
	load_fixture(&b->tap, "simh-standard.tap");
	must(b, import_tap(b));
	assert_int_equal(b->transfer.blocks, 5);
	assert_int_equal(b->transfer.filemarks, 3);
	assert_int_equal(b->transfer.bytes, 80 + 80 + 512 + 511 + 1);
	reopen(b, false);
	assert_fixture_tape(b);
	blank(b);
	load_fixture(&b->tap, "simh-e11.tap");
	must(b, import_tap(b));
	reopen(b, false);
	assert_fixture_tape(b);
}

static void of_the_extended_format_the_tape_is_taken(void **state)
{
	struct bench *b = *state;
	load_fixture(&b->tap, "simh-extended.tap");
	assert_refused(
		b, import_tap(b), ERROR_IMAGE_UNRECOGNISED, "at byte 124 of the tape is marked");
	assert_non_null(strstr(b->error.remedy, "--keep-damaged"));
	blank(b);
	b->transfer.keep_damaged = true;
	must(b, import_tap(b));
	assert_int_equal(b->transfer.damaged, 1);
	assert_int_equal(objects(b), 5);
	assert_object(b, 0, 80, 1);
	assert_object(b, 1, 100, 2);
	assert_object(b, 2, 102, 4);
	assert_object(b, 3, 0, 0);
	assert_object(b, 4, 33, 6);
}

static void a_record_without_data_cannot_be_kept(void **state)
{
	struct bench *b = *state;
	b->transfer.keep_damaged = true;
	tap_word(&b->tap, 0);
	tap_record(&b->tap, 0x80000000, 0, true);
	assert_refused(b, import_tap(b), ERROR_IMAGE_UNRECOGNISED, "at byte 4 of the tape no data");
}

static void a_record_longer_than_a_block_is_refused(void **state)
{
	struct bench *b = *state;
	tap_record(&b->tap, SMALL_BLOCK, 1, true);
	tap_record(&b->tap, SMALL_BLOCK + 1, 1, true);
	assert_refused(b, import_tap(b), ERROR_TOO_LARGE, "at byte 4104 has 4097 bytes");
}

static void a_tape_that_does_not_fit_is_refused(void **state)
{
	struct bench *b = *state;
	crash_store_init(&b->file);
	struct simh_writer *writer = simh_writer_create(&b->file.store, "/a.tap", &b->error);
	for (unsigned i = 0; i < 256; i++)
		must(b, simh_write_block(writer, b->tap.bytes, SMALL_BLOCK, false, &b->error));
	must(b, simh_writer_finish(writer, &b->error));
	simh_writer_close(writer);
	/* The capacity is 1 MiB, and a block takes 64 bytes more. */
	assert_refused(b, import_file(b), ERROR_MEDIUM_DOES_NOT_FIT, "is full at byte 1034208");
}

static void a_full_disk_is_said(void **state)
{
	struct bench *b = *state;
	load_fixture(&b->tap, "simh-standard.tap");
	b->medium.write_room_left = 700;
	assert_refused(b, import_tap(b), ERROR_FILE_UNREADABLE, strerror(ENOSPC));
}

static bool count_calls(void *context, uint64_t done, uint64_t total)
{
	struct bench *b = context;
	assert_true(done <= total);
	b->calls++;
	return b->calls_left-- > 0;
}

static void it_can_be_stopped_and_says_how_far_it_is(void **state)
{
	struct bench *b = *state;
	b->transfer.progress = count_calls;
	b->transfer.context = b;
	for (unsigned i = 0; i < 5000; i++)
		tap_word(&b->tap, 0);
	b->calls_left = 100;
	must(b, import_tap(b));
	assert_in_range(b->calls, 4, 5);
	b->calls_left = 100;
	must(b, export(b));
	assert_in_range(b->calls, 8, 10);
	b->calls_left = 1;
	assert_refused(b, export(b), ERROR_STOPPING, "after 0 blocks and 2048 filemarks");
	blank(b);
	b->calls_left = 1;
	crash_store_set(&b->file, b->tap.bytes, b->tap.length);
	assert_refused(b, import_file(b), ERROR_STOPPING, "after 0 blocks and 2048 filemarks");
}

/* ---- export ---------------------------------------------------------------------------------- */

static void an_imported_tape_is_exported_as_it_was(void **state)
{
	struct bench *b = *state;
	load_fixture(&b->tap, "simh-e11.tap");
	must(b, import_tap(b));
	must(b, export(b));
	load_fixture(&b->tap, "simh-standard.tap");
	assert_file(b, &b->tap);
}

static void a_blank_cartridge_is_an_empty_file(void **state)
{
	struct bench *b = *state;
	must(b, export(b));
	assert_int_equal(b->file.size, 0);
	must(b, import_file(b));
	assert_int_equal(objects(b), 0);
}

static void write_random(struct bench *b, uint64_t seed, struct tape *tape)
{
	uint8_t block[SMALL_BLOCK];
	unsigned count = 1 + chance(&seed, 300);
	for (unsigned i = 0; i < count; i++) {
		struct tape_object object = {0};
		if (chance(&seed, 4) > 0) {
			object.length = 4 + chance(&seed, chance(&seed, 3) ? 600 : SMALL_BLOCK - 3);
			object.seed = chance(&seed, 1u << 31);
			block_fill(block, object.length, object.seed);
			assert_int_equal(
				cart_append(b->cartridge, i, block, object.length, i % 3), 0);
		} else {
			assert_int_equal(cart_append_filemarks(b->cartridge, i, 1), 0);
		}
		tape_put(tape, i, object);
	}
}

/* Whatever is on it and however it is stored, filemarks at the end too. */
static void random_cartridges_come_back_as_they_were(void **state)
{
	struct bench *b = *state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct tape tape = {0};
		blank(b);
		write_random(b, seed, &tape);
		must(b, export(b));
		blank(b);
		must(b, import_file(b));
		reopen(b, false);
		assert_tape(b->cartridge, &tape);
		tape_free(&tape);
	}
}

static void write_three(struct bench *b, enum cartridge_compression compression)
{
	uint8_t block[600];
	for (unsigned i = 0; i < 3; i++) {
		block_fill(block, sizeof block, i);
		assert_int_equal(cart_append(b->cartridge, i, block, sizeof block, compression), 0);
	}
	assert_int_equal(cart_append_filemarks(b->cartridge, 3, 1), 0);
	reopen(b, false);
}

/* A bit of an object's frame, `at` bytes from its beginning. */
static void flip(struct bench *b, uint64_t object, size_t at)
{
	struct native_place place;
	assert_int_equal(native_locate(b->cartridge, object, &place), 0);
	b->medium.now[place.offset + at] ^= 1;
}

static void a_damaged_block_ends_it(void **state)
{
	struct bench *b = *state;
	write_three(b, COMPRESSION_NONE);
	flip(b, 1, FRAME_HEADER + 100);
	assert_refused(b, export(b), ERROR_FILE_UNREADABLE,
		"object 1 of the cartridge is damaged, behind 1 block and 0 filemarks");
}

/* Three blocks of 600 bytes of which the second is marked, and a filemark. */
static void expect_kept(struct bench *b, uint32_t word, bool flipped)
{
	uint8_t block[600];
	b->tap.length = 0;
	for (unsigned i = 0; i < 3; i++) {
		uint32_t its = i == 1 ? word : sizeof block;
		block_fill(block, sizeof block, i);
		block[100] ^= i == 1 && flipped;
		tap_word(&b->tap, its);
		for (unsigned k = 0; k < (its & 0xffff); k++)
			tap_byte(&b->tap, block[k]);
		tap_word(&b->tap, its);
	}
	tap_word(&b->tap, 0);
	assert_file(b, &b->tap);
}

static void a_damaged_block_can_be_kept_as_it_lies_there(void **state)
{
	struct bench *b = *state;
	write_three(b, COMPRESSION_NONE);
	flip(b, 1, FRAME_HEADER + 100);
	b->transfer.keep_damaged = true;
	must(b, export(b));
	assert_int_equal(b->transfer.blocks, 3);
	assert_int_equal(b->transfer.damaged, 1);
	assert_int_equal(b->transfer.without_data, 0);
	expect_kept(b, 0x80000000 | 600, true);
}

static void of_some_damaged_blocks_nothing_is_left(void **state)
{
	struct bench *b = *state;
	b->transfer.keep_damaged = true;
	write_three(b, COMPRESSION_NONE);
	flip(b, 1, 20); /* its header */
	must(b, export(b));
	assert_int_equal(b->transfer.without_data, 1);
	expect_kept(b, 0x80000000, false);
	blank(b);
	write_three(b, COMPRESSION_ZSTD);
	flip(b, 1, FRAME_HEADER + 100);
	must(b, export(b));
	assert_int_equal(b->transfer.without_data, 1);
	expect_kept(b, 0x80000000, false);
}

static void a_damaged_filemark_is_a_filemark(void **state)
{
	struct bench *b = *state;
	b->transfer.keep_damaged = true;
	write_three(b, COMPRESSION_NONE);
	flip(b, 3, 20);
	must(b, export(b));
	assert_int_equal(b->transfer.filemarks, 1);
	assert_int_equal(b->transfer.damaged, 0);
	expect_kept(b, 600, false);
}

static void append(struct bench *b, unsigned at, unsigned seed)
{
	uint8_t block[600];
	block_fill(block, sizeof block, seed);
	assert_int_equal(cart_append(b->cartridge, at, block, sizeof block, COMPRESSION_NONE), 0);
}

/* Opened as it is now, never closed, with the header of a frame damaged. */
static void crash_and_lose(struct bench *b, uint64_t object)
{
	struct native_place place;
	assert_int_equal(native_locate(b->cartridge, object, &place), 0);
	size_t size = b->medium.size;
	uint8_t *bytes = malloc(size);
	assert_non_null(bytes);
	memcpy(bytes, b->medium.now, size);
	native_abandon(b->cartridge);
	bytes[place.offset + 20] ^= 1;
	crash_store_set(&b->medium, bytes, size);
	free(bytes);
	b->cartridge = open_small(&b->medium, false);
}

static void append_six(struct bench *b)
{
	for (unsigned i = 0; i < 6; i++) {
		append(b, i, i);
		if (i > 3)
			assert_int_equal(cart_commit(b->cartridge, true), 0);
	}
}

/* A frame is lost in what was durable: the end is not known. */
static void a_lost_tail_is_said(void **state)
{
	struct bench *b = *state;
	append_six(b);
	crash_and_lose(b, 2);
	assert_refused(b, export(b), ERROR_FILE_UNREADABLE,
		"object 2 of the cartridge and all after it are damaged, behind 2 blocks");
	b->transfer.keep_damaged = true;
	must(b, export(b));
	assert_true(b->transfer.tail_lost);
	assert_int_equal(b->transfer.blocks, 2);
	assert_int_equal(b->file.durable_size, 2 * 608);
}

/* What was replaced by the lost frames is still there, and is not what the tape holds. */
static void what_a_lost_tail_replaced_is_not_exported(void **state)
{
	struct bench *b = *state;
	struct cartridge_status status;
	append_six(b);
	append(b, 3, 100);
	append(b, 4, 101);
	assert_int_equal(cart_commit(b->cartridge, true), 0);
	append(b, 5, 102);
	assert_int_equal(cart_commit(b->cartridge, true), 0);
	crash_and_lose(b, 3);
	cart_status(b->cartridge, &status);
	assert_int_equal(status.eod, 6);
	b->transfer.keep_damaged = true;
	must(b, export(b));
	assert_true(b->transfer.tail_lost);
	assert_int_equal(b->transfer.blocks, 3);
	assert_int_equal(b->transfer.damaged, 0);
	assert_int_equal(b->file.durable_size, 3 * 608);
}

/* A block that only other formats can hold. */
enum { LONG_BLOCK = SIMH_RECORD_MAX + 1 };

static void long_status(const struct cartridge *cartridge, struct cartridge_status *ret)
{
	*ret = (struct cartridge_status){.eod = 1, .bytes = LONG_BLOCK};
}

static int long_read(struct cartridge *cartridge, uint64_t object, void *buffer, uint32_t capacity,
	struct cartridge_object *ret)
{
	*ret = (struct cartridge_object){.length = LONG_BLOCK};
	return 0;
}

static void a_block_that_the_format_has_no_room_for_is_refused(void **state)
{
	struct bench *b = *state;
	static const struct cartridge_ops ops = {.status = long_status, .read = long_read};
	struct cartridge cartridge = {&ops, LONG_BLOCK};
	struct simh_writer *writer = simh_writer_create(&b->file.store, "/a.tap", &b->error);
	bool ok = simh_export(&cartridge, writer, &b->transfer, &b->error);
	assert_refused(b, ok, ERROR_TOO_LARGE, "object 0 is a block of 16777216 bytes");
	simh_writer_close(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CARTRIDGE(tapes_of_both_paddings_are_the_same_cartridge),
		WITH_CARTRIDGE(of_the_extended_format_the_tape_is_taken),
		WITH_CARTRIDGE(a_record_without_data_cannot_be_kept),
		WITH_CARTRIDGE(a_record_longer_than_a_block_is_refused),
		WITH_CARTRIDGE(a_tape_that_does_not_fit_is_refused),
		WITH_CARTRIDGE(a_full_disk_is_said),
		WITH_CARTRIDGE(it_can_be_stopped_and_says_how_far_it_is),
		WITH_CARTRIDGE(an_imported_tape_is_exported_as_it_was),
		WITH_CARTRIDGE(a_blank_cartridge_is_an_empty_file),
		WITH_CARTRIDGE(random_cartridges_come_back_as_they_were),
		WITH_CARTRIDGE(a_damaged_block_ends_it),
		WITH_CARTRIDGE(a_damaged_block_can_be_kept_as_it_lies_there),
		WITH_CARTRIDGE(of_some_damaged_blocks_nothing_is_left),
		WITH_CARTRIDGE(a_damaged_filemark_is_a_filemark),
		WITH_CARTRIDGE(a_lost_tail_is_said),
		WITH_CARTRIDGE(what_a_lost_tail_replaced_is_not_exported),
		WITH_CARTRIDGE(a_block_that_the_format_has_no_room_for_is_refused),
	};
	return cmocka_run_group_tests_name("ssc/simh-transfer", tests, NULL, NULL);
}
