/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "catalog/catalog.h"
#include "database.h"
#include "names.h"
#include "query.h"
#include "rows.h"
#include "transaction.h"
#include "util/cleanup.h"

/* All columns after the path, in the order of MEDIUM_COLUMNS, up to mtime_nsec. */
static void bind_description(struct query *q, const struct catalog_medium *medium)
{
	query_bind_text(q, medium->kind);
	query_bind_text(q, medium->format);
	query_bind_text(q, medium->file_system);
	query_bind_text(q, medium->volume_id);
	query_bind_int(q, (int64_t)medium->size);
	query_bind_int(q, medium->profile);
	query_bind_int(q, medium->profile_override);
	query_bind_int(q, (int64_t)medium->identity.device);
	query_bind_int(q, (int64_t)medium->identity.inode);
	query_bind_int(q, (int64_t)medium->identity.size);
	query_bind_int(q, medium->identity.mtime_sec);
	query_bind_int(q, medium->identity.mtime_nsec);
}

static bool check_description(const struct catalog_medium *medium, struct error *error)
{
	if (medium->path[0] != '/')
		return error_set(error, ERROR_INVALID, "Give an absolute path.",
			"\"%s\" is not an absolute path", medium->path);
	if (!text_is_utf8(medium->path))
		return error_set(
			error, ERROR_INVALID, "Rename the file.", "the file name is not UTF-8");
	if (!text_is_utf8(medium->volume_id))
		return error_set(error, ERROR_INVALID, "Give a volume identifier in UTF-8.",
			"the volume identifier of %s is not UTF-8", medium->path);
	if (!name_is_valid(medium->id, CATALOG_ID_MAX - 1))
		return error_set(error, ERROR_INVALID,
			"Use a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.",
			"\"%s\" is not allowed as the id of a medium", medium->id);
	return true;
}

static bool check_path_is_new(struct catalog *catalog, const char *path, struct error *error)
{
	static const char sql[] = "SELECT id FROM media WHERE path = ?";
	_cleanup_(query_finish) struct query q = {0};
	char id[CATALOG_ID_MAX];
	query_init(&q, catalog, sql);
	query_bind_text(&q, path);
	if (!query_row(&q))
		return query_ok(&q, error);
	query_take_text(&q, id, sizeof id);
	return error_set(error, ERROR_EXISTS, "Use that medium, or remove it first.",
		"%s is in the catalog already, as %s", path, id);
}

static bool id_is_taken(struct catalog *catalog, const char *id)
{
	static const char sql[] = "SELECT 1 FROM media WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	return query_row(&q);
}

static bool number_is_taken(struct catalog *catalog, const char *name, unsigned number)
{
	char id[CATALOG_ID_MAX];
	name_numbered(name, number, id);
	return id_is_taken(catalog, id);
}

/*
 * Thousands of files may be called "image.iso": first doubles, then halves. Without gaps this is
 * the smallest free number.
 */
static void choose_id(struct catalog *catalog, char id[CATALOG_ID_MAX])
{
	if (!id_is_taken(catalog, id))
		return;
	unsigned taken = 1, free_number = 2;
	while (number_is_taken(catalog, id, free_number)) {
		taken = free_number;
		free_number *= 2;
	}
	while (free_number - taken > 1) {
		unsigned middle = taken + (free_number - taken) / 2;
		if (number_is_taken(catalog, id, middle))
			taken = middle;
		else
			free_number = middle;
	}
	char name[CATALOG_ID_MAX];
	memcpy(name, id, sizeof name);
	name_numbered(name, free_number, id);
}

static bool insert(
	struct catalog *catalog, const struct catalog_medium *medium, struct error *error)
{
	static const char sql[] = "INSERT INTO media (" MEDIUM_COLUMNS ") "
				  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, medium->id);
	query_bind_text(&q, medium->path);
	bind_description(&q, medium);
	query_bind_text(&q, medium->fault);
	query_bind_int(&q, medium->added);
	return query_run(&q, error);
}

bool catalog_medium_add(struct catalog *catalog, struct catalog_medium *medium, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	struct catalog_medium row = *medium;
	if (!row.id[0])
		name_from_path(row.path, row.id);
	if (!row.added)
		row.added = time(NULL);
	if (!check_description(&row, error) || !transaction_begin(&t, catalog, error) ||
		!check_path_is_new(catalog, row.path, error))
		return false;
	choose_id(catalog, row.id);
	if (!insert(catalog, &row, error) || !transaction_commit(&t, error))
		return false;
	*medium = row;
	return true;
}

static bool not_found(const char *id, struct error *error)
{
	return error_set(error, ERROR_MEDIUM_NOT_FOUND, "List the media to see their ids.",
		"there is no medium %.128s", id);
}

static bool changed_one(struct query *q, const char *id, struct error *error)
{
	if (!query_run(q, error))
		return false;
	return sqlite3_changes(q->catalog->db) > 0 || not_found(id, error);
}

bool catalog_medium_update(
	struct catalog *catalog, const struct catalog_medium *medium, struct error *error)
{
	static const char sql[] =
		"UPDATE media SET kind = ?, format = ?, file_system = ?, volume_id = ?, size = ?, "
		"profile = ?, profile_override = ?, device = ?, inode = ?, file_size = ?, "
		"mtime_sec = ?, mtime_nsec = ?, fault = '' WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	if (!check_description(medium, error))
		return false;
	query_init(&q, catalog, sql);
	bind_description(&q, medium);
	query_bind_text(&q, medium->id);
	return changed_one(&q, medium->id, error);
}

bool catalog_medium_set_fault(
	struct catalog *catalog, const char *id, const char *fault, struct error *error)
{
	static const char sql[] = "UPDATE media SET fault = ? WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	if (strlen(fault) >= CATALOG_TEXT_MAX || !text_is_utf8(fault))
		return error_set(error, ERROR_INVALID, "Use fewer words.",
			"the fault of a medium is described in at most %d bytes of UTF-8",
			CATALOG_TEXT_MAX - 1);
	query_init(&q, catalog, sql);
	query_bind_text(&q, fault);
	query_bind_text(&q, id);
	return changed_one(&q, id, error);
}

static bool check_not_in_use(struct catalog *catalog, const char *id, struct error *error)
{
	static const char sql[] = "SELECT name FROM drives WHERE medium = ? ORDER BY name";
	_cleanup_(query_finish) struct query q = {0};
	char drive[CATALOG_ID_MAX];
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	if (!query_row(&q))
		return query_ok(&q, error);
	query_take_text(&q, drive, sizeof drive);
	return error_set(error, ERROR_MEDIUM_IN_USE, "Take it out of the drive first.",
		"medium %s is in drive %s", id, drive);
}

bool catalog_medium_remove(struct catalog *catalog, const char *id, struct error *error)
{
	static const char sql[] = "DELETE FROM media WHERE id = ?";
	_cleanup_(transaction_finish) struct transaction t = {0};
	_cleanup_(query_finish) struct query q = {0};
	if (!transaction_begin(&t, catalog, error) || !check_not_in_use(catalog, id, error))
		return false;
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	return changed_one(&q, id, error) && transaction_commit(&t, error);
}
