/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "catalog/jobs.h"
#include "database.h"
#include "fixture.h"
#include "migrate.h"

/* As if the next release brought these; the first rows are those that ran already. */
static const struct catalog_migration good[] = {
	{"0001", ""},
	{"0002", ""},
	{"0003", ""},
	{"0004", ""},
	{"0005", ""},
	{"0006", ""},
	{"0007", ""},
	{"0008", ""},
	{"0009", ""},
	{"0010", ""},
	{"0011", ""},
	{"0012", ""},
	{"0013", "CREATE TABLE slots (name TEXT)"},
	{"0014", "ALTER TABLE slots ADD COLUMN medium TEXT"},
};
static const struct catalog_migration bad[] = {
	{"0001", ""},
	{"0002", ""},
	{"0003", ""},
	{"0004", ""},
	{"0005", ""},
	{"0006", ""},
	{"0007", ""},
	{"0008", ""},
	{"0009", ""},
	{"0010", ""},
	{"0011", ""},
	{"0012", ""},
	{"0013", "CREATE TABLE slots (name TEXT); INSERT INTO slots VALUES ('1')"},
	{"0014", "ALTER TABLE shelves ADD COLUMN medium TEXT"},
};

/* The numbers above go on where the real ones end. */
static void the_next_number_is_thirteen(void **state)
{
	assert_int_equal(catalog_schema, 12);
}

static int schema_of(struct fixture *f)
{
	int schema = -1;
	assert_true(catalog_schema_check(f->catalog, 99, &schema, &f->error));
	return schema;
}

static bool has_slots(struct fixture *f)
{
	return sqlite3_exec(f->catalog->db, "SELECT medium FROM slots", NULL, NULL, NULL) ==
	       SQLITE_OK;
}

static void a_new_file_has_the_newest_schema(void **state)
{
	assert_int_equal(schema_of(*state), catalog_schema);
}

static void only_the_missing_migrations_run(void **state)
{
	struct fixture *f = *state;
	assert_true(catalog_migrate(f->catalog, good, 14, &f->error));
	assert_int_equal(schema_of(f), 14);
	assert_true(has_slots(f));
	assert_true(catalog_migrate(f->catalog, good, 14, &f->error));
}

static void rows_survive_a_migration(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	add_medium(f, "a", "/srv/a.iso");
	assert_true(catalog_migrate(f->catalog, good, 14, &f->error));
	assert_true(catalog_medium_find(f->catalog, "a", &medium, &f->error));
}

static void a_migration_that_fails_undoes_those_before_it(void **state)
{
	struct fixture *f = *state;
	assert_false(catalog_migrate(f->catalog, bad, 14, &f->error));
	assert_int_equal(f->error.code, ERROR_CATALOG);
	assert_int_equal(schema_of(f), catalog_schema);
	assert_int_not_equal(
		sqlite3_exec(f->catalog->db, "SELECT * FROM slots", NULL, NULL, NULL), SQLITE_OK);
}

/* A catalog as the release before tapes left it, with a row in each of its tables. */
static void make_schema_two(struct fixture *f)
{
	fixture_make_schema(f, 2);
	fixture_sql(f,
		"INSERT INTO media VALUES "
		"('a', '/srv/a.iso', 'disc', 'iso', 'udf', 'VOLUME', 2048, 16, 64, -1, 7, 2049, "
		"-2, 3, "
		"'changed', 1234567890), "
		"('b', '/srv/b.iso', 'disc', 'iso', 'udf', 'VOLUME', 2048, 16, 0, 1, 8, 2048, 2, "
		"3, "
		"'', 1234567891);"
		"INSERT INTO drives VALUES ('dvd0', 'optical', 'dvd-rom', 'CR1', 1, 1, 'a'), "
		"('dvd1', 'optical', 'dvd-rom', 'CR2', 0, 0, 'a'), "
		"('dvd2', 'optical', 'dvd-rom', 'CR3', 0, 0, NULL);"
		"INSERT INTO mode_pages VALUES ('dvd0', 0, x'010a0102');"
		"INSERT INTO history VALUES (41, 1234567892, 'uid 0', 'load', 'dvd0', 'a');"
		"INSERT INTO exports VALUES ('backup', 'iqn.2025-01.org.example:b', 'u', 's', '', "
		"'', "
		"1);"
		"INSERT INTO export_luns VALUES ('backup', 0, 'dvd0');"
		"INSERT INTO export_rules VALUES ('backup', 'network', 0, '10.0.0.0/8');");
}

static void a_medium_of_schema_two_is_all_there(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium a, b;
	make_schema_two(f);
	assert_non_null(fixture_reopen(f));
	assert_int_equal(schema_of(f), catalog_schema);
	assert_true(catalog_medium_find(f->catalog, "a", &a, &f->error));
	assert_true(catalog_medium_find(f->catalog, "/srv/b.iso", &b, &f->error));
	assert_string_equal(a.path, "/srv/a.iso");
	assert_string_equal(a.kind, "disc");
	assert_string_equal(a.format, "iso");
	assert_string_equal(a.file_system, "udf");
	assert_string_equal(a.volume_id, "VOLUME");
	assert_string_equal(a.fault, "changed");
	assert_true(a.size == 2048 && a.profile == 16 && a.profile_override == 64);
	const struct file_identity identity = {
		.device = UINT64_MAX, .inode = 7, .size = 2049, .mtime_sec = -2, .mtime_nsec = 3};
	assert_true(file_identity_equal(&a.identity, &identity));
	assert_int_equal(a.added, 1234567890);
	assert_string_equal(b.id, "b");
}

/* Two media without a barcode: the index of barcodes must not find them equal. */
static void a_medium_of_schema_two_is_not_a_tape(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium a;
	make_schema_two(f);
	assert_non_null(fixture_reopen(f));
	assert_true(catalog_medium_find(f->catalog, "a", &a, &f->error));
	assert_string_equal(a.barcode, "");
	assert_string_equal(a.medium_type, "");
	assert_true(a.capacity == 0 && a.loads == 0 && !a.write_protected);
	assert_string_equal(add_tape(f, "ARC001L8").id, "arc001l8");
}

static bool keep_export(void *context, const struct catalog_export *export)
{
	*(struct catalog_export *)context = *export;
	return true;
}

static bool keep_mode_page(void *context, const uint8_t *page, size_t length)
{
	*(size_t *)context += length;
	return page[1] == 0x0a;
}

static void the_other_rows_of_schema_two_are_there(void **state)
{
	struct fixture *f = *state;
	struct catalog_export *export = calloc(1, sizeof *export);
	struct catalog_drive drive;
	size_t length = 0;
	make_schema_two(f);
	assert_non_null(fixture_reopen(f));
	assert_true(catalog_drive_find(f->catalog, "dvd0", &drive, &f->error));
	assert_string_equal(drive.serial, "CR1");
	assert_string_equal(drive.medium, "a");
	assert_true(drive.loopback && drive.tray_open);
	assert_true(catalog_drive_find(f->catalog, "dvd1", &drive, &f->error));
	assert_string_equal(drive.medium, "a");
	assert_true(
		catalog_mode_pages_each(f->catalog, "dvd0", keep_mode_page, &length, &f->error));
	assert_int_equal(length, 4);
	assert_true(catalog_exports_list(f->catalog, keep_export, export, &f->error));
	assert_string_equal(export->target, "iqn.2025-01.org.example:b");
	assert_string_equal(export->luns[0].drive, "dvd0");
	assert_string_equal(export->networks[0], "10.0.0.0/8");
	assert_int_equal(newest_event(f).id, 41);
	assert_string_equal(newest_event(f).medium, "a");
	free(export);
}

static void jobs_of_schema_ten_know_their_uploads(void **state)
{
	static struct catalog_job job;
	struct fixture *f = *state;
	fixture_make_schema(f, 10);
	fixture_sql(f, "INSERT INTO jobs (id, kind, state, actor, parameters, created) VALUES "
		       "(1, 'upload', 'failed', 'uid:0', '{\"upload\":\"0123\"}', 1), "
		       "(2, 'upload', 'failed', 'uid:0', '{', 1), "
		       "(3, 'import', 'failed', 'uid:0', '{\"path\":\"/srv\"}', 1)");
	assert_non_null(fixture_reopen(f));
	assert_true(catalog_job_of_upload(f->catalog, "0123", &job, &f->error));
	assert_int_equal(job.id, 1);
	assert_true(catalog_job_find(f->catalog, 3, &job, &f->error));
	assert_string_equal(job.upload, "");
}

static void a_reader_does_not_upgrade_schema_two(void **state)
{
	struct fixture *f = *state;
	make_schema_two(f);
	assert_null(catalog_open_reader(f->path, &f->error));
	assert_non_null(strstr(f->error.sentence, "schema 2"));
	assert_non_null(fixture_reopen(f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_next_number_is_thirteen),
		TEST(a_new_file_has_the_newest_schema),
		TEST(only_the_missing_migrations_run),
		TEST(rows_survive_a_migration),
		TEST(a_medium_of_schema_two_is_all_there),
		TEST(a_medium_of_schema_two_is_not_a_tape),
		TEST(the_other_rows_of_schema_two_are_there),
		TEST(jobs_of_schema_ten_know_their_uploads),
		TEST(a_reader_does_not_upgrade_schema_two),
		TEST(a_migration_that_fails_undoes_those_before_it),
	};
	return cmocka_run_group_tests_name("catalog/migrate", tests, NULL, NULL);
}
