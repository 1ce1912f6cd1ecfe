/* SPDX-License-Identifier: Apache-2.0 */
/* Answers become HTTP, and one line of the log each. */
#pragma once

#include <microhttpd.h>
#include <time.h>

#include "answer.h"

struct request;
struct web;

/* What the log wants to know. */
struct sent {
	char method[16];
	int status; /* 0: nothing was sent */
	struct timespec begun;
};

void sent_begin(struct sent *sent, const char *method);
/* What the answer sends of (text, stream, file) is not its own any more afterwards. */
enum MHD_Result send_http(
	struct MHD_Connection *connection, struct answer *answer, struct sent *sent);
void sent_log(const struct sent *sent, const struct request *request,
	enum MHD_RequestTerminationCode why, struct web *web);
