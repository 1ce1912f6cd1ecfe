/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "scsi/source.h"
#include "util/cleanup.h"
#include "util/error.h"

struct pool {
	struct scsi_executor executor;
	unsigned per_source;
	pthread_mutex_t lock; /* queue, stopping, and the lanes of all sources */
	pthread_cond_t wakeup;
	struct list queue; /* works that may run now */
	bool stopping;
	unsigned worker_count;
	pthread_t workers[];
};

static void submit(
	struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source)
{
	struct pool *pool = container_of(executor, struct pool, executor);
	work->source = source ? scsi_source_get(source) : NULL;
	SCOPED_LOCK(&pool->lock);
	if (source && source->lane.active == pool->per_source) {
		list_append(&source->lane.waiting, &work->link);
		return;
	}
	if (source)
		source->lane.active++;
	list_append(&pool->queue, &work->link);
	pthread_cond_signal(&pool->wakeup);
}

/* The next work, or NULL when the pool stops and nothing is left. */
static struct scsi_work *take(struct pool *pool)
{
	SCOPED_LOCK(&pool->lock);
	while (list_empty(&pool->queue) && !pool->stopping)
		pthread_cond_wait(&pool->wakeup, &pool->lock);
	struct list *node = list_pop(&pool->queue);
	return node ? container_of(node, struct scsi_work, link) : NULL;
}

/*
 * Gives the place to the next work of the source. Nobody needs to be woken up for it: the caller
 * takes one work from the queue next.
 */
static void leave_lane(struct pool *pool, struct scsi_source *source)
{
	SCOPED_LOCK(&pool->lock);
	struct list *next = list_pop(&source->lane.waiting);
	if (next)
		list_append(&pool->queue, next);
	else
		source->lane.active--;
}

static void *work_until_stopped(void *arg)
{
	struct pool *pool = arg;
	struct scsi_work *work;
	while ((work = take(pool))) {
		struct scsi_source *source = work->source;
		work->run(work); /* may free it */
		if (source)
			leave_lane(pool, source);
		scsi_source_put(source);
	}
	return NULL;
}

/* Signals are for the main thread. */
static bool start_workers(struct pool *pool, unsigned count)
{
	sigset_t all, before;
	int result = 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (result == 0 && pool->worker_count < count) {
		pthread_t *worker = &pool->workers[pool->worker_count];
		result = pthread_create(worker, NULL, work_until_stopped, pool);
		if (result != 0)
			break;
		pthread_setname_np(*worker, "media-reader");
		pool->worker_count++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result == 0;
}

struct pool *pool_create(unsigned workers, unsigned per_source, struct error *error)
{
	struct pool *pool = calloc(1, sizeof *pool + workers * sizeof pool->workers[0]);
	if (!pool) {
		error_set(error, ERROR_NO_MEMORY, "Give carouseld more memory.", "out of memory");
		return NULL;
	}
	pool->executor.submit = submit;
	pool->per_source = per_source;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->wakeup, NULL);
	list_init(&pool->queue);
	if (!start_workers(pool, workers)) {
		pool_destroy(pool);
		error_set(error, ERROR_NO_MEMORY, "Raise the limit of threads (TasksMax=).",
			"cannot start %u threads", workers);
		return NULL;
	}
	return pool;
}

void pool_destroy(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->wakeup);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->worker_count; i++)
		pthread_join(pool->workers[i], NULL);
	pthread_cond_destroy(&pool->wakeup);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

struct scsi_executor *pool_executor(struct pool *pool)
{
	return &pool->executor;
}
