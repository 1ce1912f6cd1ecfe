/* SPDX-License-Identifier: Apache-2.0 */
/* When something is waited for no longer, on CLOCK_MONOTONIC: as condition variables take it. */
#pragma once

#include <stdbool.h>
#include <time.h>

static inline struct timespec deadline_in_ms(unsigned milliseconds)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	long nanoseconds = at.tv_nsec + (long)(milliseconds % 1000) * 1000000;
	at.tv_sec += (time_t)(milliseconds / 1000) + nanoseconds / 1000000000;
	at.tv_nsec = nanoseconds % 1000000000;
	return at;
}

static inline bool deadline_is_over(const struct timespec *end)
{
	struct timespec now = deadline_in_ms(0);
	return now.tv_sec > end->tv_sec ||
	       (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}
