/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may come in over the network (tokens), what they were answered (idempotency keys), and what
 * they have not sent whole (uploads). See catalog.h for what is true of all functions.
 */
#pragma once

#include "catalog/catalog.h"

enum {
	CATALOG_HASH_SIZE = 32, /* SHA-256 */
	CATALOG_SCOPE_MAX = 16,
	CATALOG_KEY_MAX = 256,          /* of an Idempotency-Key, with NUL */
	CATALOG_METADATA_MAX = 4096,    /* with NUL */
	CATALOG_ANSWER_MAX = 64 * 1024, /* bytes of an answer that is kept, with NUL */
	CATALOG_UPLOAD_NAME_MAX = 256,  /* with NUL */
};

/* ---- tokens -------------------------------------------------------------------------------- */

struct catalog_token {
	int64_t id;
	char name[CATALOG_ID_MAX];     /* unique, as drives are named */
	char scope[CATALOG_SCOPE_MAX]; /* "read", "load", "admin" */
	int64_t created;               /* seconds since the epoch */
	char created_by[CATALOG_TEXT_MAX];
	int64_t expires;   /* 0: never */
	int64_t last_used; /* to the minute; 0: never */
};

/* id and created are chosen. With an event ("token-create"). EXISTS; INVALID: name or scope. */
bool catalog_token_add(struct catalog *catalog, struct catalog_token *token,
	const uint8_t hash[CATALOG_HASH_SIZE], struct error *error);
/* Expired ones too. TOKEN_NOT_FOUND. */
bool catalog_token_find(struct catalog *catalog, const uint8_t hash[CATALOG_HASH_SIZE],
	struct catalog_token *ret, struct error *error);
bool catalog_token_named(
	struct catalog *catalog, const char *name, struct catalog_token *ret, struct error *error);
bool catalog_tokens_list(struct catalog *catalog, const char *after,
	bool (*each)(void *context, const struct catalog_token *token), void *context,
	struct error *error);
/* With an event ("token-remove"). TOKEN_NOT_FOUND. */
bool catalog_token_remove(
	struct catalog *catalog, const char *name, const char *actor, struct error *error);
bool catalog_token_used(struct catalog *catalog, int64_t id, int64_t when, struct error *error);

/* ---- idempotency keys ---------------------------------------------------------------------- */

enum catalog_key_state {
	CATALOG_KEY_NEW,       /* noted: go on, and say catalog_key_answered */
	CATALOG_KEY_UNDER_WAY, /* the first request has not been answered yet */
	CATALOG_KEY_ANSWERED,  /* `ret` is what it was answered */
	CATALOG_KEY_OTHER,     /* it was another request */
};

struct catalog_answer {
	int status; /* of HTTP */
	char location[512];
	char body[CATALOG_ANSWER_MAX];
};

/*
 * `request` is a digest of method, path and body. Those that were taken `life` seconds before `now`
 * are forgotten first; it is the caller's clock, which goes on where catalog_keys_newest says.
 */
bool catalog_key_take(struct catalog *catalog, const char *actor, const char *key,
	const uint8_t request[CATALOG_HASH_SIZE], int64_t now, int64_t life,
	enum catalog_key_state *ret_state, struct catalog_answer *ret, struct error *error);
/* When the newest was taken; 0: there is none. */
bool catalog_keys_newest(struct catalog *catalog, int64_t *ret, struct error *error);
bool catalog_key_answered(struct catalog *catalog, const char *actor, const char *key,
	const struct catalog_answer *answer, struct error *error);
/* The request came to nothing and may be made again. */
bool catalog_key_drop(
	struct catalog *catalog, const char *actor, const char *key, struct error *error);
/* At start: nothing is under way any more. */
bool catalog_keys_drop_unanswered(struct catalog *catalog, struct error *error);

/* ---- uploads ------------------------------------------------------------------------------- */

struct catalog_upload {
	char id[CATALOG_ID_MAX]; /* random */
	char actor[CATALOG_TEXT_MAX];
	int64_t length; /* bytes; -1: not said yet */
	char metadata[CATALOG_METADATA_MAX];
	char name[CATALOG_UPLOAD_NAME_MAX]; /* of the file that is to become of it */
	char sha256[CATALOG_DIGEST_MAX];    /* that it must have; "": any */
	char pool[CATALOG_PATH_MAX];        /* where it is to go */
	int64_t created, expires;           /* seconds since the epoch */
	int64_t job;                        /* that imports it; 0: it is not complete */
};

bool catalog_upload_add(
	struct catalog *catalog, const struct catalog_upload *upload, struct error *error);
/* length, expires and job. UPLOAD_NOT_FOUND. */
bool catalog_upload_update(
	struct catalog *catalog, const struct catalog_upload *upload, struct error *error);
/* UPLOAD_NOT_FOUND. */
bool catalog_upload_find(
	struct catalog *catalog, const char *id, struct catalog_upload *ret, struct error *error);
bool catalog_upload_remove(struct catalog *catalog, const char *id, struct error *error);
bool catalog_uploads_list(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_upload *upload), void *context,
	struct error *error);
