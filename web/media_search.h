/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A search of media for one request: the library's thread fills in its items while the connection
 * is suspended. Whoever lets go of it last frees it, for the server may stop meanwhile.
 */
#pragma once

#include <jansson.h>

#include "daemon/library.h"

struct answer;
struct media_search;
struct request;

/* Leaves the answer to it: then request->search is set. Or answers. */
void media_search_begin(
	struct request *request, const struct library_media_query *query, struct answer *answer);
/* When it is done: the items, which are the caller's now. */
json_t *media_search_items(struct media_search *search);
/* The request does not wait for it any more, and it ends soon. NULL is allowed. */
void media_search_drop(struct media_search *search);
