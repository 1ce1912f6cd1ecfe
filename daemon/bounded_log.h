/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines that anybody on the network can cause: so many at once, so many a minute, and then a
 * line that says how many were left out.
 */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "log.h"

struct scsi_clock;

enum { BOUNDED_LOG_AT_ONCE = 20, BOUNDED_LOG_PER_MINUTE = 10 };

struct bounded_log {
	pthread_mutex_t lock;
	const struct scsi_clock *clock;
	unsigned left; /* lines that may be written now */
	uint64_t since_ns;
	unsigned long suppressed;
};

void bounded_log_init(struct bounded_log *log, const struct scsi_clock *clock);
void bounded_log_finish(struct bounded_log *log);
void bounded_log(struct bounded_log *log, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
