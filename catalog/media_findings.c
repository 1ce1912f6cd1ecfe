/* SPDX-License-Identifier: Apache-2.0 */
/* What jobs find out about media: state, place, digest, details. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/catalog.h"
#include "database.h"
#include "medium_check.h"
#include "names.h"
#include "query.h"
#include "rows.h"
#include "transaction.h"
#include "util/cleanup.h"

static bool changed(struct query *q, bool *ret, struct error *error)
{
	if (!query_run(q, error))
		return false;
	*ret = sqlite3_changes(q->catalog->db) > 0;
	return true;
}

static bool put_state(struct catalog *catalog, const char *id, const char *state, bool *ret_changed,
	struct error *error)
{
	static const char sql[] = "UPDATE media SET state = ?1 WHERE id = ?2 AND state <> ?1";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, state);
	query_bind_text(&q, id);
	return changed(&q, ret_changed, error);
}

bool catalog_medium_set_state(struct catalog *catalog, const char *id, const char *state,
	const char *actor, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	struct catalog_medium medium;
	char verb[32];
	bool is_changed;
	if (!medium_state_is_valid(state))
		return medium_state_unknown(state, error);
	snprintf(verb, sizeof verb, "media-%s", state);
	return transaction_begin(&t, catalog, error) && medium_by_id(catalog, id, &medium, error) &&
	       put_state(catalog, id, state, &is_changed, error) &&
	       (!is_changed || catalog_history_add(catalog, actor, verb, "", id, error)) &&
	       transaction_commit(&t, error);
}

static bool put_place(struct catalog *catalog, const char *id, const char *path,
	const struct file_identity *identity, struct error *error)
{
	static const char sql[] =
		"UPDATE media SET path = ?, device = ?, inode = ?, file_size = ?, mtime_sec = ?, "
		"mtime_nsec = ?, state = 'ok' WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, path);
	query_bind_int(&q, (int64_t)identity->device);
	query_bind_int(&q, (int64_t)identity->inode);
	query_bind_int(&q, (int64_t)identity->size);
	query_bind_int(&q, identity->mtime_sec);
	query_bind_int(&q, identity->mtime_nsec);
	query_bind_text(&q, id);
	return query_run(&q, error);
}

static bool check_path_is_free(
	struct catalog *catalog, const char *path, const char *id, struct error *error)
{
	static const char sql[] = "SELECT id FROM media WHERE path = ? AND id <> ?";
	_cleanup_(query_finish) struct query q = {0};
	char other[CATALOG_ID_MAX];
	query_init(&q, catalog, sql);
	query_bind_text(&q, path);
	query_bind_text(&q, id);
	if (!query_row(&q))
		return query_ok(&q, error);
	query_take_text(&q, other, sizeof other);
	return error_set(error, ERROR_EXISTS, "Use that medium, or remove it first.",
		"%.250s is in the catalog already, as %s", path, other);
}

bool catalog_medium_set_place(struct catalog *catalog, const char *id, const char *path,
	const struct file_identity *identity, const char *actor, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	struct catalog_medium medium;
	if (!transaction_begin(&t, catalog, error) || !medium_by_id(catalog, id, &medium, error))
		return false;
	char before[CATALOG_PATH_MAX];
	snprintf(before, sizeof before, "%s", medium.path);
	const struct catalog_change change = {"path", before, path};
	bool moved = strcmp(before, path) != 0;
	snprintf(medium.path, sizeof medium.path, "%s", path);
	return medium_check(&medium, error) && check_path_is_free(catalog, path, id, error) &&
	       put_place(catalog, id, path, identity, error) &&
	       (!moved || catalog_history_add_changes(
				  catalog, actor, "media-moved", id, &change, 1, error)) &&
	       transaction_commit(&t, error);
}

bool catalog_media_set_device(struct catalog *catalog, const char *directory, uint64_t before,
	uint64_t now, struct error *error)
{
	static const char sql[] = "UPDATE media SET device = ?1 WHERE device = ?2 AND "
				  "path > ?3 || '/' AND path < ?3 || '0'";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, (int64_t)now);
	query_bind_int(&q, (int64_t)before);
	query_bind_text(&q, strcmp(directory, "/") == 0 ? "" : directory);
	return query_run(&q, error);
}

static bool digest_is_valid(const char *sha256)
{
	return !sha256[0] || (strlen(sha256) == CATALOG_DIGEST_MAX - 1 &&
				     strspn(sha256, "0123456789abcdef") == CATALOG_DIGEST_MAX - 1);
}

static bool put_digest(struct catalog *catalog, const char *id, const char *sha256,
	const char *verify_result, struct error *error)
{
	static const char sql[] =
		"UPDATE media SET sha256 = CASE ?1 WHEN '' THEN sha256 ELSE ?1 END, verified = ?2, "
		"verify_result = ?3 WHERE id = ?4";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, sha256);
	query_bind_int(&q, time(NULL));
	query_bind_text(&q, verify_result);
	query_bind_text(&q, id);
	return query_run(&q, error);
}

bool catalog_medium_set_digest(struct catalog *catalog, const char *id, const char *sha256,
	const char *verify_result, const char *actor, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	struct catalog_medium medium;
	if (!digest_is_valid(sha256))
		return error_set(error, ERROR_INVALID, "Give 64 hexadecimal digits.",
			"\"%.70s\" is not a SHA-256 digest", sha256);
	return transaction_begin(&t, catalog, error) && medium_by_id(catalog, id, &medium, error) &&
	       put_digest(catalog, id, sha256, verify_result, error) &&
	       (!actor || catalog_history_add(catalog, actor, "media-verify", "", id, error)) &&
	       transaction_commit(&t, error);
}

bool catalog_medium_set_details(struct catalog *catalog, const char *id, const char *json,
	const char *os, struct error *error)
{
	static const char sql[] = "UPDATE media SET details = ?, os = ? WHERE id = ?";
	_cleanup_(transaction_finish) struct transaction t = {0};
	_cleanup_(query_finish) struct query q = {0};
	struct catalog_medium medium;
	if (strlen(json) >= CATALOG_DETAILS_MAX || strlen(os) >= CATALOG_OS_MAX ||
		!text_is_utf8(json) || !text_is_utf8(os))
		return error_set(error, ERROR_INVALID, "Give fewer, in UTF-8.",
			"the details of %.64s are too long, or not UTF-8", id);
	if (!transaction_begin(&t, catalog, error) || !medium_by_id(catalog, id, &medium, error))
		return false;
	query_init(&q, catalog, sql);
	query_bind_text(&q, json);
	query_bind_text(&q, os);
	query_bind_text(&q, id);
	return query_run(&q, error) && transaction_commit(&t, error);
}

bool catalog_medium_set_owned(
	struct catalog *catalog, const char *id, bool owned, struct error *error)
{
	static const char sql[] = "UPDATE media SET owned = ? WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, owned);
	query_bind_text(&q, id);
	return query_run(&q, error) &&
	       (sqlite3_changes(catalog->db) > 0 || medium_not_found(id, error));
}

bool catalog_medium_details(
	struct catalog *catalog, const char *id, char **ret, struct error *error)
{
	static const char sql[] = "SELECT details FROM media WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	_cleanup_free_ char *details = malloc(CATALOG_DETAILS_MAX);
	if (!details)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	if (!query_row(&q))
		return query_ok(&q, error) && medium_not_found(id, error);
	query_take_text(&q, details, CATALOG_DETAILS_MAX);
	if (!query_ok(&q, error))
		return false;
	*ret = steal(details);
	return true;
}

bool catalog_medium_of_file(struct catalog *catalog, const struct file_identity *identity,
	struct catalog_medium *ret, struct error *error)
{
	static const char sql[] = "SELECT " MEDIUM_COLUMNS " FROM media "
				  "WHERE inode = ? ORDER BY device = ? DESC, id LIMIT 1";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, (int64_t)identity->inode);
	query_bind_int(&q, (int64_t)identity->device);
	if (!query_row(&q))
		return query_ok(&q, error) && medium_not_found("of that file", error);
	medium_take(&q, ret);
	return query_ok(&q, error);
}
