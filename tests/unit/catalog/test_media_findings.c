/* SPDX-License-Identifier: Apache-2.0 */
/* State, place, digest and details of media. */
#include "support.h"

#include <stdlib.h>

#include "fixture.h"
#include "util/cleanup.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER  "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct catalog_medium look(struct fixture *f, const char *id)
{
	struct catalog_medium medium;
	assert_true(catalog_medium_find(f->catalog, id, &medium, &f->error));
	return medium;
}

static void a_state_is_told_once(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	assert_true(catalog_medium_set_state(f->catalog, "a", "missing", "scan", &f->error));
	assert_string_equal(look(f, "a").state, "missing");
	struct catalog_event event = newest_event(f);
	assert_string_equal(event.verb, "media-missing");
	assert_string_equal(event.medium, "a");
	assert_true(catalog_medium_set_state(f->catalog, "a", "missing", "scan", &f->error));
	assert_int_equal(newest_event(f).id, event.id);
	assert_true(catalog_medium_set_state(f->catalog, "a", "ok", "scan", &f->error));
	assert_string_equal(newest_event(f).verb, "media-ok");
}

static void what_is_no_state_is_refused(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	assert_false(catalog_medium_set_state(f->catalog, "a", "gone", "scan", &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_false(catalog_medium_set_state(f->catalog, "b", "ok", "scan", &f->error));
	assert_int_equal(f->error.code, ERROR_MEDIUM_NOT_FOUND);
}

static void a_file_that_moved_keeps_its_medium(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium = add_medium(f, "a", "/srv/a.iso"), found;
	assert_true(catalog_medium_set_state(f->catalog, "a", "missing", "scan", &f->error));
	assert_true(catalog_medium_of_file(f->catalog, &medium.identity, &found, &f->error));
	assert_string_equal(found.id, "a");
	medium.identity.device++; /* mounted anew */
	assert_true(catalog_medium_of_file(f->catalog, &medium.identity, &found, &f->error));
	assert_string_equal(found.id, "a");
	medium.identity.mtime_sec++;
	assert_true(catalog_medium_set_place(
		f->catalog, "a", "/srv/old/a.iso", &medium.identity, "scan", &f->error));
	found = look(f, "a");
	assert_string_equal(found.path, "/srv/old/a.iso");
	assert_string_equal(found.state, "ok");
	assert_true(file_identity_equal(&found.identity, &medium.identity));
	assert_string_equal(newest_event(f).verb, "media-moved");
}

static uint64_t device_of(struct fixture *f, const char *id)
{
	return look(f, id).identity.device;
}

static void a_file_system_that_is_mounted_anew_is_another_device(void **state)
{
	struct fixture *f = *state;
	uint64_t before = add_medium(f, "a", "/srv/a.iso").identity.device;
	uint64_t deep = add_medium(f, "b", "/srv/deep/b.iso").identity.device;
	uint64_t other = add_medium(f, "c", "/srv2/c.iso").identity.device;
	assert_true(catalog_media_set_device(f->catalog, "/srv", before, 4711, &f->error));
	assert_int_equal(device_of(f, "a"), 4711);
	assert_int_equal(device_of(f, "b"), deep == before ? 4711 : deep);
	assert_int_equal(device_of(f, "c"), other);
	assert_true(catalog_media_set_device(f->catalog, "/", before, 42, &f->error));
	assert_int_equal(device_of(f, "a"), 4711);
	assert_true(catalog_media_set_device(f->catalog, "/", 4711, 42, &f->error));
	assert_int_equal(device_of(f, "a"), 42);
}

static void two_media_are_not_one_file(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium = add_medium(f, "a", "/srv/a.iso");
	add_medium(f, "b", "/srv/b.iso");
	assert_false(catalog_medium_set_place(
		f->catalog, "a", "/srv/b.iso", &medium.identity, "scan", &f->error));
	assert_int_equal(f->error.code, ERROR_EXISTS);
	assert_string_equal(look(f, "a").path, "/srv/a.iso");
}

static bool keep_id(void *context, const struct catalog_medium *medium)
{
	strcat(context, medium->id);
	return true;
}

static void doubles_are_found_by_their_digest(void **state)
{
	struct fixture *f = *state;
	const struct catalog_media_filter filter = {.sha256 = DIGEST};
	char found[64] = "";
	add_medium(f, "a", "/srv/a.iso");
	add_medium(f, "b", "/srv/b.iso");
	add_medium(f, "c", "/srv/c.iso");
	assert_true(catalog_medium_set_digest(f->catalog, "a", DIGEST, "ok", NULL, &f->error));
	assert_true(catalog_medium_set_digest(f->catalog, "c", DIGEST, "ok", "uid:0", &f->error));
	assert_string_equal(newest_event(f).verb, "media-verify");
	assert_true(catalog_media_list(f->catalog, "", 9, &filter, keep_id, found, &f->error));
	assert_string_equal(found, "ac");
	assert_true(a_plan_has(f, "media_by_sha256 (sha256=?)"));
}

static void all_that_have_doubles_are_listed(void **state)
{
	struct fixture *f = *state;
	struct catalog_media_filter filter = {.duplicates = true};
	struct catalog_media_count count;
	char found[64] = "";
	for (const char *id = "abcd"; *id; id++)
		add_medium(f, (char[]){*id, '\0'}, (char[]){'/', *id, '\0'});
	assert_true(catalog_medium_set_digest(f->catalog, "a", DIGEST, "ok", NULL, &f->error));
	assert_true(catalog_medium_set_digest(f->catalog, "b", OTHER, "ok", NULL, &f->error));
	assert_true(catalog_media_count(f->catalog, &filter, &count, &f->error));
	assert_true(count.exact && count.at_least == 0);
	assert_true(catalog_medium_set_digest(f->catalog, "d", DIGEST, "ok", NULL, &f->error));
	assert_true(catalog_media_list(f->catalog, "", 9, &filter, keep_id, found, &f->error));
	assert_string_equal(found, "ad");
	assert_true(a_plan_has(f, "media_by_sha256 (sha256=?)"));
	assert_true(catalog_media_count(f->catalog, &filter, &count, &f->error));
	assert_true(count.exact && count.at_least == 2);
	filter.match = "d";
	assert_true(catalog_media_list(f->catalog, "a", 9, &filter, keep_id, found, &f->error));
	assert_string_equal(found, "add");
	filter.sha256 = OTHER;
	assert_true(catalog_media_list(f->catalog, "", 9, &filter, keep_id, found, &f->error));
	assert_string_equal(found, "add");
}

static void say(struct fixture *f, const char *id, const char *tags, const char *notes)
{
	const struct catalog_medium_words words = {.tags = tags, .notes = notes};
	assert_true(catalog_medium_describe(f->catalog, id, &words, 0, "uid:7", &f->error));
}

static void all_that_somebody_said_something_of_are_listed(void **state)
{
	struct fixture *f = *state;
	struct catalog_media_filter filter = {.annotated = true};
	struct catalog_media_count count;
	char found[64] = "";
	for (const char *id = "abcd"; *id; id++)
		add_medium(f, (char[]){*id, '\0'}, (char[]){'/', *id, '\0'});
	assert_true(catalog_media_list(f->catalog, "", 9, &filter, keep_id, found, &f->error));
	assert_string_equal(found, "");
	say(f, "b", "lab rescue", NULL);
	say(f, "d", NULL, "for Ann");
	assert_true(catalog_media_list(f->catalog, "", 9, &filter, keep_id, found, &f->error));
	assert_string_equal(found, "bd");
	assert_true(catalog_media_count(f->catalog, &filter, &count, &f->error));
	assert_true(count.exact && count.at_least == 2);
	filter.tag = "lab";
	assert_true(catalog_media_list(f->catalog, "", 9, &filter, keep_id, found, &f->error));
	assert_string_equal(found, "bdb");
	say(f, "b", "", NULL);
	filter.tag = NULL;
	assert_true(catalog_media_list(f->catalog, "", 9, &filter, keep_id, found, &f->error));
	assert_string_equal(found, "bdbd");
}

static void a_mismatch_keeps_the_digest(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	assert_true(catalog_medium_set_digest(f->catalog, "a", DIGEST, "ok", NULL, &f->error));
	assert_true(catalog_medium_set_digest(f->catalog, "a", "", "mismatch", "x", &f->error));
	struct catalog_medium medium = look(f, "a");
	assert_string_equal(medium.sha256, DIGEST);
	assert_string_equal(medium.verify_result, "mismatch");
	assert_true(medium.verified > 0);
	assert_false(catalog_medium_set_digest(f->catalog, "a", "0123", "ok", NULL, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
}

static void details_come_back(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *details = NULL, *none = NULL;
	add_medium(f, "a", "/srv/a.iso");
	add_medium(f, "b", "/srv/b.iso");
	assert_true(catalog_medium_set_details(
		f->catalog, "a", "{\"boot\":[]}", "debian12 Debian GNU/Linux 12", &f->error));
	assert_true(catalog_medium_details(f->catalog, "a", &details, &f->error));
	assert_string_equal(details, "{\"boot\":[]}");
	assert_true(catalog_medium_details(f->catalog, "b", &none, &f->error));
	assert_string_equal(none, "");
	assert_string_equal(look(f, "a").os, "debian12 Debian GNU/Linux 12");
	const struct catalog_media_filter filter = {.match = "gnu/linux"};
	char found[64] = "";
	assert_true(catalog_media_list(f->catalog, "", 9, &filter, keep_id, found, &f->error));
	assert_string_equal(found, "a");
}

static void a_file_that_was_replaced_is_unknown_again(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium = add_medium(f, "a", "/srv/a.iso");
	assert_true(catalog_medium_set_digest(f->catalog, "a", DIGEST, "ok", NULL, &f->error));
	assert_true(catalog_medium_set_state(f->catalog, "a", "changed", "scan", &f->error));
	assert_true(catalog_medium_update(f->catalog, &medium, &f->error));
	medium = look(f, "a");
	assert_string_equal(medium.sha256, "");
	assert_string_equal(medium.state, "ok");
	assert_int_equal(medium.verified, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_state_is_told_once),
		TEST(what_is_no_state_is_refused),
		TEST(a_file_that_moved_keeps_its_medium),
		TEST(a_file_system_that_is_mounted_anew_is_another_device),
		TEST(two_media_are_not_one_file),
		TEST(doubles_are_found_by_their_digest),
		TEST(all_that_have_doubles_are_listed),
		TEST(all_that_somebody_said_something_of_are_listed),
		TEST(a_mismatch_keeps_the_digest),
		TEST(details_come_back),
		TEST(a_file_that_was_replaced_is_unknown_again),
	};
	return cmocka_run_group_tests_name("catalog/media_findings", tests, NULL, NULL);
}
