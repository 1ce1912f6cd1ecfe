/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One client of the event stream: where it is, and what it wants to see. It is read by the thread
 * of its listener as fast as it takes the events; one that is slow keeps no more than one of them.
 */
#pragma once

#include "answer.h"
#include "event_text.h"
#include "feed.h"
#include "request.h"

struct follower;

enum { FOLLOWER_RETRY_MS = 2000 }; /* when a client comes back that lost its connection */

/*
 * `request` is the one that is answered with it, and lasts as long. `after` is the number of the
 * last event it has seen, at most that of the newest. NULL without memory. Takes over the place
 * among the followers of the feed that the caller has entered.
 */
struct follower *follower_create(
	const struct request *request, int64_t after, const struct event_filter *filter);

/* For struct answer_stream. */
ssize_t follower_read(void *follower, char *buffer, size_t size);
void follower_destroy(void *follower);
