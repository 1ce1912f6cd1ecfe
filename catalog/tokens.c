/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "catalog/access.h"
#include "database.h"
#include "names.h"
#include "query.h"
#include "rows.h"
#include "transaction.h"
#include "util/cleanup.h"

#define TOKEN_COLUMNS "id, name, scope, created, created_by, expires, last_used"

static bool is_scope(const char *scope)
{
	return strcmp(scope, "read") == 0 || strcmp(scope, "load") == 0 ||
	       strcmp(scope, "admin") == 0;
}

static bool check(const struct catalog_token *token, struct error *error)
{
	if (!name_is_valid(token->name, CATALOG_DRIVE_NAME_MAX))
		return error_set(error, ERROR_INVALID,
			"Use a-z, 0-9, '.', '_' and '-', at most 32, beginning with a letter or "
			"digit.",
			"\"%.64s\" is not allowed as the name of a token", token->name);
	return is_scope(token->scope) || error_set(error, ERROR_INVALID, "Use read, load or admin.",
						 "\"%.32s\" is not a scope", token->scope);
}

static bool not_found(const char *name, struct error *error)
{
	return error_set(error, ERROR_TOKEN_NOT_FOUND, "List the tokens with `carousel token ls`.",
		"there is no token %.64s", name);
}

static void token_take(struct query *q, struct catalog_token *ret)
{
	ret->id = query_take_int(q);
	query_take_text(q, ret->name, sizeof ret->name);
	query_take_text(q, ret->scope, sizeof ret->scope);
	ret->created = query_take_int(q);
	query_take_text(q, ret->created_by, sizeof ret->created_by);
	ret->expires = query_take_int(q);
	ret->last_used = query_take_int(q);
}

static bool take_one(
	struct query *q, const char *what, struct catalog_token *ret, struct error *error)
{
	if (!query_row(q))
		return query_ok(q, error) && not_found(what, error);
	token_take(q, ret);
	return query_ok(q, error);
}

bool catalog_token_find(struct catalog *catalog, const uint8_t hash[CATALOG_HASH_SIZE],
	struct catalog_token *ret, struct error *error)
{
	static const char sql[] = "SELECT " TOKEN_COLUMNS " FROM tokens WHERE hash = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_blob(&q, hash, CATALOG_HASH_SIZE);
	return take_one(&q, "like that", ret, error);
}

bool catalog_token_named(
	struct catalog *catalog, const char *name, struct catalog_token *ret, struct error *error)
{
	static const char sql[] = "SELECT " TOKEN_COLUMNS " FROM tokens WHERE name = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, name);
	return take_one(&q, name, ret, error);
}

static bool check_name_is_free(struct catalog *catalog, const char *name, struct error *error)
{
	struct catalog_token other;
	struct error none = {0};
	if (catalog_token_named(catalog, name, &other, &none))
		return error_set(error, ERROR_EXISTS, "Choose another name, or remove that one.",
			"there is a token %.64s already", name);
	if (none.code == ERROR_TOKEN_NOT_FOUND)
		return true;
	if (error)
		*error = none;
	return false;
}

static bool insert(struct catalog *catalog, const struct catalog_token *token,
	const uint8_t hash[CATALOG_HASH_SIZE], struct error *error)
{
	static const char sql[] = "INSERT INTO tokens (name, scope, hash, created, created_by, "
				  "expires) VALUES (?, ?, ?, ?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, token->name);
	query_bind_text(&q, token->scope);
	query_bind_blob(&q, hash, CATALOG_HASH_SIZE);
	query_bind_int(&q, token->created);
	query_bind_text(&q, token->created_by);
	query_bind_int(&q, token->expires);
	return query_run(&q, error);
}

bool catalog_token_add(struct catalog *catalog, struct catalog_token *token,
	const uint8_t hash[CATALOG_HASH_SIZE], struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	token->created = time(NULL);
	token->last_used = 0;
	if (!check(token, error) || !transaction_begin(&t, catalog, error) ||
		!check_name_is_free(catalog, token->name, error) ||
		!insert(catalog, token, hash, error))
		return false;
	token->id = sqlite3_last_insert_rowid(catalog->db);
	return event_of_subject(
		       catalog, token->created_by, "token-create", "token", token->name, error) &&
	       transaction_commit(&t, error);
}

bool catalog_tokens_list(struct catalog *catalog, const char *after,
	bool (*each)(void *context, const struct catalog_token *token), void *context,
	struct error *error)
{
	static const char sql[] =
		"SELECT " TOKEN_COLUMNS " FROM tokens WHERE name > ? ORDER BY name";
	_cleanup_(query_finish) struct query q = {0};
	struct catalog_token token;
	query_init(&q, catalog, sql);
	query_bind_text(&q, after);
	while (query_row(&q)) {
		token_take(&q, &token);
		if (!query_ok(&q, error) || !each(context, &token))
			break;
	}
	return query_ok(&q, error);
}

bool catalog_token_remove(
	struct catalog *catalog, const char *name, const char *actor, struct error *error)
{
	static const char sql[] = "DELETE FROM tokens WHERE name = ?";
	_cleanup_(transaction_finish) struct transaction t = {0};
	_cleanup_(query_finish) struct query q = {0};
	if (!transaction_begin(&t, catalog, error))
		return false;
	query_init(&q, catalog, sql);
	query_bind_text(&q, name);
	if (!query_run(&q, error))
		return false;
	if (sqlite3_changes(catalog->db) == 0)
		return not_found(name, error);
	return event_of_subject(catalog, actor, "token-remove", "token", name, error) &&
	       transaction_commit(&t, error);
}

bool catalog_token_used(struct catalog *catalog, int64_t id, int64_t when, struct error *error)
{
	static const char sql[] = "UPDATE tokens SET last_used = ? WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, when);
	query_bind_int(&q, id);
	return query_run(&q, error);
}
