/* SPDX-License-Identifier: Apache-2.0 */
/* A request that waits for the end of a job in the background. */
#include <stdlib.h>

#include "library_private.h"
#include "util/cleanup.h"

enum { LOOK_MS = 100 }; /* between two looks at the catalog, while somebody waits */

struct awaiting {
	int64_t id;
	uint64_t until_ns;
	struct catalog_job row;
};

static void awaiting_free(struct job *job)
{
	free(job->awaiting);
}

static void step_await(struct job *job, enum job_wake wake, unsigned events)
{
	struct awaiting *awaiting = job->awaiting;
	struct library *library = job->library;
	if (!catalog_job_find(library->catalog, awaiting->id, &awaiting->row, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	uint64_t now = library_now(library);
	if (!awaiting->row.ended && now < awaiting->until_ns) {
		uint64_t left_ms = (awaiting->until_ns - now) / 1000000 + 1;
		job_wait(job, left_ms < LOOK_MS ? (unsigned)left_ms : LOOK_MS);
		return;
	}
	job->result.job = awaiting->id;
	job_succeed(job);
}

void library_job_await(struct library *library, int64_t id, unsigned milliseconds,
	const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	job->step = step_await;
	job->awaiting = calloc(1, sizeof *job->awaiting);
	if (!job_owns(job, job->awaiting, awaiting_free))
		return;
	job->awaiting->id = id;
	job->awaiting->until_ns = library_now(library) + (uint64_t)milliseconds * 1000000;
	job_post(job);
}
