/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

struct catalog_drive add_drive(struct fixture *fixture, const char *name)
{
	struct catalog_drive drive = {.kind = "optical", .personality = "dvd-rom"};
	snprintf(drive.name, sizeof drive.name, "%s", name);
	assert_true(catalog_drive_add(fixture->catalog, &drive, &fixture->error));
	return drive;
}

static bool keep_newest(void *context, const struct catalog_event *event)
{
	*(struct catalog_event *)context = *event;
	return false;
}

struct catalog_event newest_event(struct fixture *fixture)
{
	struct catalog_event event = {0};
	assert_true(
		catalog_history_list(fixture->catalog, 0, 1, keep_newest, &event, &fixture->error));
	return event;
}
