/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency keys. */
#include <string.h>
#include <time.h>

#include "catalog/access.h"
#include "names.h"
#include "query.h"
#include "transaction.h"
#include "util/cleanup.h"

static bool forget_old(struct catalog *catalog, int64_t oldest, struct error *error)
{
	static const char sql[] = "DELETE FROM idempotency_keys WHERE at < ? AND status <> 0";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, oldest);
	return query_run(&q, error);
}

static bool note(struct catalog *catalog, const char *actor, const char *key,
	const uint8_t request[CATALOG_HASH_SIZE], int64_t now, struct error *error)
{
	static const char sql[] = "INSERT INTO idempotency_keys (actor, key, request, status, at) "
				  "VALUES (?, ?, ?, 0, ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, actor);
	query_bind_text(&q, key);
	query_bind_blob(&q, request, CATALOG_HASH_SIZE);
	query_bind_int(&q, now);
	return query_run(&q, error);
}

static enum catalog_key_state state_of(
	struct query *q, const uint8_t request[CATALOG_HASH_SIZE], struct catalog_answer *ret)
{
	size_t length;
	const void *known = query_take_blob(q, &length);
	if (length != CATALOG_HASH_SIZE || memcmp(known, request, length) != 0)
		return CATALOG_KEY_OTHER;
	ret->status = (int)query_take_int(q);
	query_take_text(q, ret->location, sizeof ret->location);
	query_take_text(q, ret->body, sizeof ret->body);
	return ret->status ? CATALOG_KEY_ANSWERED : CATALOG_KEY_UNDER_WAY;
}

/* *ret_state is NEW when nothing is known of it. */
static bool look_up(struct catalog *catalog, const char *actor, const char *key,
	const uint8_t request[CATALOG_HASH_SIZE], enum catalog_key_state *ret_state,
	struct catalog_answer *ret, struct error *error)
{
	static const char sql[] = "SELECT request, status, location, answer FROM idempotency_keys "
				  "WHERE actor = ? AND key = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, actor);
	query_bind_text(&q, key);
	*ret_state = query_row(&q) ? state_of(&q, request, ret) : CATALOG_KEY_NEW;
	return query_ok(&q, error);
}

bool catalog_key_take(struct catalog *catalog, const char *actor, const char *key,
	const uint8_t request[CATALOG_HASH_SIZE], int64_t now, int64_t life,
	enum catalog_key_state *ret_state, struct catalog_answer *ret, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	if (!key[0] || strlen(key) >= CATALOG_KEY_MAX || !text_is_utf8(key))
		return error_set(error, ERROR_INVALID, "Send a fresh UUID for each request.",
			"an Idempotency-Key has 1 to %d characters", CATALOG_KEY_MAX - 1);
	return transaction_begin(&t, catalog, error) && forget_old(catalog, now - life, error) &&
	       look_up(catalog, actor, key, request, ret_state, ret, error) &&
	       (*ret_state != CATALOG_KEY_NEW || note(catalog, actor, key, request, now, error)) &&
	       transaction_commit(&t, error);
}

bool catalog_keys_newest(struct catalog *catalog, int64_t *ret, struct error *error)
{
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, "SELECT ifnull(max(at), 0) FROM idempotency_keys");
	int64_t newest = query_row(&q) ? query_take_int(&q) : 0;
	if (!query_ok(&q, error))
		return false;
	*ret = newest;
	return true;
}

bool catalog_key_answered(struct catalog *catalog, const char *actor, const char *key,
	const struct catalog_answer *answer, struct error *error)
{
	static const char sql[] = "UPDATE idempotency_keys SET status = ?, location = ?, "
				  "answer = ? WHERE actor = ? AND key = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, answer->status);
	query_bind_text(&q, answer->location);
	query_bind_text(&q, answer->body);
	query_bind_text(&q, actor);
	query_bind_text(&q, key);
	return query_run(&q, error);
}

bool catalog_key_drop(
	struct catalog *catalog, const char *actor, const char *key, struct error *error)
{
	static const char sql[] = "DELETE FROM idempotency_keys WHERE actor = ? AND key = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, actor);
	query_bind_text(&q, key);
	return query_run(&q, error);
}

bool catalog_keys_drop_unanswered(struct catalog *catalog, struct error *error)
{
	static const char sql[] = "DELETE FROM idempotency_keys WHERE status = 0";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	return query_run(&q, error);
}
