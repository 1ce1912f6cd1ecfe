/* SPDX-License-Identifier: Apache-2.0 */
#include "background_tally.h"

#include <string.h>

#include "util/cleanup.h"

static const char *const results[LIBRARY_JOB_RESULTS] = {"succeeded", "failed", "cancelled"};

void background_tally_init(
	struct background_tally *tally, const char *const kinds[BACKGROUND_KINDS])
{
	*tally = (struct background_tally){0};
	pthread_mutex_init(&tally->lock, NULL);
	for (unsigned k = 0; k < BACKGROUND_KINDS; k++)
		for (unsigned r = 0; r < LIBRARY_JOB_RESULTS; r++) {
			tally->rows[k][r].kind = kinds[k];
			tally->rows[k][r].result = results[r];
		}
}

void background_tally_finish(struct background_tally *tally)
{
	pthread_mutex_destroy(&tally->lock);
}

static void count(struct library_job_durations *row, uint64_t duration_ns)
{
	unsigned bound = 0;
	while (bound < LIBRARY_JOB_DURATIONS &&
		duration_ns > library_job_bounds_ms[bound] * UINT64_C(1000000))
		bound++;
	row->count[bound]++;
	row->sum_ns += duration_ns;
}

void background_tally_add(
	struct background_tally *tally, const char *kind, const char *state, uint64_t duration_ns)
{
	SCOPED_LOCK(&tally->lock);
	for (unsigned k = 0; k < BACKGROUND_KINDS; k++)
		for (unsigned r = 0; r < LIBRARY_JOB_RESULTS; r++)
			if (!strcmp(tally->rows[k][r].kind, kind) && !strcmp(results[r], state))
				count(&tally->rows[k][r], duration_ns);
}

bool background_tally_each(struct background_tally *tally,
	bool (*each)(void *context, const struct library_job_durations *durations), void *context)
{
	SCOPED_LOCK(&tally->lock);
	for (unsigned k = 0; k < BACKGROUND_KINDS; k++)
		for (unsigned r = 0; r < LIBRARY_JOB_RESULTS; r++)
			if (!each(context, &tally->rows[k][r]))
				return false;
	return true;
}
