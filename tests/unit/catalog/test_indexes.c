/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "catalog/jobs.h"
#include "fixture.h"

/* Nothing here may look at all rows, however many there are. */

static bool ignore_medium(void *context, const struct catalog_medium *medium)
{
	return true;
}

static bool ignore_event(void *context, const struct catalog_event *event, const char *detail)
{
	return true;
}

static void fill(struct fixture *f)
{
	add_drive(f, "lto0");
	add_drive(f, "lto1");
	for (unsigned i = 0; i < 10; i++) {
		char text[64];
		snprintf(text, sizeof text, "ARC%03uL8", i);
		struct catalog_medium tape = add_tape(f, text);
		snprintf(text, sizeof text, "/srv/%u.iso", i);
		add_medium(f, "", text);
		assert_true(catalog_drive_set_place(f->catalog, i % 2 ? "lto1" : "lto0", tape.id,
			false, "x", "load", &f->error));
	}
}

static void page(struct fixture *f, const char *kind)
{
	const struct catalog_media_filter filter = {.kind = kind};
	assert_true(
		catalog_media_list(f->catalog, "a", 3, &filter, ignore_medium, NULL, &f->error));
}

static void history(struct fixture *f, const char *medium, const char *drive)
{
	const struct catalog_history_filter filter = {.medium = medium, .drive = drive};
	assert_true(catalog_history_list(f->catalog, &filter, 5, 3, ignore_event, NULL, &f->error));
}

static void what_has_no_index_is_noticed(void **state)
{
	struct fixture *f = *state;
	fill(f);
	rows_without_index(f);
	fixture_sql(f, "DROP INDEX media_by_barcode");
	unsigned highest;
	assert_true(catalog_barcode_last(f->catalog, "ARC", "L8", &highest, &f->error));
	assert_true(rows_without_index(f) > 0);
}

static void adding_and_placing_go_by_indexes(void **state)
{
	fill(*state);
	assert_int_equal(rows_without_index(*state), 0);
}

static void finding_goes_by_indexes(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	fill(f);
	assert_true(catalog_medium_find(f->catalog, "arc003l8", &medium, &f->error));
	assert_true(catalog_medium_find(f->catalog, "Arc003L8", &medium, &f->error));
	assert_true(catalog_medium_find(f->catalog, "arc003", &medium, &f->error));
	assert_true(catalog_medium_find(f->catalog, "/srv/3.iso", &medium, &f->error));
	assert_true(a_plan_has(f, "media_by_barcode (barcode=?)"));
	assert_int_equal(rows_without_index(f), 0);
}

static void the_highest_barcode_is_found_by_index(void **state)
{
	struct fixture *f = *state;
	unsigned highest = 0;
	fill(f);
	assert_true(catalog_barcode_last(f->catalog, "ARC", "L8", &highest, &f->error));
	assert_int_equal(highest, 9);
	assert_true(a_plan_has(f, "COVERING INDEX media_by_barcode (barcode>? AND barcode<?)"));
	assert_int_equal(rows_without_index(f), 0);
}

static void pages_of_media_go_by_indexes(void **state)
{
	struct fixture *f = *state;
	fill(f);
	page(f, NULL);
	page(f, "tape");
	assert_int_equal(rows_without_index(f), 0);
	assert_true(a_plan_has(f, "media_by_kind (kind=? AND id>?)"));
}

static bool count_medium(void *context, const struct catalog_medium *medium)
{
	(void)medium;
	++*(unsigned *)context;
	return true;
}

/* "/srv2" is not below "/srv", and all is below "/". */
static void what_is_below_a_directory_goes_by_its_path(void **state)
{
	struct fixture *f = *state;
	unsigned below = 0, beside = 0, all = 0;
	fill(f);
	assert_true(catalog_media_below(f->catalog, "/srv", "", count_medium, &below, &f->error));
	assert_true(catalog_media_below(f->catalog, "/sr", "", count_medium, &beside, &f->error));
	assert_int_equal(rows_without_index(f), 0);
	assert_true(catalog_media_below(f->catalog, "/", "", count_medium, &all, &f->error));
	assert_true(below > 0 && all >= below);
	assert_int_equal(beside, 0);
}

static void pages_of_history_go_by_indexes(void **state)
{
	struct fixture *f = *state;
	fill(f);
	history(f, NULL, NULL);
	assert_true(a_plan_has(f, "INTEGER PRIMARY KEY (rowid<?)"));
	history(f, "arc003l8", NULL);
	assert_true(a_plan_has(f, "history_by_medium (medium=? AND rowid<?)"));
	assert_false(a_plan_has(f, "history_by_drive"));
	history(f, NULL, "lto0");
	assert_true(a_plan_has(f, "history_by_drive (drive=? AND rowid<?)"));
	assert_int_equal(rows_without_index(f), 0);
}

static void the_job_of_an_upload_goes_by_the_upload(void **state)
{
	static struct catalog_job job;
	struct fixture *f = *state;
	assert_false(catalog_job_of_upload(f->catalog, "0123", &job, &f->error));
	assert_true(a_plan_has(f, "jobs_by_upload (upload=?)"));
	assert_int_equal(rows_without_index(f), 0);
}

/* A medium has been in few places, a drive has had many media. */
static void the_history_of_a_medium_in_a_drive_goes_by_the_medium(void **state)
{
	struct fixture *f = *state;
	history(f, "arc003l8", "lto1");
	assert_true(a_plan_has(f, "history_by_medium (medium=? AND rowid<?)"));
	assert_false(a_plan_has(f, "history_by_drive"));
	assert_int_equal(rows_without_index(f), 0);
}

static void what_somebody_did_goes_by_the_actor(void **state)
{
	static const struct catalog_history_filter filter = {.actor = "x", .refused = true};
	struct fixture *f = *state;
	assert_true(catalog_history_list(f->catalog, &filter, 5, 3, ignore_event, NULL, &f->error));
	assert_true(a_plan_has(f, "history_by_actor (actor=? AND rowid<?)"));
	assert_int_equal(rows_without_index(f), 0);
}

static void what_somebody_did_to_a_drive_goes_by_the_drive(void **state)
{
	static const struct catalog_history_filter filter = {.actor = "x", .drive = "lto0"};
	struct fixture *f = *state;
	assert_true(catalog_history_list(f->catalog, &filter, 5, 3, ignore_event, NULL, &f->error));
	assert_true(a_plan_has(f, "history_by_drive (drive=? AND rowid<?)"));
	assert_false(a_plan_has(f, "history_by_actor"));
	assert_int_equal(rows_without_index(f), 0);
}

/* Of a kind that nothing ever happened to, among a million of others. */
static void what_happened_to_things_of_a_kind_or_a_name_goes_by_indexes(void **state)
{
	static const struct catalog_history_filter kind = {.subject_kind = "pool"},
						   name = {.subject = "night"};
	struct fixture *f = *state;
	fill(f);
	assert_true(catalog_history_list(f->catalog, &kind, 5, 3, ignore_event, NULL, &f->error));
	assert_true(a_plan_has(f, "history_by_subject_kind (subject_kind=? AND rowid<?)"));
	assert_true(catalog_history_list(f->catalog, &name, 5, 3, ignore_event, NULL, &f->error));
	assert_true(a_plan_has(f, "history_by_subject_name (subject=? AND rowid<?)"));
	assert_int_equal(rows_without_index(f), 0);
}

static void the_tab_moves_by_indexes(void **state)
{
	struct fixture *f = *state;
	fill(f);
	assert_true(
		catalog_medium_set_write_protected(f->catalog, "arc003l8", true, "x", &f->error));
	assert_int_equal(rows_without_index(f), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_has_no_index_is_noticed),
		TEST(adding_and_placing_go_by_indexes),
		TEST(finding_goes_by_indexes),
		TEST(the_highest_barcode_is_found_by_index),
		TEST(pages_of_media_go_by_indexes),
		TEST(what_is_below_a_directory_goes_by_its_path),
		TEST(pages_of_history_go_by_indexes),
		TEST(the_job_of_an_upload_goes_by_the_upload),
		TEST(the_history_of_a_medium_in_a_drive_goes_by_the_medium),
		TEST(what_somebody_did_goes_by_the_actor),
		TEST(what_somebody_did_to_a_drive_goes_by_the_drive),
		TEST(what_happened_to_things_of_a_kind_or_a_name_goes_by_indexes),
		TEST(the_tab_moves_by_indexes),
	};
	return cmocka_run_group_tests_name("catalog/indexes", tests, NULL, NULL);
}
