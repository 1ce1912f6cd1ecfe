/* SPDX-License-Identifier: Apache-2.0 */
/* Who makes a request, and what it may do. */
#pragma once

#include "head.h"
#include "request.h"

struct listener;

/*
 * Fills in request->actor and request->scope, where the route is not for anybody. False with
 * *error: UNAUTHORIZED, FORBIDDEN, TOO_MANY (and when to ask again, in seconds), or why the catalog
 * could not be asked.
 */
bool caller_admit(struct listener *listener, struct MHD_Connection *connection,
	const struct head *head, struct request *request, unsigned *ret_wait, struct error *error);

/*
 * Whether who was let in would be let in now: false when the token was taken back, or has expired.
 * For answers that last longer than tokens do; the head of the request is there as long.
 */
bool caller_may_stay(const struct request *request);

/* FORBIDDEN: the caller's scope is too low for the route. */
bool caller_may(const struct request *request, struct error *error);
