/* SPDX-License-Identifier: Apache-2.0 */
/* What operators say of media. */
#include "support.h"

#include "library_lab.h"

static void tags_and_notes_are_kept(void **state)
{
	struct lab *lab = *state;
	const struct library_media_words words = {.notes = "for the lab", .tags = "x golden"};
	const struct library_result *result = describe(lab, "a", &words);
	assert_ok(result);
	assert_string_equal(result->medium.tags, "golden x");
	assert_string_equal(see_medium(lab, "a").notes, "for the lab");
	assert_int_equal(result->medium.version, 2);
}

static void a_drive_shows_what_was_said(void **state)
{
	struct lab *lab = *state;
	const struct library_media_words words = {.tags = "golden"};
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_ok(describe(lab, "a", &words));
	assert_string_equal(see_drive(lab, "dvd0").medium.tags, "golden");
}

static void who_saw_another_version_is_told_so(void **state)
{
	struct lab *lab = *state;
	const struct library_media_words words = {.tags = "x", .version = 7};
	assert_error(describe(lab, "a", &words), ERROR_CHANGED_MEANWHILE);
}

static void a_medium_in_a_drive_keeps_its_id(void **state)
{
	struct lab *lab = *state;
	const struct library_media_words words = {.id = "other"};
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_error(describe(lab, "a", &words), ERROR_MEDIUM_IN_USE);
	assert_ok(eject(lab, "dvd0", 0));
	assert_ok(describe(lab, "a", &words));
	assert_string_equal(see_medium(lab, "other").path, lab_path(lab, "a.iso"));
	assert_error(describe(lab, "a", &words), ERROR_MEDIUM_NOT_FOUND);
}

static void words_that_are_too_long_are_refused(void **state)
{
	struct lab *lab = *state;
	static char long_text[LIBRARY_NOTES_MAX + 1];
	memset(long_text, 'n', sizeof long_text - 1);
	const struct library_media_words words = {.notes = long_text};
	assert_error(describe(lab, "a", &words), ERROR_INVALID);
	assert_int_equal(see_medium(lab, "a").version, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(tags_and_notes_are_kept),
		IN_LAB(a_drive_shows_what_was_said),
		IN_LAB(who_saw_another_version_is_told_so),
		IN_LAB(a_medium_in_a_drive_keeps_its_id),
		IN_LAB(words_that_are_too_long_are_refused),
	};
	return cmocka_run_group_tests_name("library/words", tests, NULL, NULL);
}
