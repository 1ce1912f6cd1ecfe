/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <stdlib.h>

#include "fake_file_io.h"
#include "image_fixture.h"
#include "mmc/disc.h"

struct probe {
	uint8_t *image;
	struct fake_file file;
	struct image_info info;
	struct error error;
	bool ok;
};

static struct probe probe_image(uint8_t *image, uint64_t size)
{
	struct probe p = {.image = image};
	fake_file_init(&p.file, image, size);
	p.ok = image_probe(&p.file.io, "/pool/x.iso", &p.info, &p.error);
	free(image);
	assert_int_equal(p.file.opened, p.file.closed);
	return p;
}

static void an_iso_9660_image_is_known_by_its_primary_descriptor(void **state)
{
	struct probe p = probe_image(image_iso(40, "DEBIAN 12"), 40 * 2048);
	assert_true(p.ok);
	assert_string_equal(p.info.format, "iso");
	assert_string_equal(p.info.file_system, "iso9660");
	assert_string_equal(p.info.volume_id, "DEBIAN 12");
	assert_int_equal(p.info.blocks, 40);
	assert_int_equal(p.info.size, 40 * 2048);
	assert_int_equal(p.info.profile, PROFILE_CD_ROM);
}

static void a_joliet_name_is_preferred(void **state)
{
	uint8_t *image = image_iso(40, "HELLO");
	image_add_joliet(image, "Hello");
	assert_string_equal(probe_image(image, 40 * 2048).info.volume_id, "Hello");
}

static void a_joliet_name_that_was_cut_off_is_not(void **state)
{
	uint8_t *image = image_iso(40, "A NAME OF MORE THAN SIXTEEN");
	image_add_joliet(image, "A name of more t");
	assert_string_equal(
		probe_image(image, 40 * 2048).info.volume_id, "A NAME OF MORE THAN SIXTEEN");
}

static void a_partition_table_in_front_does_not_matter(void **state)
{
	uint8_t *image = image_iso(40, "HYBRID");
	memset(image, 0xeb, 510);
	image[510] = 0x55;
	image[511] = 0xaa;
	assert_true(probe_image(image, 40 * 2048).ok);
}

static void what_follows_the_volume_belongs_to_the_disc(void **state)
{
	uint8_t *image = image_iso(64, "SMALL");
	image[16 * 2048 + 80] = 40;
	struct probe p = probe_image(image, 64 * 2048);
	assert_true(p.ok);
	assert_int_equal(p.info.blocks, 64);
}

static void a_udf_image_is_known_by_recognition_sequence_and_anchor(void **state)
{
	struct probe p = probe_image(image_udf(300, "Windows"), 300 * 2048);
	assert_true(p.ok);
	assert_string_equal(p.info.file_system, "udf");
	assert_string_equal(p.info.volume_id, "Windows");
	assert_int_equal(p.info.blocks, 300);
}

static void a_bridge_has_both_and_the_name_of_the_udf_volume(void **state)
{
	uint8_t *image = image_iso(300, "BRIDGE");
	image_add_udf(image, 300, "Bridge");
	struct probe p = probe_image(image, 300 * 2048);
	assert_true(p.ok);
	assert_string_equal(p.info.file_system, "iso9660+udf");
	assert_string_equal(p.info.volume_id, "Bridge");
}

/* ---- what a disc was made for ------------------------------------------------------------------
 */

static enum mmc_profile profile_with(const char *directory)
{
	uint8_t *image = image_iso(40, "FILM");
	image_add_directory(image, directory);
	struct probe p = probe_image(image, 40 * 2048);
	assert_true(p.ok);
	return p.info.profile;
}

static void a_film_is_a_dvd_or_a_bd_however_short(void **state)
{
	assert_int_equal(profile_with("VIDEO_TS"), PROFILE_DVD_ROM);
	assert_int_equal(profile_with("AUDIO_TS"), PROFILE_DVD_ROM);
	assert_int_equal(profile_with("BDMV"), PROFILE_BD_ROM);
}

static void other_directories_say_nothing(void **state)
{
	assert_int_equal(profile_with("VIDEO"), PROFILE_CD_ROM);
	assert_int_equal(profile_with("VIDEO_TS2"), PROFILE_CD_ROM);
	assert_int_equal(profile_with("BDM"), PROFILE_CD_ROM);
}

static void a_file_of_that_name_says_nothing(void **state)
{
	uint8_t *image = image_iso(40, "FILE");
	image_add_directory(image, "BDMV");
	uint8_t *record = image + 30 * 2048 + 34 + 34 + 46;
	assert_memory_equal(record + 33, "BDMV", 4);
	record[25] = 0;
	assert_int_equal(probe_image(image, 40 * 2048).info.profile, PROFILE_CD_ROM);
}

static void a_root_directory_that_makes_no_sense_says_nothing(void **state)
{
	for (unsigned length = 0; length < 256; length++) {
		uint8_t *image = image_iso(40, "BAD");
		image_add_directory(image, "BDMV");
		memset(image + 30 * 2048, (int)length, 2048);
		struct probe p = probe_image(image, 40 * 2048);
		assert_true(p.ok);
		assert_int_equal(p.info.profile, PROFILE_CD_ROM);
	}
	uint8_t *image = image_iso(40, "AWAY");
	image_add_directory(image, "BDMV");
	memset(image + 16 * 2048 + 158, 0xff, 16);
	assert_int_equal(probe_image(image, 40 * 2048).info.profile, PROFILE_CD_ROM);
}

static enum mmc_profile profile_of_revision(uint16_t revision)
{
	uint8_t *image = image_udf(300, "REVISION");
	image_set_revision(image, revision);
	struct probe p = probe_image(image, 300 * 2048);
	assert_true(p.ok);
	return p.info.profile;
}

/* CDs have 1.50 (packet writing) and 2.01, DVDs 1.02, BDs 2.50 and 2.60; 2.00 can be either. */
static void a_small_udf_volume_is_what_its_revision_says(void **state)
{
	assert_int_equal(profile_of_revision(0x0102), PROFILE_DVD_ROM);
	assert_int_equal(profile_of_revision(0x0150), PROFILE_CD_ROM);
	assert_int_equal(profile_of_revision(0x0200), PROFILE_CD_ROM);
	assert_int_equal(profile_of_revision(0x0201), PROFILE_CD_ROM);
	assert_int_equal(profile_of_revision(0x0250), PROFILE_BD_ROM);
	assert_int_equal(profile_of_revision(0x0260), PROFILE_BD_ROM);
	assert_int_equal(profile_of_revision(0), PROFILE_CD_ROM);
}

static enum mmc_profile profile_of_film(const char *directory, uint64_t blocks)
{
	uint8_t *image = image_iso(40, "LONG");
	image_add_directory(image, directory);
	return probe_image(image, blocks * 2048).info.profile;
}

static void what_is_larger_than_such_a_disc_goes_by_size(void **state)
{
	assert_int_equal(profile_of_film("VIDEO_TS", 4173824), PROFILE_DVD_ROM);
	assert_int_equal(profile_of_film("VIDEO_TS", 4173825), PROFILE_BD_ROM);
}

static void the_last_block_may_be_there_in_part(void **state)
{
	uint8_t *image = image_iso(40, "TAIL");
	struct probe p = probe_image(image, 40 * 2048 - 1000);
	assert_true(p.ok);
	assert_int_equal(p.info.blocks, 40);
}

static void a_file_shorter_than_its_volume_is_truncated(void **state)
{
	struct probe p = probe_image(image_iso(40, "CUT"), 39 * 2048);
	assert_false(p.ok);
	assert_int_equal(p.error.code, ERROR_IMAGE_TRUNCATED);
	assert_non_null(strstr(p.error.sentence, "/pool/x.iso"));
	assert_non_null(strstr(p.error.sentence, "40"));
	assert_true(p.error.remedy[0] != 0);
}

static void a_udf_volume_that_ends_behind_the_file_is_truncated(void **state)
{
	struct probe p = probe_image(image_udf(300, "CUT"), 299 * 2048);
	assert_int_equal(p.error.code, ERROR_IMAGE_TRUNCATED);
}

static void a_udf_file_that_ends_before_the_anchor_is_truncated(void **state)
{
	struct probe p = probe_image(image_udf(300, "CUT"), 100 * 2048);
	assert_int_equal(p.error.code, ERROR_IMAGE_TRUNCATED);
}

static void an_empty_file_is_empty(void **state)
{
	assert_int_equal(probe_image(calloc(1, 1), 0).error.code, ERROR_IMAGE_EMPTY);
}

static void other_files_are_not_recognised(void **state)
{
	assert_int_equal(
		probe_image(calloc(300, 2048), 300 * 2048).error.code, ERROR_IMAGE_UNRECOGNISED);
	assert_int_equal(probe_image(calloc(1, 5), 5).error.code, ERROR_IMAGE_UNRECOGNISED);
}

static enum error_code open_failure(int result)
{
	struct fake_file file;
	struct image_info info;
	struct error error = {0};
	fake_file_init(&file, NULL, 0);
	file.open_error = result;
	assert_false(image_probe(&file.io, "/x", &info, &error));
	return error.code;
}

static void a_file_that_cannot_be_opened_says_why(void **state)
{
	assert_int_equal(open_failure(-ENOENT), ERROR_FILE_MISSING);
	assert_int_equal(open_failure(-ENOTDIR), ERROR_FILE_MISSING);
	assert_int_equal(open_failure(-EINVAL), ERROR_FILE_TYPE);
	assert_int_equal(open_failure(-EACCES), ERROR_FILE_UNREADABLE);
	assert_int_equal(open_failure(-EIO), ERROR_FILE_UNREADABLE);
}

static void a_file_that_cannot_be_read_is_unreadable(void **state)
{
	uint8_t *image = image_iso(40, "BAD");
	struct fake_file file;
	struct image_info info;
	struct error error = {0};
	fake_file_init(&file, image, 40 * 2048);
	file.read_error = -EIO;
	assert_false(image_probe(&file.io, "/x", &info, &error));
	assert_int_equal(error.code, ERROR_FILE_UNREADABLE);
	file.read_error = 0;
	file.identify_error = -EIO;
	assert_false(image_probe(&file.io, "/x", &info, &error));
	assert_int_equal(error.code, ERROR_FILE_UNREADABLE);
	free(image);
}

static void the_message_of_a_directory_names_it(void **state)
{
	struct image_info info;
	struct error error = {0};
	assert_false(image_probe(&file_io_posix, "/", &info, &error));
	assert_int_equal(error.code, ERROR_FILE_TYPE);
	assert_false(image_probe(&file_io_posix, "/no/such/file", &info, &error));
	assert_int_equal(error.code, ERROR_FILE_MISSING);
}

static void no_disc_holds_more_than_a_bd_of_four_layers(void **state)
{
	uint8_t *image = image_iso(40, "HUGE");
	struct fake_file file;
	struct image_info info;
	struct error error = {0};
	fake_file_init(&file, image, 62500864ull * 2048 + 1);
	assert_false(image_probe(&file.io, "/x", &info, &error));
	assert_int_equal(error.code, ERROR_MEDIUM_DOES_NOT_FIT);
	free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_iso_9660_image_is_known_by_its_primary_descriptor),
		cmocka_unit_test(a_joliet_name_is_preferred),
		cmocka_unit_test(a_joliet_name_that_was_cut_off_is_not),
		cmocka_unit_test(a_partition_table_in_front_does_not_matter),
		cmocka_unit_test(what_follows_the_volume_belongs_to_the_disc),
		cmocka_unit_test(a_udf_image_is_known_by_recognition_sequence_and_anchor),
		cmocka_unit_test(a_bridge_has_both_and_the_name_of_the_udf_volume),
		cmocka_unit_test(a_film_is_a_dvd_or_a_bd_however_short),
		cmocka_unit_test(other_directories_say_nothing),
		cmocka_unit_test(a_file_of_that_name_says_nothing),
		cmocka_unit_test(a_root_directory_that_makes_no_sense_says_nothing),
		cmocka_unit_test(a_small_udf_volume_is_what_its_revision_says),
		cmocka_unit_test(what_is_larger_than_such_a_disc_goes_by_size),
		cmocka_unit_test(the_last_block_may_be_there_in_part),
		cmocka_unit_test(a_file_shorter_than_its_volume_is_truncated),
		cmocka_unit_test(a_udf_volume_that_ends_behind_the_file_is_truncated),
		cmocka_unit_test(a_udf_file_that_ends_before_the_anchor_is_truncated),
		cmocka_unit_test(an_empty_file_is_empty),
		cmocka_unit_test(other_files_are_not_recognised),
		cmocka_unit_test(a_file_that_cannot_be_opened_says_why),
		cmocka_unit_test(a_file_that_cannot_be_read_is_unreadable),
		cmocka_unit_test(the_message_of_a_directory_names_it),
		cmocka_unit_test(no_disc_holds_more_than_a_bd_of_four_layers),
	};
	return cmocka_run_group_tests_name("mmc/images", tests, NULL, NULL);
}
