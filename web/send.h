/* SPDX-License-Identifier: Apache-2.0 */
/* Answers become HTTP, and one line of the log each. */
#pragma once

#include <microhttpd.h>
#include <stdio.h>
#include <time.h>

#include "answer.h"

struct request;
struct web;

/* What the log wants to know. */
struct sent {
	char method[16];
	int status; /* 0: nothing was sent */
	bool early; /* before all of the body had come */
	struct timespec begun;
};

void sent_begin(struct sent *sent, const char *method);
/* What the answer sends of (text, stream, file) is not its own any more afterwards. */
enum MHD_Result send_http(
	struct MHD_Connection *connection, struct answer *answer, struct sent *sent);
/* The same as text, of an answer that is JSON. */
void send_text(FILE *stream, const struct answer *answer);
void sent_log(const struct sent *sent, const struct request *request,
	enum MHD_RequestTerminationCode why, struct web *web);
