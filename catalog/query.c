/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

#include <string.h>

#include "database.h"

/* Where the statement of this text is, or one that was not used for longest makes room for it. */
static struct catalog_statement *place_of(struct catalog *catalog, const char *sql)
{
	struct catalog_statement *oldest = catalog->statements;
	for (unsigned i = 0; i < catalog->statement_count; i++) {
		struct catalog_statement *at = &catalog->statements[i];
		if (at->sql == sql)
			return at;
		if (at->used < oldest->used)
			oldest = at;
	}
	if (catalog->statement_count < CATALOG_STATEMENTS_MAX)
		return &catalog->statements[catalog->statement_count++];
	return oldest;
}

static sqlite3_stmt *prepare(struct catalog *catalog, const char *sql, int *ret_result)
{
	struct catalog_statement *place = place_of(catalog, sql);
	place->used = ++catalog->statement_uses;
	if (place->sql == sql)
		return place->statement;
	sqlite3_finalize(place->statement);
	*place = (struct catalog_statement){.used = 0};
	sqlite3_stmt *statement = NULL;
	*ret_result = sqlite3_prepare_v3(
		catalog->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
	if (*ret_result != SQLITE_OK)
		return NULL;
	*place = (struct catalog_statement){sql, statement, catalog->statement_uses};
	return statement;
}

void query_init(struct query *q, struct catalog *catalog, const char *sql)
{
	*q = (struct query){.catalog = catalog, .result = SQLITE_OK};
	q->statement = prepare(catalog, sql, &q->result);
}

void query_finish(struct query *q)
{
	if (!q->statement)
		return;
	sqlite3_reset(q->statement);
	sqlite3_clear_bindings(q->statement);
}

static bool failed(const struct query *q)
{
	return q->result != SQLITE_OK && q->result != SQLITE_ROW && q->result != SQLITE_DONE;
}

static void keep_result(struct query *q, int result)
{
	if (!failed(q))
		q->result = result;
}

void query_bind_text(struct query *q, const char *text)
{
	if (!failed(q))
		keep_result(
			q, sqlite3_bind_text(q->statement, ++q->bound, text, -1, SQLITE_STATIC));
}

void query_bind_int(struct query *q, int64_t value)
{
	if (!failed(q))
		keep_result(q, sqlite3_bind_int64(q->statement, ++q->bound, value));
}

void query_bind_blob(struct query *q, const void *data, size_t length)
{
	if (!failed(q))
		keep_result(q,
			sqlite3_bind_blob64(q->statement, ++q->bound, data, length, SQLITE_STATIC));
}

bool query_row(struct query *q)
{
	if (failed(q) || q->result == SQLITE_DONE)
		return false;
	q->column = 0;
	q->result = sqlite3_step(q->statement);
	return q->result == SQLITE_ROW;
}

int64_t query_take_int(struct query *q)
{
	return sqlite3_column_int64(q->statement, q->column++);
}

void query_take_text(struct query *q, char *ret, size_t size)
{
	const unsigned char *text = sqlite3_column_text(q->statement, q->column);
	size_t length = (size_t)sqlite3_column_bytes(q->statement, q->column++);
	ret[0] = 0;
	if (!text)
		return;
	if (length >= size || memchr(text, 0, length))
		keep_result(q, SQLITE_CORRUPT);
	else
		memcpy(ret, text, length + 1);
}

const void *query_take_blob(struct query *q, size_t *ret_length)
{
	const void *data = sqlite3_column_blob(q->statement, q->column);
	*ret_length = (size_t)sqlite3_column_bytes(q->statement, q->column++);
	return data;
}

bool query_ok(struct query *q, struct error *error)
{
	return !failed(q) || catalog_fail(q->catalog, q->result, error);
}

bool query_run(struct query *q, struct error *error)
{
	while (query_row(q))
		continue;
	return query_ok(q, error);
}
