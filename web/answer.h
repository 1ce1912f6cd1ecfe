/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is answered with, before it becomes HTTP. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/error.h"

enum {
	ANSWER_HEADERS_MAX = 8,
	ANSWER_STREAM_END = -1,
	ANSWER_STREAM_BROKEN = -2,
};

enum answer_content {
	ANSWER_JSON, /* `body`, or nothing */
	ANSWER_TEXT,
	ANSWER_STREAM,
};

/* What is made while it is sent, by the thread of the listener. */
struct answer_stream {
	/*
	 * Fills in at most `size` bytes and returns how many; ANSWER_STREAM_END; or 0, when it has
	 * suspended the connection (request.h) and somebody resumes it when there is more;
	 * ANSWER_STREAM_BROKEN: the connection is cut, lest what came is taken for all of it.
	 */
	ssize_t (*read)(void *context, char *buffer, size_t size);
	void (*finish)(void *context); /* once, whatever becomes of the connection */
	void *context;
	bool ends; /* after `length` bytes; else it is sent until it says so */
	uint64_t length;
};

struct answer_header {
	const char *name;
	char *value; /* owned */
};

struct answer {
	int status;   /* 0: not answered yet */
	json_t *body; /* owned; NULL: no content */
	bool problem; /* the body is application/problem+json (RFC 9457) */
	enum answer_content content;
	const char *content_type; /* of what is not JSON; not owned */
	char *text;               /* owned */
	struct answer_stream stream;
	bool close;         /* the connection cannot be used any further */
	char location[256]; /* "" : no such header, here and below */
	char allow[64];
	char etag[80]; /* with its quotes */
	unsigned header_count;
	struct answer_header headers[ANSWER_HEADERS_MAX]; /* any other */
};

void answer_finish(struct answer *answer);

/* Steals `body`; a body that could not be made (NULL) becomes a problem. */
void answer_json(struct answer *answer, int status, json_t *body);
void answer_no_content(struct answer *answer);
/* Steals `text`; NULL becomes a problem. `content_type` is a literal, here and below. */
void answer_text(struct answer *answer, int status, const char *content_type, char *text);
/* What is given belongs to the answer. */
void answer_stream(struct answer *answer, int status, const char *content_type,
	const struct answer_stream *stream);

/*
 * One more header; `name` is a literal. A Cache-Control takes the place of no-store. What does not
 * fit into memory is left out.
 */
__attribute__((format(printf, 3, 4))) void answer_header(
	struct answer *answer, const char *name, const char *format, ...);

/* `instance` is the path of the request. */
void answer_problem(struct answer *answer, const struct error *error, const char *instance);
