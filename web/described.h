/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What GET /api/openapi.json says of a route beyond its row in the route table: its name for
 * generated clients, its answers, and what its parameters may be. The tests see to it that every
 * route and parameter is here, and that it is true.
 */
#pragma once

#include <stdint.h>

#include "router.h"

enum { SUCCESSES_MAX = 3 };

struct described {
	const char *method, *pattern; /* of the route */
	const char *operation;        /* operationId */
	struct {
		int status;         /* 0: no more */
		const char *schema; /* see schema_reference; "Text": no JSON; NULL: no content */
	} successes[SUCCESSES_MAX];
	const char *content;   /* the media type; NULL: application/json */
	const char *condition; /* a request header it goes by, "If-Match"; NULL: none */
};

struct described_parameter {
	const char *name, *pattern; /* of one route, or of all (NULL) */
	const char *words;          /* all that it may be, separated by '|'; NULL: anything */
	int64_t least, most;        /* most 0: it is no number */
	int64_t preset;             /* what a number is when it is not given; 0: nothing */
	const char *meaning;
	bool digest; /* SHA-256, in hexadecimal */
};

/* NULL: nobody has described it. */
const struct described *described_find(const struct route *route);
const struct described_parameter *described_parameter_find(
	const struct route *route, const char *name);
