/* SPDX-License-Identifier: Apache-2.0 */
#include "idempotency.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "head.h"
#include "router.h"
#include "util/cleanup.h"

/* What makes two requests the same: method, path and body, each with its end. */
static void digest(const struct request *request, const char *body, size_t length,
	uint8_t ret[LIBRARY_KEY_REQUEST_SIZE])
{
	struct sha256_ctx sha;
	sha256_init(&sha);
	sha256_update(
		&sha, strlen(request->route->method) + 1, (const uint8_t *)request->route->method);
	sha256_update(&sha, strlen(request->path) + 1, (const uint8_t *)request->path);
	sha256_update(&sha, length, (const uint8_t *)(body ? body : ""));
	sha256_digest(&sha, LIBRARY_KEY_REQUEST_SIZE, ret);
}

/* A string of structured fields has quotes (RFC 8941 3.3.3), what people send has none. */
static bool read_key(const char *text, char ret[LIBRARY_KEY_MAX], struct error *error)
{
	size_t length = strlen(text);
	if (length >= 2 && text[0] == '"' && text[length - 1] == '"') {
		text++;
		length -= 2;
	}
	bool printable = length > 0 && length < LIBRARY_KEY_MAX;
	for (size_t i = 0; printable && i < length; i++)
		printable = text[i] > ' ' && text[i] <= '~';
	if (!printable)
		return error_set(error, ERROR_INVALID, "Send a fresh UUID for each request.",
			"an Idempotency-Key has 1 to %d characters of ASCII without spaces",
			LIBRARY_KEY_MAX - 1);
	snprintf(ret, LIBRARY_KEY_MAX, "%.*s", (int)length, text);
	return true;
}

static bool judge(const struct request *request, struct library_key *ret, struct error *error)
{
	if (request->route->secret)
		return error_set(error, ERROR_INVALID,
			"Leave it out: names are unique, so that a repetition is refused.",
			"an Idempotency-Key is not taken where the answer is a secret, which is "
			"not kept");
	return read_key(request->head->idempotency_key, ret->key, error);
}

bool idempotency_begin(struct idempotency *idempotency, struct request *request, const char *body,
	size_t length, struct answer *answer)
{
	struct library_key *key = &idempotency->key;
	struct error error;
	const struct route *route = request->route;
	if (strcmp(route->method, "POST") || !route->fields)
		return false; /* others do the same twice by themselves, or go on at an offset */
	if (!judge(request, key, &error)) {
		request_problem(request, answer, &error);
		return true;
	}
	snprintf(key->actor, sizeof key->actor, "%s", request->actor);
	digest(request, body, length, key->request);
	struct operation *operation = request_wait(request, answer);
	if (!operation)
		return true;
	idempotency->stage = IDEMPOTENCY_TAKING;
	library_key_take(request->library, key, operation_done, operation);
	return true;
}

/* What it was answered then. */
static void repeat(const struct request *request, const struct library_kept_answer *kept,
	struct answer *answer)
{
	json_t *body = kept->body[0] ? json_loads(kept->body, JSON_DECODE_ANY, NULL) : NULL;
	if (body)
		answer_json(answer, kept->status, body);
	else
		answer->status = kept->status;
	snprintf(answer->location, sizeof answer->location, "%.*s",
		(int)sizeof answer->location - 1, kept->location);
	answer_header(answer, "Idempotency-Replayed", "true");
}

bool idempotency_taken(
	struct idempotency *idempotency, struct request *request, struct answer *answer)
{
	const struct library_result *result = operation_result(request->operation);
	idempotency->stage = IDEMPOTENCY_NONE;
	if (operation_outcome(request->operation) != OPERATION_DONE) {
		request_conclude(request, answer);
		return false;
	}
	if (!result->ok) {
		request_problem(request, answer, &result->error);
		return false;
	}
	if (result->kept->status) {
		repeat(request, result->kept, answer);
		return false;
	}
	idempotency->stage = IDEMPOTENCY_HANDLED;
	operation_release(steal(request->operation));
	return true;
}

/* Before the client knows, so that it may try again at once. */
static void drop(struct idempotency *idempotency, struct request *request)
{
	idempotency->stage = IDEMPOTENCY_NONE;
	library_key_drop(request->library, &idempotency->key);
}

static bool is_success(const struct answer *answer)
{
	return answer->status >= 200 && answer->status < 300 && answer->content == ANSWER_JSON;
}

/* An answer that is too long is kept without its body. */
static struct library_kept_answer *describe(const struct answer *answer)
{
	struct library_kept_answer *kept = calloc(1, sizeof *kept);
	if (!kept)
		return NULL;
	kept->status = answer->status;
	snprintf(kept->location, sizeof kept->location, "%s", answer->location);
	_cleanup_free_ char *text =
		answer->body ? json_dumps(answer->body, JSON_COMPACT | JSON_REAL_PRECISION(9))
			     : NULL;
	if (text && strlen(text) < sizeof kept->body)
		memcpy(kept->body, text, strlen(text) + 1);
	return kept;
}

bool idempotency_keep(
	struct idempotency *idempotency, struct request *request, struct answer *answer)
{
	if (idempotency->stage != IDEMPOTENCY_HANDLED)
		return false;
	if (!is_success(answer)) {
		drop(idempotency, request);
		return false;
	}
	_cleanup_free_ struct library_kept_answer *kept = describe(answer);
	if (!kept)
		return false;
	struct operation *operation =
		operation_begin(request->lot, request->suspend, request->resume, request->waiter);
	if (!operation)
		return false; /* the server stops; it was done, and is said to be */
	operation_release(request->operation);
	request->operation = operation;
	idempotency->stage = IDEMPOTENCY_KEEPING;
	library_key_keep(request->library, &idempotency->key, kept, operation_done, operation);
	return true;
}

void idempotency_finish(struct idempotency *idempotency, struct request *request)
{
	bool kept = idempotency->stage == IDEMPOTENCY_KEEPING &&
		    operation_outcome(request->operation) == OPERATION_DONE &&
		    operation_result(request->operation)->ok;
	if (idempotency->stage != IDEMPOTENCY_NONE && !kept)
		drop(idempotency, request);
}
