/* SPDX-License-Identifier: Apache-2.0 */
/* What was refused becomes a row of the history, which the audit log shows. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/refusals.h"
#include "library_private.h"

static void refusal_free(struct job *job)
{
	free(job->refusal);
}

static void fill(const struct library_refusal *refusal, struct catalog_event *ret)
{
	*ret = (struct catalog_event){0};
	snprintf(ret->actor, sizeof ret->actor, "%s", refusal->who);
	snprintf(ret->verb, sizeof ret->verb, "request");
	snprintf(ret->subject_kind, sizeof ret->subject_kind, "%s",
		refusal->route[0] ? "route" : "");
	snprintf(ret->subject, sizeof ret->subject, "%s", refusal->route);
	snprintf(ret->outcome, sizeof ret->outcome, "%s", refusal->code);
}

static void step_refusal(struct job *job, enum job_wake wake, unsigned events)
{
	struct catalog_event event;
	char detail[96];
	fill(job->refusal, &event);
	snprintf(detail, sizeof detail, "{\"method\":\"%s\",\"count\":%u}", job->refusal->method,
		job->refusal->count);
	if (catalog_event_add(job->library->catalog, &event, detail, &job->error))
		job_succeed(job);
	else
		job_fail(job, &job->error);
}

void library_note_refusal(struct library *library, const struct library_refusal *refusal)
{
	struct job *job = job_create(library, "", job_unawaited, NULL);
	if (!job)
		return;
	job->step = step_refusal;
	job->refusal = malloc(sizeof *job->refusal);
	if (!job_owns(job, job->refusal, refusal_free))
		return;
	*job->refusal = *refusal;
	job_post(job);
}
