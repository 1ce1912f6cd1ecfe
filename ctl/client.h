/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the daemon's HTTP API, carousel-api(7). */
#pragma once

#include <jansson.h>
#include <sys/types.h>

#include "cli.h"

struct failure {
	char code[40]; /* of the problem, "drive_full"; "" when the daemon did not answer */
	long long job; /* that the problem names; 0 */
	char sentence[640];
	char remedy[400];
};

/*
 * Sends `body` (borrowed, may be NULL) to the path. EXIT_OK with *ret the answer, a new reference
 * or NULL without content; otherwise *failure and what the program exits with.
 */
enum exit_code client_try(const struct cli *cli, const char *method, const char *path,
	const json_t *body, json_t **ret, struct failure *failure);

/* The same, and complains about a failure. */
enum exit_code client_call(const struct cli *cli, const char *method, const char *path,
	const json_t *body, json_t **ret);

/* All pages of a list, in one answer with `items`; and the same with a complaint. */
enum exit_code client_list_try(
	const struct cli *cli, const char *path, json_t **ret, struct failure *failure);
enum exit_code client_list(const struct cli *cli, const char *path, json_t **ret);

/* Without a sentence it was complained of already. */
enum exit_code failure_complain(enum exit_code code, const struct failure *failure);

/* ---- bodies that are read while they are sent --------------------------------------------------
 */

/* Beside headers of its own. */
struct client_body {
	const char *const *headers;                                /* "Name: value"; ends in NULL */
	ssize_t (*read)(void *context, char *buffer, size_t size); /* -1: give up; NULL: no body */
	void *context;
	long long size;                 /* -1: until read says 0 */
	bool (*goes_on)(void *context); /* asked now and then; NULL: it does */
	char *location; /* CLIENT_PATH_MAX: the Location of the answer, or ""; NULL: not wanted */
};

/* As client_try, of tus 1.0.0, however long it takes unless there is a timeout_ms. */
enum exit_code client_send(const struct cli *cli, const char *method, const char *path,
	const struct client_body *body, json_t **ret, struct failure *failure);

/* ---- answers that are taken while they come ----------------------------------------------------
 */

enum { CLIENT_TAG_MAX = 128 };

/* What an answer says of itself before its content. */
struct client_head {
	int status;                /* 200, or 206: a part */
	long long offset;          /* of the content in the whole */
	long long whole;           /* bytes that there are; -1: it does not say */
	char etag[CLIENT_TAG_MAX]; /* with its quotes; "" */
	char type[64];             /* of the content, "application/octet-stream"; "" */
};

/*
 * Who takes an answer, in the thread that asked. What returns false ends it: then client_receive
 * fails without a sentence, for the sink knows why.
 */
struct client_sink {
	const char *const *headers; /* of the request, "Name: value"; ends in NULL. NULL: none */
	/* Once, before anything else; only for what was asked for, never for a refusal. */
	bool (*begin)(void *context, const struct client_head *head);
	bool (*take)(void *context, const char *data, size_t length);
	/* Asked at least once a second, also while nothing comes. NULL: it always does. */
	bool (*goes_on)(void *context);
	void *context;
	long silence_s; /* after so long without a byte nobody is believed to be there */
	long all_ms;    /* that all of it may take; 0: any time */
};

/* GET. EXIT_OK: the answer has ended as it should. */
enum exit_code client_receive(const struct cli *cli, const char *path,
	const struct client_sink *sink, struct failure *failure);

/* The answer to a GET as it is, into a file. *ret_bytes is its length. An interruption ends it. */
enum exit_code client_download(const struct cli *cli, const char *path, int fd,
	long long *ret_bytes, struct failure *failure);

/* ---- paths -------------------------------------------------------------------------------------
 */

/*
 * Builds a path of the API in ret[size]: `name` is percent-encoded. False, after a complaint, when
 * it does not fit.
 */
enum { CLIENT_PATH_MAX = 2048 };
bool client_path(
	char ret[CLIENT_PATH_MAX], const char *before, const char *name, const char *after);

/* Appends "?name=value" or "&name=value". */
bool client_query(char path[CLIENT_PATH_MAX], const char *name, const char *value);
