/* SPDX-License-Identifier: Apache-2.0 */
/* How long jobs took, by their kind and how they ended, since the daemon began. Any thread. */
#pragma once

#include <pthread.h>

#include "daemon/metrics.h"

enum { BACKGROUND_KINDS = 4 };

struct background_tally {
	pthread_mutex_t lock; /* a leaf */
	struct library_job_durations rows[BACKGROUND_KINDS][LIBRARY_JOB_RESULTS];
};

/* `kinds` are literals. */
void background_tally_init(
	struct background_tally *tally, const char *const kinds[BACKGROUND_KINDS]);
void background_tally_finish(struct background_tally *tally);

/* A kind or a state that is none of those is not counted. */
void background_tally_add(
	struct background_tally *tally, const char *kind, const char *state, uint64_t duration_ns);

bool background_tally_each(struct background_tally *tally,
	bool (*each)(void *context, const struct library_job_durations *durations), void *context);
