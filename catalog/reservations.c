/* SPDX-License-Identifier: Apache-2.0 */
/* Persistent reservations of drives: bytes that scsi/ makes and takes. */
#include <string.h>

#include "catalog/catalog.h"
#include "database.h"
#include "query.h"
#include "util/cleanup.h"

static bool forget(struct catalog *catalog, const char *drive, struct error *error)
{
	static const char sql[] = "DELETE FROM persistent_reservations WHERE drive = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, drive);
	return query_run(&q, error);
}

bool catalog_reservations_save(struct catalog *catalog, const char *drive, const void *record,
	size_t length, struct error *error)
{
	static const char sql[] =
		"INSERT INTO persistent_reservations (drive, record) VALUES (?, ?) "
		"ON CONFLICT (drive) DO UPDATE SET record = excluded.record";
	if (length == 0)
		return forget(catalog, drive, error);
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, drive);
	query_bind_blob(&q, record, length);
	query_row(&q);
	if (q.result == SQLITE_CONSTRAINT_FOREIGNKEY)
		return catalog_drive_not_found(drive, error);
	return query_ok(&q, error);
}

bool catalog_reservations_find(struct catalog *catalog, const char *drive,
	void (*found)(void *context, const void *record, size_t length), void *context,
	struct error *error)
{
	static const char sql[] = "SELECT record FROM persistent_reservations WHERE drive = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, drive);
	if (query_row(&q)) {
		size_t length;
		const void *record = query_take_blob(&q, &length);
		found(context, record, length);
	}
	return query_ok(&q, error);
}
