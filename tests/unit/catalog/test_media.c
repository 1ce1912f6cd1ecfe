/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "fixture.h"

static void find(struct fixture *f, const char *id, struct catalog_medium *ret)
{
	assert_true(catalog_medium_find(f->catalog, id, ret, &f->error));
}

static void assert_not_found(struct fixture *f, const char *id)
{
	struct catalog_medium medium;
	assert_false(catalog_medium_find(f->catalog, id, &medium, &f->error));
	assert_int_equal(f->error.code, ERROR_MEDIUM_NOT_FOUND);
}

static void every_field_comes_back(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium = a_medium("debian-12", "/srv/Ölprüfung.iso"), found;
	medium.profile_override = 0x40;
	medium.added = 1234567890;
	strcpy(medium.fault, "changed underneath");
	assert_true(catalog_medium_add(f->catalog, &medium, &f->error));
	find(f, "debian-12", &found);
	assert_string_equal(found.path, medium.path);
	assert_string_equal(found.kind, "disc");
	assert_string_equal(found.format, "iso");
	assert_string_equal(found.file_system, "iso9660");
	assert_string_equal(found.volume_id, "DEBIAN_12");
	assert_string_equal(found.fault, "changed underneath");
	assert_true(found.size == medium.size);
	assert_int_equal(found.profile, 0x10);
	assert_int_equal(found.profile_override, 0x40);
	assert_int_equal(found.added, 1234567890);
	assert_true(file_identity_equal(&found.identity, &medium.identity));
}

static void an_id_is_made_of_the_file_name(void **state)
{
	struct catalog_medium medium = add_medium(*state, "", "/srv/Debian 12.iso");
	assert_string_equal(medium.id, "debian-12");
	assert_true(medium.added > 0);
}

static void a_taken_id_gets_the_next_number(void **state)
{
	for (unsigned i = 1; i <= 20; i++) {
		char path[64], id[64];
		snprintf(path, sizeof path, "/srv/%u/image.iso", i);
		snprintf(id, sizeof id, i == 1 ? "image" : "image-%u", i);
		struct catalog_medium medium = add_medium(*state, "", path);
		assert_string_equal(medium.id, id);
	}
}

static void the_same_path_twice_is_refused(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium again = a_medium("other", "/srv/a.iso");
	add_medium(f, "first", "/srv/a.iso");
	assert_false(catalog_medium_add(f->catalog, &again, &f->error));
	assert_int_equal(f->error.code, ERROR_EXISTS);
	assert_non_null(strstr(f->error.sentence, "as first"));
	assert_not_found(f, "other");
}

static void assert_invalid(struct fixture *f, struct catalog_medium medium)
{
	f->error.code = ERROR_NONE;
	assert_false(catalog_medium_add(f->catalog, &medium, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
}

static void what_cannot_be_shown_is_refused(void **state)
{
	struct catalog_medium medium = a_medium("a", "/srv/a.iso");
	strcpy(medium.volume_id, "\xff");
	assert_invalid(*state, medium);
	assert_invalid(*state, a_medium("a", "relative.iso"));
	assert_invalid(*state, a_medium("a", ""));
	assert_invalid(*state, a_medium("", "/srv/\xff.iso"));
	assert_invalid(*state, a_medium("Not An Id", "/srv/a.iso"));
	assert_invalid(*state, a_medium("../a", "/srv/a.iso"));
}

static void a_medium_is_found_by_id_prefix_and_path(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	add_medium(f, "debian-12", "/srv/d.iso");
	add_medium(f, "fedora", "/srv/f.iso");
	find(f, "debian-12", &medium);
	assert_string_equal(medium.id, "debian-12");
	find(f, "deb", &medium);
	assert_string_equal(medium.id, "debian-12");
	find(f, "/srv/f.iso", &medium);
	assert_string_equal(medium.id, "fedora");
}

static void an_id_wins_over_those_it_is_the_beginning_of(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	add_medium(f, "debian-12", "/srv/2.iso");
	add_medium(f, "debian", "/srv/1.iso");
	find(f, "debian", &medium);
	assert_string_equal(medium.id, "debian");
}

static void an_ambiguous_prefix_is_refused_with_examples(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "debian-11", "/srv/1.iso");
	add_medium(f, "debian-12", "/srv/2.iso");
	assert_not_found(f, "debian");
	assert_non_null(strstr(f->error.sentence, "debian-11"));
	assert_non_null(strstr(f->error.sentence, "debian-12"));
}

static void an_ambiguous_prefix_lists_a_few(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "debian-11", "/srv/1.iso");
	add_medium(f, "debian-12", "/srv/2.iso");
	assert_not_found(f, "deb");
	assert_string_equal(
		f->error.sentence, "several media begin with \"deb\": debian-11, debian-12");
	add_medium(f, "debian-13", "/srv/3.iso");
	add_medium(f, "debian-14", "/srv/4.iso");
	add_medium(f, "debian-15", "/srv/5.iso");
	assert_not_found(f, "deb");
	assert_string_equal(f->error.sentence,
		"several media begin with \"deb\": debian-11, debian-12, debian-13, …");
}

static void nothing_is_not_the_beginning_of_everything(void **state)
{
	add_medium(*state, "only", "/srv/only.iso");
	assert_not_found(*state, "");
	assert_not_found(*state, "/");
	assert_not_found(*state, "%");
	assert_not_found(*state, "nly");
}

static void an_update_replaces_the_description_and_clears_the_fault(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium = add_medium(f, "a", "/srv/a.iso");
	assert_true(catalog_medium_set_fault(f->catalog, "a", "changed", &f->error));
	find(f, "a", &medium);
	assert_string_equal(medium.fault, "changed");
	medium.size = medium.identity.size = 42;
	strcpy(medium.volume_id, "NEW");
	assert_true(catalog_medium_update(f->catalog, &medium, &f->error));
	find(f, "a", &medium);
	assert_string_equal(medium.volume_id, "NEW");
	assert_string_equal(medium.fault, "");
	assert_true(medium.size == 42 && medium.identity.size == 42);
}

static void an_unknown_medium_cannot_be_changed(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium = a_medium("a", "/srv/a.iso");
	assert_false(catalog_medium_update(f->catalog, &medium, &f->error));
	assert_int_equal(f->error.code, ERROR_MEDIUM_NOT_FOUND);
	f->error.code = ERROR_NONE;
	assert_false(catalog_medium_set_fault(f->catalog, "a", "", &f->error));
	assert_int_equal(f->error.code, ERROR_MEDIUM_NOT_FOUND);
	f->error.code = ERROR_NONE;
	assert_false(catalog_medium_remove(f->catalog, "a", &f->error));
	assert_int_equal(f->error.code, ERROR_MEDIUM_NOT_FOUND);
}

static void a_fault_that_does_not_fit_is_refused(void **state)
{
	struct fixture *f = *state;
	char fault[CATALOG_TEXT_MAX + 1];
	memset(fault, 'x', sizeof fault - 1);
	fault[sizeof fault - 1] = 0;
	add_medium(f, "a", "/srv/a.iso");
	assert_false(catalog_medium_set_fault(f->catalog, "a", fault, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	fault[sizeof fault - 2] = 0;
	assert_true(catalog_medium_set_fault(f->catalog, "a", fault, &f->error));
}

static void a_medium_in_a_drive_stays(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	add_drive(f, "dvd0");
	assert_true(
		catalog_drive_set_place(f->catalog, "dvd0", "a", false, "x", "load", &f->error));
	assert_false(catalog_medium_remove(f->catalog, "a", &f->error));
	assert_int_equal(f->error.code, ERROR_MEDIUM_IN_USE);
	assert_non_null(strstr(f->error.sentence, "dvd0"));
	assert_true(
		catalog_drive_set_place(f->catalog, "dvd0", "", false, "x", "eject", &f->error));
	assert_true(catalog_medium_remove(f->catalog, "a", &f->error));
	assert_not_found(f, "a");
}

/* ---- what a disc is pressed to ------------------------------------------------------------------
 */

static bool press(struct fixture *f, const char *id, uint32_t override)
{
	f->error = (struct error){0};
	return catalog_medium_set_profile(f->catalog, id, override, "uid 7", &f->error);
}

static void another_profile_is_in_the_history(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	add_medium(f, "a", "/srv/a.iso");
	add_medium(f, "b", "/srv/b.iso");
	assert_true(press(f, "a", 0x40));
	find(f, "a", &medium);
	assert_int_equal(medium.profile_override, 0x40);
	assert_int_equal(medium.profile, 0x10);
	struct catalog_event event = newest_event(f);
	assert_string_equal(event.verb, "profile");
	assert_string_equal(event.actor, "uid 7");
	assert_string_equal(event.medium, "a");
	assert_string_equal(event.drive, "");
	assert_true(press(f, "a", 0x40));
	assert_int_equal(newest_event(f).id, event.id);
	find(f, "b", &medium);
	assert_int_equal(medium.profile_override, 0);
	assert_true(press(f, "a", 0));
	find(f, "a", &medium);
	assert_int_equal(medium.profile_override, 0);
}

static void a_profile_cannot_be_changed(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	add_medium(f, "a", "/srv/a.iso");
	add_tape(f, "ARC001L8");
	add_drive(f, "dvd0");
	assert_true(catalog_drive_set_place(
		f->catalog, "dvd0", "a", false, "uid 0", "load", &f->error));
	int64_t id = newest_event(f).id;
	assert_false(press(f, "a", 0x40));
	assert_int_equal(f->error.code, ERROR_MEDIUM_IN_USE);
	assert_string_equal(f->error.sentence, "disc a is in drive dvd0");
	assert_false(press(f, "arc001l8", 0x40));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_false(press(f, "zzz", 0x40));
	assert_int_equal(f->error.code, ERROR_MEDIUM_NOT_FOUND);
	find(f, "a", &medium);
	assert_int_equal(medium.profile_override, 0);
	assert_int_equal(newest_event(f).id, id);
}

static void a_row_that_does_not_fit_is_damage(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	add_medium(f, "a", "/srv/a.iso");
	fixture_sql(f, "UPDATE media SET kind = 'much-longer-than-any-kind'");
	assert_false(catalog_medium_find(f->catalog, "a", &medium, &f->error));
	assert_int_equal(f->error.code, ERROR_CATALOG_DAMAGED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_field_comes_back),
		TEST(an_id_is_made_of_the_file_name),
		TEST(a_taken_id_gets_the_next_number),
		TEST(the_same_path_twice_is_refused),
		TEST(what_cannot_be_shown_is_refused),
		TEST(a_medium_is_found_by_id_prefix_and_path),
		TEST(an_id_wins_over_those_it_is_the_beginning_of),
		TEST(an_ambiguous_prefix_is_refused_with_examples),
		TEST(an_ambiguous_prefix_lists_a_few),
		TEST(nothing_is_not_the_beginning_of_everything),
		TEST(an_update_replaces_the_description_and_clears_the_fault),
		TEST(an_unknown_medium_cannot_be_changed),
		TEST(a_fault_that_does_not_fit_is_refused),
		TEST(a_medium_in_a_drive_stays),
		TEST(another_profile_is_in_the_history),
		TEST(a_profile_cannot_be_changed),
		TEST(a_row_that_does_not_fit_is_damage),
	};
	return cmocka_run_group_tests_name("catalog/media", tests, NULL, NULL);
}
