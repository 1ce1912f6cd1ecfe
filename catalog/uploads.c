/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "catalog/access.h"
#include "database.h"
#include "names.h"
#include "query.h"
#include "util/cleanup.h"

#define UPLOAD_COLUMNS "id, actor, length, metadata, name, sha256, pool, created, expires, job"

static bool not_found(const char *id, struct error *error)
{
	return error_set(error, ERROR_UPLOAD_NOT_FOUND, "Begin a new upload.",
		"there is no upload %.64s", id);
}

bool catalog_upload_add(
	struct catalog *catalog, const struct catalog_upload *upload, struct error *error)
{
	static const char sql[] = "INSERT INTO uploads (" UPLOAD_COLUMNS ") "
				  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	if (!text_is_utf8(upload->name) || !text_is_utf8(upload->metadata) ||
		!text_is_utf8(upload->pool))
		return error_set(error, ERROR_INVALID, "Send UTF-8.",
			"the metadata of the upload is not UTF-8");
	query_init(&q, catalog, sql);
	query_bind_text(&q, upload->id);
	query_bind_text(&q, upload->actor);
	query_bind_int(&q, upload->length);
	query_bind_text(&q, upload->metadata);
	query_bind_text(&q, upload->name);
	query_bind_text(&q, upload->sha256);
	query_bind_text(&q, upload->pool);
	query_bind_int(&q, upload->created);
	query_bind_int(&q, upload->expires);
	query_bind_int(&q, upload->job);
	return query_run(&q, error);
}

bool catalog_upload_update(
	struct catalog *catalog, const struct catalog_upload *upload, struct error *error)
{
	static const char sql[] =
		"UPDATE uploads SET length = ?, expires = ?, job = ? WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, upload->length);
	query_bind_int(&q, upload->expires);
	query_bind_int(&q, upload->job);
	query_bind_text(&q, upload->id);
	return query_run(&q, error) &&
	       (sqlite3_changes(catalog->db) > 0 || not_found(upload->id, error));
}

static void upload_take(struct query *q, struct catalog_upload *ret)
{
	query_take_text(q, ret->id, sizeof ret->id);
	query_take_text(q, ret->actor, sizeof ret->actor);
	ret->length = query_take_int(q);
	query_take_text(q, ret->metadata, sizeof ret->metadata);
	query_take_text(q, ret->name, sizeof ret->name);
	query_take_text(q, ret->sha256, sizeof ret->sha256);
	query_take_text(q, ret->pool, sizeof ret->pool);
	ret->created = query_take_int(q);
	ret->expires = query_take_int(q);
	ret->job = query_take_int(q);
}

bool catalog_upload_find(
	struct catalog *catalog, const char *id, struct catalog_upload *ret, struct error *error)
{
	static const char sql[] = "SELECT " UPLOAD_COLUMNS " FROM uploads WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	if (!query_row(&q))
		return query_ok(&q, error) && not_found(id, error);
	upload_take(&q, ret);
	return query_ok(&q, error);
}

bool catalog_upload_remove(struct catalog *catalog, const char *id, struct error *error)
{
	static const char sql[] = "DELETE FROM uploads WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	return query_run(&q, error) && (sqlite3_changes(catalog->db) > 0 || not_found(id, error));
}

bool catalog_uploads_list(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_upload *upload), void *context,
	struct error *error)
{
	static const char sql[] = "SELECT " UPLOAD_COLUMNS " FROM uploads ORDER BY id";
	_cleanup_(query_finish) struct query q = {0};
	struct catalog_upload upload;
	query_init(&q, catalog, sql);
	while (query_row(&q)) {
		upload_take(&q, &upload);
		if (!query_ok(&q, error) || !each(context, &upload))
			break;
	}
	return query_ok(&q, error);
}
