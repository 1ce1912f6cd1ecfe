/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the client share. */
#pragma once

#include <curl/curl.h>

#include "client.h"

struct client_bytes {
	char *data; /* to be freed */
	size_t length;
};

/* A CURLOPT_WRITEFUNCTION: appends to a struct client_bytes, which has an upper bound. */
size_t client_collect(char *data, size_t one, size_t count, void *bytes);

/* For curl_slist_free_all. `body` NULL: there is none. */
struct curl_slist *client_headers(const struct cli *cli, const char *body);
/* Of the answer; "" when it has none of that name. Until the next request of `curl`. */
const char *client_header_of(CURL *curl, const char *name);

/* Where it goes, and within which time. */
void client_set_target(CURL *curl, const struct cli *cli, const char *path);

/* ---- client_failure.c --------------------------------------------------------------------------
 */

/* Returns `code`. */
enum exit_code client_fail(
	struct failure *failure, enum exit_code code, const char *remedy, const char *sentence);

/* There is no answer, or not all of it. `seconds`: how long one was waited for. */
enum exit_code client_fail_transfer(
	const struct cli *cli, CURL *curl, CURLcode code, long seconds, struct failure *failure);

/* *ret is what an answer of the API says, NULL when it has no content; or why it is a refusal. */
enum exit_code client_judge(
	long status, const struct client_bytes *bytes, json_t **ret, struct failure *failure);
