/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "database.h"
#include "query.h"
#include "words.h"

/* The index knows runs of three characters; a word of fewer cannot be looked up in it. */
enum { INDEXED_CHARACTERS = 3 };

/* Each run of an expression is a list that is read for every medium that has the others. */
enum { INDEXED_RUNS_MAX = 32 };

/* ---- keeping it --------------------------------------------------------------------------------
 */

static bool any_stale(struct catalog *catalog, bool *ret, struct error *error)
{
	static const char sql[] = "SELECT 1 FROM media_text_stale LIMIT 1";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	*ret = query_row(&q);
	return query_ok(&q, error);
}

static bool run(struct catalog *catalog, const char *sql, struct error *error)
{
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	return query_run(&q, error);
}

/* A medium that is gone has no words any more. */
bool text_refresh(struct catalog *catalog, struct error *error)
{
	static const char forget[] = "DELETE FROM media_text WHERE rowid IN "
				     "(SELECT number FROM media_text_stale)";
	static const char learn[] = "INSERT INTO media_text (rowid, words) SELECT number, words "
				    "FROM media_words WHERE number IN "
				    "(SELECT number FROM media_text_stale)";
	static const char done[] = "DELETE FROM media_text_stale";
	bool stale;
	if (!any_stale(catalog, &stale, error))
		return false;
	return !stale || (run(catalog, forget, error) && run(catalog, learn, error) &&
				 run(catalog, done, error));
}

/* ---- looking -----------------------------------------------------------------------------------
 */

static void call_has_words(sqlite3_context *call, int count, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]);
	const char *words = (const char *)sqlite3_value_text(values[1]);
	(void)count;
	sqlite3_result_int(call, text && words && words_are_in(words, text));
}

bool text_define(struct catalog *catalog, struct error *error)
{
	int result = sqlite3_create_function(catalog->db, "has_words", 2,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, call_has_words, NULL,
		NULL);
	return result == SQLITE_OK || catalog_fail(catalog, result, error);
}

/* ---- as an expression of FTS5 -----------------------------------------------------------------
 */

static bool begins_character(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

static size_t characters(const char *word, size_t length)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += begins_character(word[i]);
	return count;
}

/* As a string of FTS5, in which nothing means anything. */
static char *append_quoted(char *end, const char *word, size_t length)
{
	*end++ = '"';
	for (size_t i = 0; i < length; i++) {
		if (word[i] == '"')
			*end++ = '"';
		*end++ = word[i];
	}
	*end++ = '"';
	*end++ = ' ';
	return end;
}

/* The end of a word says most: paths begin alike. */
static size_t skip_characters(const char *word, size_t count)
{
	const char *at = word;
	for (; count; count--)
		for (at++; !begins_character(*at); at++)
			;
	return (size_t)(at - word);
}

/* What there is room for of one word; true when that is all of it. */
static bool append_word(char **end, const char *word, size_t length, size_t *runs)
{
	size_t count = characters(word, length);
	if (count < INDEXED_CHARACTERS || !*runs)
		return false;
	size_t wanted = count - (INDEXED_CHARACTERS - 1);
	size_t skipped = wanted > *runs ? skip_characters(word, wanted - *runs) : 0;
	*runs -= wanted > *runs ? *runs : wanted;
	*end = append_quoted(*end, word + skipped, length - skipped);
	return !skipped;
}

/* Texts are read much faster for what is ASCII. */
static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

char *text_expression(const char *match, struct text_expression *ret, struct error *error)
{
	/* A word of three bytes and a blank become three, two quotes and a blank, at most doubled.
	 */
	char *expression = malloc(2 * strlen(match) + 4 * (strlen(match) / 2 + 1) + 1);
	char *end = expression;
	size_t runs = INDEXED_RUNS_MAX;
	if (!expression) {
		error_set(error, ERROR_NO_MEMORY, "Search for less.", "out of memory");
		return NULL;
	}
	*ret = (struct text_expression){.must_index = !is_ascii(match)};
	for (match += strspn(match, WORDS_BLANKS); *match; match += strspn(match, WORDS_BLANKS)) {
		size_t length = strcspn(match, WORDS_BLANKS);
		if (!append_word(&end, match, length, &runs))
			ret->incomplete = true;
		match += length;
	}
	*end = '\0';
	return expression;
}
