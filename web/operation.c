/* SPDX-License-Identifier: Apache-2.0 */
#include "operation.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/keys.h"
#include "daemon/tokens.h"
#include "util/cleanup.h"
#include "util/list.h"

struct lot {
	pthread_mutex_t lock; /* guards all of this, and all of every operation */
	pthread_cond_t left;
	struct list waiting;
	unsigned inside; /* requests */
	unsigned references;
	bool closed;
};

struct operation {
	struct lot *lot;
	struct list node;    /* in lot->waiting while RUNNING */
	unsigned references; /* of the request and of the library */
	void (*resume)(void *waiter);
	void *waiter;
	enum operation_outcome outcome;
	struct library_result result;
	struct library_export export;     /* that of the result */
	struct library_token token;       /* likewise */
	struct library_kept_answer *kept; /* likewise */
	struct library_file file;         /* likewise; fd -1: none */
	struct library_content content;   /* likewise, with a descriptor of its own */
	char (*ids)[LIBRARY_ID_MAX];      /* those of the result */
};

struct lot *lot_create(void)
{
	struct lot *lot = calloc(1, sizeof *lot);
	pthread_condattr_t attributes;
	if (!lot)
		return NULL;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&lot->left, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&lot->lock, NULL);
	list_init(&lot->waiting);
	lot->references = 1;
	return lot;
}

static void lot_unref(struct lot *lot)
{
	pthread_mutex_lock(&lot->lock);
	bool last = !--lot->references;
	pthread_mutex_unlock(&lot->lock);
	if (!last)
		return;
	pthread_cond_destroy(&lot->left);
	pthread_mutex_destroy(&lot->lock);
	free(lot);
}

void lot_release(struct lot *lot)
{
	if (lot)
		lot_unref(lot);
}

bool lot_enter(struct lot *lot)
{
	SCOPED_LOCK(&lot->lock);
	lot->inside++;
	return !lot->closed;
}

void lot_leave(struct lot *lot)
{
	SCOPED_LOCK(&lot->lock);
	if (!--lot->inside)
		pthread_cond_broadcast(&lot->left);
}

static void keep_ids(struct operation *operation, const struct library_result *result)
{
	operation->ids = calloc(result->id_count, sizeof *operation->ids);
	operation->result.ids = operation->ids;
	if (operation->ids)
		memcpy(operation->ids, result->ids, result->id_count * sizeof *operation->ids);
	else
		operation->result.ok = error_set(&operation->result.error, ERROR_NO_MEMORY,
			"List the media to see them.",
			"the tapes were made, but their names do not fit into memory");
}

static void keep_file(struct operation *operation, const struct library_file *file)
{
	operation->file = (struct library_file){fcntl(file->fd, F_DUPFD_CLOEXEC, 0), file->length};
	operation->result.file = &operation->file;
	if (operation->file.fd >= 0)
		return;
	operation->result.ok = false;
	error_set(&operation->result.error, ERROR_NO_MEMORY, "Try again later.",
		"too many files are open");
}

static void keep_answer(struct operation *operation, const struct library_kept_answer *kept)
{
	operation->kept = malloc(sizeof *kept);
	operation->result.kept = operation->kept;
	if (operation->kept)
		*operation->kept = *kept;
	else
		operation->result.ok = error_set(&operation->result.error, ERROR_NO_MEMORY,
			"Try again later.", "out of memory");
}

/* With the lot locked. What belongs to the library is copied. */
static void keep_result(struct operation *operation, const struct library_result *result)
{
	operation->result = *result;
	if (result->id_count)
		keep_ids(operation, result);
	if (result->token) {
		operation->token = *result->token;
		operation->result.token = &operation->token;
	}
	if (result->kept)
		keep_answer(operation, result->kept);
	if (result->file)
		keep_file(operation, result->file);
	if (result->content) {
		operation->content = *result->content;
		operation->content.fd = fcntl(result->content->fd, F_DUPFD_CLOEXEC, 0);
		operation->result.content = &operation->content;
	}
	if (!result->export)
		return;
	operation->export = *result->export;
	operation->result.export = &operation->export;
}

/* With the lot locked. */
static void wake(struct operation *operation, enum operation_outcome outcome)
{
	operation->outcome = outcome;
	list_remove(&operation->node);
	operation->resume(operation->waiter);
}

void lot_close(struct lot *lot)
{
	SCOPED_LOCK(&lot->lock);
	lot->closed = true;
	list_for_each_safe (node, &lot->waiting)
		wake(container_of(node, struct operation, node), OPERATION_ABANDONED);
}

void lot_drain(struct lot *lot, unsigned seconds)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	SCOPED_LOCK(&lot->lock);
	while (lot->inside && !pthread_cond_timedwait(&lot->left, &lot->lock, &until))
		;
}

/* With the lot locked. */
static void operation_wait(struct operation *operation, struct lot *lot)
{
	operation->lot = lot;
	operation->references = 2;
	list_append(&lot->waiting, &operation->node);
	lot->references++;
}

struct operation *operation_begin(
	struct lot *lot, void (*suspend)(void *waiter), void (*resume)(void *waiter), void *waiter)
{
	struct operation *operation = calloc(1, sizeof *operation);
	if (!operation)
		return NULL;
	operation->resume = resume;
	operation->file.fd = -1;
	operation->waiter = waiter;
	SCOPED_LOCK(&lot->lock);
	if (lot->closed) {
		free(operation);
		return NULL;
	}
	suspend(waiter);
	operation_wait(operation, lot);
	return operation;
}

void operation_done(void *context, const struct library_result *result)
{
	struct operation *operation = context;
	struct lot *lot = operation->lot;
	pthread_mutex_lock(&lot->lock);
	if (operation->outcome == OPERATION_RUNNING) {
		keep_result(operation, result);
		wake(operation, OPERATION_DONE);
	}
	pthread_mutex_unlock(&lot->lock);
	operation_release(operation);
}

enum operation_outcome operation_outcome(struct operation *operation)
{
	SCOPED_LOCK(&operation->lot->lock);
	return operation->outcome;
}

const struct library_result *operation_result(const struct operation *operation)
{
	return &operation->result;
}

void operation_release(struct operation *operation)
{
	if (!operation)
		return;
	struct lot *lot = operation->lot;
	pthread_mutex_lock(&lot->lock);
	bool last = !--operation->references;
	pthread_mutex_unlock(&lot->lock);
	if (!last)
		return;
	if (operation->file.fd >= 0)
		close(operation->file.fd);
	if (operation->result.content && operation->content.fd >= 0)
		close(operation->content.fd);
	explicit_bzero(&operation->token, sizeof operation->token);
	free(operation->ids);
	free(operation->kept);
	free(operation);
	lot_unref(lot);
}
