/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine of jobs (daemon/jobs.h): a few threads that run one job each, in idle I/O class,
 *oldest first. A job reads and writes files as it likes, looks into the catalog through a
 *connection of its own, and has every change of the catalog made by the library worker, which is
 *the only writer (background_commit, background_add). Between two pieces of work it asks whether to
 *go on.
 *
 *	operator ─► worker: row in the catalog ─► queue ─► thread: kind->run ─► worker: row
 *
 * Lock: background->lock, a leaf.
 */
#pragma once

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>

#include "background_tally.h"
#include "catalog/jobs.h"
#include "daemon/jobs.h"
#include "util/list.h"

struct background_job;
struct file_io;

enum { BACKGROUND_THREADS = 2 };

enum { BACKGROUND_SAID = 1024 };

struct background {
	struct library *library;
	/* What was refused and is in the log already (background_refusals.c). */
	_Atomic uint64_t said[BACKGROUND_SAID];
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct list queued, running;
	pthread_t threads[BACKGROUND_THREADS];
	unsigned thread_count;
	bool ending;
	struct background_tally tally;
};

struct background_job {
	struct list link; /* queued or running */
	struct background *background;
	struct catalog_job *row;
	const struct background_kind *kind;
	atomic_ullong done, total;
	atomic_bool cancelled;
	/* For the rate: what was done when; lock. */
	uint64_t noted_ns, noted_done, rate;
	/* A file that has its name and is not in the catalog yet: scans leave it alone; lock. */
	char claim[LIBRARY_PATH_MAX];
	/* The job's own thread. */
	uint64_t begun_ns;      /* 0: it did not run */
	struct catalog *reader; /* NULL, likewise */
	json_t *parameters, *result;
};

struct background_kind {
	const char *name;
	/* False with *error: it failed. What was cancelled or has to stop ends with false, too. */
	bool (*run)(struct background_job *job, struct error *error);
	/* It is about to end and has not run: it was cancelled before. NULL: nothing is to be done.
	 */
	void (*passed_over)(struct background_job *job, const struct error *error);
	/* Its end is written down. NULL: nothing is to be done. */
	void (*ended)(struct background_job *job);
};

/* A scan with these parameters (background_scan.c), which it takes over. */
void background_ask_scan(struct library *library, json_t *parameters, const char *actor,
	library_done done, void *context);
/* Any thread: is it queued or running? */
bool background_is_unfinished(struct background *background, int64_t job);

extern const struct background_kind background_import, background_scan, background_upload,
	background_verify;

void background_init(struct background *background, struct library *library);
/* Before the worker runs: what was not at its end is queued again. */
bool background_load(struct background *background, struct error *error);
/* When it runs. */
bool background_start(struct background *background, struct error *error);
/* Worker: a job whose row was added is queued. */
void background_enqueue(struct background *background, const struct catalog_job *row);
/* While the worker still runs: jobs leave off, and begin again with the next daemon. */
void background_stop(struct background *background);
void background_finish(struct background *background);

/* ---- for kinds, on the job's thread ---------------------------------------------------------- */

/* False with *error CANCELLED or STOPPING: leave off. */
bool background_go_on(struct background_job *job, struct error *error);
/* This file is about to be added by the job; "": no more. */
void background_claim(struct background_job *job, const char *path);
bool background_is_claimed(struct background *background, const char *path);
void background_progress(struct background_job *job, uint64_t done, uint64_t total);

/*
 * One transaction, made by the worker. It is about the medium with this id, and then what readers
 * see of a drive that holds it follows; NULL: about none.
 */
bool background_commit(struct background_job *job, const char *medium,
	bool (*body)(struct catalog *catalog, void *context, struct error *error), void *context,
	struct error *error);
/*
 * The same, and in the same transaction the job has succeeded. What follows it may be left undone
 * by a crash.
 */
bool background_succeed(struct background_job *job,
	bool (*body)(struct catalog *catalog, void *context, struct error *error), void *context,
	struct error *error);
/* As library_media_add does, and waits for it. */
bool background_add(struct background_job *job, const struct library_media_add *add,
	struct library_medium *ret, bool *ret_new, struct error *error);

/*
 * Looks into an image, and has the catalog know what is in it. One that cannot be read, or has
 * nothing in it that is known, is no failure.
 */
bool background_look_inside(
	struct background_job *job, const char *id, const char *path, struct error *error);

/* ---- digests (background_digest.c) ------------------------------------------------------------
 */

/*
 * SHA-256 of a file, in hexadecimal, and what the file was before and after (IMAGE_CHANGED when
 * that differs). Counts into the progress of the job. With `copy_fd` not -1 what is read is written
 * there. FILE_*; HOST_FULL.
 */
bool background_digest(struct background_job *job, const char *path, int copy_fd,
	struct file_identity *ret_identity, char ret[CATALOG_DIGEST_MAX], struct error *error);
