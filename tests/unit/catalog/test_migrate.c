/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <sqlite3.h>

#include "database.h"
#include "fixture.h"
#include "migrate.h"

/* As if the next release brought these; the first rows are those that ran already. */
static const struct catalog_migration good[] = {
	{"0001", ""},
	{"0002", ""},
	{"0003", "CREATE TABLE slots (name TEXT)"},
	{"0004", "ALTER TABLE slots ADD COLUMN medium TEXT"},
};
static const struct catalog_migration bad[] = {
	{"0001", ""},
	{"0002", ""},
	{"0003", "CREATE TABLE slots (name TEXT); INSERT INTO slots VALUES ('1')"},
	{"0004", "ALTER TABLE shelves ADD COLUMN medium TEXT"},
};

/* The numbers above go on where the real ones end. */
static void the_next_number_is_three(void **state)
{
	assert_int_equal(catalog_schema, 2);
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
	assert_true(catalog_migrate(f->catalog, good, 4, &f->error));
	assert_int_equal(schema_of(f), 4);
	assert_true(has_slots(f));
	assert_true(catalog_migrate(f->catalog, good, 4, &f->error));
}

static void rows_survive_a_migration(void **state)
{
	struct fixture *f = *state;
	struct catalog_medium medium;
	add_medium(f, "a", "/srv/a.iso");
	assert_true(catalog_migrate(f->catalog, good, 4, &f->error));
	assert_true(catalog_medium_find(f->catalog, "a", &medium, &f->error));
}

static void a_migration_that_fails_undoes_those_before_it(void **state)
{
	struct fixture *f = *state;
	assert_false(catalog_migrate(f->catalog, bad, 4, &f->error));
	assert_int_equal(f->error.code, ERROR_CATALOG);
	assert_int_equal(schema_of(f), catalog_schema);
	assert_int_not_equal(
		sqlite3_exec(f->catalog->db, "SELECT * FROM slots", NULL, NULL, NULL), SQLITE_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_next_number_is_three),
		TEST(a_new_file_has_the_newest_schema),
		TEST(only_the_missing_migrations_run),
		TEST(rows_survive_a_migration),
		TEST(a_migration_that_fails_undoes_those_before_it),
	};
	return cmocka_run_group_tests_name("catalog/migrate", tests, NULL, NULL);
}
