/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often somebody may do something: a bucket for each name, which fills at a rate and is taken
 * from. Names beyond those that are remembered push out who has been quiet the longest. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	RATE_NAME_MAX = 64, /* with NUL; the rest of a name does not count */
	RATE_NAMES_MAX = 1024,
};

struct rate {
	double per_second; /* 0: no limit */
	double burst;      /* at once, after a pause */
	struct rate_bucket {
		char name[RATE_NAME_MAX];
		double left;
		uint64_t seen_ms;
	} * buckets;
};

/* False without memory. */
bool rate_init(struct rate *rate, double per_second, double burst);
void rate_finish(struct rate *rate);

/* False: not now, but in *ret_wait seconds. `now_ms` never goes back. */
bool rate_take(struct rate *rate, const char *name, uint64_t now_ms, unsigned *ret_wait);
