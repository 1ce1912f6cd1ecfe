/* SPDX-License-Identifier: Apache-2.0 */
/* Listing and counting media. */
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "database.h"
#include "medium_check.h"
#include "query.h"
#include "rows.h"
#include "util/cleanup.h"

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

#define MATCHES(text)                                                                              \
	"(id LIKE " text " ESCAPE '\\' OR barcode LIKE " text                                      \
	" ESCAPE '\\' OR volume_id LIKE " text " ESCAPE '\\' OR path LIKE " text " ESCAPE '\\')"

/* One text for each set of filters, so that each goes by its index. */
static const char *list_sql(bool kind, bool match)
{
#define MEDIA    "SELECT " MEDIUM_COLUMNS " FROM media WHERE id > ?1 "
#define IN_ORDER " ORDER BY id LIMIT ?"
	static const char all[] = MEDIA IN_ORDER;
	static const char of_kind[] = MEDIA "AND kind = ?2" IN_ORDER;
	static const char matching[] = MEDIA "AND " MATCHES("?2") IN_ORDER;
	static const char both[] = MEDIA "AND kind = ?2 AND " MATCHES("?3") IN_ORDER;
#undef MEDIA
#undef IN_ORDER
	if (kind)
		return match ? both : of_kind;
	return match ? matching : all;
}

static const char *count_sql(bool kind, bool match)
{
#define COUNT "SELECT count(*) FROM media "
	static const char all[] = COUNT;
	static const char of_kind[] = COUNT "WHERE kind = ?1";
	static const char matching[] = COUNT "WHERE " MATCHES("?1");
	static const char both[] = COUNT "WHERE kind = ?1 AND " MATCHES("?2");
#undef COUNT
	if (kind)
		return match ? both : of_kind;
	return match ? matching : all;
}

/* What is asked for of a list or a count of media. */
struct filter {
	const char *kind; /* as medium_kind tells; NULL: all */
	char *pattern;    /* for LIKE; NULL: all */
};

static void filter_finish(struct filter *filter)
{
	free(filter->pattern);
}

static bool filter_init(
	struct filter *filter, const char *kind, const char *match, struct error *error)
{
	if (kind && kind[0] && !(filter->kind = medium_kind(kind)))
		return medium_kind_unknown(kind, error);
	return !match || !match[0] || like_pattern(match, &filter->pattern, error);
}

static void filter_bind(const struct filter *filter, struct query *q)
{
	if (filter->kind)
		query_bind_text(q, filter->kind);
	if (filter->pattern)
		query_bind_text(q, filter->pattern);
}

bool catalog_media_list(struct catalog *catalog, const char *after, unsigned limit,
	const char *kind, const char *match,
	bool (*each)(void *context, const struct catalog_medium *medium), void *context,
	struct error *error)
{
	_cleanup_(filter_finish) struct filter filter = {0};
	_cleanup_(query_finish) struct query q = {0};
	struct catalog_medium medium;
	if (!filter_init(&filter, kind, match, error))
		return false;
	query_init(&q, catalog, list_sql(filter.kind, filter.pattern));
	query_bind_text(&q, after);
	filter_bind(&filter, &q);
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
	struct catalog *catalog, const struct filter *filter, uint64_t *ret, struct error *error)
{
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, count_sql(filter->kind, filter->pattern));
	filter_bind(filter, &q);
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

/* The last count, and what it was of. */
static bool is_counted(struct catalog *catalog, const char *kind, const char *match,
	int64_t version, int64_t changes)
{
	return catalog->counted.match && strcmp(catalog->counted.match, match) == 0 &&
	       catalog->counted.kind == kind && catalog->counted.version == version &&
	       catalog->counted.changes == changes;
}

/* In a transaction nothing is kept: it may be rolled back. */
static void keep_count(struct catalog *catalog, const char *kind, const char *match,
	int64_t version, int64_t changes, uint64_t count)
{
	free(catalog->counted.match);
	catalog->counted.match = sqlite3_get_autocommit(catalog->db) ? strdup(match) : NULL;
	catalog->counted.kind = kind;
	catalog->counted.version = version;
	catalog->counted.changes = changes;
	catalog->counted.count = count;
}

/* Counting looks at every row, so it is done for the first page of a search and not for the rest.
 */
bool catalog_media_count(struct catalog *catalog, const char *kind, const char *match,
	uint64_t *ret, struct error *error)
{
	_cleanup_(filter_finish) struct filter filter = {0};
	const char *text = match ? match : "";
	int64_t version = 0, changes = 0;
	uint64_t count = 0;
	if (!filter_init(&filter, kind, match, error) ||
		!read_version(catalog, &version, &changes, error))
		return false;
	if (is_counted(catalog, filter.kind, text, version, changes)) {
		*ret = catalog->counted.count;
		return true;
	}
	if (!count_media(catalog, &filter, &count, error))
		return false;
	keep_count(catalog, filter.kind, text, version, changes, count);
	*ret = count;
	return true;
}
