/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much callers over TCP may ask; operators on the unix socket are not limited. All of it runs
 * on the thread of the TCP listener.
 */
#pragma once

#include "peer.h"
#include "rate.h"
#include "util/error.h"

enum {
	FAILURES_BURST = 10, /* wrong tokens from one address, and then … */
	FAILURE_SECONDS = 6, /* … one in so many seconds */
};

struct limits {
	struct rate requests; /* of a token, or of an address without one */
	struct rate failures; /* wrong tokens of an address */
};

/* `per_second` requests, twice as many at once; 0: no limit. NO_MEMORY. */
bool limits_init(struct limits *limits, unsigned per_second, struct error *error);
void limits_finish(struct limits *limits);

/* False with TOO_MANY, and the seconds until it is worth while to ask again. */
bool limits_request(
	struct limits *limits, const char *who, unsigned *ret_wait, struct error *error);
bool limits_failure(
	struct limits *limits, const char *address, unsigned *ret_wait, struct error *error);

/* CLOCK_MONOTONIC. */
uint64_t limits_now_ms(void);

/* What limits know a peer by: its address, of IPv6 the network (/64) that it chooses from. */
void limits_name(const struct peer *peer, char ret[RATE_NAME_MAX]);
