/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and listing media. */
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "database.h"
#include "query.h"
#include "rows.h"
#include "util/cleanup.h"

void medium_take(struct query *q, struct catalog_medium *ret)
{
	query_take_text(q, ret->id, sizeof ret->id);
	query_take_text(q, ret->path, sizeof ret->path);
	query_take_text(q, ret->kind, sizeof ret->kind);
	query_take_text(q, ret->format, sizeof ret->format);
	query_take_text(q, ret->file_system, sizeof ret->file_system);
	query_take_text(q, ret->volume_id, sizeof ret->volume_id);
	ret->size = (uint64_t)query_take_int(q);
	ret->profile = (uint32_t)query_take_int(q);
	ret->profile_override = (uint32_t)query_take_int(q);
	ret->identity.device = (uint64_t)query_take_int(q);
	ret->identity.inode = (uint64_t)query_take_int(q);
	ret->identity.size = (uint64_t)query_take_int(q);
	ret->identity.mtime_sec = query_take_int(q);
	ret->identity.mtime_nsec = query_take_int(q);
	query_take_text(q, ret->fault, sizeof ret->fault);
	ret->added = query_take_int(q);
}

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
	static const char by_path[] = "SELECT " MEDIUM_COLUMNS " FROM media WHERE path = ?";
	struct catalog_medium medium;
	bool found = false;
	bool ok = find_one(catalog, by_id, id, &medium, &found, error);
	if (ok && !found && id[0] && id[0] != '/')
		ok = find_by_prefix(catalog, id, &medium, &found, error);
	if (ok && !found)
		ok = find_one(catalog, by_path, id, &medium, &found, error);
	if (!ok)
		return false;
	if (!found)
		return error_set(error, ERROR_MEDIUM_NOT_FOUND, "List the media to see their ids.",
			"there is no medium %.128s", id);
	*ret = medium;
	return true;
}

/* "%match%" for LIKE, what LIKE would interpret escaped. */
static bool like_pattern(const char *match, char **ret, struct error *error)
{
	char *pattern = malloc(2 * strlen(match) + 3);
	if (!pattern)
		return error_set(error, ERROR_NO_MEMORY, "Search for less.", "out of memory");
	char *end = pattern;
	*end++ = '%';
	for (; *match; match++) {
		if (strchr("%_\\", *match))
			*end++ = '\\';
		*end++ = *match;
	}
	memcpy(end, "%", 2);
	*ret = pattern;
	return true;
}

#define MATCHES "(id LIKE ? ESCAPE '\\' OR volume_id LIKE ? ESCAPE '\\' OR path LIKE ? ESCAPE '\\')"

bool catalog_media_list(struct catalog *catalog, const char *after, unsigned limit,
	const char *match, bool (*each)(void *context, const struct catalog_medium *medium),
	void *context, struct error *error)
{
	static const char all[] = "SELECT " MEDIUM_COLUMNS " FROM media "
				  "WHERE id > ? ORDER BY id LIMIT ?";
	static const char some[] = "SELECT " MEDIUM_COLUMNS " FROM media "
				   "WHERE id > ? AND " MATCHES " ORDER BY id LIMIT ?";
	_cleanup_free_ char *pattern = NULL;
	_cleanup_(query_finish) struct query q = {0};
	struct catalog_medium medium;
	bool search = match && match[0];
	if (search && !like_pattern(match, &pattern, error))
		return false;
	query_init(&q, catalog, search ? some : all);
	query_bind_text(&q, after);
	for (int i = 0; search && i < 3; i++)
		query_bind_text(&q, pattern);
	query_bind_int(&q, limit);
	while (query_row(&q)) {
		medium_take(&q, &medium);
		if (!query_ok(&q, error))
			return false;
		if (!each(context, &medium))
			return true;
	}
	return query_ok(&q, error);
}

static bool count_media(
	struct catalog *catalog, const char *match, uint64_t *ret, struct error *error)
{
	static const char all[] = "SELECT count(*) FROM media";
	static const char some[] = "SELECT count(*) FROM media WHERE " MATCHES;
	_cleanup_free_ char *pattern = NULL;
	_cleanup_(query_finish) struct query q = {0};
	bool search = match[0];
	if (search && !like_pattern(match, &pattern, error))
		return false;
	query_init(&q, catalog, search ? some : all);
	for (int i = 0; search && i < 3; i++)
		query_bind_text(&q, pattern);
	if (query_row(&q))
		*ret = (uint64_t)query_take_int(&q);
	return query_ok(&q, error);
}

/* What tells whether anything was written since: by other connections, and by this one. */
static bool read_version(
	struct catalog *catalog, int64_t *ret_version, int64_t *ret_changes, struct error *error)
{
	static const char data_version[] = "PRAGMA data_version";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, data_version);
	if (query_row(&q))
		*ret_version = query_take_int(&q);
	*ret_changes = sqlite3_total_changes64(catalog->db);
	return query_ok(&q, error);
}

static bool is_counted(struct catalog *catalog, const char *match, int64_t version, int64_t changes)
{
	return catalog->counted.match && strcmp(catalog->counted.match, match) == 0 &&
	       catalog->counted.version == version && catalog->counted.changes == changes;
}

/* In a transaction nothing is kept: it may be rolled back. */
static void keep_count(struct catalog *catalog, const char *match, int64_t version, int64_t changes,
	uint64_t count)
{
	free(catalog->counted.match);
	catalog->counted.match = sqlite3_get_autocommit(catalog->db) ? strdup(match) : NULL;
	catalog->counted.version = version;
	catalog->counted.changes = changes;
	catalog->counted.count = count;
}

/* Counting looks at every row, so it is done for the first page of a search and not for the rest.
 */
bool catalog_media_count(
	struct catalog *catalog, const char *match, uint64_t *ret, struct error *error)
{
	const char *text = match ? match : "";
	int64_t version = 0, changes = 0;
	uint64_t count = 0;
	if (!read_version(catalog, &version, &changes, error))
		return false;
	if (is_counted(catalog, text, version, changes)) {
		*ret = catalog->counted.count;
		return true;
	}
	if (!count_media(catalog, text, &count, error))
		return false;
	keep_count(catalog, text, version, changes, count);
	*ret = count;
	return true;
}
