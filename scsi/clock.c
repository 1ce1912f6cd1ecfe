/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "scsi/executor.h"

static uint64_t monotonic_now(const struct scsi_clock *clock)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

const struct scsi_clock scsi_clock_monotonic = {.now_ns = monotonic_now};
