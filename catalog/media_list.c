/* SPDX-License-Identifier: Apache-2.0 */
/* Listing and counting media. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "database.h"
#include "medium_check.h"
#include "query.h"
#include "rows.h"
#include "text.h"
#include "util/cleanup.h"

/* What a statement filters by, in the order in which it is bound. */
enum {
	BY_KIND = 1 << 0,
	BY_STATE = 1 << 1,
	BY_DIGEST = 1 << 2,
	BY_TAG = 1 << 3,
	BY_INDEXED = 1 << 4, /* words that the index knows */
	BY_WORDS = 1 << 5,   /* all words, when one is too short for it */
	FILTERS = 6,
	STATEMENT_MAX = 1536,
};

static const char *const conditions[FILTERS] = {
	" AND kind = ?",
	/* The partial index is taken only where it is plain that it may be. */
	" AND state = ? AND state <> 'ok'",
	" AND sha256 = ? AND sha256 <> ''",
	" AND id IN (SELECT medium FROM media_tags WHERE tag = ?)",
	" AND id IN (SELECT medium FROM media_numbers WHERE number IN "
	"(SELECT rowid FROM media_text WHERE media_text MATCH ?))",
	" AND has_words((SELECT words FROM media_text WHERE rowid = "
	"(SELECT number FROM media_numbers WHERE medium = media.id)), ?)",
};

/* One text for each set of filters, so that each goes by its index; made once, for ever. */
static char list_texts[1 << FILTERS][STATEMENT_MAX], count_texts[1 << FILTERS][STATEMENT_MAX];
static pthread_once_t texts_made = PTHREAD_ONCE_INIT;

static void append(char *text, const char *more)
{
	size_t length = strlen(text);
	snprintf(text + length, STATEMENT_MAX - length, "%s", more);
}

static void make_texts(void)
{
	for (unsigned set = 0; set < 1 << FILTERS; set++) {
		append(list_texts[set], "SELECT " MEDIUM_COLUMNS " FROM media WHERE id > ?");
		append(count_texts[set], "SELECT count(*) FROM media WHERE 1");
		for (unsigned i = 0; i < FILTERS; i++) {
			if (!(set & 1u << i))
				continue;
			append(list_texts[set], conditions[i]);
			append(count_texts[set], conditions[i]);
		}
		append(list_texts[set], " ORDER BY id LIMIT ?");
	}
}

/* A filter that was checked. */
struct search {
	unsigned set;
	const char *values[FILTERS];
	char *expression; /* for the index */
};

static void search_finish(struct search *search)
{
	free(search->expression);
}

static void search_by(struct search *search, unsigned filter, const char *value)
{
	unsigned index = 0;
	if (!value || !value[0])
		return;
	while (1u << index != filter)
		index++;
	search->set |= filter;
	search->values[index] = value;
}

static bool search_by_words(struct search *search, const char *match, struct error *error)
{
	bool has_short;
	if (!match || !match[0])
		return true;
	search->expression = text_expression(match, &has_short, error);
	if (!search->expression)
		return false;
	search_by(search, BY_INDEXED, search->expression);
	if (has_short)
		search_by(search, BY_WORDS, match);
	return true;
}

static bool search_init(
	struct search *search, const struct catalog_media_filter *filter, struct error *error)
{
	static const struct catalog_media_filter all;
	filter = filter ? filter : &all;
	if (filter->kind && filter->kind[0] && !medium_kind(filter->kind))
		return medium_kind_unknown(filter->kind, error);
	if (filter->state && filter->state[0] && !medium_state_is_valid(filter->state))
		return medium_state_unknown(filter->state, error);
	search_by(search, BY_KIND, filter->kind);
	search_by(search, BY_STATE, filter->state);
	search_by(search, BY_DIGEST, filter->sha256);
	search_by(search, BY_TAG, filter->tag);
	pthread_once(&texts_made, make_texts);
	return search_by_words(search, filter->match, error);
}

static void search_bind(const struct search *search, struct query *q)
{
	for (unsigned i = 0; i < FILTERS; i++)
		if (search->set & 1u << i)
			query_bind_text(q, search->values[i]);
}

bool catalog_media_list(struct catalog *catalog, const char *after, unsigned limit,
	const struct catalog_media_filter *filter,
	bool (*each)(void *context, const struct catalog_medium *medium), void *context,
	struct error *error)
{
	_cleanup_(search_finish) struct search search = {0};
	_cleanup_(query_finish) struct query q = {0};
	if (!search_init(&search, filter, error))
		return false;
	query_init(&q, catalog, list_texts[search.set]);
	query_bind_text(&q, after);
	search_bind(&search, &q);
	query_bind_int(&q, limit);
	return medium_each(&q, each, context, error);
}

/* ---- counting ----------------------------------------------------------------------------------
 */

static bool count_media(
	struct catalog *catalog, const struct search *search, uint64_t *ret, struct error *error)
{
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, count_texts[search->set]);
	search_bind(search, &q);
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

/* All that was asked for, as one text. */
static char *search_key(const struct search *search)
{
	size_t length = 1;
	for (unsigned i = 0; i < FILTERS; i++)
		length += (search->values[i] ? strlen(search->values[i]) : 0) + 2;
	char *key = malloc(length), *end = key;
	for (unsigned i = 0; key && i < FILTERS; i++)
		end += sprintf(end, "%s\n", search->values[i] ? search->values[i] : "");
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
static void keep_count(
	struct catalog *catalog, char *key, int64_t version, int64_t changes, uint64_t count)
{
	free(catalog->counted.key);
	catalog->counted.key = sqlite3_get_autocommit(catalog->db) ? steal(key) : NULL;
	catalog->counted.version = version;
	catalog->counted.changes = changes;
	catalog->counted.count = count;
	free(key);
}

/* Counting looks at every row, so it is done once as long as nothing is written. */
bool catalog_media_count(struct catalog *catalog, const struct catalog_media_filter *filter,
	uint64_t *ret, struct error *error)
{
	_cleanup_(search_finish) struct search search = {0};
	_cleanup_free_ char *key = NULL;
	int64_t version = 0, changes = 0;
	uint64_t count = 0;
	if (!search_init(&search, filter, error) ||
		!read_version(catalog, &version, &changes, error))
		return false;
	key = search_key(&search);
	if (is_counted(catalog, key, version, changes)) {
		*ret = catalog->counted.count;
		return true;
	}
	if (!count_media(catalog, &search, &count, error))
		return false;
	keep_count(catalog, steal(key), version, changes, count);
	*ret = count;
	return true;
}

/* Somebody always writes while a job runs, and to count again for each page would take longer than
 * the pages. */
bool catalog_media_count_again(struct catalog *catalog, const struct catalog_media_filter *filter,
	uint64_t *ret, struct error *error)
{
	_cleanup_(search_finish) struct search search = {0};
	_cleanup_free_ char *key = NULL;
	if (!search_init(&search, filter, error))
		return false;
	key = search_key(&search);
	if (!is_of(catalog, key))
		return catalog_media_count(catalog, filter, ret, error);
	*ret = catalog->counted.count;
	return true;
}
