/* SPDX-License-Identifier: Apache-2.0 */
#include "pool_watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "library_private.h"
#include "log.h"
#include "pool_mounts.h"
#include "pool_watch_private.h"
#include "util/cleanup.h"

const char pool_watch_actor[] = "pool watch";

enum {
	SETTLE_MS = 3000,
	BUSY_MS = 500,       /* until it is looked again whether a scan has ended */
	RETRY_MS = 60000,    /* after one that could not be asked for */
	STALLED_S = 10 * 60, /* nobody writes a file any more to which nobody has written so long */
};

uint64_t pool_watch_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void wake(struct pool_watch *watch)
{
	const uint64_t one = 1;
	if (write(watch->wake_fd, &one, sizeof one) < 0)
		log_debug("pool watch: %s", strerror(errno));
}

/* ---- scans -------------------------------------------------------------------------------------
 */

/* On the worker. */
static void asked(void *context, const struct library_result *result)
{
	struct pool_watch *watch = context;
	pthread_mutex_lock(&watch->lock);
	watch->refused = !result->ok;
	if (result->ok)
		watch->job = result->job;
	pthread_mutex_unlock(&watch->lock);
	if (!result->ok && result->error.code != ERROR_STOPPING)
		log_failure(LOG_LEVEL_WARNING, "looking through the pools", &result->error);
	wake(watch);
	atomic_store(&watch->asked, false); /* after that the watch may be gone */
}

static bool is_scanning(struct pool_watch *watch)
{
	if (atomic_load(&watch->asked))
		return true;
	pthread_mutex_lock(&watch->lock);
	int64_t job = watch->job;
	bool refused = watch->refused;
	watch->refused = false;
	pthread_mutex_unlock(&watch->lock);
	if (refused)
		pool_dirty_note_all(&watch->dirty, pool_watch_now_ms(), RETRY_MS);
	return job && background_is_unfinished(&watch->library->background, job);
}

static void ask(struct pool_watch *watch, json_t *parameters)
{
	json_object_set_new(
		parameters, "settle_ms", json_integer((json_int_t)watch->settings.settle_ms));
	if (!watch->settings.auto_import)
		json_object_set_new(parameters, "add", json_false());
	atomic_store(&watch->asked, true);
	background_ask_scan(watch->library, parameters, pool_watch_actor, asked, watch);
}

/* ---- time --------------------------------------------------------------------------------------
 */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When there is something to do without being told. */
static uint64_t next_deadline(struct pool_watch *watch, uint64_t now)
{
	uint64_t settled = pool_dirty_next(&watch->dirty);
	if (settled <= now)
		settled = now + BUSY_MS; /* it waits for the scan that is under way */
	return earlier(earlier(settled, watch->next_scan_ms), watch->next_look_ms);
}

static void rest(struct pool_watch *watch)
{
	uint64_t now = pool_watch_now_ms(), deadline = next_deadline(watch, now), count;
	struct pollfd fds[] = {{.fd = watch->wake_fd, .events = POLLIN},
		{.fd = watch->tree.fd, .events = POLLIN},
		{.fd = watch->mounts_fd, .events = POLLPRI}};
	uint64_t span = deadline > now ? deadline - now : 0;
	int timeout = deadline == UINT64_MAX ? -1 : (int)earlier(span, INT_MAX);
	if (poll(fds, 3, timeout) <= 0)
		return;
	if (fds[0].revents && read(watch->wake_fd, &count, sizeof count) < 0)
		log_debug("pool watch: %s", strerror(errno));
	if (fds[1].revents)
		pool_watch_read(watch);
	/* Mounts come in bursts. */
	if (fds[2].revents)
		watch->next_look_ms = pool_watch_now_ms() + watch->settings.settle_ms;
}

static void look_at_mounts(struct pool_watch *watch, uint64_t now)
{
	if (watch->next_look_ms > now)
		return;
	watch->next_look_ms = UINT64_MAX;
	watch->begin_anew |= pool_watch_is_remounted(watch);
}

/* What could not be watched the last time may be watched now. */
static void scan_in_turn(struct pool_watch *watch, uint64_t now)
{
	if (watch->next_scan_ms > now)
		return;
	watch->next_scan_ms = watch->settings.rescan_s
				      ? now + (uint64_t)watch->settings.rescan_s * 1000
				      : UINT64_MAX;
	watch->begin_anew = true;
}

static void work_off(struct pool_watch *watch)
{
	uint64_t now = pool_watch_now_ms();
	look_at_mounts(watch, now);
	scan_in_turn(watch, now);
	watch->begin_anew |= atomic_exchange(&watch->look_again, false);
	if (watch->begin_anew) {
		pool_watch_begin(watch);
		pool_dirty_note_all(&watch->dirty, now, watch->settings.settle_ms);
	}
	if (pool_dirty_next(&watch->dirty) > now || is_scanning(watch))
		return;
	json_t *parameters = pool_dirty_take(&watch->dirty, now);
	if (parameters)
		ask(watch, parameters);
}

static void *work(void *argument)
{
	struct pool_watch *watch = argument;
	while (!atomic_load(&watch->stopping)) {
		work_off(watch);
		rest(watch);
	}
	return NULL;
}

/* ---- start and stop ----------------------------------------------------------------------------
 */

static struct pool_watch *create(
	struct library *library, const struct pool_watch_settings *settings)
{
	struct pool_watch *watch = calloc(1, sizeof *watch);
	if (!watch)
		return NULL;
	watch->library = library;
	watch->settings = *settings;
	if (!watch->settings.settle_ms)
		watch->settings.settle_ms = SETTLE_MS;
	watch->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	watch->mounts_fd = pool_mounts_open();
	watch->tree.fd = -1;
	watch->next_look_ms = UINT64_MAX;
	pthread_mutex_init(&watch->lock, NULL);
	pool_writers_init(&watch->writers);
	return watch;
}

/* Signals are for the main thread. */
static bool start_thread(struct pool_watch *watch)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int result = pthread_create(&watch->thread, NULL, work, watch);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (result == 0)
		pthread_setname_np(watch->thread, "pool-watch");
	return result == 0;
}

bool pool_watch_start(struct library *library, const struct pool_watch_settings *settings,
	struct pool_watch **ret, struct error *error)
{
	if (!settings->notify && !settings->rescan_s)
		return true;
	struct pool_watch *watch = create(library, settings);
	if (watch && watch->wake_fd >= 0 && start_thread(watch)) {
		*ret = watch;
		return true;
	}
	pool_watch_destroy(watch);
	return error_set(error, ERROR_INTERNAL, "Look at the limits on threads and open files.",
		"cannot watch the media pools");
}

void pool_watch_stop(struct pool_watch *watch)
{
	if (!watch || atomic_exchange(&watch->stopping, true))
		return;
	wake(watch);
	pthread_join(watch->thread, NULL);
}

void pool_watch_destroy(struct pool_watch *watch)
{
	if (!watch)
		return;
	pool_tree_close(&watch->tree);
	pool_dirty_finish(&watch->dirty);
	pool_writers_finish(&watch->writers);
	pthread_mutex_destroy(&watch->lock);
	free(watch->pools);
	cleanup_close(&watch->wake_fd);
	cleanup_close(&watch->mounts_fd);
	free(watch);
}

/* ---- for others --------------------------------------------------------------------------------
 */

void pool_watch_look_again(struct pool_watch *watch)
{
	if (!watch)
		return;
	atomic_store(&watch->look_again, true);
	wake(watch);
}

bool pool_watch_is_written(struct pool_watch *watch, const char *path, const struct stat *st)
{
	return watch && pool_writers_has(&watch->writers, path, st, pool_watch_now_ms(),
				STALLED_S * UINT64_C(1000));
}

void pool_watch_describe(struct pool_watch *watch, struct library_pool *pool)
{
	snprintf(pool->watch, sizeof pool->watch, "off");
	if (!watch)
		return;
	SCOPED_LOCK(&watch->lock);
	for (unsigned i = 0; i < watch->pool_count; i++) {
		const struct pool_state *state = &watch->pools[i];
		if (strcmp(state->path, pool->path) != 0)
			continue;
		snprintf(pool->watch, sizeof pool->watch, "%s", state->watch);
		snprintf(pool->reason, sizeof pool->reason, "%s", state->reason);
		pool->directories = state->directories;
	}
}

bool library_pool_at(struct library *library, unsigned index, struct library_pool *ret)
{
	const struct library_config *config = &library->config;
	char path[PATH_MAX];
	if (!config->pool_at || !config->pool_at(config->path_context, index, path))
		return false;
	*ret = (struct library_pool){0};
	snprintf(ret->path, sizeof ret->path, "%s", path);
	pool_watch_describe(library->watch, ret);
	return true;
}

unsigned library_pool_rescan(struct library *library)
{
	return library->config.watch.rescan_s;
}
