/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idempotency-Key of a POST (draft-ietf-httpapi-idempotency-key-header-07): who lost an answer asks
 * again with the same key, and gets that answer instead of doing it twice.
 *
 *	take the key ─► new: handle it ─► succeeded: keep the answer ─► send
 *	             └► answered: send that, with Idempotency-Replayed: true
 */
#pragma once

#include <stddef.h>

#include "daemon/keys.h"
#include "request.h"

/* In an exchange; zeroed: there is no key. */
struct idempotency {
	enum {
		IDEMPOTENCY_NONE,
		IDEMPOTENCY_TAKING,  /* waits for the library */
		IDEMPOTENCY_HANDLED, /* the key is this request's */
		IDEMPOTENCY_KEEPING, /* waits for the library */
	} stage;
	struct library_key key;
};

/*
 * `body` is as it came. True: it waits for the key, or has answered; false: the request has nothing
 * to do with keys, go on.
 */
bool idempotency_begin(struct idempotency *idempotency, struct request *request, const char *body,
	size_t length, struct answer *answer);
/* What it waited for has come. True: the request is a new one; else it has answered. */
bool idempotency_taken(
	struct idempotency *idempotency, struct request *request, struct answer *answer);
/* There is an answer. True: it waits, for it is being kept. */
bool idempotency_keep(
	struct idempotency *idempotency, struct request *request, struct answer *answer);
/* The request is over, whatever became of it. */
void idempotency_finish(struct idempotency *idempotency, struct request *request);
