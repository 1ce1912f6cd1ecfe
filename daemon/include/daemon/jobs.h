/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs: work that takes longer than a request should, on behalf of operators. A job is in the
 * catalog before the request that made it is answered, outlives the daemon (one that was not at its
 * end begins again), and can be cancelled. Part of the façade: see daemon/library.h.
 *
 *	queued ─► running ─► succeeded | failed | cancelled
 *
 * What a job has done until it fails or is cancelled stays done: media that were added are there.
 */
#pragma once

#include "daemon/library.h"

enum {
	LIBRARY_JOB_JSON_MAX = 1 << 14, /* with NUL */
};

struct library_job {
	int64_t id;
	char kind[16];  /* "import", "scan", "upload", "verify" */
	char state[16]; /* see above */
	char actor[LIBRARY_TEXT_MAX];
	char parameters[LIBRARY_JOB_JSON_MAX]; /* JSON objects: what was asked for, and */
	char result[LIBRARY_JOB_JSON_MAX];     /* what came of it so far; "" */
	char error[32];                        /* code of what it failed with; "" */
	char sentence[384], remedy[256];
	int64_t created, started, ended; /* seconds since the epoch; 0: not yet */
	uint64_t done, total;            /* bytes; total 0: not known (yet) */
	uint64_t rate;                   /* bytes a second, of the last seconds; 0: not running */
	int64_t eta;                     /* seconds that are left; -1: not known */
};

/* ---- readers; a job is valid during the callback ------------------------------------------------
 */

/* JOB_NOT_FOUND. */
bool library_job_get(
	struct library *library, int64_t id, struct library_job *ret, struct error *error);
/* Newest first, with an id below `before` (0: from the newest); `state` NULL or "": all. */
bool library_jobs(struct library *library, const char *state, int64_t before, unsigned limit,
	bool (*each)(void *context, const struct library_job *job), void *context,
	struct error *error);
/* How many are queued or running. */
unsigned library_jobs_unfinished(struct library *library);

/* ---- operations; result.job is the job, which is queued -------------------------------------- */

/*
 * Adds an image, or all of a directory, and finds out its digest and what is in it. The file is
 * read once. With `copy` it is copied into a pool first, and is the library's own then; the copy
 * appears under its name when it is complete.
 */
struct library_import {
	char path[LIBRARY_PATH_MAX];     /* absolute */
	char id[LIBRARY_ID_MAX];         /* "": of the file name; of one file only */
	char profile[16];                /* as library_media_add has it */
	char sha256[LIBRARY_DIGEST_MAX]; /* that it must have (DIGEST); "": any; of one file only */
	bool copy;
	char pool[LIBRARY_PATH_MAX]; /* where copies go; "": the first pool */
};
void library_import(struct library *library, const struct library_import *import, const char *actor,
	library_done done, void *context);

/*
 * Looks through the pools for files that are new, moved, changed or missing. "": all pools.
 */
void library_scan(struct library *library, const char *pool, const char *actor, library_done done,
	void *context);

/* Reads files whole and compares their digests with those that are known. */
struct library_verify {
	char medium[LIBRARY_ID_MAX]; /* "": all discs */
	uint32_t older_than;         /* seconds since they were verified last; 0: all */
};
void library_verify(struct library *library, const struct library_verify *verify, const char *actor,
	library_done done, void *context);

/* Answers when the job has ended, or after so long. JOB_NOT_FOUND. */
void library_job_await(struct library *library, int64_t id, unsigned milliseconds,
	const char *actor, library_done done, void *context);

/* A job that is queued or running ends soon, as "cancelled". JOB_NOT_FOUND, JOB_ENDED. */
void library_job_cancel(
	struct library *library, int64_t id, const char *actor, library_done done, void *context);
