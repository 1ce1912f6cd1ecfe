/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens are made, taken back, and recognised. */
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "catalog/access.h"
#include "daemon/tokens.h"
#include "library_private.h"
#include "util/cleanup.h"

#define TOKEN_PREFIX "csl_"

enum {
	TOKEN_BYTES = 32,
	TOKEN_CHARACTERS = 43, /* of 32 bytes, without padding (RFC 4648 5) */
	TOKEN_TEXT = sizeof TOKEN_PREFIX - 1 + TOKEN_CHARACTERS,
	MINUTE = 60,
};

_Static_assert(TOKEN_TEXT + 1 == LIBRARY_TOKEN_TEXT_MAX, "a token fits exactly");

struct token_job {
	struct catalog_token row;
	uint64_t expires_in;
	struct library_token shown;
};

static void token_job_free(struct job *job)
{
	if (job->token)
		explicit_bzero(job->token, sizeof *job->token);
	free(job->token);
}

static struct job *token_job_create(
	struct library *library, const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return NULL;
	job->token = calloc(1, sizeof *job->token);
	return job_owns(job, job->token, token_job_free) ? job : NULL;
}

static void fill(const struct catalog_token *row, struct library_token *ret)
{
	*ret = (struct library_token){
		.created = row->created, .expires = row->expires, .last_used = row->last_used};
	snprintf(ret->name, sizeof ret->name, "%s", row->name);
	snprintf(ret->scope, sizeof ret->scope, "%s", row->scope);
	snprintf(ret->created_by, sizeof ret->created_by, "%s", row->created_by);
}

static void hash(const char *text, uint8_t ret[CATALOG_HASH_SIZE])
{
	struct sha256_ctx sha;
	sha256_init(&sha);
	sha256_update(&sha, strlen(text), (const uint8_t *)text);
	sha256_digest(&sha, CATALOG_HASH_SIZE, ret);
}

/* ---- making ------------------------------------------------------------------------------------
 */

static bool make_text(char ret[LIBRARY_TOKEN_TEXT_MAX], struct error *error)
{
	uint8_t random[TOKEN_BYTES];
	char text[BASE64_ENCODE_LENGTH(TOKEN_BYTES) + BASE64_ENCODE_FINAL_LENGTH];
	struct base64_encode_ctx base64;
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return error_set(
			error, ERROR_INTERNAL, "Try again.", "the kernel gives no random numbers");
	base64url_encode_init(&base64);
	size_t length = base64_encode_update(&base64, text, sizeof random, random);
	base64_encode_final(&base64, text + length);
	snprintf(ret, LIBRARY_TOKEN_TEXT_MAX, TOKEN_PREFIX "%.*s", TOKEN_CHARACTERS, text);
	explicit_bzero(random, sizeof random);
	explicit_bzero(text, sizeof text);
	return true;
}

/* An expiry that no clock reaches is none. */
static int64_t expiry(uint64_t seconds)
{
	int64_t now = time(NULL);
	if (seconds == 0)
		return 0;
	return seconds > (uint64_t)(INT64_MAX - now) ? INT64_MAX : now + (int64_t)seconds;
}

static void step_create(struct job *job, enum job_wake wake, unsigned events)
{
	struct token_job *token = job->token;
	char text[LIBRARY_TOKEN_TEXT_MAX];
	uint8_t digest[CATALOG_HASH_SIZE];
	token->row.expires = expiry(token->expires_in);
	if (!make_text(text, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	hash(text, digest);
	if (catalog_token_add(job->library->catalog, &token->row, digest, &job->error)) {
		fill(&token->row, &token->shown);
		memcpy(token->shown.text, text, sizeof text);
		job->result.token = &token->shown;
		job->result.created = true;
		job_succeed(job);
	} else {
		job_fail(job, &job->error);
	}
	explicit_bzero(text, sizeof text);
}

void library_token_create(struct library *library, const struct library_token_create *create,
	const char *actor, library_done done, void *context)
{
	struct job *job = token_job_create(library, actor, done, context);
	if (!job)
		return;
	struct catalog_token *row = &job->token->row;
	snprintf(row->name, sizeof row->name, "%s", create->name);
	snprintf(row->scope, sizeof row->scope, "%s", create->scope);
	snprintf(row->created_by, sizeof row->created_by, "%s", actor);
	job->token->expires_in = create->expires_in;
	job->step = step_create;
	job_post(job);
}

/* ---- taking back -------------------------------------------------------------------------------
 */

static void step_remove(struct job *job, enum job_wake wake, unsigned events)
{
	struct catalog *catalog = job->library->catalog;
	struct token_job *token = job->token;
	if (!catalog_token_named(catalog, job->id, &token->row, &job->error) ||
		!catalog_token_remove(catalog, job->id, job->actor, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	fill(&token->row, &token->shown);
	job->result.token = &token->shown;
	job_succeed(job);
}

void library_token_remove(struct library *library, const char *name, const char *actor,
	library_done done, void *context)
{
	struct job *job = token_job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->id, sizeof job->id, "%s", name);
	job->step = step_remove;
	job_post(job);
}

/* ---- recognising -------------------------------------------------------------------------------
 */

/* One that was removed meanwhile was not used any more. */
static void step_used(struct job *job, enum job_wake wake, unsigned events)
{
	const struct catalog_token *row = &job->token->row;
	if (catalog_token_used(job->library->catalog, row->id, row->last_used, &job->error))
		job_succeed(job);
	else
		job_fail(job, &job->error);
}

static void post_use(struct library *library, int64_t id, int64_t minute)
{
	struct job *job = token_job_create(library, "", job_unawaited, NULL);
	if (!job)
		return;
	job->token->row.id = id;
	job->token->row.last_used = minute;
	job->step = step_used;
	job_post(job);
}

/* A little later is what another thread has noted; much later, a clock that was set back. */
static bool is_noted(int64_t noted, int64_t minute)
{
	return noted >= minute && noted <= minute + 2 * MINUTE;
}

/*
 * Once a minute: those whose writing was asked for are remembered until the catalog has it.
 * reader_lock held.
 */
static bool is_news(struct library *library, const struct catalog_token *row, int64_t minute)
{
	struct token_use *use = &library->token_uses[(uint64_t)row->id % TOKEN_USES];
	if (is_noted(row->last_used, minute) ||
		(use->id == row->id && is_noted(use->minute, minute)))
		return false;
	*use = (struct token_use){row->id, minute};
	return true;
}

static bool is_nobodys(struct error *error)
{
	return error_set(error, ERROR_UNAUTHORIZED,
		"Have one made with `carousel token create`, and send \"Authorization: Bearer "
		"TOKEN\".",
		"the token is not the right one");
}

static bool look_up(struct library *library, const char *text, int64_t minute,
	struct catalog_token *ret, bool *ret_news, struct error *error)
{
	uint8_t digest[CATALOG_HASH_SIZE];
	struct error why = {0};
	hash(text, digest);
	SCOPED_LOCK(&library->reader_lock);
	if (!catalog_token_find(library->reader, digest, ret, &why)) {
		if (why.code == ERROR_TOKEN_NOT_FOUND)
			return is_nobodys(error);
		if (error)
			*error = why;
		return false;
	}
	*ret_news = is_news(library, ret, minute);
	return true;
}

bool library_token_find(
	struct library *library, const char *text, struct library_token *ret, struct error *error)
{
	struct catalog_token row;
	int64_t now = time(NULL), minute = now - now % MINUTE;
	bool news = false;
	if (strlen(text) != TOKEN_TEXT || strncmp(text, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) != 0)
		return is_nobodys(error);
	if (!look_up(library, text, minute, &row, &news, error))
		return false;
	if (row.expires && row.expires <= now)
		return error_set(error, ERROR_UNAUTHORIZED,
			"Have a new one made with `carousel token create`.",
			"the token %.64s has expired", row.name);
	if (news)
		post_use(library, row.id, minute);
	fill(&row, ret);
	return true;
}

/* ---- readers -----------------------------------------------------------------------------------
 */

struct tokens {
	bool (*each)(void *context, const struct library_token *token);
	void *context;
};

static bool token_row(void *context, const struct catalog_token *row)
{
	const struct tokens *tokens = context;
	struct library_token token;
	fill(row, &token);
	return tokens->each(tokens->context, &token);
}

bool library_tokens(struct library *library, const char *after,
	bool (*each)(void *context, const struct library_token *token), void *context,
	struct error *error)
{
	struct tokens tokens = {each, context};
	SCOPED_LOCK(&library->reader_lock);
	return catalog_tokens_list(library->reader, after, token_row, &tokens, error);
}

bool library_token_get(
	struct library *library, const char *name, struct library_token *ret, struct error *error)
{
	struct catalog_token row;
	SCOPED_LOCK(&library->reader_lock);
	if (!catalog_token_named(library->reader, name, &row, error))
		return false;
	fill(&row, ret);
	return true;
}
