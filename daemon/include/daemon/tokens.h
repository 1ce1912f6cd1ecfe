/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens: who may come in over the network, and what they may do there. A token is shown once, to
 * whom it was made for; the catalog keeps its SHA-256 only. Part of the façade: see
 * daemon/library.h.
 */
#pragma once

#include "daemon/library.h"

enum {
	LIBRARY_TOKEN_TEXT_MAX = 48, /* "csl_" and 32 random bytes in base64url, with NUL */
	LIBRARY_SCOPE_MAX = 16,
};

struct library_token {
	char name[LIBRARY_ID_MAX];
	char scope[LIBRARY_SCOPE_MAX];     /* "read", "load", "admin" */
	int64_t created;                   /* seconds since the epoch */
	char created_by[LIBRARY_TEXT_MAX]; /* an actor */
	int64_t expires;                   /* 0: never */
	int64_t last_used;                 /* to the minute; 0: never */
	char text[LIBRARY_TOKEN_TEXT_MAX]; /* of one that was made just now; else "" */
};

/* ---- readers --------------------------------------------------------------------------------- */

/* Behind `after` ("": all) in the order of names, expired ones too; false ends it. */
bool library_tokens(struct library *library, const char *after,
	bool (*each)(void *context, const struct library_token *token), void *context,
	struct error *error);
/* TOKEN_NOT_FOUND. */
bool library_token_get(
	struct library *library, const char *name, struct library_token *ret, struct error *error);
/*
 * Whose token this is; that it was used is written down some time later. UNAUTHORIZED: nobody's, or
 * it has expired. *error does not quote it.
 */
bool library_token_find(
	struct library *library, const char *text, struct library_token *ret, struct error *error);

/* ---- operations; result.token is the token --------------------------------------------------- */

struct library_token_create {
	char name[LIBRARY_ID_MAX]; /* as drives are named */
	char scope[LIBRARY_SCOPE_MAX];
	uint64_t expires_in; /* seconds; 0: never */
};
/* INVALID, EXISTS. */
void library_token_create(struct library *library, const struct library_token_create *create,
	const char *actor, library_done done, void *context);
/* TOKEN_NOT_FOUND. */
void library_token_remove(struct library *library, const char *name, const char *actor,
	library_done done, void *context);
