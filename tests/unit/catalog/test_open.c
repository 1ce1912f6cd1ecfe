/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "database.h"
#include "fixture.h"
#include "query.h"

/* Everything in the file, so that a test can show that it was left alone. */
static char *contents(const char *path, size_t *ret_length)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	char *data = malloc(1 << 20);
	*ret_length = fread(data, 1, 1 << 20, file);
	fclose(file);
	return data;
}

static void overwrite(const char *path, long offset, const void *data, size_t length)
{
	int fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, data, length, offset), length);
	close(fd);
}

static void assert_refused_untouched(struct fixture *f, enum error_code code)
{
	size_t before_length, after_length;
	_cleanup_free_ char *before = contents(f->path, &before_length);
	assert_null(fixture_reopen(f));
	_cleanup_free_ char *after = contents(f->path, &after_length);
	assert_int_equal(f->error.code, code);
	assert_non_null(strstr(f->error.sentence, f->path));
	assert_true(f->error.remedy[0]);
	assert_int_equal(before_length, after_length);
	assert_memory_equal(before, after, before_length);
}

static void close_catalog(struct fixture *f)
{
	catalog_close(f->catalog);
	f->catalog = NULL;
}

static int64_t pragma(struct catalog *catalog, const char *sql)
{
	_cleanup_(query_finish) struct query q;
	query_init(&q, catalog, sql);
	assert_true(query_row(&q));
	return query_take_int(&q);
}

static void what_is_acknowledged_is_on_the_disc(void **state)
{
	static const char synchronous[] = "PRAGMA synchronous";
	static const char foreign_keys[] = "PRAGMA foreign_keys";
	struct fixture *f = *state;
	assert_int_equal(pragma(f->catalog, synchronous), 2);
	assert_int_equal(pragma(f->catalog, foreign_keys), 1);
}

static void rows_are_there_after_opening_again(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	add_medium(f, "debian-12", "/srv/debian.iso");
	assert_non_null(fixture_reopen(f));
	assert_true(catalog_medium_find(f->catalog, "debian-12", &medium, &f->error));
	assert_string_equal(medium.path, "/srv/debian.iso");
}

static void a_newer_schema_is_refused_by_both_numbers(void **state)
{
	struct fixture *f = *state;
	close_catalog(f);
	fixture_sql(f, "PRAGMA user_version = 4711");
	assert_refused_untouched(f, ERROR_CATALOG_NEWER);
	assert_non_null(strstr(f->error.sentence, "schema 4711"));
	assert_non_null(strstr(f->error.sentence, "up to 12 "));
}

/* As a newer carouseld that was killed leaves it: the schema number is in the log only. */
static void the_log_of_a_newer_carouseld_is_not_moved_into_the_file(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;
	close_catalog(f);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	assert_int_equal(
		sqlite3_exec(db, "PRAGMA user_version = 4711", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_refused_untouched(f, ERROR_CATALOG_NEWER);
	assert_refused_untouched(f, ERROR_CATALOG_NEWER);
}

static void a_newer_schema_is_refused_to_readers(void **state)
{
	struct fixture *f = *state;
	fixture_sql(f, "PRAGMA user_version = 4711");
	assert_null(catalog_open_reader(f->path, &f->error));
	assert_int_equal(f->error.code, ERROR_CATALOG_NEWER);
}

static void what_is_no_database_is_refused(void **state)
{
	struct fixture *f = *state;
	close_catalog(f);
	overwrite(f->path, 0, "This is not a database.", 23);
	assert_refused_untouched(f, ERROR_CATALOG_DAMAGED);
}

static void a_damaged_page_is_found_at_the_start(void **state)
{
	static const char garbage[4096] = {0x17};
	struct fixture *f = *state;
	close_catalog(f);
	overwrite(f->path, 4096, garbage, sizeof garbage);
	assert_refused_untouched(f, ERROR_CATALOG_DAMAGED);
}

static void a_check_beside_the_writer_finds_damage_and_changes_nothing(void **state)
{
	static const char garbage[4096] = {0x17};
	struct fixture *f = *state;
	assert_true(catalog_check(f->path, NULL, &f->error));
	close_catalog(f);
	overwrite(f->path, 4096, garbage, sizeof garbage);
	assert_false(catalog_check(f->path, NULL, &f->error));
	assert_int_equal(f->error.code, ERROR_CATALOG_DAMAGED);
	assert_null(strchr(f->error.sentence, '\n'));
	assert_refused_untouched(f, ERROR_CATALOG_DAMAGED);
	assert_false(catalog_check("/nowhere/catalog.db", NULL, &f->error));
	assert_int_equal(f->error.code, ERROR_PERMISSION);
}

static void a_truncated_file_is_refused(void **state)
{
	struct fixture *f = *state;
	close_catalog(f);
	assert_int_equal(truncate(f->path, 4096 + 100), 0);
	assert_refused_untouched(f, ERROR_CATALOG_DAMAGED);
}

static void the_database_of_another_program_is_refused(void **state)
{
	struct fixture *f = *state;
	close_catalog(f);
	assert_int_equal(unlink(f->path), 0);
	fixture_sql(f, "CREATE TABLE cookies (id)");
	assert_refused_untouched(f, ERROR_CATALOG_DAMAGED);
	fixture_sql(f, "PRAGMA user_version = 1");
	assert_refused_untouched(f, ERROR_CATALOG_DAMAGED);
}

static void an_empty_file_becomes_a_catalog(void **state)
{
	struct fixture *f = *state;
	close_catalog(f);
	assert_int_equal(truncate(f->path, 0), 0);
	assert_non_null(fixture_reopen(f));
}

static void a_read_only_file_is_refused(void **state)
{
	struct fixture *f = *state;
	bool root = geteuid() == 0;
	close_catalog(f);
	assert_int_equal(chmod(f->directory, 0555), 0);
	assert_int_equal(chmod(f->path, 0444), 0);
	/* Nothing is read-only to root. */
	if (root)
		assert_int_equal(seteuid(65534), 0);
	struct catalog *catalog = catalog_open(f->path, &f->error);
	if (root)
		assert_int_equal(seteuid(0), 0);
	chmod(f->directory, 0755);
	assert_null(catalog);
	assert_int_equal(f->error.code, ERROR_PERMISSION);
	assert_true(f->error.remedy[0]);
}

static void a_missing_directory_is_a_matter_of_permission(void **state)
{
	struct error error;
	assert_null(catalog_open("/nonexistent/catalog.db", &error));
	assert_int_equal(error.code, ERROR_PERMISSION);
}

static void a_reader_sees_what_was_committed_and_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium = a_medium("b", "/srv/b.iso");
	add_medium(f, "a", "/srv/a.iso");
	struct catalog *reader = catalog_open_reader(f->path, &f->error);
	assert_non_null(reader);
	assert_false(catalog_medium_add(reader, &medium, &f->error));
	assert_int_equal(f->error.code, ERROR_PERMISSION);
	assert_true(catalog_medium_find(reader, "a", &medium, &f->error));
	catalog_close(reader);
}

static void a_reader_needs_a_catalog_that_is_there(void **state)
{
	struct fixture *f = *state;
	close_catalog(f);
	assert_int_equal(unlink(f->path), 0);
	assert_null(catalog_open_reader(f->path, &f->error));
	assert_int_not_equal(access(f->path, F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_acknowledged_is_on_the_disc),
		TEST(rows_are_there_after_opening_again),
		TEST(a_newer_schema_is_refused_by_both_numbers),
		TEST(the_log_of_a_newer_carouseld_is_not_moved_into_the_file),
		TEST(a_newer_schema_is_refused_to_readers),
		TEST(what_is_no_database_is_refused),
		TEST(a_damaged_page_is_found_at_the_start),
		TEST(a_check_beside_the_writer_finds_damage_and_changes_nothing),
		TEST(a_truncated_file_is_refused),
		TEST(the_database_of_another_program_is_refused),
		TEST(an_empty_file_becomes_a_catalog),
		TEST(a_read_only_file_is_refused),
		TEST(a_missing_directory_is_a_matter_of_permission),
		TEST(a_reader_sees_what_was_committed_and_writes_nothing),
		TEST(a_reader_needs_a_catalog_that_is_there),
	};
	return cmocka_run_group_tests_name("catalog/open", tests, NULL, NULL);
}
