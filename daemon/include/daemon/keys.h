/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idempotency keys: what a request was answered, for a client that lost the answer and asks again.
 * Only what succeeded is kept, for a day; whatever failed changed nothing and may be tried again.
 * Part of the façade: see daemon/library.h.
 */
#pragma once

#include "daemon/library.h"

enum {
	LIBRARY_KEY_MAX = 256, /* with NUL */
	LIBRARY_KEY_REQUEST_SIZE = 32,
	LIBRARY_KEPT_ANSWER_MAX = 64 * 1024, /* with NUL */
	LIBRARY_KEY_SECONDS = 24 * 60 * 60,
};

struct library_key {
	char actor[LIBRARY_ID_MAX]; /* whose key it is */
	char key[LIBRARY_KEY_MAX];
	uint8_t request[LIBRARY_KEY_REQUEST_SIZE]; /* SHA-256 of what makes it the same request */
};

struct library_kept_answer {
	int status; /* of HTTP; 0: none, the request is a new one */
	char location[512];
	char body[LIBRARY_KEPT_ANSWER_MAX];
};

/* ---- operations ------------------------------------------------------------------------------ */

/*
 * result.kept is what it was answered. INVALID: not 1 to 255 characters. UNDER_WAY: the first
 * request has not been answered yet. KEY_REUSED: the key was another request's.
 */
void library_key_take(
	struct library *library, const struct library_key *key, library_done done, void *context);
/* What the request that took it was answered. */
void library_key_keep(struct library *library, const struct library_key *key,
	const struct library_kept_answer *answer, library_done done, void *context);
/* It came to nothing, and may be made again. */
void library_key_drop(struct library *library, const struct library_key *key);
