/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader and writer of SIMH's format. What is a fact about the format has its evidence: [SIMH] is
 * "SIMH Magtape Representation and Handling" of 17 January 2022; sim_tape.c is of simh/simh (4.x)
 * and of the HP simulators (extended format); KLH10 is vmtape.h of klh10; SCSI2Pi is simh_util.cpp
 * and tape.cpp of uweseimet/scsi2pi; MAME is simh_tape_file.cpp.
 */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "crash_store.h"
#include "ssc/simh.h"
#include "tap_bytes.h"

enum { RECORD_MAX = 4096 };

struct bench {
	struct crash_store store;
	struct tap_bytes tap;
	struct simh_reader *reader;
	struct simh_object object;
	struct error error;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	assert_non_null(b);
	crash_store_init(&b->store);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;
	simh_reader_close(b->reader);
	crash_store_finish(&b->store);
	free(b);
	return 0;
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static void open_bytes(struct bench *b, const void *bytes, size_t length)
{
	simh_reader_close(b->reader);
	b->store.open = false;
	crash_store_set(&b->store, bytes, length);
	b->reader = simh_reader_open(&b->store.store, "/a.tap", RECORD_MAX, &b->error);
	assert_non_null(b->reader);
}

static void open_tap(struct bench *b)
{
	open_bytes(b, b->tap.bytes, b->tap.length);
}

static void next(struct bench *b)
{
	if (!simh_reader_next(b->reader, &b->object, &b->error))
		fail_msg("%s", b->error.sentence);
}

/* Passing over what is no part of the tape. */
static void next_of_tape(struct bench *b)
{
	do {
		next(b);
	} while (b->object.kind == SIMH_OTHER);
}

static void assert_block(struct bench *b, uint32_t length, uint8_t seed, bool damaged)
{
	next_of_tape(b);
	assert_int_equal(b->object.kind, SIMH_BLOCK);
	assert_int_equal(b->object.length, length);
	assert_int_equal(b->object.damaged, damaged);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(b->object.data[i], tap_data(seed, i));
}

static void assert_filemark(struct bench *b)
{
	next_of_tape(b);
	assert_int_equal(b->object.kind, SIMH_FILEMARK);
}

static void assert_end(struct bench *b)
{
	next_of_tape(b);
	assert_int_equal(b->object.kind, SIMH_END);
	next(b); /* and it stays the end */
	assert_int_equal(b->object.kind, SIMH_END);
}

/* The next object is refused, with this in the sentence, and a remedy. */
static void assert_refused(struct bench *b, enum error_code code, const char *part)
{
	bool ok;
	do {
		ok = simh_reader_next(b->reader, &b->object, &b->error);
	} while (ok && b->object.kind != SIMH_END);
	assert_false(ok);
	assert_int_equal(b->error.code, code);
	if (!strstr(b->error.sentence, part))
		fail_msg("\"%s\" is not in \"%s\"", part, b->error.sentence);
	assert_true(b->error.remedy[0]);
}

/* ---- tapes ----------------------------------------------------------------------------------- */

/* [SIMH]: the end of the file is the end of the medium. */
static void an_empty_file_is_a_blank_tape(void **state)
{
	struct bench *b = *state;
	open_tap(b);
	assert_end(b);
}

/* [SIMH]; sim_tape.c; KLH10 ("Tapemarks are represented by a single header with N=0"). */
static void a_word_of_zero_is_a_filemark(void **state)
{
	struct bench *b = *state;
	tap_word(&b->tap, 0);
	tap_word(&b->tap, 0);
	open_tap(b);
	assert_filemark(b);
	assert_filemark(b);
	assert_int_equal(b->object.offset, 4);
	assert_end(b);
}

/* [SIMH]; KLH10 ("if N is odd, a padding byte (of undefined value)"). */
static void odd_records_are_padded_with_anything(void **state)
{
	struct bench *b = *state;
	for (unsigned padding = 0; padding < 256; padding += 51) {
		b->tap.length = 0;
		tap_record(&b->tap, 5, 1, true);
		b->tap.bytes[4 + 5] = (uint8_t)padding;
		tap_record(&b->tap, 6, 2, true);
		open_tap(b);
		assert_block(b, 5, 1, false);
		assert_block(b, 6, 2, false);
		assert_end(b);
		assert_false(simh_reader_seen(b->reader)->unpadded);
	}
}

/* sim_tape.c (MTUF_F_E11); KLH10 ("identical except there are no padding bytes"). */
static void without_padding_it_is_the_e11_variant(void **state)
{
	struct bench *b = *state;
	tap_record(&b->tap, 80, 1, false);
	tap_record(&b->tap, 5, 2, false);
	tap_record(&b->tap, 1, 3, false);
	tap_word(&b->tap, 0);
	tap_record(&b->tap, 7, 4, false);
	open_tap(b);
	assert_block(b, 80, 1, false);
	assert_false(simh_reader_seen(b->reader)->unpadded);
	assert_block(b, 5, 2, false);
	assert_true(simh_reader_seen(b->reader)->unpadded);
	assert_block(b, 1, 3, false);
	assert_filemark(b);
	assert_block(b, 7, 4, false);
	assert_end(b);
}

/* Data that looks like the length behind it must not turn the variant around. */
static void data_that_looks_like_a_length_is_data(void **state)
{
	struct bench *b = *state;
	tap_word(&b->tap, 5); /* padded: its last four bytes and the padding are 05 00 00 00 00 */
	tap_byte(&b->tap, 1);
	tap_word(&b->tap, 5);
	tap_byte(&b->tap, 0);
	tap_word(&b->tap, 5);
	open_tap(b);
	next(b);
	assert_int_equal(b->object.length, 5);
	assert_memory_equal(b->object.data, "\1\5\0\0\0", 5);
	assert_end(b);
	assert_false(simh_reader_seen(b->reader)->unpadded);
}

/* 11111111h: it stands behind the data whether the padding is counted or not. */
static void a_length_that_could_be_of_both_variants_is_padded(void **state)
{
	struct bench *b = *state;
	size_t length = 4 + 0x1111111 + 1 + 4;
	uint8_t *bytes = malloc(length + 14);
	assert_non_null(bytes);
	memset(bytes, 0x11, length);
	tap_record(&b->tap, 5, 1, true);
	memcpy(bytes + length, b->tap.bytes, 14);
	open_bytes(b, bytes, length + 14);
	free(bytes);
	assert_block(b, 5, 1, false);
	assert_end(b);
	assert_int_equal(simh_reader_seen(b->reader)->private_records, 1);
	assert_false(simh_reader_seen(b->reader)->unpadded);
}

/* [SIMH], class 8; sim_tape.c (MTR_ERF); KLH10 (VMT_TPS_ERRF). */
static void a_damaged_record_says_so(void **state)
{
	struct bench *b = *state;
	tap_record(&b->tap, 0x80000009, 3, true);
	tap_record(&b->tap, 8, 4, true);
	open_tap(b);
	assert_block(b, 9, 3, true);
	assert_block(b, 8, 4, false);
	assert_end(b);
}

/*
 * [SIMH] ("Bad Data Record, no data recovered"), with both lengths: sim_tape.c of both kinds, MAME.
 */
static void a_damaged_record_may_have_no_data(void **state)
{
	struct bench *b = *state;
	tap_record(&b->tap, 0x80000000, 0, true);
	tap_word(&b->tap, 0);
	open_tap(b);
	assert_block(b, 0, 0, true);
	assert_filemark(b);
	assert_end(b);
}

/* [SIMH], sim_tape.c: "will not read or position past an EOM marker". */
static void nothing_is_read_behind_the_end_of_medium(void **state)
{
	struct bench *b = *state;
	tap_record(&b->tap, 4, 1, true);
	tap_word(&b->tap, 0xffffffff);
	tap_word(&b->tap, 0x12345678);
	open_tap(b);
	assert_block(b, 4, 1, false);
	assert_end(b);
	assert_int_equal(simh_reader_seen(b->reader)->behind, 4);
}

/* SCSI2Pi, Tape::WriteMetaData and s2psimh: what is behind it is from before. */
static void nothing_is_read_behind_the_end_of_data_of_scsi2pi(void **state)
{
	struct bench *b = *state;
	tap_record(&b->tap, 4, 1, true);
	tap_word(&b->tap, 0x73533250);
	tap_record(&b->tap, 6, 9, true);
	open_tap(b);
	assert_block(b, 4, 1, false);
	assert_end(b);
	assert_int_equal(simh_reader_seen(b->reader)->behind, 14);
}

/* [SIMH]; sim_tape.c (without a density); SCSI2Pi ("Skipping SIMH erase gap"). */
static void gaps_of_any_length_are_passed_over(void **state)
{
	struct bench *b = *state;
	for (unsigned i = 0; i < 5000; i++)
		tap_word(&b->tap, 0xfffffffe);
	tap_record(&b->tap, 3, 1, true);
	tap_word(&b->tap, 0xfffffffe);
	open_tap(b);
	assert_block(b, 3, 1, false);
	assert_end(b);
	assert_int_equal(simh_reader_seen(b->reader)->gap, 20004);
}

/* [SIMH] ("backing up the resulting file position by two bytes"); sim_tape.c (MTR_FHGAP). */
static void half_a_gap_is_passed_over_in_step(void **state)
{
	struct bench *b = *state;
	tap_record(&b->tap, 6, 1, true);
	tap_byte(&b->tap, 0xff);
	tap_byte(&b->tap, 0xff);
	tap_word(&b->tap, 0xfffffffe);
	tap_record(&b->tap, 8, 2, true);
	open_tap(b);
	assert_block(b, 6, 1, false);
	assert_block(b, 8, 2, false);
	assert_end(b);
	assert_int_equal(simh_reader_seen(b->reader)->gap, 6);
}

/* [SIMH] ("All other objects will be ignored"); sim_tape.c (extended); SCSI2Pi; MAME. */
static void other_classes_are_passed_over_and_counted(void **state)
{
	struct bench *b = *state;
	for (uint32_t class = 1; class < 16; class ++)
		if (class == 7 || class == 15)
			tap_word(&b->tap, class << 28 | 0x1234);
		else if (class != 8)
			tap_record(&b->tap, class << 28 | (class % 3), 9, true);
	tap_record(&b->tap, 2, 1, true);
	open_tap(b);
	assert_block(b, 2, 1, false);
	assert_end(b);
	const struct simh_seen *seen = simh_reader_seen(b->reader);
	assert_int_equal(seen->private_records, 6);
	assert_int_equal(seen->private_markers, 1);
	assert_int_equal(seen->descriptions, 1);
	assert_int_equal(seen->reserved, 5 + 1);
}

/* Only blocks are held against the cartridge. */
static void a_private_record_may_be_longer_than_a_block(void **state)
{
	struct bench *b = *state;
	tap_record(&b->tap, 0x10000000 | (RECORD_MAX + 1), 1, true);
	tap_record(&b->tap, RECORD_MAX, 2, true);
	open_tap(b);
	assert_block(b, RECORD_MAX, 2, false);
	assert_end(b);
}

/* ---- what is no tape ------------------------------------------------------------------------- */

static void a_record_too_long_for_the_cartridge_is_refused(void **state)
{
	struct bench *b = *state;
	tap_word(&b->tap, 0);
	tap_record(&b->tap, RECORD_MAX + 1, 1, true);
	open_tap(b);
	assert_refused(b, ERROR_TOO_LARGE, "at byte 4 has 4097 bytes");
}

static void lengths_that_disagree_are_refused(void **state)
{
	struct bench *b = *state;
	for (uint32_t length = 5; length < 7; length++) {
		b->tap.length = 0;
		tap_record(&b->tap, 80, 1, true);
		tap_record(&b->tap, length, 1, true);
		tap_record(&b->tap, 80, 1, true);
		b->tap.bytes[88 + 4 + 6 + 3] ^= 0x80;
		open_tap(b);
		assert_refused(b, ERROR_IMAGE_UNRECOGNISED, "at byte 88 has the length");
	}
}

static void assert_tape_ends(struct bench *b)
{
	do {
		next(b);
	} while (b->object.kind != SIMH_END);
}

/* The file cut anywhere: at the end of an object it is a shorter tape, else it is refused. */
static void a_file_that_is_cut_off_is_refused(void **state)
{
	struct bench *b = *state;
	static const size_t whole[] = {0, 4, 17, 29, 41, 45, 49, 62};
	tap_word(&b->tap, 0);
	tap_record(&b->tap, 5, 1, false); /* E11: ends at 17 */
	tap_record(&b->tap, 0x80000004, 2, false);
	tap_record(&b->tap, 0x20000004, 2, false);
	tap_word(&b->tap, 0xfffffffe);
	tap_word(&b->tap, 0x70000000);
	tap_record(&b->tap, 5, 1, false);
	assert_int_equal(b->tap.length, 62);
	for (size_t length = 0, at = 0; length <= b->tap.length; length++) {
		open_bytes(b, b->tap.bytes, length);
		if (length == whole[at]) {
			assert_tape_ends(b);
			at++;
		} else {
			assert_refused(b, ERROR_IMAGE_TRUNCATED, "ends within");
		}
	}
}

static void records_padded_now_and_then_are_refused(void **state)
{
	struct bench *b = *state;
	for (unsigned first = 0; first < 2; first++) {
		b->tap.length = 0;
		tap_record(&b->tap, 5, 1, first);
		tap_record(&b->tap, 5, 1, !first);
		open_tap(b);
		assert_refused(b, ERROR_IMAGE_UNRECOGNISED,
			first ? "is not padded, unlike" : "is padded, unlike");
	}
}

/* [SIMH], sim_tape.c: "Illegal", and those that only a reverse read can meet. */
static void markers_that_no_writer_writes_are_refused(void **state)
{
	struct bench *b = *state;
	static const uint32_t illegal[] = {0xfffe0000, 0xfffefffe, 0xffff0000, 0xfffffffd};
	for (size_t i = 0; i < sizeof illegal / sizeof *illegal; i++) {
		b->tap.length = 0;
		tap_word(&b->tap, 0xfffdffff); /* reserved, and passed over */
		tap_word(&b->tap, illegal[i]);
		open_tap(b);
		assert_refused(b, ERROR_IMAGE_UNRECOGNISED, "which is at byte 4");
	}
}

/* As other formats begin: AWS, TPC, text. */
static void files_of_other_formats_are_refused(void **state)
{
	struct bench *b = *state;
	static const char aws[] = "\120\0\0\0\240\0VOL1AAAAAA", tpc[] = "\120\0VOL1ABCDEFGHIJKLMN",
			  text[] = "root:x:0:0:root:/root:/bin/bash\n";
	open_bytes(b, aws, sizeof aws - 1);
	assert_refused(b, ERROR_IMAGE_TRUNCATED, "ends within");
	open_bytes(b, tpc, sizeof tpc - 1);
	assert_refused(b, ERROR_IMAGE_TRUNCATED, "ends within");
	open_bytes(b, text, sizeof text - 1);
	assert_refused(b, ERROR_IMAGE_TRUNCATED, "ends within");
}

static void a_disk_that_cannot_be_read_is_said(void **state)
{
	struct bench *b = *state;
	assert_null(simh_reader_open(&file_store_posix, "/no/such.tap", 1, &b->error));
	assert_int_equal(b->error.code, ERROR_FILE_MISSING);
	assert_null(simh_reader_open(&file_store_posix, "/", 1, &b->error));
	assert_int_equal(b->error.code, ERROR_FILE_UNREADABLE);
	assert_non_null(strstr(b->error.sentence, "not a regular file"));
}

/* ---- writing --------------------------------------------------------------------------------- */

static struct simh_writer *create(struct bench *b)
{
	struct simh_writer *writer = simh_writer_create(&b->store.store, "/a.tap", &b->error);
	assert_non_null(writer);
	return writer;
}

static void what_is_written_is_the_standard_format(void **state)
{
	struct bench *b = *state;
	struct simh_writer *writer = create(b);
	uint8_t data[9];
	for (unsigned i = 0; i < 9; i++)
		data[i] = tap_data(6, i);
	assert_true(simh_write_block(writer, data, 9, false, &b->error));
	assert_true(simh_write_filemark(writer, &b->error));
	assert_true(simh_write_block(writer, data, 8, true, &b->error));
	assert_true(simh_write_block(writer, data, 0, true, &b->error));
	assert_true(simh_writer_finish(writer, &b->error));
	simh_writer_close(writer);
	tap_record(&b->tap, 9, 6, true);
	tap_word(&b->tap, 0);
	tap_record(&b->tap, 0x80000008, 6, true);
	tap_record(&b->tap, 0x80000000, 6, true);
	assert_int_equal(b->store.durable_size, b->tap.length);
	assert_memory_equal(b->store.durable, b->tap.bytes, b->tap.length);
}

/* Blocks across the windows of reader and writer. */
static void long_tapes_come_back_as_they_were(void **state)
{
	struct bench *b = *state;
	struct simh_writer *writer = create(b);
	uint8_t data[RECORD_MAX];
	enum { COUNT = 1200 };
	for (unsigned i = 0; i < COUNT; i++) {
		uint32_t length = 1 + i * 977 % RECORD_MAX;
		for (uint32_t k = 0; k < length; k++)
			data[k] = tap_data((uint8_t)i, k);
		assert_true(simh_write_block(writer, data, length, i % 7 == 0, &b->error));
		if (i % 5 == 0)
			assert_true(simh_write_filemark(writer, &b->error));
	}
	assert_true(simh_writer_finish(writer, &b->error));
	simh_writer_close(writer);
	assert_true(b->store.size > 2 << 20);
	b->reader = simh_reader_open(&b->store.store, "/a.tap", RECORD_MAX, &b->error);
	for (unsigned i = 0; i < COUNT; i++) {
		assert_block(b, 1 + i * 977 % RECORD_MAX, (uint8_t)i, i % 7 == 0);
		if (i % 5 == 0)
			assert_filemark(b);
	}
	assert_end(b);
	assert_int_equal(simh_reader_offset(b->reader), b->store.size);
}

static void a_full_disk_is_said(void **state)
{
	struct bench *b = *state;
	struct simh_writer *writer = create(b);
	uint8_t data[RECORD_MAX] = {0};
	bool ok = true;
	b->store.write_room_left = 2 << 20;
	for (unsigned i = 0; i < 1000 && ok; i++)
		ok = simh_write_block(writer, data, sizeof data, false, &b->error);
	assert_false(ok);
	assert_int_equal(b->error.code, ERROR_FILE_UNREADABLE);
	assert_non_null(strstr(b->error.sentence, strerror(ENOSPC)));
	simh_writer_close(writer);
}

static void a_file_that_will_not_last_is_not_finished(void **state)
{
	struct bench *b = *state;
	struct simh_writer *writer = create(b);
	assert_true(simh_write_filemark(writer, &b->error));
	b->store.sync_error = -EIO;
	assert_false(simh_writer_finish(writer, &b->error));
	assert_non_null(strstr(b->error.sentence, "cannot write /a.tap"));
	simh_writer_close(writer);
}

static void a_file_that_is_there_is_not_written_over(void **state)
{
	struct bench *b = *state;
	crash_store_set(&b->store, "x", 1);
	b->store.exists = true;
	assert_null(simh_writer_create(&b->store.store, "/a.tap", &b->error));
	assert_int_equal(b->error.code, ERROR_EXISTS);
	assert_int_equal(b->store.size, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(an_empty_file_is_a_blank_tape),
		WITH_FILE(a_word_of_zero_is_a_filemark),
		WITH_FILE(odd_records_are_padded_with_anything),
		WITH_FILE(without_padding_it_is_the_e11_variant),
		WITH_FILE(data_that_looks_like_a_length_is_data),
		WITH_FILE(a_length_that_could_be_of_both_variants_is_padded),
		WITH_FILE(a_damaged_record_says_so),
		WITH_FILE(a_damaged_record_may_have_no_data),
		WITH_FILE(nothing_is_read_behind_the_end_of_medium),
		WITH_FILE(nothing_is_read_behind_the_end_of_data_of_scsi2pi),
		WITH_FILE(gaps_of_any_length_are_passed_over),
		WITH_FILE(half_a_gap_is_passed_over_in_step),
		WITH_FILE(other_classes_are_passed_over_and_counted),
		WITH_FILE(a_private_record_may_be_longer_than_a_block),
		WITH_FILE(a_record_too_long_for_the_cartridge_is_refused),
		WITH_FILE(lengths_that_disagree_are_refused),
		WITH_FILE(a_file_that_is_cut_off_is_refused),
		WITH_FILE(records_padded_now_and_then_are_refused),
		WITH_FILE(markers_that_no_writer_writes_are_refused),
		WITH_FILE(files_of_other_formats_are_refused),
		WITH_FILE(a_disk_that_cannot_be_read_is_said),
		WITH_FILE(what_is_written_is_the_standard_format),
		WITH_FILE(long_tapes_come_back_as_they_were),
		WITH_FILE(a_full_disk_is_said),
		WITH_FILE(a_file_that_will_not_last_is_not_finished),
		WITH_FILE(a_file_that_is_there_is_not_written_over),
	};
	return cmocka_run_group_tests_name("ssc/simh", tests, NULL, NULL);
}
