/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "fixture.h"

static struct catalog_drive find(struct fixture *f, const char *name)
{
	struct catalog_drive drive;
	assert_true(catalog_drive_find(f->catalog, name, &drive, &f->error));
	return drive;
}

static bool set_place(struct fixture *f, const char *medium, bool tray_open)
{
	return catalog_drive_set_place(
		f->catalog, "dvd0", medium, tray_open, "uid 0", "load", &f->error);
}

static void every_field_comes_back(void **state)
{
	struct fixture *f = *state;
	struct catalog_drive drive = {.name = "dvd0",
		.kind = "optical",
		.personality = "dvd-rom",
		.serial = "ABC123",
		.loopback = true,
		.tray_open = true,
		.medium = "a"};
	add_medium(f, "a", "/srv/a.iso");
	assert_true(catalog_drive_add(f->catalog, &drive, &f->error));
	struct catalog_drive found = find(f, "dvd0");
	assert_string_equal(found.kind, "optical");
	assert_string_equal(found.personality, "dvd-rom");
	assert_string_equal(found.serial, "ABC123");
	assert_string_equal(found.medium, "a");
	assert_true(found.loopback && found.tray_open);
}

static void a_serial_number_is_made_once(void **state)
{
	struct fixture *f = *state;
	struct catalog_drive first = add_drive(f, "dvd0"), second = add_drive(f, "dvd1");
	assert_int_equal(strlen(first.serial), 16);
	assert_memory_equal(first.serial, "CR", 2);
	assert_string_not_equal(first.serial, second.serial);
	assert_non_null(fixture_reopen(f));
	struct catalog_drive found = find(f, "dvd0");
	assert_string_equal(found.serial, first.serial);
}

static void a_taken_name_or_serial_number_is_refused(void **state)
{
	struct fixture *f = *state;
	struct catalog_drive drive = add_drive(f, "dvd0");
	assert_false(catalog_drive_add(f->catalog, &drive, &f->error));
	assert_int_equal(f->error.code, ERROR_EXISTS);
	f->error.code = ERROR_NONE;
	strcpy(drive.name, "dvd1");
	assert_false(catalog_drive_add(f->catalog, &drive, &f->error));
	assert_int_equal(f->error.code, ERROR_EXISTS);
	assert_non_null(strstr(f->error.sentence, drive.serial));
}

static void a_bad_name_is_refused(void **state)
{
	struct fixture *f = *state;
	struct catalog_drive drive = {.name = "../dvd0", .kind = "optical"};
	assert_false(catalog_drive_add(f->catalog, &drive, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
}

static void an_unknown_drive_is_not_found(void **state)
{
	struct fixture *f = *state;
	struct catalog_drive drive;
	assert_false(catalog_drive_find(f->catalog, "dvd0", &drive, &f->error));
	assert_int_equal(f->error.code, ERROR_DRIVE_NOT_FOUND);
	f->error.code = ERROR_NONE;
	assert_false(catalog_drive_remove(f->catalog, "dvd0", &f->error));
	assert_int_equal(f->error.code, ERROR_DRIVE_NOT_FOUND);
	f->error.code = ERROR_NONE;
	assert_false(set_place(f, "", true));
	assert_int_equal(f->error.code, ERROR_DRIVE_NOT_FOUND);
	assert_int_equal(newest_event(f).id, 0);
}

static bool join_names(void *context, const struct catalog_drive *drive)
{
	strcat(strcat(context, drive->name), " ");
	return true;
}

static void drives_are_listed_in_name_order(void **state)
{
	struct fixture *f = *state;
	char names[64] = "";
	add_drive(f, "b");
	add_drive(f, "a");
	add_drive(f, "c");
	assert_true(catalog_drive_remove(f->catalog, "c", &f->error));
	assert_true(catalog_drives_list(f->catalog, join_names, names, &f->error));
	assert_string_equal(names, "a b ");
}

static void a_load_and_its_history_are_there_after_a_crash(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	add_drive(f, "dvd0");
	assert_true(set_place(f, "a", false));
	/* Another connection sees what is committed, whatever becomes of ours. */
	struct catalog *reader = catalog_open_reader(f->path, &f->error);
	struct catalog_drive drive;
	assert_true(catalog_drive_find(reader, "dvd0", &drive, &f->error));
	catalog_close(reader);
	assert_string_equal(drive.medium, "a");
	struct catalog_event event = newest_event(f);
	assert_string_equal(event.actor, "uid 0");
	assert_string_equal(event.verb, "load");
	assert_string_equal(event.drive, "dvd0");
	assert_string_equal(event.medium, "a");
	assert_true(event.when > 0);
}

static void history_names_the_medium_that_was_taken_out(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	add_drive(f, "dvd0");
	assert_true(set_place(f, "a", false));
	assert_true(set_place(f, "", true));
	struct catalog_drive drive = find(f, "dvd0");
	struct catalog_event event = newest_event(f);
	assert_string_equal(drive.medium, "");
	assert_true(drive.tray_open);
	assert_string_equal(event.medium, "a");
}

static void two_drives_may_hold_the_same_image(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	add_drive(f, "dvd0");
	add_drive(f, "dvd1");
	assert_true(set_place(f, "a", false));
	assert_true(catalog_drive_set_place(
		f->catalog, "dvd1", "a", false, "uid 0", "load", &f->error));
}

static void an_unknown_medium_changes_nothing(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	assert_false(set_place(f, "gone", true));
	assert_int_equal(f->error.code, ERROR_MEDIUM_NOT_FOUND);
	assert_false(find(f, "dvd0").tray_open);
	assert_int_equal(newest_event(f).id, 0);
}

static void without_its_history_row_a_load_did_not_happen(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	add_drive(f, "dvd0");
	fixture_sql(f, "CREATE TRIGGER refuse BEFORE INSERT ON history "
		       "BEGIN SELECT RAISE(ABORT, 'no history today'); END");
	assert_false(set_place(f, "a", true));
	assert_int_equal(f->error.code, ERROR_CATALOG);
	assert_non_null(strstr(f->error.sentence, "no history today"));
	struct catalog_drive drive = find(f, "dvd0");
	assert_string_equal(drive.medium, "");
	assert_false(drive.tray_open);
	fixture_sql(f, "DROP TRIGGER refuse");
	assert_true(set_place(f, "a", true));
}

struct pages {
	unsigned count;
	uint8_t data[4][CATALOG_MODE_PAGE_MAX];
	size_t length[4];
};

static bool take_page(void *context, const uint8_t *page, size_t length)
{
	struct pages *pages = context;
	memcpy(pages->data[pages->count], page, length);
	pages->length[pages->count++] = length;
	return true;
}

static struct pages saved_pages(struct fixture *f)
{
	struct pages pages = {0};
	assert_true(catalog_mode_pages_each(f->catalog, "dvd0", take_page, &pages, &f->error));
	return pages;
}

static void saved_mode_pages_come_back_in_order(void **state)
{
	static const uint8_t pages[][CATALOG_MODE_PAGE_MAX] = {
		{0x01, 0x0a, 1, 2}, {0x4d, 0x01, 0x00, 0x04, 9, 9, 9, 9}};
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	assert_true(catalog_mode_pages_save(f->catalog, "dvd0", pages, 2, &f->error));
	struct pages saved = saved_pages(f);
	assert_int_equal(saved.count, 2);
	assert_int_equal(saved.length[0], 12);
	assert_memory_equal(saved.data[0], pages[0], 12);
	assert_int_equal(saved.length[1], 8);
	assert_true(catalog_mode_pages_save(f->catalog, "dvd0", pages + 1, 1, &f->error));
	assert_int_equal(saved_pages(f).count, 1);
}

static void a_mode_page_longer_than_its_buffer_is_refused(void **state)
{
	static const uint8_t good[][CATALOG_MODE_PAGE_MAX] = {{0x01, 62}};
	static const uint8_t bad[][CATALOG_MODE_PAGE_MAX] = {{0x01, 10}, {0x02, 63}};
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	assert_true(catalog_mode_pages_save(f->catalog, "dvd0", good, 1, &f->error));
	assert_false(catalog_mode_pages_save(f->catalog, "dvd0", bad, 2, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_int_equal(saved_pages(f).length[0], 64);
}

static void mode_pages_go_with_their_drive(void **state)
{
	static const uint8_t page[][CATALOG_MODE_PAGE_MAX] = {{0x01, 10}};
	struct fixture *f = *state;
	assert_false(catalog_mode_pages_save(f->catalog, "dvd0", page, 1, &f->error));
	assert_int_equal(f->error.code, ERROR_DRIVE_NOT_FOUND);
	add_drive(f, "dvd0");
	assert_true(catalog_mode_pages_save(f->catalog, "dvd0", page, 1, &f->error));
	assert_true(catalog_drive_remove(f->catalog, "dvd0", &f->error));
	add_drive(f, "dvd0");
	assert_int_equal(saved_pages(f).count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_field_comes_back),
		TEST(a_serial_number_is_made_once),
		TEST(a_taken_name_or_serial_number_is_refused),
		TEST(a_bad_name_is_refused),
		TEST(an_unknown_drive_is_not_found),
		TEST(drives_are_listed_in_name_order),
		TEST(a_load_and_its_history_are_there_after_a_crash),
		TEST(history_names_the_medium_that_was_taken_out),
		TEST(two_drives_may_hold_the_same_image),
		TEST(an_unknown_medium_changes_nothing),
		TEST(without_its_history_row_a_load_did_not_happen),
		TEST(saved_mode_pages_come_back_in_order),
		TEST(a_mode_page_longer_than_its_buffer_is_refused),
		TEST(mode_pages_go_with_their_drive),
	};
	return cmocka_run_group_tests_name("catalog/drives", tests, NULL, NULL);
}
