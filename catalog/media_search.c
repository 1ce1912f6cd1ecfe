/* SPDX-License-Identifier: Apache-2.0 */
#include "media_search.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "medium_check.h"
#include "query.h"
#include "rows.h"
#include "text.h"
#include "util/cleanup.h"

/* What a statement filters by, in the order in which it is bound. */
enum {
	BY_KIND = 1 << 0,
	BY_STATE = 1 << 1, /* of those that have an index */
	BY_OK = 1 << 2,
	BY_DIGEST = 1 << 3,
	BY_TAG = 1 << 4,
	BY_INDEXED = 1 << 5, /* words that the index knows */
	BY_WORDS = 1 << 6,   /* words, read */
	BY_TWINS = 1 << 7,   /* others have the same digest */
	BY_NOTED = 1 << 8,   /* people have said something of them */
	SETS = 1 << MEDIA_FILTERS,
	STATEMENT_MAX = 1536,
	/* Media that are put in order; of more than that a walk meets one in so few steps that it
	   is cheaper. */
	FEW = 1000,
};

static const char *const conditions[MEDIA_FILTERS] = {
	" AND media.kind = ?",
	/* The partial index is taken only where it is plain that it may be. */
	" AND media.state = ? AND media.state <> 'ok'",
	" AND media.state = ?",
	" AND media.sha256 = ? AND media.sha256 <> ''",
	" AND media_tags.tag = ?",
	" AND media.id IN (SELECT medium FROM media_numbers WHERE number IN "
	"(SELECT rowid FROM media_text WHERE media_text MATCH ?))",
	/* The table that the index keeps its texts in: a tenth of what it costs to ask the index.
	 */
	" AND has_words((SELECT c0 FROM media_text_content WHERE id = "
	"(SELECT number FROM media_numbers WHERE medium = media.id)), ?)",
	" AND media.sha256 <> '' AND EXISTS (SELECT 1 FROM media AS twin WHERE "
	"twin.sha256 = media.sha256 AND twin.sha256 <> '' AND twin.id <> media.id)",
	" AND (media.notes <> '' OR EXISTS (SELECT 1 FROM media_tags AS any_tag WHERE "
	"any_tag.medium = media.id))",
};
/* Beside what few media have, which is gone by: no other index, and no other table. */
static const char *const beside[MEDIA_FILTERS] = {
	" AND +media.kind = ?",
	" AND +media.state = ?",
	" AND +media.state = ?",
	NULL,
	" AND EXISTS (SELECT 1 FROM media_tags WHERE medium = media.id AND tag = ?)",
};

/* One text for each set of filters, so that each goes by its index; made when it is asked for, for
 * ever. */
static char page_texts[SETS][STATEMENT_MAX], count_texts[SETS][STATEMENT_MAX];
static pthread_mutex_t texts_lock = PTHREAD_MUTEX_INITIALIZER;

static void append(char *text, const char *more)
{
	size_t length = strlen(text);
	snprintf(text + length, STATEMENT_MAX - length, "%s", more);
}

static bool goes_by_few(unsigned set)
{
	return set & (BY_INDEXED | BY_DIGEST);
}

/* Who has the tag is in the order of ids already. */
static bool walks_along_tag(unsigned set)
{
	return (set & BY_TAG) && !goes_by_few(set);
}

static const char *source(unsigned set)
{
	return walks_along_tag(set)
		       ? " FROM media_tags CROSS JOIN media ON media.id = media_tags.medium"
		       : " FROM media";
}

static const char *condition(unsigned set, unsigned filter)
{
	return goes_by_few(set) && beside[filter] ? beside[filter] : conditions[filter];
}

static void append_conditions(char *text, unsigned set)
{
	for (unsigned i = 0; i < MEDIA_FILTERS; i++)
		if (set & 1u << i)
			append(text, condition(set, i));
}

static void make_page_text(char *text, unsigned set)
{
	const char *id = walks_along_tag(set) ? "media_tags.medium" : "id";
	append(text, "SELECT " MEDIUM_COLUMNS);
	append(text, source(set));
	append(text, " WHERE ");
	append(text, id);
	append(text, " > ?");
	append_conditions(text, set);
	append(text, " ORDER BY ");
	append(text, id);
	append(text, " LIMIT ?");
}

static void make_count_text(char *text, unsigned set)
{
	append(text, "SELECT count(*) FROM (SELECT 1");
	append(text, source(set));
	append(text, " WHERE 1");
	append_conditions(text, set);
	append(text, " LIMIT ?)");
}

static void make_texts(unsigned set)
{
	SCOPED_LOCK(&texts_lock);
	if (page_texts[set][0])
		return;
	make_page_text(page_texts[set], set);
	make_count_text(count_texts[set], set);
}

static void search_by(struct media_search *search, unsigned filter, const char *value)
{
	unsigned index = 0;
	if (!value || !value[0])
		return;
	while (1u << index != filter)
		index++;
	search->set |= filter;
	search->values[index] = value;
}

/* At most FEW media have words of this expression. */
static bool is_rare(struct catalog *catalog, const char *expression, bool *ret, struct error *error)
{
	static const char sql[] = "SELECT count(*) FROM (SELECT 1 FROM media_text "
				  "WHERE media_text MATCH ? LIMIT ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, expression);
	query_bind_int(&q, FEW + 1);
	*ret = query_row(&q) && query_take_int(&q) <= FEW;
	return query_ok(&q, error);
}

static bool search_by_words(struct media_search *search, struct catalog *catalog, const char *match,
	struct error *error)
{
	struct text_expression said;
	bool rare = false;
	if (!match || !match[0])
		return true;
	search->expression = text_expression(match, &said, error);
	if (!search->expression)
		return false;
	if (search->expression[0] && !said.must_index &&
		!is_rare(catalog, search->expression, &rare, error))
		return false;
	bool indexed = search->expression[0] && (said.must_index || rare);
	if (indexed)
		search_by(search, BY_INDEXED, search->expression);
	if (!indexed || said.incomplete)
		search_by(search, BY_WORDS, match);
	return true;
}

bool media_search_init(struct media_search *search, struct catalog *catalog,
	const struct catalog_media_filter *filter, struct error *error)
{
	static const struct catalog_media_filter all;
	filter = filter ? filter : &all;
	if (filter->kind && filter->kind[0] && !medium_kind(filter->kind))
		return medium_kind_unknown(filter->kind, error);
	if (filter->state && filter->state[0] && !medium_state_is_valid(filter->state))
		return medium_state_unknown(filter->state, error);
	bool ok = filter->state && strcmp(filter->state, "ok") == 0;
	search_by(search, BY_KIND, filter->kind);
	search_by(search, ok ? BY_OK : BY_STATE, filter->state);
	search_by(search, BY_DIGEST, filter->sha256);
	search_by(search, BY_TAG, filter->tag);
	if (filter->duplicates)
		search->set |= BY_TWINS;
	if (filter->annotated)
		search->set |= BY_NOTED;
	if (!search_by_words(search, catalog, filter->match, error))
		return false;
	make_texts(search->set);
	return true;
}

void media_search_finish(struct media_search *search)
{
	free(search->expression);
}

static void bind(const struct media_search *search, struct query *q)
{
	for (unsigned i = 0; i < MEDIA_FILTERS; i++)
		if (search->set & 1u << i && search->values[i])
			query_bind_text(q, search->values[i]);
}

void media_search_page(struct media_search *search, struct query *q, struct catalog *catalog,
	const char *after, unsigned limit)
{
	query_init(q, catalog, page_texts[search->set]);
	query_bind_text(q, after);
	bind(search, q);
	query_bind_int(q, limit);
}

void media_search_count(
	struct media_search *search, struct query *q, struct catalog *catalog, unsigned most)
{
	query_init(q, catalog, count_texts[search->set]);
	bind(search, q);
	query_bind_int(q, most);
}
