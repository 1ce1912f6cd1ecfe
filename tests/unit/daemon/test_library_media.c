/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_lab.h"

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void test_a_file_becomes_a_medium(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = add(lab, lab_image(lab, "debian-12.iso", 32), "");
	assert_ok(result);
	assert_true(result->created);
	assert_true(result->has_medium);
	assert_int_equal(result->added, 1);
	assert_string_equal(result->medium.id, "debian-12");
	assert_string_equal(result->medium.volume_id, "VOLUME");
	assert_string_equal(result->medium.file_system, "iso9660");
	assert_string_equal(result->medium.profile, "CD-ROM");
	assert_int_equal(see_medium(lab, "debian-12").size, 32 * 2048);
}

static void test_only_a_whole_id_is_forgotten(void **state)
{
	struct lab *lab = *state;
	assert_ok(add(lab, lab_image(lab, "disc.iso", 32), ""));
	assert_ok(add(lab, lab_image(lab, "disc-2.iso", 32), ""));
	assert_ok(forget(lab, "disc"));
	assert_error(forget(lab, "disc"), ERROR_MEDIUM_NOT_FOUND);
	assert_string_equal(see_medium(lab, "disc-2").id, "disc-2");
	assert_ok(forget(lab, lab_path(lab, "disc-2.iso")));
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 3);
}

static void test_any_file_name_makes_an_id(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result =
		add(lab, lab_image(lab, "Debian 12 (amd64).ISO", 32), "");
	assert_ok(result);
	assert_string_equal(result->medium.id, "debian-12-amd64");
}

static void test_an_id_that_was_asked_for_is_used(void **state)
{
	struct lab *lab = *state;
	assert_string_equal(add(lab, lab_image(lab, "x.iso", 32), "mine")->medium.id, "mine");
}

static void test_an_id_that_is_taken_is_refused(void **state)
{
	struct lab *lab = *state;
	assert_error(add(lab, lab_image(lab, "x.iso", 32), "a"), ERROR_EXISTS);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 3);
}

static void test_a_known_file_does_not_get_another_id(void **state)
{
	struct lab *lab = *state;
	assert_error(add(lab, lab_path(lab, "a.iso"), "other"), ERROR_EXISTS);
	assert_ok(add(lab, lab_path(lab, "a.iso"), "a"));
}

static void test_an_id_that_is_not_allowed_is_refused(void **state)
{
	struct lab *lab = *state;
	assert_error(add(lab, lab_image(lab, "x.iso", 32), "Not This"), ERROR_INVALID);
}

static void test_a_known_file_is_a_success_that_adds_nothing(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = add(lab, lab_path(lab, "a.iso"), "");
	assert_ok(result);
	assert_false(result->created);
	assert_int_equal(result->added, 0);
	assert_int_equal(result->known, 1);
	assert_string_equal(result->medium.id, "a");
}

static void test_a_file_that_was_replaced_keeps_its_id(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = add(lab, lab_image(lab, "a.iso", 40), "");
	assert_ok(result);
	assert_false(result->created);
	assert_int_equal(result->added, 1);
	assert_int_equal(see_medium(lab, "a").size, 40 * 2048);
	assert_ok(load(lab, "dvd0", "a", 0));
}

static void test_a_file_that_was_replaced_in_a_drive_is_refused(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_error(add(lab, lab_image(lab, "a.iso", 40), ""), ERROR_MEDIUM_IN_USE);
	assert_int_equal(see_medium(lab, "a").size, LAB_BLOCKS * 2048);
}

static void test_files_that_are_no_images_are_refused(void **state)
{
	struct lab *lab = *state;
	write_text(lab_path(lab, "text.iso"), "text");
	write_text(lab_path(lab, "empty.iso"), "");
	assert_int_equal(mkfifo(lab_path(lab, "fifo.iso"), 0600), 0);
	assert_error(add(lab, lab_path(lab, "text.iso"), ""), ERROR_IMAGE_UNRECOGNISED);
	assert_error(add(lab, lab_path(lab, "empty.iso"), ""), ERROR_IMAGE_EMPTY);
	assert_error(add(lab, lab_path(lab, "fifo.iso"), ""), ERROR_FILE_TYPE);
	assert_error(add(lab, lab_path(lab, "none.iso"), ""), ERROR_FILE_MISSING);
	assert_error(add(lab, "a.iso", ""), ERROR_INVALID);
}

static void test_a_truncated_image_is_refused(void **state)
{
	struct lab *lab = *state;
	lab_image(lab, "short.iso", 32);
	assert_int_equal(truncate(lab_path(lab, "short.iso"), 20 * 2048), 0);
	assert_error(add(lab, lab_path(lab, "short.iso"), ""), ERROR_IMAGE_TRUNCATED);
}

static void test_a_link_that_leads_out_of_the_pools_is_refused(void **state)
{
	struct lab *lab = *state;
	assert_int_equal(symlink(lab->catalog_path, lab_path(lab, "link.iso")), 0);
	assert_error(add(lab, lab_path(lab, "link.iso"), ""), ERROR_FILE_OUTSIDE_POOLS);
}

static void test_a_directory_is_added_file_by_file(void **state)
{
	struct lab *lab = *state;
	lab_image(lab, "d.iso", 32);
	lab_image(lab, ".hidden.iso", 32);
	write_text(lab_path(lab, "readme.txt"), "no image");
	assert_int_equal(mkdir(lab_path(lab, "below"), 0700), 0);
	const struct library_result *result = add(lab, lab_path(lab, ""), "");
	assert_ok(result);
	assert_int_equal(result->added, 1);
	assert_int_equal(result->known, 3);
	assert_int_equal(result->refused, 1);
	assert_int_equal(result->first_refusal.code, ERROR_IMAGE_UNRECOGNISED);
	assert_non_null(strstr(result->first_refusal.sentence, "readme.txt"));
	assert_false(result->has_medium);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 4);
}

static void test_a_directory_outside_the_pools_is_not_listed(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = add(lab, lab->told_dir, "");
	assert_error(result, ERROR_FILE_OUTSIDE_POOLS);
	assert_int_equal(result->refused, 0);
}

static void test_a_directory_gets_no_id(void **state)
{
	struct lab *lab = *state;
	assert_error(add(lab, lab->media_dir, "all"), ERROR_FILE_TYPE);
}

static void test_a_large_directory_goes_in_in_batches(void **state)
{
	struct lab *lab = *state;
	char name[32];
	for (unsigned i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "many-%u.iso", i);
		if (i == 0)
			lab_image(lab, name, 32);
		else
			assert_int_equal(link(lab_path(lab, "many-0.iso"), lab_path(lab, name)), 0);
	}
	const struct library_result *result = add(lab, lab->media_dir, "");
	assert_ok(result);
	assert_int_equal(result->added, 300);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 303);
}

static void test_a_batch_that_cannot_be_committed_fails(void **state)
{
	struct lab *lab = *state;
	lab_refuse(lab, "INSERT ON media");
	assert_error(add(lab, lab_image(lab, "x.iso", 32), ""), ERROR_CATALOG);
}

static void test_forgetting_leaves_the_file(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = forget(lab, "a");
	assert_ok(result);
	assert_string_equal(result->medium.id, "a");
	assert_int_equal(access(lab_path(lab, "a.iso"), F_OK), 0);
	assert_false(library_medium_get(lab->library, "a", &(struct library_medium){0}, NULL));
}

static void test_what_was_changed_since_it_was_seen_is_not_forgotten(void **state)
{
	struct lab *lab = *state;
	int64_t seen = see_medium(lab, "a").version;
	assert_ok(describe(lab, "a", &(struct library_media_words){.notes = "keep this one"}));
	assert_error(forget_seen(lab, "a", seen), ERROR_CHANGED_MEANWHILE);
	assert_ok(forget_seen(lab, "a", see_medium(lab, "a").version));
}

static void test_what_is_in_a_drive_is_not_forgotten(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_error(forget(lab, "a"), ERROR_MEDIUM_IN_USE);
	assert_ok(eject(lab, "dvd0", 0));
	assert_ok(forget(lab, "a"));
	assert_error(forget(lab, "a"), ERROR_MEDIUM_NOT_FOUND);
}

static void test_an_id_that_is_too_long_is_not_cut_to_another(void **state)
{
	struct lab *lab = *state;
	char id[LIBRARY_ID_MAX + 8];
	memset(id, 'x', sizeof id);
	id[LIBRARY_ID_MAX - 1] = '\0';
	assert_ok(add(lab, lab_image(lab, "x.iso", 32), id));
	memset(id, 'x', sizeof id);
	id[sizeof id - 1] = '\0';
	assert_error(forget(lab, id), ERROR_MEDIUM_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_a_file_becomes_a_medium),
		IN_LAB(test_only_a_whole_id_is_forgotten),
		IN_LAB(test_any_file_name_makes_an_id),
		IN_LAB(test_an_id_that_was_asked_for_is_used),
		IN_LAB(test_an_id_that_is_taken_is_refused),
		IN_LAB(test_a_known_file_does_not_get_another_id),
		IN_LAB(test_an_id_that_is_not_allowed_is_refused),
		IN_LAB(test_a_known_file_is_a_success_that_adds_nothing),
		IN_LAB(test_a_file_that_was_replaced_keeps_its_id),
		IN_LAB(test_a_file_that_was_replaced_in_a_drive_is_refused),
		IN_LAB(test_files_that_are_no_images_are_refused),
		IN_LAB(test_a_truncated_image_is_refused),
		IN_LAB(test_a_link_that_leads_out_of_the_pools_is_refused),
		IN_LAB(test_a_directory_is_added_file_by_file),
		IN_LAB(test_a_directory_outside_the_pools_is_not_listed),
		IN_LAB(test_a_directory_gets_no_id),
		IN_LAB(test_a_large_directory_goes_in_in_batches),
		IN_LAB(test_a_batch_that_cannot_be_committed_fails),
		IN_LAB(test_forgetting_leaves_the_file),
		IN_LAB(test_what_was_changed_since_it_was_seen_is_not_forgotten),
		IN_LAB(test_what_is_in_a_drive_is_not_forgotten),
		IN_LAB(test_an_id_that_is_too_long_is_not_cut_to_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
