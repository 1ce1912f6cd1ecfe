/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "catalog/catalog.h"
#include "database.h"
#include "query.h"

/* The index knows runs of three characters; a word of fewer cannot be looked up in it. */
enum { INDEXED_CHARACTERS = 3 };

static const char blanks[] = " \t\r\n";

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

static bool has_word(const char *text, const char *word, size_t length)
{
	for (; *text; text++)
		if (strncasecmp(text, word, length) == 0)
			return true;
	return false;
}

static bool has_words(const char *text, const char *words)
{
	for (words += strspn(words, blanks); *words; words += strspn(words, blanks)) {
		size_t length = strcspn(words, blanks);
		if (!has_word(text, words, length))
			return false;
		words += length;
	}
	return true;
}

static void call_has_words(sqlite3_context *call, int count, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]);
	const char *words = (const char *)sqlite3_value_text(values[1]);
	(void)count;
	sqlite3_result_int(call, text && words && has_words(text, words));
}

bool text_define(struct catalog *catalog, struct error *error)
{
	int result = sqlite3_create_function(catalog->db, "has_words", 2,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, call_has_words, NULL,
		NULL);
	return result == SQLITE_OK || catalog_fail(catalog, result, error);
}

static size_t characters(const char *word, size_t length)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)word[i] & 0xc0) != 0x80;
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

char *text_expression(const char *match, bool *ret_short, struct error *error)
{
	/* A word of three bytes and a blank become three, two quotes and a blank, at most doubled.
	 */
	char *expression = malloc(2 * strlen(match) + 4 * (strlen(match) / 2 + 1) + 1);
	char *end = expression;
	if (!expression) {
		error_set(error, ERROR_NO_MEMORY, "Search for less.", "out of memory");
		return NULL;
	}
	*ret_short = false;
	for (match += strspn(match, blanks); *match; match += strspn(match, blanks)) {
		size_t length = strcspn(match, blanks);
		if (characters(match, length) >= INDEXED_CHARACTERS)
			end = append_quoted(end, match, length);
		else
			*ret_short = true;
		match += length;
	}
	*end = '\0';
	return expression;
}
