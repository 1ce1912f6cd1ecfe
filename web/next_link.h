/* SPDX-License-Identifier: Apache-2.0 */
/* The header Link with the address of the next page (RFC 8288), part by part. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "answer.h"

struct next_link {
	FILE *stream; /* NULL: no memory, and no header in the end */
	char *text;
	size_t length;
	bool has_query;
};

/* A segment of the path is appended with "/" before it, in their order, before all parameters. */
void next_link_begin(struct next_link *link);
void next_link_segment(struct next_link *link, const char *segment);
/* NULL: it was not asked for. */
void next_link_text(struct next_link *link, const char *name, const char *value);
void next_link_number(struct next_link *link, const char *name, int64_t value);
/* Into the answer. */
void next_link_end(struct next_link *link, struct answer *answer);
