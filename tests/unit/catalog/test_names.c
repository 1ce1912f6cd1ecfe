/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "names.h"

static void assert_slug(const char *path, const char *expected)
{
	char name[CATALOG_ID_MAX];
	name_from_path(path, name);
	assert_string_equal(name, expected);
	assert_true(name_is_valid(name, 48));
}

static void a_file_name_becomes_an_id(void **state)
{
	assert_slug("/srv/Debian 12.iso", "debian-12");
	assert_slug("/srv/ubuntu-22.04-live_server.ISO", "ubuntu-22.04-live_server");
	assert_slug("image.img", "image");
}

static void a_version_is_not_an_extension(void **state)
{
	assert_slug("/srv/disk-1.04", "disk-1.04");
	assert_slug("/srv/debian-12.4.0-amd64", "debian-12.4.0-amd64");
}

static void foreign_letters_become_one_dash(void **state)
{
	assert_slug("/srv/Ölprüfung (2).iso", "lpr-fung-2");
	assert_slug("/srv/a   +++ b.iso", "a-b");
}

static void no_usable_letter_at_all_is_still_an_id(void **state)
{
	assert_slug("/srv/---.iso", "medium");
	assert_slug("/srv/.iso", "iso");
	assert_slug("/", "medium");
}

static void a_long_name_is_cut(void **state)
{
	char name[CATALOG_ID_MAX];
	name_from_path(
		"/srv/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", name);
	assert_int_equal(strlen(name), 48);
}

static void a_number_fits_behind_the_longest_name(void **state)
{
	char name[CATALOG_ID_MAX], numbered[CATALOG_ID_MAX];
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = 0;
	name_numbered(name, 4294967295u, numbered);
	assert_int_equal(strlen(numbered), CATALOG_ID_MAX - 1);
	assert_string_equal(numbered + strlen(numbered) - 12, "a-4294967295");
}

static void names_of_drives_are_safe_as_file_names(void **state)
{
	assert_true(catalog_drive_name_valid("dvd0"));
	assert_true(catalog_drive_name_valid("0.a_b-c"));
	assert_false(catalog_drive_name_valid(""));
	assert_false(catalog_drive_name_valid("."));
	assert_false(catalog_drive_name_valid("../etc"));
	assert_false(catalog_drive_name_valid("DVD0"));
	assert_false(catalog_drive_name_valid("a b"));
	assert_true(catalog_drive_name_valid("abcdefghijklmnopqrstuvwxyz012345"));
	assert_false(catalog_drive_name_valid("abcdefghijklmnopqrstuvwxyz0123456"));
	assert_false(catalog_drive_name_valid("any")); /* the first empty one */
	assert_true(catalog_drive_name_valid("any0"));
}

static void well_formed_utf8_passes(void **state)
{
	assert_true(text_is_utf8(""));
	assert_true(text_is_utf8("plain"));
	assert_true(text_is_utf8("Ölprüfung 中 \xf0\x9f\x93\x80"));
	assert_true(text_is_utf8("\xf4\x8f\xbf\xbf"));
}

static void malformed_utf8_is_refused(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xc3",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xe4\xb8",
		"\xf0\x80\x80\x80",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"ok\xe4\xb8x",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(text_is_utf8(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_name_becomes_an_id),
		cmocka_unit_test(a_version_is_not_an_extension),
		cmocka_unit_test(foreign_letters_become_one_dash),
		cmocka_unit_test(no_usable_letter_at_all_is_still_an_id),
		cmocka_unit_test(a_long_name_is_cut),
		cmocka_unit_test(a_number_fits_behind_the_longest_name),
		cmocka_unit_test(names_of_drives_are_safe_as_file_names),
		cmocka_unit_test(well_formed_utf8_passes),
		cmocka_unit_test(malformed_utf8_is_refused),
	};
	return cmocka_run_group_tests_name("catalog/names", tests, NULL, NULL);
}
