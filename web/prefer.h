/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prefer: wait=SECONDS (RFC 7240 4.3), of requests that begin a job or look at one: the answer
 * comes when the job has ended, or after so long. Nobody's thread is held meanwhile.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "request.h"

enum { PREFER_WAIT_MAX = 60 };

/*
 * The seconds that are preferred, at most PREFER_WAIT_MAX; 0: none. What cannot be read is no
 * preference (RFC 7240 2).
 */
unsigned prefer_wait(const char *prefer);

/* True: it waits for the job; the request was told to, and has not waited before. */
bool prefer_await_job(struct request *request, int64_t id, struct answer *answer);
/* Says what was done about it. */
void prefer_applied(const struct request *request, struct answer *answer);
