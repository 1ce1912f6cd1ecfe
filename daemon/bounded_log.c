/* SPDX-License-Identifier: Apache-2.0 */
#include "bounded_log.h"

#include <stdarg.h>
#include <stdio.h>

#include "scsi/executor.h"
#include "util/cleanup.h"

static const uint64_t interval_ns = 60000000000u / BOUNDED_LOG_PER_MINUTE;

void bounded_log_init(struct bounded_log *log, const struct scsi_clock *clock)
{
	*log = (struct bounded_log){.clock = clock, .left = BOUNDED_LOG_AT_ONCE};
	pthread_mutex_init(&log->lock, NULL);
}

void bounded_log_finish(struct bounded_log *log)
{
	pthread_mutex_destroy(&log->lock);
}

/* One more line for every interval that has passed. */
static void earn(struct bounded_log *log)
{
	uint64_t now = log->clock->now_ns(log->clock);
	if (log->left == BOUNDED_LOG_AT_ONCE)
		log->since_ns = now;
	uint64_t earned = (now - log->since_ns) / interval_ns;
	uint64_t room = BOUNDED_LOG_AT_ONCE - log->left;
	log->since_ns += earned * interval_ns;
	log->left += (unsigned)(earned < room ? earned : room);
}

/* False: leave it out. ret_suppressed: how many were left out before this line. */
static bool may_log(struct bounded_log *log, unsigned long *ret_suppressed)
{
	SCOPED_LOCK(&log->lock);
	earn(log);
	if (log->left == 0) {
		log->suppressed++;
		return false;
	}
	log->left--;
	*ret_suppressed = log->suppressed;
	log->suppressed = 0;
	return true;
}

void bounded_log(struct bounded_log *log, enum log_level level, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	unsigned long suppressed;
	va_list arguments;
	if (!may_log(log, &suppressed))
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	if (suppressed > 0)
		log_message(level, "portal: %lu messages like the next were left out", suppressed);
	log_message(level, "%s", line);
}
