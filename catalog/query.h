/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of a prepared statement. Bind, then take rows and their columns from left to right, then
 * ask once whether all went well:
 *
 *	static const char sql[] = "SELECT size FROM media WHERE id = ?";
 *	_cleanup_(query_finish) struct query q = {0};
 *	query_init(&q, catalog, sql);
 *	query_bind_text(&q, id);
 *	if (query_row(&q))
 *		size = query_take_int(&q);
 *	return query_ok(&q, error);
 *
 * The text must have static storage: the statement is kept, and found again by its address. A
 * statement must not be run again before its query is finished.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalog;
struct error;

struct query {
	struct catalog *catalog;
	sqlite3_stmt *statement;
	int result; /* SQLITE_OK, _ROW, _DONE, or the first failure, which stays */
	int bound, column;
};

void query_init(struct query *q, struct catalog *catalog, const char *sql);
void query_finish(struct query *q);

/* Borrowed until query_finish. NULL is SQL NULL. */
void query_bind_text(struct query *q, const char *text);
void query_bind_int(struct query *q, int64_t value);
void query_bind_blob(struct query *q, const void *data, size_t length);

/* True when there is one more row. False at the end and on failure. */
bool query_row(struct query *q);

int64_t query_take_int(struct query *q);
/* SQL NULL is "". Text that does not fit makes the query fail as damaged. */
void query_take_text(struct query *q, char *ret, size_t size);
/* Valid until the next row. */
const void *query_take_blob(struct query *q, size_t *ret_length);

/* True unless something failed. */
bool query_ok(struct query *q, struct error *error);
/* Runs a statement that yields nothing. */
bool query_run(struct query *q, struct error *error);
