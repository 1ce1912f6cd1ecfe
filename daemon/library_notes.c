/* SPDX-License-Identifier: Apache-2.0 */
/* What history tells of other things than drives and media. */
#include <stdio.h>
#include <string.h>

#include "daemon/pools.h"
#include "library_private.h"

bool library_tell(struct catalog *catalog, const char *actor, const char *verb, const char *kind,
	const char *name, struct error *error)
{
	struct catalog_event event = {0};
	snprintf(event.actor, sizeof event.actor, "%s", actor);
	snprintf(event.verb, sizeof event.verb, "%s", verb);
	snprintf(event.subject_kind, sizeof event.subject_kind, "%s", kind);
	snprintf(event.subject, sizeof event.subject, "%s", name);
	return catalog_event_add(catalog, &event, NULL, error);
}

/* A path that is too long for a name is told by its end. */
static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return strlen(path) < CATALOG_ID_MAX || !slash ? path : slash + 1;
}

static void tell(struct job *job, const char *verb)
{
	if (library_tell(job->library->catalog, job->actor, verb, "pool", name_of(job->path),
		    &job->error))
		job_succeed(job);
	else
		job_fail(job, &job->error);
}

static void step_added(struct job *job, enum job_wake wake, unsigned events)
{
	tell(job, "pool-add");
}

static void step_removed(struct job *job, enum job_wake wake, unsigned events)
{
	tell(job, "pool-remove");
}

void library_note_pool(struct library *library, const char *path, bool added, const char *actor)
{
	struct job *job = job_create(library, actor, job_unawaited, NULL);
	if (!job)
		return;
	snprintf(job->path, sizeof job->path, "%s", path);
	job->step = added ? step_added : step_removed;
	job_post(job);
}
