/* SPDX-License-Identifier: Apache-2.0 */
/* Finding one medium. */
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

/* "~" sorts behind everything an id is made of. */
static bool find_by_prefix(struct catalog *catalog, const char *prefix, struct catalog_medium *ret,
	bool *ret_found, struct error *error)
{
	static const char sql[] = "SELECT " MEDIUM_COLUMNS " FROM media "
				  "WHERE id >= ?1 AND id < ?1 || '~' ORDER BY id LIMIT 2";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, prefix);
	*ret_found = query_row(&q);
	if (!*ret_found)
		return query_ok(&q, error);
	medium_take(&q, ret);
	if (!query_row(&q))
		return query_ok(&q, error);
	char second[CATALOG_ID_MAX];
	query_take_text(&q, second, sizeof second);
	return error_set(error, ERROR_MEDIUM_NOT_FOUND, "Give more of the id.",
		"%.64s could be %s, %s, or others", prefix, ret->id, second);
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
