/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency keys, by the worker. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/access.h"
#include "daemon/keys.h"
#include "library_private.h"
#include "util/cleanup.h"

_Static_assert(sizeof((struct catalog_answer *)0)->body == LIBRARY_KEPT_ANSWER_MAX, "one size");
_Static_assert((int)CATALOG_KEY_MAX == (int)LIBRARY_KEY_MAX, "one size");

struct key_job {
	struct library_key key;
	struct library_kept_answer kept;
	struct catalog_answer answer;
};

static void key_job_free(struct job *job)
{
	free(job->key);
}

static struct job *key_job_create(struct library *library, const struct library_key *key,
	void (*step)(struct job *job, enum job_wake wake, unsigned events), library_done done,
	void *context)
{
	struct job *job = job_create(library, key->actor, done, context);
	if (!job)
		return NULL;
	job->step = step;
	job->key = calloc(1, sizeof *job->key);
	if (!job_owns(job, job->key, key_job_free))
		return NULL;
	job->key->key = *key;
	return job;
}

static void conclude(struct job *job, bool ok)
{
	if (ok)
		job_succeed(job);
	else
		job_fail(job, &job->error);
}

/* ---- taking one --------------------------------------------------------------------------------
 */

static bool judge(enum catalog_key_state state, struct error *error)
{
	if (state == CATALOG_KEY_UNDER_WAY)
		return error_set(error, ERROR_UNDER_WAY, "Ask again a little later.",
			"the request with this Idempotency-Key has not been answered yet");
	if (state == CATALOG_KEY_OTHER)
		return error_set(error, ERROR_KEY_REUSED, "Send a fresh UUID for each request.",
			"this Idempotency-Key was sent with another request");
	return true;
}

static void show(const struct catalog_answer *answer, struct library_kept_answer *ret)
{
	ret->status = answer->status;
	snprintf(ret->location, sizeof ret->location, "%s", answer->location);
	snprintf(ret->body, sizeof ret->body, "%s", answer->body);
}

/*
 * Not the clock on the wall: a step forward would forget the answers of requests that are sent
 * again in this moment. It stands still while there is no daemon.
 */
static int64_t keys_now(struct library *library)
{
	return library->keys_begun +
	       (int64_t)((library_now(library) - library->started_ns) / 1000000000u);
}

bool library_keys_load(struct library *library, struct error *error)
{
	if (!catalog_keys_drop_unanswered(library->catalog, error) ||
		!catalog_keys_newest(library->catalog, &library->keys_begun, error))
		return false;
	if (!library->keys_begun)
		library->keys_begun = time(NULL);
	return true;
}

static void step_take(struct job *job, enum job_wake wake, unsigned events)
{
	struct key_job *own = job->key;
	enum catalog_key_state state;
	bool ok = catalog_key_take(job->library->catalog, own->key.actor, own->key.key,
			  own->key.request, keys_now(job->library), LIBRARY_KEY_SECONDS, &state,
			  &own->answer, &job->error) &&
		  judge(state, &job->error);
	if (ok && state == CATALOG_KEY_ANSWERED)
		show(&own->answer, &own->kept);
	job->result.kept = &own->kept;
	conclude(job, ok);
}

void library_key_take(
	struct library *library, const struct library_key *key, library_done done, void *context)
{
	struct job *job = key_job_create(library, key, step_take, done, context);
	if (job)
		job_post(job);
}

/* ---- letting go of it --------------------------------------------------------------------------
 */

static void step_keep(struct job *job, enum job_wake wake, unsigned events)
{
	struct key_job *own = job->key;
	conclude(job, catalog_key_answered(job->library->catalog, own->key.actor, own->key.key,
			      &own->answer, &job->error));
}

void library_key_keep(struct library *library, const struct library_key *key,
	const struct library_kept_answer *answer, library_done done, void *context)
{
	struct job *job = key_job_create(library, key, step_keep, done, context);
	if (!job)
		return;
	struct catalog_answer *row = &job->key->answer;
	row->status = answer->status;
	snprintf(row->location, sizeof row->location, "%s", answer->location);
	snprintf(row->body, sizeof row->body, "%s", answer->body);
	job_post(job);
}

static void step_drop(struct job *job, enum job_wake wake, unsigned events)
{
	const struct library_key *key = &job->key->key;
	conclude(job, catalog_key_drop(job->library->catalog, key->actor, key->key, &job->error));
}

void library_key_drop(struct library *library, const struct library_key *key)
{
	struct job *job = key_job_create(library, key, step_drop, job_unawaited, NULL);
	if (job)
		job_post(job);
}
