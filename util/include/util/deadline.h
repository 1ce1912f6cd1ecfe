/* SPDX-License-Identifier: Apache-2.0 */
/* When something is waited for no longer, for condition variables on CLOCK_MONOTONIC. */
#pragma once

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
