/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of the fake library; their texts are made of their names. */
#include <stdio.h>
#include <string.h>

#include "daemon/refusals.h"
#include "fake_library_parts.h"
#include "util/cleanup.h"

#define TEXT "csl_0123456789012345678901234567890123456789012"

static struct library_token *find(struct library *library, const char *name, struct error *error)
{
	for (unsigned i = 0; i < library->token_count; i++)
		if (!strcmp(library->tokens[i].name, name))
			return &library->tokens[i];
	error_set(error, ERROR_TOKEN_NOT_FOUND, "List them.", "there is no token %s", name);
	return NULL;
}

static void make_text(const char *name, char ret[LIBRARY_TOKEN_TEXT_MAX])
{
	memcpy(ret, TEXT, sizeof TEXT);
	memcpy(ret + strlen("csl_"), name, strlen(name));
}

/* 1 s after the epoch it has expired already. */
static void run_create(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_token *token = &library->tokens[library->token_count];
	ret->ok = false;
	if (find(library, job->token.name, NULL)) {
		error_set(&ret->error, ERROR_EXISTS, "Choose another name.", "it is there");
		return;
	}
	if (strcmp(job->token.scope, "read") && strcmp(job->token.scope, "load") &&
		strcmp(job->token.scope, "admin")) {
		error_set(&ret->error, ERROR_INVALID, "Use read, load or admin.", "no scope");
		return;
	}
	library->token_count++;
	*token = (struct library_token){.created = 1767225600};
	token->expires = job->token.expires_in == 1 ? 1
			 : job->token.expires_in    ? 1767225600 + (int64_t)job->token.expires_in
						    : 0;
	COPY(token->name, job->token.name);
	COPY(token->scope, job->token.scope);
	COPY(token->created_by, library->actor);
	make_text(token->name, token->text);
	ret->token = token;
	ret->created = ret->ok = true;
}

void library_token_create(struct library *library, const struct library_token_create *create,
	const char *actor, library_done done, void *context)
{
	struct job job = {.run = run_create, .done = done, .context = context, .token = *create};
	fake_submit(library, &job, actor);
}

static void run_remove(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_token *token = find(library, job->name, &ret->error);
	ret->ok = token;
	if (token)
		*token = library->tokens[--library->token_count];
}

void library_token_remove(struct library *library, const char *name, const char *actor,
	library_done done, void *context)
{
	struct job job = {.run = run_remove, .done = done, .context = context};
	COPY(job.name, name);
	fake_submit(library, &job, actor);
}

/* The first one behind `after`; NULL. */
static const struct library_token *find_after(struct library *library, const char *after)
{
	const struct library_token *first = NULL;
	for (unsigned i = 0; i < library->token_count; i++) {
		const struct library_token *token = &library->tokens[i];
		if (strcmp(token->name, after) > 0 &&
			(!first || strcmp(token->name, first->name) < 0))
			first = token;
	}
	return first;
}

bool library_tokens(struct library *library, const char *after,
	bool (*each)(void *context, const struct library_token *token), void *context,
	struct error *error)
{
	SCOPED_LOCK(&library->lock);
	(void)error;
	const struct library_token *next = find_after(library, after);
	for (; next; next = find_after(library, next->name)) {
		struct library_token token = *next;
		token.text[0] = '\0';
		if (!each(context, &token))
			break;
	}
	return true;
}

bool library_token_get(
	struct library *library, const char *name, struct library_token *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct library_token *token = find(library, name, error);
	if (!token)
		return false;
	*ret = *token;
	ret->text[0] = '\0';
	return true;
}

bool library_token_find(
	struct library *library, const char *text, struct library_token *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	for (unsigned i = 0; i < library->token_count; i++)
		if (!strcmp(library->tokens[i].text, text) && library->tokens[i].expires != 1) {
			*ret = library->tokens[i];
			ret->text[0] = '\0';
			return true;
		}
	return error_set(
		error, ERROR_UNAUTHORIZED, "Have one made.", "the token is not the right one");
}

/* An event of the audit log; its count is in `drive`, where tests find it. */
void library_note_refusal(struct library *library, const struct library_refusal *refusal)
{
	SCOPED_LOCK(&library->lock);
	fake_put_event(library, refusal->who, "request", "", "");
	struct library_history_entry *event = &library->events[library->event_count - 1];
	COPY(event->subject_kind, *refusal->route ? "route" : "");
	COPY(event->subject, refusal->route);
	COPY(event->outcome, refusal->code);
	snprintf(event->drive, sizeof event->drive, "%u", refusal->count);
}
