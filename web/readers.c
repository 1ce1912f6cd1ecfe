/* SPDX-License-Identifier: Apache-2.0 */
/* The pool. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "readers_private.h"
#include "util/cleanup.h"

enum { PATIENCE_S = 1 };

/* ---- with the lock ------------------------------------------------------------------------- */

/* What may hang comes first where it may, so that others do not put it off for ever. */
static struct reading *next_reading(struct readers *readers)
{
	struct list *node = NULL;
	if (readers->hanging < READERS_HANGING_MAX)
		node = list_pop(&readers->waiting_to_hang);
	if (!node)
		node = list_pop(&readers->waiting);
	return node ? container_of(node, struct reading, node) : NULL;
}

/* NULL: the end. */
static struct reading *await_reading(struct readers *readers)
{
	struct reading *reading;
	while (!readers->closing && !(reading = next_reading(readers)))
		pthread_cond_wait(&readers->submitted, &readers->lock);
	if (readers->closing)
		return NULL;
	list_append(&readers->under_way, &reading->node);
	readers->hanging += reading->may_hang;
	return reading;
}

static void let_go(struct readers *readers, struct reading *reading)
{
	list_remove(&reading->node);
	reading->queued = false;
	reading_wake(reading);
	if (!reading_unref(reading))
		return;
	pthread_mutex_unlock(&readers->lock);
	reading_free(reading); /* to close a file may take its time */
	pthread_mutex_lock(&readers->lock);
}

/* ---- its threads --------------------------------------------------------------------------- */

/* Without the lock. */
static ssize_t read_piece(const struct reading *reading, char **ret_bytes)
{
	_cleanup_free_ char *bytes = malloc(reading->length);
	if (!bytes)
		return -ENOMEM;
	ssize_t count = reading_fetch(reading, bytes, reading->length, reading->offset, 0);
	if (count > 0)
		*ret_bytes = steal(bytes);
	return count;
}

static void serve(struct readers *readers, struct reading *reading)
{
	char *bytes = NULL;
	pthread_mutex_unlock(&readers->lock);
	ssize_t count = read_piece(reading, &bytes);
	pthread_mutex_lock(&readers->lock);
	reading->bytes = bytes;
	reading->count = count;
	readers->hanging -= reading->may_hang;
	pthread_cond_signal(&readers->submitted); /* another one that may hang has its turn */
	let_go(readers, reading);
}

static void readers_free(struct readers *readers)
{
	pthread_cond_destroy(&readers->ended);
	pthread_cond_destroy(&readers->submitted);
	pthread_mutex_destroy(&readers->lock);
	free(readers);
}

static void *work(void *context)
{
	struct readers *readers = context;
	struct reading *reading;
	pthread_mutex_lock(&readers->lock);
	while ((reading = await_reading(readers)))
		serve(readers, reading);
	readers->threads--;
	pthread_cond_signal(&readers->ended);
	bool left_behind = readers->destroyed && !readers->threads;
	pthread_mutex_unlock(&readers->lock);
	if (left_behind)
		readers_free(readers);
	return NULL;
}

/* ---- from start to stop -------------------------------------------------------------------- */

static void init(struct readers *readers, const struct file_io *io)
{
	pthread_condattr_t attributes;
	readers->io = io;
	pthread_mutex_init(&readers->lock, NULL);
	pthread_cond_init(&readers->submitted, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&readers->ended, &attributes);
	pthread_condattr_destroy(&attributes);
	list_init(&readers->waiting);
	list_init(&readers->waiting_to_hang);
	list_init(&readers->under_way);
}

static bool start_thread(struct readers *readers)
{
	pthread_t thread;
	SCOPED_LOCK(&readers->lock);
	if (pthread_create(&thread, NULL, work, readers))
		return false;
	pthread_detach(thread); /* nobody waits for one that hangs */
	readers->threads++;
	return true;
}

struct readers *readers_create(const struct file_io *io, struct error *error)
{
	struct readers *readers = calloc(1, sizeof *readers);
	if (!readers) {
		error_set(error, ERROR_NO_MEMORY, "Free some memory.",
			"no memory for those who read files");
		return NULL;
	}
	init(readers, io);
	for (unsigned i = 0; i < READERS_THREADS; i++)
		if (!start_thread(readers)) {
			error_set(error, ERROR_INTERNAL, "Look at the limit on threads.",
				"cannot start the threads that read files");
			readers_close(readers);
			readers_destroy(readers);
			return NULL;
		}
	return readers;
}

static void give_up(struct readers *readers, struct list *queue)
{
	while (!list_empty(queue))
		let_go(readers, container_of(queue->next, struct reading, node));
}

void readers_close(struct readers *readers)
{
	SCOPED_LOCK(&readers->lock);
	readers->closing = true;
	give_up(readers, &readers->waiting);
	give_up(readers, &readers->waiting_to_hang);
	list_for_each (node, &readers->under_way)
		reading_wake(container_of(node, struct reading, node));
	pthread_cond_broadcast(&readers->submitted);
}

/* Whether no thread is left. */
static bool await_threads(struct readers *readers)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	SCOPED_LOCK(&readers->lock);
	while (readers->threads && !pthread_cond_timedwait(&readers->ended, &readers->lock, &until))
		;
	readers->destroyed = true;
	return !readers->threads;
}

void readers_destroy(struct readers *readers)
{
	if (readers && await_threads(readers))
		readers_free(readers);
}
