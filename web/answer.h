/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is answered with, before it becomes HTTP. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "util/error.h"

struct answer {
	int status;         /* 0: not answered yet */
	json_t *body;       /* owned; NULL: no content */
	bool problem;       /* the body is application/problem+json (RFC 9457) */
	bool close;         /* the connection cannot be used any further */
	char location[256]; /* "" : no such header, here and below */
	char link[1280];
	char allow[64];
	char etag[32]; /* with its quotes */
};

void answer_finish(struct answer *answer);

/* Steals `body`; a body that could not be made (NULL) becomes a problem. */
void answer_json(struct answer *answer, int status, json_t *body);
void answer_no_content(struct answer *answer);

/* `instance` is the path of the request. */
void answer_problem(struct answer *answer, const struct error *error, const char *instance);
