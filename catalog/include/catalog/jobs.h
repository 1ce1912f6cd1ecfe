/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs: long work on behalf of operators, which outlives the daemon. See catalog.h for what is
 * true of all functions.
 */
#pragma once

#include "catalog/catalog.h"

enum {
	CATALOG_JOB_JSON_MAX = 1 << 14, /* bytes of parameters or of a result, with NUL */
};

struct catalog_job {
	int64_t id;     /* ascending in time */
	char kind[16];  /* "import", "scan", "verify", "copy" */
	char state[16]; /* "queued", "running", "succeeded", "failed", "cancelled" */
	char actor[CATALOG_TEXT_MAX];
	char parameters[CATALOG_JOB_JSON_MAX]; /* a JSON object */
	char result[CATALOG_JOB_JSON_MAX];     /* a JSON object; "" until it succeeded */
	char error[32];                        /* the code of what it failed with; "" */
	char sentence[384], remedy[256];
	int64_t created, started, ended; /* seconds since the epoch; 0: not yet */
	uint64_t done, total;            /* bytes; total 0: not known */
	char upload[CATALOG_ID_MAX];     /* that it makes a medium of; "" */
};

/* id and created are chosen; it is "queued". With an event (verb "job-queued"). */
bool catalog_job_add(struct catalog *catalog, struct catalog_job *job, struct error *error);
/* Everything but id, kind, actor, parameters, upload and created; with an event ("job-" and the
 * state) when the state is another one. JOB_NOT_FOUND. */
bool catalog_job_update(
	struct catalog *catalog, const struct catalog_job *job, struct error *error);
/* JOB_NOT_FOUND. */
bool catalog_job_find(
	struct catalog *catalog, int64_t id, struct catalog_job *ret, struct error *error);
/* The newest that was to make a medium of this upload. JOB_NOT_FOUND. */
bool catalog_job_of_upload(
	struct catalog *catalog, const char *upload, struct catalog_job *ret, struct error *error);
/* Newest first, those with an id below `before` (0: from the newest). `state` NULL or "": all. A
 * job is large: it is valid during the call only. */
bool catalog_jobs_list(struct catalog *catalog, const char *state, int64_t before, unsigned limit,
	bool (*each)(void *context, const struct catalog_job *job), void *context,
	struct error *error);
/* Those that are queued or running, oldest first: what a daemon that starts goes on with. */
bool catalog_jobs_unfinished(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_job *job), void *context,
	struct error *error);
/* Forgets those that ended before `when`, but for the newest `keep`. */
bool catalog_jobs_prune(struct catalog *catalog, int64_t when, unsigned keep, struct error *error);
