/* SPDX-License-Identifier: Apache-2.0 */
/* What readers.c, the pool, and reading.c, one file, share. Lock: readers->lock for all of it. */
#pragma once

#include <pthread.h>

#include "readers.h"
#include "util/list.h"

struct readers {
	const struct file_io *io;
	pthread_mutex_t lock;
	pthread_cond_t submitted, ended;
	struct list waiting;         /* readings whose file is asked without waiting, first */
	struct list waiting_to_hang; /* the others */
	struct list under_way;
	unsigned hanging; /* under way, of the others */
	unsigned threads;
	bool closing, destroyed;
};

struct reading {
	struct readers *readers;
	int fd;
	struct file_identity identity;
	struct reading_waiter waiter;
	bool may_hang;       /* the listener's alone until it is queued */
	struct list node;    /* in one of the lists while `queued` */
	unsigned references; /* the answer's, and that of the pool */
	bool queued, suspended;
	/* What the pool is asked for, and its answer. */
	uint64_t offset;
	size_t length;
	char *bytes;
	ssize_t count; /* or -errno; 0: nothing is there */
	size_t given;
};

/* With the lock. */
void reading_wake(struct reading *reading);
/* With the lock. True: it was the last; then reading_free, without the lock. */
bool reading_unref(struct reading *reading);
void reading_free(struct reading *reading);

/* Without the lock: n bytes that belong to the file as it was, or -errno. */
ssize_t reading_fetch(
	const struct reading *reading, void *buffer, size_t size, uint64_t offset, unsigned flags);
