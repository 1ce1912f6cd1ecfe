/* SPDX-License-Identifier: Apache-2.0 */
#include "watchdog.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/library.h"
#include "library_setup.h"
#include "log.h"
#include "service_manager.h"
#include "util/cleanup.h"
#include "util/deadline.h"

/* A beat that comes late for a busy disk or a busy machine has two more behind it. */
enum { BEATS_PER_TIMEOUT = 3 };

struct watchdog {
	struct library *library;
	unsigned beat_ms;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping; /* lock */
};

/* False: it is to end. */
static bool rest(struct watchdog *watchdog)
{
	struct timespec until = deadline_in_ms(watchdog->beat_ms);
	SCOPED_LOCK(&watchdog->lock);
	int result = 0;
	while (!watchdog->stopping && result == 0)
		result = pthread_cond_timedwait(&watchdog->changed, &watchdog->lock, &until);
	return !watchdog->stopping;
}

static void *watch(void *argument)
{
	struct watchdog *watchdog = argument;
	bool silent = false;
	do {
		bool answers = library_answers(watchdog->library, watchdog->beat_ms);
		if (answers)
			service_manager_tell_library("WATCHDOG=1", watchdog->library);
		else if (!silent)
			log_error("the library's thread does not answer; when it goes on like "
				  "this, the service manager starts the daemon again");
		silent = !answers;
	} while (rest(watchdog));
	return NULL;
}

static struct watchdog *create(struct library *library, unsigned timeout_ms)
{
	struct watchdog *watchdog = calloc(1, sizeof *watchdog);
	if (!watchdog)
		return NULL;
	watchdog->library = library;
	watchdog->beat_ms = timeout_ms / BEATS_PER_TIMEOUT;
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&watchdog->lock, NULL);
	pthread_cond_init(&watchdog->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return watchdog;
}

static void destroy(struct watchdog *watchdog)
{
	pthread_cond_destroy(&watchdog->changed);
	pthread_mutex_destroy(&watchdog->lock);
	free(watchdog);
}

bool watchdog_start(struct library *library, struct watchdog **ret, struct error *error)
{
	unsigned timeout_ms = service_manager_watchdog_ms();
	*ret = NULL;
	if (!timeout_ms)
		return true;
	struct watchdog *watchdog = create(library, timeout_ms);
	if (watchdog && pthread_create(&watchdog->thread, NULL, watch, watchdog) == 0) {
		pthread_setname_np(watchdog->thread, "watchdog");
		*ret = watchdog;
		return true;
	}
	if (watchdog)
		destroy(watchdog);
	return error_set(error, ERROR_INTERNAL, "Look at the limits on threads and memory.",
		"cannot start the watchdog's thread");
}

void watchdog_stop(struct watchdog *watchdog)
{
	if (!watchdog)
		return;
	pthread_mutex_lock(&watchdog->lock);
	watchdog->stopping = true;
	pthread_cond_signal(&watchdog->changed);
	pthread_mutex_unlock(&watchdog->lock);
	pthread_join(watchdog->thread, NULL);
	destroy(watchdog);
}
