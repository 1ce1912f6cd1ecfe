/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "fixture.h"

struct page {
	char last[CATALOG_ID_MAX];
	unsigned count;
	unsigned stop_after; /* 0: never */
};

static bool remember(void *context, const struct catalog_medium *medium)
{
	struct page *page = context;
	assert_true(strcmp(medium->id, page->last) > 0);
	strcpy(page->last, medium->id);
	return ++page->count != page->stop_after;
}

static struct page list(struct fixture *f, const char *after, unsigned limit, const char *match)
{
	struct page page = {0};
	const struct catalog_media_filter filter = {.match = match};
	assert_true(
		catalog_media_list(f->catalog, after, limit, &filter, remember, &page, &f->error));
	return page;
}

static struct page list_kind(
	struct fixture *f, const char *kind, const char *after, unsigned limit, const char *match)
{
	struct page page = {0};
	const struct catalog_media_filter filter = {.kind = kind, .match = match};
	assert_true(
		catalog_media_list(f->catalog, after, limit, &filter, remember, &page, &f->error));
	return page;
}

static uint64_t count(struct fixture *f, const char *match)
{
	struct catalog_media_count n;
	const struct catalog_media_filter filter = {.match = match};
	assert_true(catalog_media_count(f->catalog, &filter, &n, &f->error));
	assert_true(n.exact);
	return n.at_least;
}

static uint64_t count_kind(struct fixture *f, const char *kind, const char *match)
{
	struct catalog_media_count n;
	const struct catalog_media_filter filter = {.kind = kind, .match = match};
	assert_true(catalog_media_count(f->catalog, &filter, &n, &f->error));
	assert_true(n.exact);
	return n.at_least;
}

static void add_many(struct fixture *f)
{
	fixture_sql(f,
		"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) "
		"INSERT INTO media (id, path, kind, format, file_system, volume_id, size, profile, "
		"profile_override, device, inode, file_size, mtime_sec, mtime_nsec, fault, added) "
		"SELECT printf('disc-%06d', i), printf('/srv/%d/image.iso', i), "
		"'disc', 'iso', 'iso9660', printf('VOLUME_%d', i), 1, 16, 0, 1, i, 1, 0, 0, '', 0 "
		"FROM n");
}

static void an_empty_catalog_has_no_page(void **state)
{
	assert_int_equal(list(*state, "", 10, NULL).count, 0);
	assert_int_equal(count(*state, NULL), 0);
}

static void pages_follow_each_other_in_id_order(void **state)
{
	add_medium(*state, "c", "/srv/1");
	add_medium(*state, "a", "/srv/2");
	add_medium(*state, "b", "/srv/3");
	struct page first = list(*state, "", 2, NULL);
	assert_string_equal(first.last, "b");
	struct page second = list(*state, first.last, 2, NULL);
	assert_int_equal(second.count, 1);
	assert_string_equal(second.last, "c");
	assert_int_equal(list(*state, second.last, 2, NULL).count, 0);
}

static void the_callback_can_stop(void **state)
{
	struct fixture *f = *state;
	struct page page = {.stop_after = 1};
	add_medium(f, "a", "/srv/1");
	add_medium(f, "b", "/srv/2");
	assert_true(catalog_media_list(f->catalog, "", 10, NULL, remember, &page, &f->error));
	assert_int_equal(page.count, 1);
	assert_int_equal(list(f, "", 10, NULL).count, 2);
}

static void a_match_is_looked_for_in_id_volume_and_path(void **state)
{
	struct catalog_medium medium = a_medium("one", "/srv/x.iso");
	struct fixture *f = *state;
	strcpy(medium.volume_id, "WINDOWS");
	assert_true(catalog_medium_add(f->catalog, &medium, &f->error));
	add_medium(f, "two", "/srv/needle/y.iso");
	assert_string_equal(list(f, "", 10, "on").last, "one");
	assert_string_equal(list(f, "", 10, "window").last, "one");
	assert_string_equal(list(f, "", 10, "needle").last, "two");
	assert_int_equal(count(f, "srv"), 2);
	assert_int_equal(count(f, ""), 2);
}

/* What others wrote is in the index from the next commit on. */
static bool do_nothing(void *context, struct error *error)
{
	return true;
}

static void a_match_is_looked_for_in_barcodes(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium tape = a_tape("");
	strcpy(tape.barcode, "ARC001L8");
	strcpy(tape.path, "/srv/one.tape");
	assert_true(catalog_medium_add(f->catalog, &tape, &f->error));
	/* The id has it too, so that only a barcode which is not the id shows it. */
	fixture_sql(f, "PRAGMA foreign_keys = ON; UPDATE media SET id = 'one'");
	assert_true(catalog_batch(f->catalog, do_nothing, NULL, &f->error));
	assert_string_equal(list(f, "", 10, "c001l").last, "one");
	assert_int_equal(count(f, "C001L"), 1);
	assert_int_equal(count(f, "C002L"), 0);
}

static void media_of_one_kind_are_listed_and_counted(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	add_tape(f, "B1");
	add_medium(f, "c", "/srv/c.iso");
	add_tape(f, "D1");
	assert_int_equal(list_kind(f, "disc", "", 10, NULL).count, 2);
	assert_string_equal(list_kind(f, "disc", "", 10, "").last, "c");
	assert_string_equal(list_kind(f, "tape", "", 1, NULL).last, "b1");
	assert_string_equal(list_kind(f, "tape", "b1", 10, NULL).last, "d1");
	assert_int_equal(list_kind(f, "tape", "", 10, "d").count, 1);
	assert_int_equal(list_kind(f, "disc", "", 10, "d1").count, 0);
	assert_int_equal(list_kind(f, "", "", 10, NULL).count, 4);
	assert_int_equal(count_kind(f, "tape", NULL), 2);
	assert_int_equal(count_kind(f, "disc", "a.iso"), 1);
	assert_int_equal(count_kind(f, "tape", "a.iso"), 0);
	assert_int_equal(count_kind(f, "", NULL), 4);
}

static void the_count_of_one_kind_is_not_that_of_another(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	add_tape(f, "B1");
	add_tape(f, "D1");
	assert_int_equal(count_kind(f, "disc", "srv"), 1);
	assert_int_equal(count_kind(f, "tape", "srv"), 2);
	assert_int_equal(count_kind(f, NULL, "srv"), 3);
	assert_int_equal(count_kind(f, "disc", "srv"), 1);
}

static void a_kind_that_does_not_exist_is_refused(void **state)
{
	struct fixture *f = *state;
	struct page page = {0};
	struct catalog_media_count n = {7, true};
	const struct catalog_media_filter filter = {.kind = "tapes"};
	assert_false(catalog_media_list(f->catalog, "", 10, &filter, remember, &page, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_non_null(strstr(f->error.sentence, "tapes"));
	f->error.code = ERROR_NONE;
	assert_false(catalog_media_count(f->catalog, &filter, &n, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_int_equal(n.at_least, 7);
}

static void nothing_in_a_match_is_special(void **state)
{
	add_medium(*state, "a", "/srv/100% off_\\.iso");
	add_medium(*state, "b", "/srv/plain.iso");
	assert_int_equal(list(*state, "", 10, "%").count, 1);
	assert_int_equal(count(*state, "% off_\\"), 1);
	assert_int_equal(count(*state, "_"), 2); /* both volumes are called DEBIAN_12 */
	assert_int_equal(count(*state, "'; DROP TABLE media"), 0);
}

static void a_hundred_thousand_media_are_listed_completely(void **state)
{
	struct page page = {0};
	struct fixture *f = *state;
	unsigned total = 0;
	add_many(f);
	assert_true(catalog_batch(f->catalog, do_nothing, NULL, &f->error));
	do {
		page = list(f, page.last, 1000, NULL);
		total += page.count;
	} while (page.count == 1000);
	assert_int_equal(total, 100000);
	assert_int_equal(count(f, NULL), 100000);
	assert_int_equal(count(f, "volume_7777"), 11);
	assert_int_equal(list(f, "disc-077770", 5, "7777").count, 5);
}

static void one_among_a_hundred_thousand_is_found(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	add_many(f);
	assert_true(catalog_medium_find(f->catalog, "/srv/99999/image.iso", &medium, &f->error));
	assert_string_equal(medium.id, "disc-099999");
	assert_false(catalog_medium_find(f->catalog, "disc-05000", &medium, &f->error));
	assert_non_null(fixture_reopen(f));
}

static bool add_three(void *context, struct error *error)
{
	struct fixture *f = context;
	struct catalog_medium again = a_medium("c", "/srv/1");
	add_medium(f, "a", "/srv/1");
	assert_false(catalog_medium_add(f->catalog, &again, error));
	add_medium(f, "b", "/srv/2");
	return true;
}

static bool add_and_fail(void *context, struct error *error)
{
	add_three(context, error);
	return error_set(error, ERROR_STOPPING, "", "stopping");
}

static void a_batch_goes_on_after_a_refusal(void **state)
{
	struct fixture *f = *state;
	assert_true(catalog_batch(f->catalog, add_three, f, &f->error));
	assert_non_null(fixture_reopen(f));
	assert_int_equal(count(f, NULL), 2);
}

static void a_failed_batch_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	assert_false(catalog_batch(f->catalog, add_and_fail, f, &f->error));
	assert_int_equal(f->error.code, ERROR_STOPPING);
	assert_int_equal(count(f, NULL), 0);
	add_medium(f, "a", "/srv/1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

static bool add_and_count_and_fail(void *context, struct error *error)
{
	struct fixture *f = context;
	add_medium(f, "b", "/b");
	assert_int_equal(count(f, "srv"), 0);
	assert_int_equal(count(f, ""), 2);
	return false;
}

static void a_count_is_never_an_old_one(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/a");
	assert_int_equal(count(f, ""), 1);
	assert_int_equal(count(f, "x"), 0);
	assert_false(catalog_batch(f->catalog, add_and_count_and_fail, f, &f->error));
	assert_int_equal(count(f, ""), 1);
	add_medium(f, "x", "/x");
	assert_int_equal(count(f, "x"), 1);
	assert_true(catalog_medium_remove(f->catalog, "x", &f->error));
	assert_int_equal(count(f, "x"), 0);
}

static void a_count_knows_what_another_connection_wrote(void **state)
{
	struct fixture *f = *state;
	struct catalog_media_count n;
	struct catalog *reader = catalog_open_reader(f->path, &f->error);
	assert_non_null(reader);
	assert_true(catalog_media_count(reader, NULL, &n, &f->error));
	assert_int_equal(n.at_least, 0);
	add_medium(f, "a", "/a");
	assert_true(catalog_media_count(reader, NULL, &n, &f->error));
	assert_int_equal(n.at_least, 1);
	catalog_close(reader);
}

static uint64_t count_again(struct fixture *f, struct catalog *reader, const char *match)
{
	struct catalog_media_count n;
	const struct catalog_media_filter filter = {.match = match};
	assert_true(catalog_media_count_again(reader, &filter, &n, &f->error));
	return n.at_least;
}

static void later_pages_are_not_counted_again_whatever_is_written(void **state)
{
	struct fixture *f = *state;
	struct catalog_media_count n;
	struct catalog *reader = catalog_open_reader(f->path, &f->error);
	assert_non_null(reader);
	const struct catalog_media_filter filter = {.match = "iso"};
	assert_true(catalog_media_count(reader, &filter, &n, &f->error));
	add_medium(f, "a", "/a.iso");
	assert_int_equal(count_again(f, reader, "iso"), 0);
	assert_int_equal(count_again(f, reader, NULL), 1);
	assert_int_equal(count_again(f, reader, "iso"), 0); /* kinds and states need no counting */
	assert_int_equal(count_again(f, reader, "zzz"), 0);
	assert_int_equal(count_again(f, reader, "iso"), 1); /* that of the other search was kept */
	catalog_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_catalog_has_no_page),
		TEST(pages_follow_each_other_in_id_order),
		TEST(the_callback_can_stop),
		TEST(a_match_is_looked_for_in_id_volume_and_path),
		TEST(a_match_is_looked_for_in_barcodes),
		TEST(media_of_one_kind_are_listed_and_counted),
		TEST(the_count_of_one_kind_is_not_that_of_another),
		TEST(a_kind_that_does_not_exist_is_refused),
		TEST(nothing_in_a_match_is_special),
		TEST(a_count_is_never_an_old_one),
		TEST(a_count_knows_what_another_connection_wrote),
		TEST(later_pages_are_not_counted_again_whatever_is_written),
		TEST(a_hundred_thousand_media_are_listed_completely),
		TEST(one_among_a_hundred_thousand_is_found),
		TEST(a_batch_goes_on_after_a_refusal),
		TEST(a_failed_batch_leaves_nothing),
	};
	return cmocka_run_group_tests_name("catalog/media_list", tests, NULL, NULL);
}
