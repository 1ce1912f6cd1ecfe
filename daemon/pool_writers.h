/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New files that were made and not closed yet. Of more than so many the oldest is forgotten, and
 * is taken for finished when nobody has written to it for a while. Its own lock, a leaf.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum { POOL_WRITERS_MAX = 256 };

/* A file as it was when it was looked at, and since when it is like that, in milliseconds. */
struct pool_writer {
	char *path;
	struct timespec written;
	uint64_t since_ms; /* not by the clock on the wall, which may jump */
};

struct pool_writers {
	pthread_mutex_t lock;
	struct pool_writer writers[POOL_WRITERS_MAX]; /* a ring */
	unsigned next;
};

void pool_writers_init(struct pool_writers *writers);
void pool_writers_finish(struct pool_writers *writers);
void pool_writers_add(struct pool_writers *writers, const char *path, uint64_t now_ms);
void pool_writers_remove(struct pool_writers *writers, const char *path);
/* It was made and not closed, and somebody has written to it in the last `quiet_ms`. */
bool pool_writers_has(struct pool_writers *writers, const char *path, const struct stat *st,
	uint64_t now_ms, uint64_t quiet_ms);
