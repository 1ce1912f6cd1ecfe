/* SPDX-License-Identifier: Apache-2.0 */
/* Counting media, as far as that costs little. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "database.h"
#include "media_search.h"
#include "query.h"
#include "util/cleanup.h"

enum { COUNTED_MAX = 1000 };

static bool is_said(const char *text)
{
	return text && text[0];
}

/* What is kept of kinds and states while they change. */
static bool is_kept(const struct catalog_media_filter *filter)
{
	return !filter ||
	       (!is_said(filter->match) && !is_said(filter->tag) && !is_said(filter->sha256) &&
		       !filter->duplicates && !filter->annotated);
}

static bool add_up(struct catalog *catalog, const struct catalog_media_filter *filter,
	struct catalog_media_count *ret, struct error *error)
{
	static const char sql[] = "SELECT coalesce(sum(media), 0) FROM media_totals "
				  "WHERE ?1 IN ('', kind) AND ?2 IN ('', state)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, filter && filter->kind ? filter->kind : "");
	query_bind_text(&q, filter && filter->state ? filter->state : "");
	if (query_row(&q))
		*ret = (struct catalog_media_count){(uint64_t)query_take_int(&q), true};
	return query_ok(&q, error);
}

static bool count_media(struct catalog *catalog, struct media_search *search,
	struct catalog_media_count *ret, struct error *error)
{
	uint64_t count = 0;
	_cleanup_(query_finish) struct query q = {0};
	media_search_count(search, &q, catalog, COUNTED_MAX + 1);
	if (query_row(&q))
		count = (uint64_t)query_take_int(&q);
	if (!query_ok(&q, error))
		return false;
	*ret = (struct catalog_media_count){count, count <= COUNTED_MAX};
	return true;
}

/* ---- the last count -----------------------------------------------------------------------------
 */

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

/* All that was asked for, as one text; NULL: there is no memory, and nothing is kept. */
static char *filter_key(const struct catalog_media_filter *filter)
{
	const char *const values[] = {filter->kind, filter->state, filter->sha256, filter->tag,
		filter->duplicates ? "duplicates" : "", filter->annotated ? "annotated" : "",
		filter->match};
	enum { VALUES = sizeof values / sizeof values[0] };
	size_t length = 1;
	for (unsigned i = 0; i < VALUES; i++)
		length += (values[i] ? strlen(values[i]) : 0) + 1;
	char *key = malloc(length), *end = key;
	for (unsigned i = 0; key && i < VALUES; i++)
		end += sprintf(end, "%s\n", values[i] ? values[i] : "");
	return key;
}

/* The last count was of this search. */
static bool is_of(const struct catalog *catalog, const char *key)
{
	return key && catalog->counted.key && strcmp(catalog->counted.key, key) == 0;
}

/* And nothing was written since. */
static bool is_counted(
	const struct catalog *catalog, const char *key, int64_t version, int64_t changes)
{
	return is_of(catalog, key) && catalog->counted.version == version &&
	       catalog->counted.changes == changes;
}

/* In a transaction nothing is kept: it may be rolled back. Takes over the key. */
static void keep_count(struct catalog *catalog, char *key, int64_t version, int64_t changes,
	const struct catalog_media_count *count)
{
	free(catalog->counted.key);
	catalog->counted.key = sqlite3_get_autocommit(catalog->db) ? steal(key) : NULL;
	catalog->counted.version = version;
	catalog->counted.changes = changes;
	catalog->counted.count = *count;
	free(key);
}

static bool count_and_keep(struct catalog *catalog, struct media_search *search,
	const struct catalog_media_filter *filter, struct catalog_media_count *ret,
	struct error *error)
{
	_cleanup_free_ char *key = filter_key(filter);
	int64_t version = 0, changes = 0;
	if (!read_version(catalog, &version, &changes, error))
		return false;
	if (is_counted(catalog, key, version, changes)) {
		*ret = catalog->counted.count;
		return true;
	}
	if (!count_media(catalog, search, ret, error))
		return false;
	keep_count(catalog, steal(key), version, changes, ret);
	return true;
}

bool catalog_media_count(struct catalog *catalog, const struct catalog_media_filter *filter,
	struct catalog_media_count *ret, struct error *error)
{
	_cleanup_(media_search_finish) struct media_search search = {0};
	if (!media_search_init(&search, catalog, filter, error))
		return false;
	return is_kept(filter) ? add_up(catalog, filter, ret, error)
			       : count_and_keep(catalog, &search, filter, ret, error);
}

/* Somebody always writes while a job runs, and words that are hardly anywhere are looked for in all
 * media. */
bool catalog_media_count_again(struct catalog *catalog, const struct catalog_media_filter *filter,
	struct catalog_media_count *ret, struct error *error)
{
	_cleanup_free_ char *key = is_kept(filter) ? NULL : filter_key(filter);
	if (!is_of(catalog, key))
		return catalog_media_count(catalog, filter, ret, error);
	*ret = catalog->counted.count;
	return true;
}
