/* SPDX-License-Identifier: Apache-2.0 */
/* The worker, its inbox, and the life of a job. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "library_private.h"
#include "util/cleanup.h"
#include "util/deadline.h"

static const char remedy_busy[] = "Wait for the other operation on this drive to finish.";

uint64_t library_now(struct library *library)
{
	const struct scsi_clock *clock = library->config.clock;
	return clock->now_ns(clock);
}

struct job *job_create(struct library *library, const char *actor, library_done done, void *context)
{
	struct job *job = calloc(1, sizeof *job);
	if (!job) {
		struct library_result result = {0};
		error_set(&result.error, ERROR_NO_MEMORY, "Free some memory and try again.",
			"there is no memory for the operation");
		done(context, &result);
		return NULL;
	}
	list_init(&job->link);
	list_init(&job->work.link);
	job->library = library;
	job->done = done;
	job->context = context;
	snprintf(job->actor, sizeof job->actor, "%s", actor);
	SCOPED_LOCK(&library->inbox_lock);
	library->jobs++;
	return job;
}

bool job_owns(struct job *job, const void *memory, void (*cleanup)(struct job *job))
{
	job->cleanup = cleanup;
	if (memory)
		return true;
	error_set(&job->error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	job_fail(job, &job->error);
	return false;
}

void job_unawaited(void *context, const struct library_result *result)
{
}

static void count_out(struct library *library)
{
	SCOPED_LOCK(&library->inbox_lock);
	if (--library->jobs == 0)
		pthread_cond_broadcast(&library->jobs_answered);
}

static void job_end(struct job *job)
{
	if (job->changing)
		job->drive->kind->give_up(job);
	if (job->drive) {
		job->result.has_drive = true;
		pthread_mutex_lock(&job->library->drives_lock);
		drive_fill(job->drive, &job->result.drive);
		pthread_mutex_unlock(&job->library->drives_lock);
		job->drive->job = NULL;
	}
	cart_close(job->cartridge);
	disc_put(job->disc); /* before the answer: who has it may delete the file, or unmount */
	job->done(job->context, &job->result);
	if (job->cleanup)
		job->cleanup(job);
	list_remove(&job->link);
	count_out(job->library);
	free(job);
}

void job_succeed(struct job *job)
{
	job->result.ok = true;
	job_end(job);
}

void job_fail(struct job *job, const struct error *error)
{
	job->result.ok = false;
	job->result.error = *error;
	job_end(job);
}

static void job_fail_stopping(struct job *job)
{
	struct error error = {0};
	error_set(&error, ERROR_STOPPING, "Try again when the daemon is back.",
		"the daemon is stopping");
	job_fail(job, &error);
}

static bool post(struct job *job)
{
	struct library *library = job->library;
	SCOPED_LOCK(&library->inbox_lock);
	if (library->stopping)
		return false;
	list_append(&library->posted_jobs, &job->link);
	pthread_cond_signal(&library->inbox_filled);
	return true;
}

void job_post(struct job *job)
{
	if (!post(job))
		job_fail_stopping(job);
}

void job_wait(struct job *job, unsigned milliseconds)
{
	job->deadline_ns =
		milliseconds ? library_now(job->library) + (uint64_t)milliseconds * 1000000u : 0;
	list_remove(&job->link);
	list_append(&job->library->waiting, &job->link);
	job->waiting = true;
}

void job_return(struct job *job)
{
	struct library *library = job->library;
	SCOPED_LOCK(&library->inbox_lock);
	list_append(&library->posted_jobs, &job->link);
	pthread_cond_signal(&library->inbox_filled);
}

static void run_blocking(struct scsi_work *work)
{
	struct job *job = container_of(work, struct job, work);
	job->blocking(job);
	job_return(job);
}

void job_block(struct job *job, struct scsi_executor *executor, void (*blocking)(struct job *job))
{
	list_remove(&job->link);
	job->waiting = false;
	job->blocking = blocking;
	job->work.run = run_blocking;
	executor->submit(executor, &job->work, NULL);
}

void job_claim(struct job *job, struct drive *drive)
{
	job->drive = drive;
	drive->job = job;
}

bool job_claim_drive(struct job *job, const char *name)
{
	struct error error = {0};
	struct drive *drive = drive_find(job->library, name);
	if (drive && !drive->job) {
		job_claim(job, drive);
		return true;
	}
	if (drive)
		error_set(&error, ERROR_DRIVE_BUSY, remedy_busy,
			"drive %s is busy with another operation", name);
	else
		catalog_drive_not_found(name, &error);
	job_fail(job, &error);
	return false;
}

/* ---- the worker ----------------------------------------------------------------------------- */

/* The earliest deadline of what waits; 0 when there is none. */
static uint64_t next_deadline(struct library *library)
{
	uint64_t earliest = 0;
	list_for_each (node, &library->waiting) {
		uint64_t deadline = container_of(node, struct job, link)->deadline_ns;
		if (deadline && (!earliest || deadline < earliest))
			earliest = deadline;
	}
	return earliest;
}

static bool inbox_empty(struct library *library)
{
	return list_empty(&library->posted_jobs) && list_empty(&library->posted_commands) &&
	       list_empty(&library->dirty_drives);
}

/* inbox_lock held. Something to do, or the end. */
static bool has_mail(struct library *library)
{
	return !inbox_empty(library) || library->ending || library->answers != library->questions ||
	       (library->stopping && !list_empty(&library->waiting));
}

/*
 * inbox_lock held. Without a deadline it sleeps until somebody posts: no wake-ups of our own.
 * False: the end.
 */
static bool wait_for_mail(struct library *library)
{
	uint64_t deadline = next_deadline(library);
	while (!has_mail(library)) {
		if (!deadline) {
			pthread_cond_wait(&library->inbox_filled, &library->inbox_lock);
			continue;
		}
		if (library_now(library) >= deadline)
			return true;
		struct timespec until = {.tv_sec = (time_t)(deadline / 1000000000u),
			.tv_nsec = (long)(deadline % 1000000000u)};
		pthread_cond_timedwait(&library->inbox_filled, &library->inbox_lock, &until);
	}
	return !library->ending || !inbox_empty(library);
}

static void step_expired(struct library *library)
{
	uint64_t now = library_now(library);
	list_for_each_safe (node, &library->waiting) {
		struct job *job = container_of(node, struct job, link);
		if (job->deadline_ns && job->deadline_ns <= now)
			job->step(job, WAKE_DEADLINE, 0);
	}
}

static struct list *take(struct library *library, struct list *from)
{
	SCOPED_LOCK(&library->inbox_lock);
	return list_pop(from);
}

static void handle_commands(struct library *library)
{
	struct list *node;
	while ((node = take(library, &library->posted_commands)))
		host_request(container_of(node, struct scsi_cmd, library_link));
}

static void handle_events(struct library *library)
{
	for (;;) {
		pthread_mutex_lock(&library->inbox_lock);
		struct list *node = list_pop(&library->dirty_drives);
		struct drive *drive = node ? container_of(node, struct drive, dirty) : NULL;
		unsigned events = drive ? drive->events : 0;
		uint64_t lba = drive ? drive->fault_lba : 0;
		const char *reason = drive ? drive->export_reason : NULL;
		if (drive)
			drive->events = 0;
		pthread_mutex_unlock(&library->inbox_lock);
		if (!drive)
			return;
		drive_handle_events(drive, events, lba, reason);
		if (drive->job && drive->job->waiting)
			drive->job->step(drive->job, WAKE_EVENT, events);
	}
}

bool library_is_stopping(struct library *library)
{
	SCOPED_LOCK(&library->inbox_lock);
	return library->stopping;
}

/*
 * One: hosts and deadlines are looked at in between, for a job may post itself again. A drive that
 * is half made or half removed, and a tape that is between two places, are finished before the
 * stop.
 */
static void handle_job(struct library *library)
{
	struct list *node = take(library, &library->posted_jobs);
	if (!node)
		return;
	struct job *job = container_of(node, struct job, link);
	if (library_is_stopping(library) && !job->subject && !job->underway)
		job_fail_stopping(job);
	else
		job->step(job, WAKE_RUN, 0);
}

static void fail_waiting(struct library *library)
{
	struct list *node;
	while ((node = list_pop(&library->waiting)))
		job_fail_stopping(container_of(node, struct job, link));
}

/* Whoever asked meanwhile sees by that we came back. */
static bool get_mail(struct library *library)
{
	SCOPED_LOCK(&library->inbox_lock);
	bool more = wait_for_mail(library);
	library->answers = library->questions;
	pthread_cond_broadcast(&library->answered);
	return more;
}

static void *work(void *argument)
{
	struct library *library = argument;
	while (get_mail(library)) {
		handle_commands(library);
		handle_events(library);
		handle_job(library);
		library_events_tell(library);
		step_expired(library);
		if (library_is_stopping(library))
			fail_waiting(library);
		library_events_tell(library);
	}
	return NULL;
}

bool library_worker_start(struct library *library)
{
	return pthread_create(&library->worker, NULL, work, library) == 0;
}

bool library_answers(struct library *library, unsigned timeout_ms)
{
	struct timespec until = deadline_in_ms(timeout_ms);
	SCOPED_LOCK(&library->inbox_lock);
	uint64_t question = ++library->questions;
	int result = 0;
	pthread_cond_signal(&library->inbox_filled);
	while (library->answers < question && result == 0)
		result = pthread_cond_timedwait(&library->answered, &library->inbox_lock, &until);
	return library->answers >= question;
}

void library_jobs_stop(struct library *library)
{
	SCOPED_LOCK(&library->inbox_lock);
	library->stopping = true;
	pthread_cond_signal(&library->inbox_filled);
	while (library->jobs > 0)
		pthread_cond_wait(&library->jobs_answered, &library->inbox_lock);
}

void library_worker_stop(struct library *library)
{
	pthread_mutex_lock(&library->inbox_lock);
	library->ending = true;
	pthread_cond_signal(&library->inbox_filled);
	pthread_mutex_unlock(&library->inbox_lock);
	pthread_join(library->worker, NULL);
}
