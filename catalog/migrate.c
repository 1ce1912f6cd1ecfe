/* SPDX-License-Identifier: Apache-2.0 */
#include "migrate.h"

#include <stdio.h>

#include "database.h"
#include "query.h"
#include "transaction.h"
#include "util/cleanup.h"
#include "util/error.h"

/* Tells a catalog from every other SQLite file: "CRSL". */
enum { APPLICATION_ID = 0x4352534c };

static bool read_number(struct catalog *catalog, const char *sql, int64_t *ret, struct error *error)
{
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	if (query_row(&q))
		*ret = query_take_int(&q);
	return query_ok(&q, error);
}

static bool is_ours(struct catalog *catalog, int64_t schema, bool *ret, struct error *error)
{
	static const char count_objects[] = "SELECT count(*) FROM sqlite_schema";
	static const char application_id[] = "PRAGMA application_id";
	int64_t found = 0;
	if (!read_number(catalog, schema ? application_id : count_objects, &found, error))
		return false;
	*ret = found == (schema ? APPLICATION_ID : 0);
	return true;
}

bool catalog_schema_check(struct catalog *catalog, int newest, int *ret_schema, struct error *error)
{
	static const char user_version[] = "PRAGMA user_version";
	int64_t schema = 0;
	bool ours = false;
	if (!read_number(catalog, user_version, &schema, error) ||
		!is_ours(catalog, schema, &ours, error))
		return false;
	if (!ours)
		return error_set(error, ERROR_CATALOG_DAMAGED,
			"Move the file away, or set another state_dir; a new catalog is made "
			"there.",
			"%s is a database of another program, not a catalog", catalog->path);
	if (schema > newest)
		return error_set(error, ERROR_CATALOG_NEWER,
			"Start the carouseld that wrote it, or a later one; or put back the copy "
			"of "
			"the catalog from before the upgrade.",
			"%s has schema %lld, but this carouseld knows schemas up to %d only",
			catalog->path, (long long)schema, newest);
	*ret_schema = (int)schema;
	return true;
}

static bool run_script(struct catalog *catalog, const char *sql, struct error *error)
{
	int result = sqlite3_exec(catalog->db, sql, NULL, NULL, NULL);
	return result == SQLITE_OK || catalog_fail(catalog, result, error);
}

static bool stamp(struct catalog *catalog, int schema, struct error *error)
{
	char sql[96];
	snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
		APPLICATION_ID, schema);
	return run_script(catalog, sql, error);
}

bool catalog_migrate(struct catalog *catalog, const struct catalog_migration *migrations,
	int newest, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	int schema;
	if (!transaction_begin(&t, catalog, error) ||
		!catalog_schema_check(catalog, newest, &schema, error))
		return false;
	if (schema == newest)
		return true;
	for (int number = schema; number < newest; number++)
		if (!run_script(catalog, migrations[number].sql, error))
			return false;
	return stamp(catalog, newest, error) && transaction_commit(&t, error);
}
