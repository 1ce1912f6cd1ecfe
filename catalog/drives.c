/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "catalog/catalog.h"
#include "database.h"
#include "names.h"
#include "query.h"
#include "rows.h"
#include "transaction.h"
#include "util/cleanup.h"

#define DRIVE_COLUMNS "name, kind, personality, serial, loopback, tray_open, medium"

static void drive_take(struct query *q, struct catalog_drive *ret)
{
	query_take_text(q, ret->name, sizeof ret->name);
	query_take_text(q, ret->kind, sizeof ret->kind);
	query_take_text(q, ret->personality, sizeof ret->personality);
	query_take_text(q, ret->serial, sizeof ret->serial);
	ret->loopback = query_take_int(q) != 0;
	ret->tray_open = query_take_int(q) != 0;
	query_take_text(q, ret->medium, sizeof ret->medium);
}

static const char *null_if_empty(const char *text)
{
	return text[0] ? text : NULL;
}

bool catalog_drive_not_found(const char *name, struct error *error)
{
	return error_set(error, ERROR_DRIVE_NOT_FOUND, "List the drives with `carousel drive ls`.",
		"there is no drive %.64s", name);
}

static bool medium_missing(const char *medium, struct error *error)
{
	return error_set(error, ERROR_MEDIUM_NOT_FOUND, "Add the medium first.",
		"there is no medium %.64s", medium);
}

/* Hosts tell drives apart by it, so it is never made twice. */
static bool make_serial(char *ret, size_t size, struct error *error)
{
	uint64_t random;
	if (getrandom(&random, sizeof random, 0) != sizeof random)
		return error_set(
			error, ERROR_INTERNAL, "Try again.", "the kernel gave no random numbers");
	snprintf(ret, size, "CR%014llx", (unsigned long long)(random >> 8));
	return true;
}

static bool insert(struct catalog *catalog, const struct catalog_drive *drive, struct error *error)
{
	static const char sql[] =
		"INSERT INTO drives (" DRIVE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, drive->name);
	query_bind_text(&q, drive->kind);
	query_bind_text(&q, drive->personality);
	query_bind_text(&q, drive->serial);
	query_bind_int(&q, drive->loopback);
	query_bind_int(&q, drive->tray_open);
	query_bind_text(&q, null_if_empty(drive->medium));
	query_row(&q);
	switch (q.result) {
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		return error_set(error, ERROR_EXISTS, "Choose another name.",
			"there is a drive %s already", drive->name);
	case SQLITE_CONSTRAINT_UNIQUE:
		return error_set(error, ERROR_EXISTS, "Leave the serial number empty.",
			"another drive has the serial number %s", drive->serial);
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return medium_missing(drive->medium, error);
	case SQLITE_CONSTRAINT_TRIGGER:
		return medium_check_not_in_drive(catalog, drive->medium, error) &&
		       query_ok(&q, error);
	default:
		return query_ok(&q, error);
	}
}

bool catalog_drive_add(struct catalog *catalog, struct catalog_drive *drive, struct error *error)
{
	struct catalog_drive row = *drive;
	if (!catalog_drive_name_valid(row.name))
		return error_set(error, ERROR_INVALID,
			"Use at most 32 of a-z, 0-9, '.', '_' and '-', beginning with a letter or "
			"digit, and not \"any\".",
			"\"%s\" is not allowed as the name of a drive", row.name);
	if (!row.serial[0] && !make_serial(row.serial, sizeof row.serial, error))
		return false;
	if (!insert(catalog, &row, error))
		return false;
	*drive = row;
	return true;
}

bool catalog_drive_find(
	struct catalog *catalog, const char *name, struct catalog_drive *ret, struct error *error)
{
	static const char sql[] = "SELECT " DRIVE_COLUMNS " FROM drives WHERE name = ?";
	_cleanup_(query_finish) struct query q = {0};
	struct catalog_drive drive;
	query_init(&q, catalog, sql);
	query_bind_text(&q, name);
	if (!query_row(&q))
		return query_ok(&q, error) && catalog_drive_not_found(name, error);
	drive_take(&q, &drive);
	if (!query_ok(&q, error))
		return false;
	*ret = drive;
	return true;
}

bool catalog_drive_remove(struct catalog *catalog, const char *name, struct error *error)
{
	static const char sql[] = "DELETE FROM drives WHERE name = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, name);
	if (!query_run(&q, error))
		return false;
	return sqlite3_changes(catalog->db) > 0 || catalog_drive_not_found(name, error);
}

bool catalog_drives_list(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_drive *drive), void *context,
	struct error *error)
{
	static const char sql[] = "SELECT " DRIVE_COLUMNS " FROM drives ORDER BY name";
	_cleanup_(query_finish) struct query q = {0};
	struct catalog_drive drive;
	query_init(&q, catalog, sql);
	while (query_row(&q)) {
		drive_take(&q, &drive);
		if (!query_ok(&q, error))
			return false;
		if (!each(context, &drive))
			return true;
	}
	return query_ok(&q, error);
}

static bool place(struct catalog *catalog, const char *name, const char *medium, bool tray_open,
	struct error *error)
{
	static const char sql[] = "UPDATE drives SET medium = ?, tray_open = ? WHERE name = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, null_if_empty(medium));
	query_bind_int(&q, tray_open);
	query_bind_text(&q, name);
	query_row(&q);
	if (q.result == SQLITE_CONSTRAINT_FOREIGNKEY)
		return medium_missing(medium, error);
	if (q.result == SQLITE_CONSTRAINT_TRIGGER &&
		!medium_check_not_in_drive(catalog, medium, error))
		return false;
	if (!query_ok(&q, error))
		return false;
	return sqlite3_changes(catalog->db) > 0 || catalog_drive_not_found(name, error);
}

static bool comes_in(const struct catalog_drive *before, const char *medium, bool tray_open)
{
	return medium[0] && !tray_open &&
	       (before->tray_open || strcmp(before->medium, medium) != 0);
}

static bool count_load(struct catalog *catalog, const char *medium, struct error *error)
{
	static const char sql[] = "UPDATE media SET loads = loads + 1 WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, medium);
	return query_run(&q, error);
}

/* History names the medium that was taken out rather than none. */
bool catalog_drive_set_place(struct catalog *catalog, const char *name, const char *medium,
	bool tray_open, const char *actor, const char *verb, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	struct catalog_drive before;
	return transaction_begin(&t, catalog, error) &&
	       catalog_drive_find(catalog, name, &before, error) &&
	       place(catalog, name, medium, tray_open, error) &&
	       (!comes_in(&before, medium, tray_open) || count_load(catalog, medium, error)) &&
	       catalog_history_add(
		       catalog, actor, verb, name, medium[0] ? medium : before.medium, error) &&
	       transaction_commit(&t, error);
}
