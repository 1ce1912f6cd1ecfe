/* SPDX-License-Identifier: Apache-2.0 */
#include "workers.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "util/cleanup.h"

enum { WORKERS_DEFAULT_MAX = 4, EVENTS_AT_ONCE = 32 };

struct worker {
	pthread_t thread;
	int epoll_fd;
	int bell_fd; /* rings for `ready` and `stopping` */
	pthread_mutex_t lock;
	pthread_cond_t left; /* somebody has left */
	struct list ready;
	bool stopping;
};

struct workers {
	unsigned count;
	unsigned next; /* who gets the next one */
	pthread_mutex_t lock;
	struct worker each[];
};

static void ring_bell(struct worker *worker)
{
	static const uint64_t one = 1;
	ssize_t n = write(worker->bell_fd, &one, sizeof one);
	assert(n == sizeof one || errno == EAGAIN);
	(void)n;
}

static void mark_ready(struct worker *worker, struct served *served)
{
	if (list_empty(&served->ready))
		list_append(&worker->ready, &served->ready);
}

static void stop_polling(struct worker *worker, struct served *served)
{
	if (served->polled)
		epoll_ctl(worker->epoll_fd, EPOLL_CTL_DEL, served->fd, NULL);
	served->polled = false;
}

/* ---- the thread ---------------------------------------------------------------------------- */

static void collect(struct worker *worker, const struct epoll_event *events, int count)
{
	SCOPED_LOCK(&worker->lock);
	for (int i = 0; i < count; i++) {
		struct served *served = events[i].data.ptr;
		uint64_t rings;
		if (!served) {
			(void)!read(worker->bell_fd, &rings, sizeof rings);
			continue;
		}
		served->readable = true;
		mark_ready(worker, served);
	}
}

/*
 * Leaving is done here, by the worker, so that no event of who has left can still be in its hands.
 * Lock held.
 */
static void leave(struct worker *worker, struct served *served)
{
	stop_polling(worker, served);
	served->member = false;
	pthread_cond_broadcast(&worker->left);
}

/* Lock held; released over the call. */
static void serve(struct worker *worker, struct served *served)
{
	bool readable = served->readable;
	served->readable = false;
	pthread_mutex_unlock(&worker->lock);
	enum served_result result = served->serve(served, readable);
	pthread_mutex_lock(&worker->lock);
	if (result == SERVED_MORE)
		mark_ready(worker, served);
	else if (result == SERVED_CLOSE)
		stop_polling(worker, served);
}

/* Everybody who is ready now, once; who becomes ready meanwhile comes in the next round. */
static bool round_of_service(struct worker *worker)
{
	SCOPED_LOCK(&worker->lock);
	struct list end, *node;
	list_append(&worker->ready, &end);
	while ((node = list_pop(&worker->ready)) != &end) {
		struct served *served = container_of(node, struct served, ready);
		if (served->leaving)
			leave(worker, served);
		else
			serve(worker, served);
	}
	return !worker->stopping;
}

static bool nobody_ready(struct worker *worker)
{
	SCOPED_LOCK(&worker->lock);
	return list_empty(&worker->ready);
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	struct epoll_event events[EVENTS_AT_ONCE];
	do {
		int timeout = nobody_ready(worker) ? -1 : 0;
		int count = epoll_wait(worker->epoll_fd, events, EVENTS_AT_ONCE, timeout);
		collect(worker, events, count);
	} while (round_of_service(worker));
	return NULL;
}

/* ---- the set ------------------------------------------------------------------------------- */

static bool worker_start(struct worker *worker)
{
	struct epoll_event bell = {.events = EPOLLIN};
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->left, NULL);
	list_init(&worker->ready);
	worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	worker->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return worker->epoll_fd >= 0 && worker->bell_fd >= 0 &&
	       !epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, worker->bell_fd, &bell) &&
	       !pthread_create(&worker->thread, NULL, worker_main, worker);
}

static void worker_free(struct worker *worker)
{
	cleanup_close(&worker->epoll_fd);
	cleanup_close(&worker->bell_fd);
	pthread_cond_destroy(&worker->left);
	pthread_mutex_destroy(&worker->lock);
}

static void worker_stop(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_mutex_unlock(&worker->lock);
	ring_bell(worker);
	pthread_join(worker->thread, NULL);
	worker_free(worker);
}

static unsigned default_count(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus < 1)
		return 1;
	return cpus > WORKERS_DEFAULT_MAX ? WORKERS_DEFAULT_MAX : (unsigned)cpus;
}

struct workers *workers_create(unsigned count, struct error *error)
{
	if (!count)
		count = default_count();
	struct workers *workers = calloc(1, sizeof *workers + count * sizeof workers->each[0]);
	if (!workers)
		return error_set(error, ERROR_NO_MEMORY, "Free memory.", "no memory for workers"),
		       NULL;
	pthread_mutex_init(&workers->lock, NULL);
	for (; workers->count < count; workers->count++)
		if (!worker_start(&workers->each[workers->count])) {
			error_set(error, ERROR_INTERNAL,
				"Raise the limits of the daemon (LimitNOFILE, TasksMax).",
				"a worker cannot be started: %s", strerror(errno));
			worker_free(&workers->each[workers->count]);
			workers_destroy(workers);
			return NULL;
		}
	return workers;
}

void workers_destroy(struct workers *workers)
{
	if (!workers)
		return;
	for (unsigned i = 0; i < workers->count; i++)
		worker_stop(&workers->each[i]);
	pthread_mutex_destroy(&workers->lock);
	free(workers);
}

static struct worker *next_worker(struct workers *workers)
{
	SCOPED_LOCK(&workers->lock);
	return &workers->each[workers->next++ % workers->count];
}

bool workers_add(struct workers *workers, struct served *served, struct error *error)
{
	struct worker *worker = next_worker(workers);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = served};
	list_init(&served->ready);
	served->readable = served->leaving = false;
	SCOPED_LOCK(&worker->lock);
	if (epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, served->fd, &event))
		return error_set(error, ERROR_INTERNAL, "Raise fs.epoll.max_user_watches.",
			"a descriptor cannot be watched: %s", strerror(errno));
	served->polled = served->member = true;
	served->worker = worker;
	mark_ready(worker, served);
	ring_bell(worker);
	return true;
}

void workers_remove(struct served *served)
{
	struct worker *worker = served->worker;
	if (!worker)
		return;
	SCOPED_LOCK(&worker->lock);
	if (!served->member)
		return;
	served->leaving = true;
	mark_ready(worker, served);
	ring_bell(worker);
	while (served->member)
		pthread_cond_wait(&worker->left, &worker->lock);
}

void workers_poke(struct served *served)
{
	struct worker *worker = served->worker;
	if (!worker)
		return;
	SCOPED_LOCK(&worker->lock);
	if (!served->member)
		return;
	mark_ready(worker, served);
	ring_bell(worker);
}
