/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the daemon's HTTP API, carousel-api(7). */
#pragma once

#include <jansson.h>
#include <sys/types.h>

#include "cli.h"

struct failure {
	char code[40]; /* of the problem, "drive_full"; "" when the daemon did not answer */
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

/* The answer to a GET as it is, into a file. *ret_bytes is its length. */
enum exit_code client_download(const struct cli *cli, const char *path, int fd,
	long long *ret_bytes, struct failure *failure);

/* Without a sentence it was complained of already. */
/* A body that is read while it is sent, beside headers of its own. */
struct client_body {
	const char *const *headers;                                /* "Name: value"; ends in NULL */
	ssize_t (*read)(void *context, char *buffer, size_t size); /* -1: give up; NULL: no body */
	void *context;
	long long size; /* -1: until read says 0 */
};

/* As client_try, of tus 1.0.0, however long it takes. */
enum exit_code client_send(const struct cli *cli, const char *method, const char *path,
	const struct client_body *body, json_t **ret, struct failure *failure);

enum exit_code failure_complain(enum exit_code code, const struct failure *failure);

/*
 * Builds a path of the API in ret[size]: "%s" stands for a name, which is percent-encoded. False,
 * after a complaint, when it does not fit.
 */
enum { CLIENT_PATH_MAX = 2048 };
bool client_path(
	char ret[CLIENT_PATH_MAX], const char *before, const char *name, const char *after);

/* Appends "?name=value" or "&name=value". */
bool client_query(char path[CLIENT_PATH_MAX], const char *name, const char *value);
