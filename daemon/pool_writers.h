/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New files that were made and not closed yet. Of more than so many the oldest is forgotten, and
 * is taken for finished when nobody has written to it for a while. Its own lock, a leaf.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

enum { POOL_WRITERS_MAX = 256 };

struct pool_writers {
	pthread_mutex_t lock;
	char *paths[POOL_WRITERS_MAX]; /* a ring */
	unsigned next;
};

void pool_writers_init(struct pool_writers *writers);
void pool_writers_finish(struct pool_writers *writers);
void pool_writers_add(struct pool_writers *writers, const char *path);
void pool_writers_remove(struct pool_writers *writers, const char *path);
bool pool_writers_has(struct pool_writers *writers, const char *path);
