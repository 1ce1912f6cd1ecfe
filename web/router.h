/* SPDX-License-Identifier: Apache-2.0 */
/*
 * THE route table: one row per route is all there is about it. It dispatches, makes 405 and Allow,
 * checks query parameters and body members by name, and is what GET /api/v1 lists.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "json_body.h"
#include "request.h"

struct route {
	const char *method;                  /* a GET row answers HEAD too */
	const char *pattern;                 /* "{id}" stands for one segment */
	enum scope scope;                    /* what the caller must have at least */
	bool silent;                         /* a success has no content */
	const char *const *query;            /* parameters it takes, ending in NULL; NULL: none */
	const struct json_field *fields;     /* of the body it demands; NULL: none */
	bool secret;                         /* its answer is shown once: nothing keeps it */
	const struct body_receiver *receive; /* of a body that is not JSON; NULL: none */
	void (*handle)(struct request *request, struct answer *answer);
	/* Instead of the usual answer, what an operation came to; NULL: the usual one. */
	void (*conclude)(struct request *request, const struct library_result *result,
		struct answer *answer);
	const char *summary;
};

extern const struct route routes[];
extern const size_t routes_count;

/*
 * The route of a method and a path (raw, without its query). NULL with *error NOT_FOUND or, with
 * the methods in ret_allow, METHOD_NOT_ALLOWED. ret_id gets the decoded {id}.
 */
const struct route *router_find(const char *method, const char *path, char ret_id[LIBRARY_ID_MAX],
	char *ret_allow, size_t allow_size, struct error *error);

bool router_takes_parameter(const struct route *route, const char *name);
