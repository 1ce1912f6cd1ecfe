/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "database.h"
#include "migrate.h"

int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	strcpy(fixture->directory, "/tmp/carousel-catalog-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->path, sizeof fixture->path, "%s/catalog.db", fixture->directory);
	fixture->catalog = catalog_open(fixture->path, &fixture->error);
	assert_non_null(fixture->catalog);
	*state = fixture;
	return 0;
}

int fixture_teardown(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	struct fixture *fixture = *state;
	catalog_close(fixture->catalog);
	for (unsigned i = 0; i < 4; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s%s", fixture->path, suffixes[i]);
		unlink(path);
	}
	int result = rmdir(fixture->directory);
	free(fixture);
	return result;
}

struct catalog *fixture_reopen(struct fixture *fixture)
{
	catalog_close(fixture->catalog);
	fixture->error = (struct error){0};
	return fixture->catalog = catalog_open(fixture->path, &fixture->error);
}

void fixture_sql(struct fixture *fixture, const char *sql)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

void fixture_make_schema(struct fixture *fixture, int schema)
{
	char stamp[96];
	catalog_close(fixture->catalog);
	fixture->catalog = NULL;
	assert_int_equal(unlink(fixture->path), 0);
	for (int i = 0; i < schema; i++)
		fixture_sql(fixture, catalog_migrations[i].sql);
	snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = %d",
		0x4352534c, schema);
	fixture_sql(fixture, stamp);
}

struct catalog_medium a_medium(const char *id, const char *path)
{
	struct catalog_medium medium = {
		.kind = "disc",
		.format = "iso",
		.file_system = "iso9660",
		.volume_id = "DEBIAN_12",
		.size = 4700372992,
		.profile = 0x10,
		.identity = {.device = UINT64_MAX, .inode = 7, .size = 4700372992, .mtime_sec = -1},
	};
	snprintf(medium.id, sizeof medium.id, "%s", id);
	snprintf(medium.path, sizeof medium.path, "%s", path);
	return medium;
}

struct catalog_medium add_medium(struct fixture *fixture, const char *id, const char *path)
{
	struct catalog_medium medium = a_medium(id, path);
	assert_true(catalog_medium_add(fixture->catalog, &medium, &fixture->error));
	return medium;
}

struct catalog_medium a_tape(const char *barcode)
{
	struct catalog_medium tape = {
		.kind = "tape",
		.format = "carousel",
		.size = 1 << 20,
		.identity = {.device = 1, .inode = 7, .size = 1 << 20},
		.medium_type = "LTO-8",
		.capacity = 12000000000000,
	};
	snprintf(tape.barcode, sizeof tape.barcode, "%s", barcode);
	snprintf(tape.path, sizeof tape.path, "/srv/tapes/%s.tape", barcode);
	return tape;
}

struct catalog_medium add_tape(struct fixture *fixture, const char *barcode)
{
	struct catalog_medium tape = a_tape(barcode);
	assert_true(catalog_medium_add(fixture->catalog, &tape, &fixture->error));
	return tape;
}

struct catalog_drive add_drive(struct fixture *fixture, const char *name)
{
	struct catalog_drive drive = {.kind = "optical", .personality = "dvd-rom"};
	snprintf(drive.name, sizeof drive.name, "%s", name);
	assert_true(catalog_drive_add(fixture->catalog, &drive, &fixture->error));
	return drive;
}

unsigned rows_without_index(struct fixture *fixture)
{
	int rows = 0;
	for (unsigned i = 0; i < fixture->catalog->statement_count; i++) {
		sqlite3_stmt *statement = fixture->catalog->statements[i].statement;
		rows += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
		rows += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_SORT, 1);
	}
	return (unsigned)rows;
}

static bool plan_has(sqlite3 *db, const char *sql, const char *step)
{
	_cleanup_free_ char *explain = NULL;
	sqlite3_stmt *plan;
	bool found = false;
	assert_true(asprintf(&explain, "EXPLAIN QUERY PLAN %s", sql) > 0);
	assert_int_equal(sqlite3_prepare_v2(db, explain, -1, &plan, NULL), SQLITE_OK);
	while (sqlite3_step(plan) == SQLITE_ROW)
		found = found || strstr((const char *)sqlite3_column_text(plan, 3), step);
	assert_int_equal(sqlite3_finalize(plan), SQLITE_OK);
	return found;
}

bool a_plan_has(struct fixture *fixture, const char *step)
{
	struct catalog *catalog = fixture->catalog;
	unsigned i = 0;
	while (i < catalog->statement_count &&
		!plan_has(catalog->db, sqlite3_sql(catalog->statements[i].statement), step))
		i++;
	return i < catalog->statement_count;
}

static bool keep_newest(void *context, const struct catalog_event *event, const char *detail)
{
	*(struct catalog_event *)context = *event;
	return false;
}

struct catalog_event newest_event(struct fixture *fixture)
{
	struct catalog_event event = {0};
	assert_true(catalog_history_list(
		fixture->catalog, NULL, 0, 1, keep_newest, &event, &fixture->error));
	return event;
}
