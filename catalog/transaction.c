/* SPDX-License-Identifier: Apache-2.0 */
#include "transaction.h"

#include "catalog/catalog.h"
#include "database.h"
#include "query.h"
#include "text.h"

static bool run(struct catalog *catalog, const char *sql, struct error *error)
{
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	return query_run(&q, error);
}

bool transaction_begin(struct transaction *t, struct catalog *catalog, struct error *error)
{
	static const char begin[] = "BEGIN IMMEDIATE", savepoint[] = "SAVEPOINT step";
	t->nested = !sqlite3_get_autocommit(catalog->db);
	if (!run(catalog, t->nested ? savepoint : begin, error))
		return false;
	catalog->gave_up = false;
	t->catalog = catalog;
	return true;
}

bool transaction_commit(struct transaction *t, struct error *error)
{
	static const char commit[] = "COMMIT", release[] = "RELEASE step";
	if (!t->nested && t->catalog->current && !text_refresh(t->catalog, error))
		return false;
	if (!run(t->catalog, t->nested ? release : commit, error))
		return false;
	t->catalog = NULL;
	return true;
}

void transaction_finish(struct transaction *t)
{
	static const char rollback[] = "ROLLBACK", back[] = "ROLLBACK TO step",
			  release[] = "RELEASE step";
	/* SQLite itself rolled back after a full disk or an I/O error. */
	if (!t->catalog || sqlite3_get_autocommit(t->catalog->db))
		return;
	if (!t->nested)
		run(t->catalog, rollback, NULL);
	else if (run(t->catalog, back, NULL))
		run(t->catalog, release, NULL);
}

bool catalog_batch(struct catalog *catalog, bool (*body)(void *context, struct error *error),
	void *context, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	return transaction_begin(&t, catalog, error) && body(context, error) &&
	       transaction_commit(&t, error);
}
