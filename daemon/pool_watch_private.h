/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the pool watch. */
#pragma once

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "pool_dirty.h"
#include "pool_tree.h"
#include "pool_watch.h"
#include "pool_writers.h"

enum { POOLS_MAX = 64 };

/* How one pool is watched. */
struct pool_state {
	char path[LIBRARY_PATH_MAX]; /* as it is configured */
	char real[LIBRARY_PATH_MAX]; /* without symbolic links; "": it is not there */
	const char *watch;
	char reason[LIBRARY_TEXT_MAX];
	uint64_t fingerprint; /* of the mounts there */
	size_t directories;
};

struct pool_watch {
	struct library *library;
	struct pool_watch_settings settings;
	pthread_t thread;
	int wake_fd, mounts_fd;
	atomic_bool stopping, look_again, asked; /* asked: a scan is being asked for */
	struct pool_writers writers;

	pthread_mutex_t lock;
	struct pool_state *pools;
	unsigned pool_count;
	int64_t job;  /* the last one */
	bool refused; /* it could not be asked for */

	/* The thread's own. */
	struct pool_tree tree;
	struct pool_dirty dirty;
	bool begin_anew;       /* what is watched is not what is there any more */
	uint64_t next_scan_ms; /* of all pools; UINT64_MAX: never */
	uint64_t next_look_ms; /* at the mounts; UINT64_MAX: nothing happened to them */
};

uint64_t pool_watch_now_ms(void);

/* Finds out what the pools are, and watches them from scratch. */
void pool_watch_begin(struct pool_watch *watch);
/* Takes the kernel's events. */
void pool_watch_read(struct pool_watch *watch);
/* Is something else mounted where pools are? */
bool pool_watch_is_remounted(struct pool_watch *watch);
