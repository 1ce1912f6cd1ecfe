/* SPDX-License-Identifier: Apache-2.0 */
/* Adding media. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/catalog.h"
#include "database.h"
#include "medium_check.h"
#include "names.h"
#include "query.h"
#include "rows.h"
#include "transaction.h"
#include "util/cleanup.h"

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

static bool check_barcode_is_new(struct catalog *catalog, const char *barcode, struct error *error)
{
	static const char sql[] = "SELECT id FROM media WHERE barcode = ? AND barcode <> ''";
	_cleanup_(query_finish) struct query q = {0};
	char id[CATALOG_ID_MAX];
	query_init(&q, catalog, sql);
	query_bind_text(&q, barcode);
	if (!query_row(&q))
		return query_ok(&q, error);
	query_take_text(&q, id, sizeof id);
	return error_set(error, ERROR_EXISTS, "Use another barcode.",
		"barcode %s is in the catalog already, as that of %s", barcode, id);
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
	static const char sql[] = "INSERT INTO media (" MEDIUM_ADDED_COLUMNS ") "
				  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
				  "?, ?, ?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, medium->id);
	query_bind_text(&q, medium->path);
	medium_bind_description(&q, medium);
	query_bind_text(&q, medium->fault);
	query_bind_int(&q, medium->added);
	query_bind_text(&q, medium->barcode);
	query_bind_text(&q, medium->medium_type);
	query_bind_int(&q, (int64_t)medium->capacity);
	query_bind_int(&q, medium->write_protected);
	query_bind_int(&q, medium->loads);
	return query_run(&q, error);
}

static bool has_id_of_barcode(const struct catalog_medium *medium)
{
	return medium->barcode[0] && strcmp(medium->kind, "tape") == 0;
}

static void propose(struct catalog_medium *row)
{
	if (!row->id[0] && has_id_of_barcode(row))
		name_from_barcode(row->barcode, row->id);
	else if (!row->id[0])
		name_from_path(row->path, row->id);
	if (!row->added)
		row->added = time(NULL);
}

/* The id of a barcode is not numbered: both name the same tape, always. */
static bool settle_id(struct catalog *catalog, struct catalog_medium *row, struct error *error)
{
	if (has_id_of_barcode(row) && id_is_taken(catalog, row->id))
		return error_set(error, ERROR_EXISTS, "Use another barcode.",
			"barcode %s would give the tape an id that another medium has",
			row->barcode);
	choose_id(catalog, row->id);
	return true;
}

static bool add(struct catalog *catalog, struct catalog_medium *row, struct error *error)
{
	propose(row);
	return medium_check(row, error) && check_path_is_new(catalog, row->path, error) &&
	       check_barcode_is_new(catalog, row->barcode, error) &&
	       settle_id(catalog, row, error) && insert(catalog, row, error);
}

bool catalog_medium_add(struct catalog *catalog, struct catalog_medium *medium, struct error *error)
{
	return catalog_media_add_many(catalog, medium, 1, error);
}

static bool add_all(
	struct catalog *catalog, struct catalog_medium *rows, size_t count, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	if (!transaction_begin(&t, catalog, error))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!add(catalog, rows + i, error))
			return false;
	return transaction_commit(&t, error);
}

bool catalog_media_add_many(
	struct catalog *catalog, struct catalog_medium *media, size_t count, struct error *error)
{
	if (count == 0)
		return true;
	_cleanup_free_ struct catalog_medium *rows = calloc(count, sizeof *rows);
	if (!rows)
		return error_set(error, ERROR_NO_MEMORY, "Add fewer at a time.", "out of memory");
	memcpy(rows, media, count * sizeof *rows);
	if (!add_all(catalog, rows, count, error))
		return false;
	memcpy(media, rows, count * sizeof *rows);
	return true;
}
