/* SPDX-License-Identifier: Apache-2.0 */
/* How many requests of which route were answered with which status. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "router.h"

struct http_tally;

/* NULL without memory. */
struct http_tally *http_tally_create(void);
void http_tally_destroy(struct http_tally *tally);

/* `route` NULL: there was none, or it was not looked for. HEAD counts for its GET. */
void http_tally_add(struct http_tally *tally, const struct route *route, int status);

/* A connection has a stream for its answer, or not any more. */
void http_tally_stream(struct http_tally *tally, bool begins);
unsigned http_tally_streams(struct http_tally *tally);

void http_tally_each(struct http_tally *tally,
	void (*each)(void *context, const struct route *route, int status, uint64_t count),
	void *context);
