/* SPDX-License-Identifier: Apache-2.0 */
/* Finding one medium. */
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "medium_check.h"
#include "query.h"
#include "rows.h"
#include "util/cleanup.h"

/* *ret_found tells whether `ret` was filled in. */
static bool find_one(struct catalog *catalog, const char *sql, const char *text,
	struct catalog_medium *ret, bool *ret_found, struct error *error)
{
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, text);
	*ret_found = query_row(&q);
	if (*ret_found)
		medium_take(&q, ret);
	return query_ok(&q, error);
}

enum { LISTED_MAX = 3 };

/* The rows that are left, of a prefix that is not enough. */
static bool list_candidates(
	struct query *q, const char *prefix, const char *first, struct error *error)
{
	char list[LISTED_MAX * (CATALOG_ID_MAX + 2)], next[CATALOG_ID_MAX];
	unsigned count = 1;
	size_t length = (size_t)snprintf(list, sizeof list, "%s", first);
	do {
		query_take_text(q, next, sizeof next);
		if (++count <= LISTED_MAX)
			length +=
				(size_t)snprintf(list + length, sizeof list - length, ", %s", next);
	} while (query_row(q));
	return error_set(error, ERROR_MEDIUM_NOT_FOUND, "Give more of the name.",
		"several media begin with \"%.64s\": %s%s", prefix, list,
		count > LISTED_MAX ? ", …" : "");
}

/* "~" sorts behind everything an id is made of. */
static bool find_by_prefix(struct catalog *catalog, const char *prefix, struct catalog_medium *ret,
	bool *ret_found, struct error *error)
{
	static const char sql[] = "SELECT " MEDIUM_COLUMNS " FROM media "
				  "WHERE id >= ?1 AND id < ?1 || '~' ORDER BY id LIMIT 4";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, prefix);
	*ret_found = query_row(&q);
	if (!*ret_found)
		return query_ok(&q, error);
	medium_take(&q, ret);
	if (!query_row(&q))
		return query_ok(&q, error);
	return list_candidates(&q, prefix, ret->id, error);
}

bool catalog_medium_find(
	struct catalog *catalog, const char *id, struct catalog_medium *ret, struct error *error)
{
	static const char by_id[] = "SELECT " MEDIUM_COLUMNS " FROM media WHERE id = ?";
	/* Without the comparison that the index has, SQLite does not take it. */
	static const char by_barcode[] = "SELECT " MEDIUM_COLUMNS " FROM media "
					 "WHERE barcode = ? AND barcode <> ''";
	static const char by_path[] = "SELECT " MEDIUM_COLUMNS " FROM media WHERE path = ?";
	struct catalog_medium medium;
	bool found = false;
	bool ok = find_one(catalog, by_id, id, &medium, &found, error);
	if (ok && !found)
		ok = find_one(catalog, by_barcode, id, &medium, &found, error);
	if (ok && !found && id[0] && id[0] != '/')
		ok = find_by_prefix(catalog, id, &medium, &found, error);
	if (ok && !found)
		ok = find_one(catalog, by_path, id, &medium, &found, error);
	if (!ok)
		return false;
	if (!found)
		return medium_not_found(id, error);
	*ret = medium;
	return true;
}

bool medium_by_id(
	struct catalog *catalog, const char *id, struct catalog_medium *ret, struct error *error)
{
	static const char sql[] = "SELECT " MEDIUM_COLUMNS " FROM media WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	if (!query_row(&q))
		return query_ok(&q, error) && medium_not_found(id, error);
	medium_take(&q, ret);
	return query_ok(&q, error);
}

/* '0' comes after '/', so that all that is between begins with the directory. */
bool catalog_media_below(struct catalog *catalog, const char *directory, const char *after,
	bool (*each)(void *context, const struct catalog_medium *medium), void *context,
	struct error *error)
{
	static const char sql[] =
		"SELECT " MEDIUM_COLUMNS " FROM media WHERE path > max(?1 || '/', ?2) AND "
		"path < ?1 || '0' ORDER BY path";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, strcmp(directory, "/") == 0 ? "" : directory);
	query_bind_text(&q, after);
	return medium_each(&q, each, context, error);
}
