/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the device server asks of its surroundings: somebody to run blocking work, and the time.
 * Both are injected (by the daemon, or by a test that wants to decide the order of events).
 */
#pragma once

#include <stdint.h>

#include "util/list.h"

struct scsi_source;

struct scsi_work {
	/* The executor's while submitted. */
	struct list link;
	struct scsi_source *source;
	void (*run)(struct scsi_work *work);
};

struct scsi_executor {
	/*
	 * Runs work->run(work) on some other thread, soon. Never blocks, never runs it inline. At
	 * most a few works of one source run at the same time (source->lane is the executor's,
	 * which holds a reference to the source for as long as it looks at the lane); NULL is no
	 * source.
	 */
	void (*submit)(
		struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source);
};

struct scsi_clock {
	uint64_t (*now_ns)(const struct scsi_clock *clock); /* monotonic */
};

extern const struct scsi_clock scsi_clock_monotonic;
