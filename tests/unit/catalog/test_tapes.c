/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <sqlite3.h>
#include <stdio.h>

#include "database.h"
#include "fixture.h"

static struct catalog_medium find(struct fixture *f, const char *text)
{
	struct catalog_medium medium;
	assert_true(catalog_medium_find(f->catalog, text, &medium, &f->error));
	return medium;
}

static bool place(struct fixture *f, const char *drive, const char *medium, bool tray_open)
{
	f->error = (struct error){0};
	return catalog_drive_set_place(
		f->catalog, drive, medium, tray_open, "uid 0", "load", &f->error);
}

static void assert_refused(
	struct fixture *f, struct catalog_medium medium, enum error_code code, const char *word)
{
	f->error = (struct error){0};
	assert_false(catalog_medium_add(f->catalog, &medium, &f->error));
	assert_int_equal(f->error.code, code);
	assert_non_null(strstr(f->error.sentence, word));
}

/* ---- what a tape is ---------------------------------------------------------------------------
 */

static void every_field_comes_back(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium tape = a_tape("ARC001L8");
	tape.write_protected = true;
	tape.loads = UINT32_MAX;
	tape.capacity = UINT64_MAX;
	assert_true(catalog_medium_add(f->catalog, &tape, &f->error));
	struct catalog_medium found = find(f, "arc001l8");
	assert_string_equal(found.barcode, "ARC001L8");
	assert_string_equal(found.medium_type, "LTO-8");
	assert_string_equal(found.kind, "tape");
	assert_true(found.capacity == UINT64_MAX);
	assert_true(found.write_protected);
	assert_true(found.loads == UINT32_MAX);
	assert_true(found.added == tape.added && found.added > 0);
}

static void the_id_of_a_tape_is_its_barcode_in_lower_case(void **state)
{
	assert_string_equal(add_tape(*state, "ARC001L8").id, "arc001l8");
}

static void a_tape_without_barcode_is_named_after_its_file(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium first = a_tape(""), second = a_tape("");
	strcpy(first.path, "/srv/1/Old Tape.tap");
	strcpy(second.path, "/srv/2/Old Tape.tap");
	assert_true(catalog_medium_add(f->catalog, &first, &f->error));
	assert_true(catalog_medium_add(f->catalog, &second, &f->error));
	assert_string_equal(first.id, "old-tape");
	assert_string_equal(second.id, "old-tape-2");
}

static void another_id_than_the_barcode_is_refused(void **state)
{
	struct catalog_medium tape = a_tape("ARC001L8");
	strcpy(tape.id, "monday");
	assert_refused(*state, tape, ERROR_INVALID, "monday");
}

static void the_id_of_a_tape_is_never_numbered(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "arc001l8", "/srv/disc.iso");
	assert_refused(f, a_tape("ARC001L8"), ERROR_EXISTS, "ARC001L8");
	add_tape(f, "ARC002L8");
	assert_string_equal(add_medium(f, "arc002l8", "/srv/other.iso").id, "arc002l8-2");
}

static void a_barcode_is_used_once(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium again = a_tape("ARC001L8");
	strcpy(again.path, "/srv/again.tape");
	add_tape(f, "ARC001L8");
	assert_refused(f, again, ERROR_EXISTS, "as that of arc001l8");
	struct catalog_medium disc = a_medium("disc", "/srv/disc.iso");
	strcpy(disc.barcode, "ARC001L8");
	assert_refused(f, disc, ERROR_EXISTS, "as that of arc001l8");
}

static void the_catalog_itself_keeps_barcodes_unique_in_any_case(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	add_tape(f, "ARC002L8");
	assert_int_equal(sqlite3_exec(f->catalog->db,
				 "UPDATE media SET barcode = 'arc001l8' WHERE id = 'arc002l8'",
				 NULL, NULL, NULL),
		SQLITE_CONSTRAINT_UNIQUE);
}

static void what_is_no_barcode_is_refused(void **state)
{
	struct fixture *f = *state;
	assert_refused(f, a_tape("arc001l8"), ERROR_INVALID, "arc001l8");
	assert_refused(f, a_tape("ARC 001"), ERROR_INVALID, "ARC 001");
}

static void what_is_no_kind_is_refused(void **state)
{
	struct catalog_medium medium = a_medium("a", "/srv/a.iso");
	strcpy(medium.kind, "cassette");
	assert_refused(*state, medium, ERROR_INVALID, "cassette");
}

static void a_medium_type_that_cannot_be_shown_is_refused(void **state)
{
	struct catalog_medium tape = a_tape("ARC001L8");
	strcpy(tape.medium_type, "\xff");
	assert_refused(*state, tape, ERROR_INVALID, "UTF-8");
}

/* ---- finding ----------------------------------------------------------------------------------
 */

static void a_tape_is_found_by_barcode_in_any_case(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	add_tape(f, "ARC002L8");
	assert_string_equal(find(f, "ARC002L8").id, "arc002l8");
	assert_string_equal(find(f, "Arc002l8").id, "arc002l8");
	assert_string_equal(find(f, "arc002").id, "arc002l8");
}

static void an_id_goes_before_a_barcode(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium other = a_medium("other", "/srv/other.iso");
	strcpy(other.barcode, "DEBIAN");
	add_medium(f, "debian", "/srv/debian.iso");
	assert_true(catalog_medium_add(f->catalog, &other, &f->error));
	assert_string_equal(find(f, "debian").id, "debian");
	assert_string_equal(find(f, "DEBIAN").id, "other");
}

static void a_barcode_goes_before_the_beginning_of_an_id(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium other = a_medium("other", "/srv/other.iso");
	strcpy(other.barcode, "DEB");
	add_medium(f, "debian", "/srv/debian.iso");
	assert_true(catalog_medium_add(f->catalog, &other, &f->error));
	assert_string_equal(find(f, "deb").id, "other");
	assert_string_equal(find(f, "debi").id, "debian");
}

static void no_barcode_is_not_a_barcode(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	add_medium(f, "a", "/srv/a.iso");
	assert_false(catalog_medium_find(f->catalog, "", &medium, &f->error));
	assert_int_equal(f->error.code, ERROR_MEDIUM_NOT_FOUND);
}

/* ---- many at once -----------------------------------------------------------------------------
 */

static void many_are_added_at_once(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium tapes[3] = {
		a_tape("ARC001L8"), a_tape("ARC002L8"), a_tape("ARC003L8")};
	assert_true(catalog_media_add_many(f->catalog, tapes, 3, &f->error));
	assert_string_equal(tapes[2].id, "arc003l8");
	assert_true(tapes[2].added > 0);
	assert_string_equal(find(f, "ARC001L8").path, "/srv/tapes/ARC001L8.tape");
	assert_string_equal(find(f, "ARC003L8").path, "/srv/tapes/ARC003L8.tape");
}

static void all_of_many_are_added_or_none(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium tapes[3] = {
		a_tape("ARC001L8"), a_tape("ARC002L8"), a_tape("ARC001L8")};
	struct catalog_media_count n;
	strcpy(tapes[2].path, "/srv/third.tape");
	assert_false(catalog_media_add_many(f->catalog, tapes, 3, &f->error));
	assert_int_equal(f->error.code, ERROR_EXISTS);
	assert_true(catalog_media_count(f->catalog, NULL, &n, &f->error));
	assert_int_equal(n.at_least, 0);
	assert_string_equal(tapes[0].id, "");
	assert_int_equal(tapes[0].added, 0);
	strcpy(tapes[2].barcode, "ARC003L8");
	assert_true(catalog_media_add_many(f->catalog, tapes, 3, &f->error));
}

static void none_of_many_is_nothing(void **state)
{
	struct fixture *f = *state;
	assert_true(catalog_media_add_many(f->catalog, NULL, 0, &f->error));
}

/* ---- changing ---------------------------------------------------------------------------------
 */

static void an_update_leaves_barcode_tab_and_loads(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium tape = a_tape("ARC001L8");
	tape.write_protected = true;
	tape.loads = 3;
	assert_true(catalog_medium_add(f->catalog, &tape, &f->error));
	tape.write_protected = false;
	tape.loads = 0;
	tape.barcode[0] = 0;
	tape.capacity = 42;
	strcpy(tape.medium_type, "LTO-7");
	assert_true(catalog_medium_update(f->catalog, &tape, &f->error));
	struct catalog_medium found = find(f, "ARC001L8");
	assert_true(found.write_protected);
	assert_int_equal(found.loads, 3);
	assert_true(found.capacity == 42);
	assert_string_equal(found.medium_type, "LTO-7");
}

static void a_disc_does_not_become_a_tape(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium = add_medium(f, "a", "/srv/a.iso");
	strcpy(medium.kind, "tape");
	assert_false(catalog_medium_update(f->catalog, &medium, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_non_null(strstr(f->error.sentence, "a is a disc, not a tape"));
	assert_string_equal(find(f, "a").kind, "disc");
}

/* ---- the write-protect tab --------------------------------------------------------------------
 */

static bool set_tab(struct fixture *f, const char *id, bool write_protected)
{
	f->error = (struct error){0};
	return catalog_medium_set_write_protected(
		f->catalog, id, write_protected, "uid 7", &f->error);
}

static void moving_the_tab_is_in_the_history(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	add_tape(f, "ARC002L8");
	assert_true(set_tab(f, "arc001l8", true));
	assert_true(find(f, "arc001l8").write_protected);
	assert_false(find(f, "arc002l8").write_protected);
	struct catalog_event event = newest_event(f);
	assert_string_equal(event.verb, "write-protect");
	assert_string_equal(event.actor, "uid 7");
	assert_string_equal(event.medium, "arc001l8");
	assert_string_equal(event.drive, "");
	assert_true(set_tab(f, "arc001l8", false));
	assert_false(find(f, "arc001l8").write_protected);
	assert_string_equal(newest_event(f).verb, "write-permit");
}

static void a_tab_that_is_there_already_is_no_news(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	assert_true(set_tab(f, "arc001l8", true));
	int64_t id = newest_event(f).id;
	assert_true(set_tab(f, "arc001l8", true));
	assert_int_equal(newest_event(f).id, id);
	assert_true(find(f, "arc001l8").write_protected);
}

static void the_tab_cannot_be_moved_in_a_drive(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	add_drive(f, "lto0");
	assert_true(place(f, "lto0", "arc001l8", false));
	int64_t id = newest_event(f).id;
	assert_false(set_tab(f, "arc001l8", true));
	assert_int_equal(f->error.code, ERROR_MEDIUM_IN_USE);
	assert_string_equal(f->error.sentence, "tape arc001l8 is in drive lto0");
	assert_string_equal(f->error.remedy, "Eject it there first.");
	assert_false(find(f, "arc001l8").write_protected);
	assert_int_equal(newest_event(f).id, id);
	assert_true(place(f, "lto0", "", false));
	assert_true(set_tab(f, "arc001l8", true));
}

static void a_tab_is_only_where_a_tape_is(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	assert_false(set_tab(f, "a", true));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_false(set_tab(f, "b", true));
	assert_int_equal(f->error.code, ERROR_MEDIUM_NOT_FOUND);
	assert_int_equal(newest_event(f).id, 0);
}

static void without_its_history_row_the_tab_did_not_move(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	fixture_sql(f, "CREATE TRIGGER refuse BEFORE INSERT ON history "
		       "BEGIN SELECT RAISE(ABORT, 'no history today'); END");
	assert_false(set_tab(f, "arc001l8", true));
	assert_non_null(strstr(f->error.sentence, "no history today"));
	assert_false(find(f, "arc001l8").write_protected);
}

/* ---- one place at a time ----------------------------------------------------------------------
 */

static void assert_in_use(struct fixture *f)
{
	assert_int_equal(f->error.code, ERROR_MEDIUM_IN_USE);
	assert_string_equal(f->error.sentence, "tape arc001l8 is in drive lto0");
	assert_string_equal(f->error.remedy, "Eject it there first.");
}

static void a_tape_is_in_one_drive_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct catalog_drive second;
	add_tape(f, "ARC001L8");
	add_drive(f, "lto0");
	add_drive(f, "lto1");
	assert_true(place(f, "lto0", "arc001l8", false));
	assert_false(place(f, "lto1", "arc001l8", false));
	assert_in_use(f);
	assert_true(catalog_drive_find(f->catalog, "lto1", &second, &f->error));
	assert_string_equal(second.medium, "");
	assert_string_equal(newest_event(f).drive, "lto0");
	assert_int_equal(find(f, "arc001l8").loads, 1);
}

static void a_tape_on_an_open_tray_is_still_in_that_drive(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	add_drive(f, "lto0");
	add_drive(f, "lto1");
	assert_true(place(f, "lto0", "arc001l8", true));
	assert_false(place(f, "lto1", "arc001l8", false));
	assert_in_use(f);
}

static void a_tape_that_was_ejected_goes_into_another_drive(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	add_drive(f, "lto0");
	add_drive(f, "lto1");
	assert_true(place(f, "lto0", "arc001l8", false));
	assert_true(place(f, "lto0", "", false));
	assert_true(place(f, "lto1", "arc001l8", false));
	assert_true(place(f, "lto1", "arc001l8", true));
}

static void a_new_drive_cannot_have_a_tape_that_is_elsewhere(void **state)
{
	struct fixture *f = *state;
	struct catalog_drive second = {.name = "lto1", .kind = "tape", .medium = "arc001l8"};
	add_tape(f, "ARC001L8");
	add_drive(f, "lto0");
	assert_true(place(f, "lto0", "arc001l8", false));
	assert_false(catalog_drive_add(f->catalog, &second, &f->error));
	assert_in_use(f);
	assert_true(place(f, "lto0", "", false));
	assert_true(catalog_drive_add(f->catalog, &second, &f->error));
}

static int raw(struct fixture *f, const char *sql)
{
	return sqlite3_exec(f->catalog->db, sql, NULL, NULL, NULL);
}

static void the_catalog_itself_keeps_a_tape_in_one_drive(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	add_medium(f, "disc", "/srv/disc.iso");
	add_drive(f, "lto0");
	add_drive(f, "lto1");
	assert_int_equal(
		raw(f, "UPDATE drives SET medium = 'arc001l8'"), SQLITE_CONSTRAINT_TRIGGER);
	assert_int_equal(
		raw(f, "UPDATE drives SET medium = 'arc001l8' WHERE name = 'lto0'"), SQLITE_OK);
	assert_int_equal(
		raw(f, "INSERT INTO drives VALUES ('x', 'tape', '', 's', 0, 0, 'arc001l8')"),
		SQLITE_CONSTRAINT_TRIGGER);
	assert_int_equal(raw(f, "UPDATE drives SET medium = 'disc'"), SQLITE_OK);
	assert_int_equal(raw(f, "UPDATE media SET kind = 'tape' WHERE id = 'disc'"),
		SQLITE_CONSTRAINT_TRIGGER);
}

/* ---- loads ------------------------------------------------------------------------------------
 */

static void a_load_is_counted(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	add_tape(f, "ARC002L8");
	add_drive(f, "lto0");
	assert_true(place(f, "lto0", "arc001l8", false));
	assert_int_equal(find(f, "arc001l8").loads, 1);
	assert_true(place(f, "lto0", "", false));
	assert_int_equal(find(f, "arc001l8").loads, 1);
	assert_true(place(f, "lto0", "arc001l8", false));
	assert_int_equal(find(f, "arc001l8").loads, 2);
	assert_true(place(f, "lto0", "arc002l8", false));
	assert_int_equal(find(f, "arc001l8").loads, 2);
	assert_int_equal(find(f, "arc002l8").loads, 1);
}

static void it_comes_in_when_the_tray_does(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	add_drive(f, "dvd0");
	assert_true(place(f, "dvd0", "a", true));
	assert_int_equal(find(f, "a").loads, 0);
	assert_true(place(f, "dvd0", "a", false));
	assert_int_equal(find(f, "a").loads, 1);
}

static void what_is_in_does_not_come_in(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	add_drive(f, "lto0");
	assert_true(place(f, "lto0", "arc001l8", false));
	assert_true(place(f, "lto0", "arc001l8", false));
	assert_int_equal(find(f, "arc001l8").loads, 1);
}

static void a_load_that_failed_is_not_counted(void **state)
{
	struct fixture *f = *state;
	add_tape(f, "ARC001L8");
	add_drive(f, "lto0");
	fixture_sql(f, "CREATE TRIGGER refuse BEFORE INSERT ON history "
		       "BEGIN SELECT RAISE(ABORT, 'no history today'); END");
	assert_false(place(f, "lto0", "arc001l8", false));
	assert_int_equal(find(f, "arc001l8").loads, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_field_comes_back),
		TEST(the_id_of_a_tape_is_its_barcode_in_lower_case),
		TEST(a_tape_without_barcode_is_named_after_its_file),
		TEST(another_id_than_the_barcode_is_refused),
		TEST(the_id_of_a_tape_is_never_numbered),
		TEST(a_barcode_is_used_once),
		TEST(the_catalog_itself_keeps_barcodes_unique_in_any_case),
		TEST(what_is_no_barcode_is_refused),
		TEST(what_is_no_kind_is_refused),
		TEST(a_medium_type_that_cannot_be_shown_is_refused),
		TEST(a_tape_is_found_by_barcode_in_any_case),
		TEST(an_id_goes_before_a_barcode),
		TEST(a_barcode_goes_before_the_beginning_of_an_id),
		TEST(no_barcode_is_not_a_barcode),
		TEST(many_are_added_at_once),
		TEST(all_of_many_are_added_or_none),
		TEST(none_of_many_is_nothing),
		TEST(an_update_leaves_barcode_tab_and_loads),
		TEST(a_disc_does_not_become_a_tape),
		TEST(moving_the_tab_is_in_the_history),
		TEST(a_tab_that_is_there_already_is_no_news),
		TEST(the_tab_cannot_be_moved_in_a_drive),
		TEST(a_tab_is_only_where_a_tape_is),
		TEST(without_its_history_row_the_tab_did_not_move),
		TEST(a_tape_is_in_one_drive_at_a_time),
		TEST(a_tape_on_an_open_tray_is_still_in_that_drive),
		TEST(a_tape_that_was_ejected_goes_into_another_drive),
		TEST(a_new_drive_cannot_have_a_tape_that_is_elsewhere),
		TEST(the_catalog_itself_keeps_a_tape_in_one_drive),
		TEST(a_load_is_counted),
		TEST(it_comes_in_when_the_tray_does),
		TEST(what_is_in_does_not_come_in),
		TEST(a_load_that_failed_is_not_counted),
	};
	return cmocka_run_group_tests_name("catalog/tapes", tests, NULL, NULL);
}
