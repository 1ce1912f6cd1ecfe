/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "fixture.h"

struct listing {
	unsigned count;
	int64_t last;
	char verbs[64];
};

static bool remember(void *context, const struct catalog_event *event, const char *detail)
{
	struct listing *listing = context;
	strcat(listing->verbs, event->verb);
	listing->last = event->id;
	listing->count++;
	return true;
}

static struct listing list(struct fixture *f, int64_t before, unsigned limit)
{
	struct listing listing = {0};
	assert_true(catalog_history_list(
		f->catalog, NULL, before, limit, remember, &listing, &f->error));
	return listing;
}

static struct listing list_of(
	struct fixture *f, const char *medium, const char *drive, int64_t before, unsigned limit)
{
	struct listing listing = {0};
	const struct catalog_history_filter filter = {.medium = medium, .drive = drive};
	assert_true(catalog_history_list(
		f->catalog, &filter, before, limit, remember, &listing, &f->error));
	return listing;
}

static void add(struct fixture *f, const char *verb)
{
	assert_true(catalog_history_add(f->catalog, "uid 0", verb, "dvd0", "a", &f->error));
}

static void the_newest_comes_first_page_by_page(void **state)
{
	add(*state, "1");
	add(*state, "2");
	add(*state, "3");
	struct listing page = list(*state, 0, 2);
	assert_string_equal(page.verbs, "32");
	page = list(*state, page.last, 2);
	assert_string_equal(page.verbs, "1");
	assert_int_equal(list(*state, page.last, 2).count, 0);
}

static void add_three_places(struct fixture *f)
{
	assert_true(catalog_history_add(f->catalog, "x", "1", "lto0", "a", &f->error));
	assert_true(catalog_history_add(f->catalog, "x", "2", "lto1", "a", &f->error));
	assert_true(catalog_history_add(f->catalog, "x", "3", "lto0", "b", &f->error));
	assert_true(catalog_history_add(f->catalog, "x", "4", "lto0", "a", &f->error));
	assert_true(catalog_history_add(f->catalog, "x", "5", "", "a", &f->error));
}

static void history_is_told_of_one_medium_or_drive_or_both(void **state)
{
	struct fixture *f = *state;
	add_three_places(f);
	assert_string_equal(list_of(f, "a", NULL, 0, 10).verbs, "5421");
	assert_string_equal(list_of(f, NULL, "lto0", 0, 10).verbs, "431");
	assert_string_equal(list_of(f, "a", "lto0", 0, 10).verbs, "41");
	assert_string_equal(list_of(f, "", "", 0, 10).verbs, "54321");
	assert_string_equal(list_of(f, "A", NULL, 0, 10).verbs, "");
	assert_string_equal(list_of(f, "b", "lto1", 0, 10).verbs, "");
}

static void a_filtered_history_comes_page_by_page(void **state)
{
	struct fixture *f = *state;
	add_three_places(f);
	struct listing page = list_of(f, "a", NULL, 0, 2);
	assert_string_equal(page.verbs, "54");
	page = list_of(f, "a", NULL, page.last, 2);
	assert_string_equal(page.verbs, "21");
	assert_int_equal(list_of(f, "a", NULL, page.last, 2).count, 0);
	page = list_of(f, NULL, "lto0", 0, 1);
	assert_string_equal(list_of(f, NULL, "lto0", page.last, 1).verbs, "3");
	page = list_of(f, "a", "lto0", 0, 1);
	assert_string_equal(list_of(f, "a", "lto0", page.last, 1).verbs, "1");
}

static void add_of(struct fixture *f, const char *verb, const char *kind, const char *name)
{
	struct catalog_event event = {0};
	strcpy(event.actor, "x");
	strcpy(event.verb, verb);
	strcpy(event.subject_kind, kind);
	strcpy(event.subject, name);
	assert_true(catalog_event_add(f->catalog, &event, NULL, &f->error));
}

static struct listing list_of_subject(struct fixture *f, const char *kind, const char *name)
{
	struct listing listing = {0};
	const struct catalog_history_filter filter = {.subject_kind = kind, .subject = name};
	assert_true(
		catalog_history_list(f->catalog, &filter, 0, 10, remember, &listing, &f->error));
	return listing;
}

static void history_is_told_of_one_kind_or_name_or_both(void **state)
{
	struct fixture *f = *state;
	add(f, "1");
	add_of(f, "2", "job", "a");
	add_of(f, "3", "token", "a");
	add_of(f, "4", "job", "b");
	assert_string_equal(list_of_subject(f, "job", "a").verbs, "2");
	assert_string_equal(list_of_subject(f, "job", NULL).verbs, "42");
	assert_string_equal(list_of_subject(f, NULL, "a").verbs, "32");
	assert_string_equal(list_of_subject(f, "", "").verbs, "4321");
	assert_string_equal(list_of_subject(f, "pool", NULL).verbs, "");
}

static void history_outlives_drives_and_media(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	add(f, "1");
	assert_true(catalog_drive_remove(f->catalog, "dvd0", &f->error));
	assert_int_equal(list(f, 0, 10).count, 1);
}

static void what_does_not_fit_is_refused(void **state)
{
	struct fixture *f = *state;
	char actor[CATALOG_TEXT_MAX + 1];
	memset(actor, 'x', sizeof actor - 1);
	actor[sizeof actor - 1] = 0;
	assert_false(catalog_history_add(f->catalog, actor, "load", "", "", &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_false(catalog_history_add(f->catalog, "\xff", "load", "", "", &f->error));
	assert_int_equal(list(f, 0, 10).count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_newest_comes_first_page_by_page),
		TEST(history_is_told_of_one_medium_or_drive_or_both),
		TEST(history_is_told_of_one_kind_or_name_or_both),
		TEST(a_filtered_history_comes_page_by_page),
		TEST(history_outlives_drives_and_media),
		TEST(what_does_not_fit_is_refused),
	};
	return cmocka_run_group_tests_name("catalog/history", tests, NULL, NULL);
}
