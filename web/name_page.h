/* SPDX-License-Identifier: Apache-2.0 */
/* A page of a list in the order of names, which are the keys that it goes on behind. */
#pragma once

#include "answer.h"
#include "request.h"

extern const char *const name_page_query[]; /* of the routes that have pages; ends in NULL */

struct name_page {
	json_t *items; /* owned */
	unsigned limit;
	const char *after;           /* the request's; "": from the start */
	char last[LIBRARY_TEXT_MAX]; /* the name of the last item */
	bool more;                   /* there is another one behind it */
};

/* False with *error; then there is nothing to answer with. */
bool name_page_read(const struct request *request, struct name_page *ret, struct error *error);
/* Whether the item of this name, the next one, is still on the page: then append it. */
bool name_page_has(struct name_page *page, const char *name);
/* Gives the items away. */
void name_page_answer(struct name_page *page, const struct request *request, struct answer *answer);
/* The same, unless the list could not be read: then the problem. */
void name_page_conclude(struct name_page *page, bool ok, const struct request *request,
	const struct error *error, struct answer *answer);
