/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/totals.h"

#include "database.h"
#include "query.h"
#include "util/cleanup.h"

static bool list(struct catalog *catalog, const char *sql,
	bool (*each)(void *context, const struct catalog_total *total), void *context,
	struct error *error)
{
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	while (query_row(&q)) {
		struct catalog_total total = {0};
		query_take_text(&q, total.kind, sizeof total.kind);
		query_take_text(&q, total.state, sizeof total.state);
		total.count = (uint64_t)query_take_int(&q);
		total.bytes = (uint64_t)query_take_int(&q);
		total.ended = query_take_int(&q);
		if (!each(context, &total))
			break;
	}
	return query_ok(&q, error);
}

bool catalog_media_totals(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_total *total), void *context,
	struct error *error)
{
	static const char sql[] =
		"SELECT kind, state, media, bytes, 0 FROM media_totals ORDER BY kind, state";
	return list(catalog, sql, each, context, error);
}

bool catalog_job_totals(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_total *total), void *context,
	struct error *error)
{
	static const char sql[] =
		"SELECT kind, state, jobs, 0, ended FROM job_totals ORDER BY kind, state";
	return list(catalog, sql, each, context, error);
}
