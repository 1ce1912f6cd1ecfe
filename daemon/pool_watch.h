/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices what happens in the media pools, and has it looked at by scans (daemon/background.h): a
 * thread of its own that sleeps until the kernel tells of a change. What settled together is one
 * scan, of the directories that it was in; there is one scan at a time. Besides, all pools are
 * looked through after the start and every so often, for not everything is told (network file
 * systems, too many directories, too many changes at once).
 *
 *	inotify, mounts, clock ─► dirty directories ─► quiet for a while ─► scan
 *
 * Lock: pool_watch->lock, a leaf.
 */
#pragma once

#include <sys/stat.h>

#include "daemon/pools.h"
#include "library_setup.h"

struct pool_watch;

extern const char pool_watch_actor[]; /* of its jobs, and of what they find */

/* NULL with *ret_ok true when there is nothing for it to do. */
bool pool_watch_start(struct library *library, const struct pool_watch_settings *settings,
	struct pool_watch **ret, struct error *error);
/* Jobs may still be asked for. NULL is allowed. */
void pool_watch_stop(struct pool_watch *watch);
/* After the stop, when nobody asks any more. */
void pool_watch_destroy(struct pool_watch *watch);

/* The configuration names other pools. Any thread. */
void pool_watch_look_again(struct pool_watch *watch);

/* Is somebody still writing this new file? Any thread; NULL is allowed. */
bool pool_watch_is_written(struct pool_watch *watch, const char *path, const struct stat *st);

/* What is known of the pool. Any thread; NULL is allowed. */
void pool_watch_describe(struct pool_watch *watch, struct library_pool *pool);
