/* SPDX-License-Identifier: Apache-2.0 */
/* What is watched, and what the kernel tells of it. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "library_private.h"
#include "log.h"
#include "pool_mounts.h"
#include "pool_watch_private.h"
#include "util/cleanup.h"

/* ---- what is watched ---------------------------------------------------------------------------
 */

static void give_reason(struct pool_state *pool, const char *watch, const char *reason)
{
	pool->watch = watch;
	snprintf(pool->reason, sizeof pool->reason, "%s", reason);
}

static void fail(struct pool_state *pool, int result)
{
	char reason[LIBRARY_TEXT_MAX];
	if (result == -ENOSPC)
		snprintf(reason, sizeof reason,
			"it has more directories than may be watched: raise the sysctl "
			"fs.inotify.max_user_watches");
	else if (result == -EMFILE)
		snprintf(reason, sizeof reason,
			"too many programs watch files: raise the sysctl "
			"fs.inotify.max_user_instances");
	else
		snprintf(reason, sizeof reason, "it cannot be watched: %s", strerror(-result));
	give_reason(pool, "rescan", reason);
}

/* It may be made one day, in the nearest directory that is there. */
static void await(struct pool_watch *watch, const char *path)
{
	char nearest[PATH_MAX];
	snprintf(nearest, sizeof nearest, "%s", path);
	char *parent = dirname(nearest);
	while (access(parent, F_OK) != 0 && strcmp(parent, "/") != 0 && strcmp(parent, ".") != 0)
		parent = dirname(parent);
	if (watch->tree.fd >= 0)
		pool_tree_await(&watch->tree, parent);
}

static void watch_local(struct pool_watch *watch, struct pool_state *pool, int opened)
{
	int result = opened < 0 ? opened : pool_tree_add(&watch->tree, pool->real);
	if (result < 0)
		fail(pool, result);
	else
		give_reason(pool, "watched", "");
	pool->directories = pool_tree_count(&watch->tree, pool->real);
}

static void watch_pool(struct pool_watch *watch, struct pool_state *pool, int opened)
{
	const char *network;
	char reason[LIBRARY_TEXT_MAX];
	pool->fingerprint = pool_mounts_fingerprint(pool->real[0] ? pool->real : pool->path);
	if (!pool->real[0]) {
		give_reason(pool, "absent", "it is not there");
		await(watch, pool->path);
	} else if (!watch->settings.notify) {
		give_reason(pool, "off", "pool_watch = no");
	} else if ((network = pool_network_file_system(pool->real))) {
		snprintf(reason, sizeof reason,
			"it is on %s, where what other machines do is not told", network);
		give_reason(pool, "rescan", reason);
	} else {
		watch_local(watch, pool, opened);
	}
}

static struct pool_state *find_pools(struct pool_watch *watch, unsigned *ret_count)
{
	const struct library_config *config = &watch->library->config;
	struct pool_state *pools = calloc(POOLS_MAX, sizeof *pools);
	char path[PATH_MAX], real[PATH_MAX];
	unsigned count = 0;
	while (pools && count < POOLS_MAX && config->pool_at &&
		config->pool_at(config->path_context, count, path)) {
		struct pool_state *pool = &pools[count++];
		snprintf(pool->path, sizeof pool->path, "%s", path);
		if (realpath(path, real))
			snprintf(pool->real, sizeof pool->real, "%s", real);
	}
	*ret_count = count;
	return pools;
}

static void publish(struct pool_watch *watch, struct pool_state *pools, unsigned count)
{
	SCOPED_LOCK(&watch->lock);
	struct pool_state *old = watch->pools;
	for (unsigned i = 0; i < count; i++) {
		bool told = false;
		for (unsigned k = 0; k < watch->pool_count; k++)
			told |= strcmp(old[k].path, pools[i].path) == 0 &&
				strcmp(old[k].reason, pools[i].reason) == 0;
		if (!told && strcmp(pools[i].watch, "rescan") == 0)
			log_warning("changes in the pool %.200s are noticed by scans only: %s",
				pools[i].path, pools[i].reason);
	}
	watch->pools = pools;
	watch->pool_count = count;
	free(old);
}

void pool_watch_begin(struct pool_watch *watch)
{
	unsigned count;
	watch->begin_anew = false;
	pool_tree_close(&watch->tree);
	int opened = watch->settings.notify ? pool_tree_open(&watch->tree) : 0;
	struct pool_state *pools = find_pools(watch, &count);
	for (unsigned i = 0; pools && i < count; i++)
		watch_pool(watch, &pools[i], opened);
	publish(watch, pools, count);
}

bool pool_watch_is_remounted(struct pool_watch *watch)
{
	for (unsigned i = 0; i < watch->pool_count; i++) {
		const struct pool_state *pool = &watch->pools[i];
		if (pool_mounts_fingerprint(pool->real[0] ? pool->real : pool->path) !=
			pool->fingerprint)
			return true;
	}
	return false;
}

/* ---- events ------------------------------------------------------------------------------------
 */

static void note(struct pool_watch *watch, const char *path, bool deep)
{
	pool_dirty_note(&watch->dirty, path, deep, pool_watch_now_ms(), watch->settings.settle_ms);
}

/* One more name of a file that is there already is not being written. */
static bool is_made_new(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1;
}

static void take_file(struct pool_watch *watch, const struct pool_event *event, const char *path)
{
	if (event->mask & IN_CREATE && is_made_new(path)) {
		pool_writers_add(&watch->writers, path, pool_watch_now_ms());
		return;
	}
	pool_writers_remove(&watch->writers, path);
	note(watch, event->directory, false);
}

/* Once it could not, what is there already is watched on. */
static void watch_one_more(struct pool_watch *watch, const char *path)
{
	int result = pool_tree_add(&watch->tree, path);
	SCOPED_LOCK(&watch->lock);
	for (unsigned i = 0; i < watch->pool_count; i++) {
		struct pool_state *pool = &watch->pools[i];
		if (!pool->real[0] || !pool_is_within(path, pool->real))
			continue;
		if (result < 0 && strcmp(pool->watch, "watched") == 0)
			log_warning("not every directory of the pool %.200s can be watched: %s",
				pool->path, strerror(-result));
		if (result < 0)
			fail(pool, result);
	}
}

static void take_directory(
	struct pool_watch *watch, const struct pool_event *event, const char *path)
{
	if (event->mask & IN_MOVED_FROM)
		pool_tree_remove(&watch->tree, path);
	if (event->mask & (IN_CREATE | IN_MOVED_TO))
		watch_one_more(watch, path);
	note(watch, path, true);
}

/* A pool itself, or a directory below it, whose own parent tells the same. */
static bool is_a_pool(const struct pool_watch *watch, const char *path)
{
	for (unsigned i = 0; i < watch->pool_count; i++)
		if (strcmp(watch->pools[i].real, path) == 0)
			return true;
	return false;
}

static bool is_awaited(const struct pool_watch *watch, const char *path)
{
	for (unsigned i = 0; i < watch->pool_count; i++)
		if (!watch->pools[i].real[0] && pool_is_within(watch->pools[i].path, path))
			return true;
	return false;
}

static void take_event(void *context, const struct pool_event *event)
{
	struct pool_watch *watch = context;
	char path[PATH_MAX];
	bool itself = event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT);
	if (itself &&
		(event->awaited || event->mask & IN_UNMOUNT || is_a_pool(watch, event->directory)))
		watch->begin_anew = true;
	if (!event->name[0] || snprintf(path, sizeof path, "%s/%s",
				       strcmp(event->directory, "/") ? event->directory : "",
				       event->name) >= (int)sizeof path)
		return;
	if (event->awaited)
		watch->begin_anew |= is_awaited(watch, path);
	else if (pool_passes_over(event->name))
		return;
	else if (event->mask & IN_ISDIR)
		take_directory(watch, event, path);
	else
		take_file(watch, event, path);
}

void pool_watch_read(struct pool_watch *watch)
{
	size_t before = watch->tree.count;
	if (!pool_tree_read(&watch->tree, take_event, watch))
		watch->begin_anew = true;
	if (watch->tree.count == before)
		return;
	SCOPED_LOCK(&watch->lock);
	for (unsigned i = 0; i < watch->pool_count; i++)
		if (watch->pools[i].real[0])
			watch->pools[i].directories =
				pool_tree_count(&watch->tree, watch->pools[i].real);
}
