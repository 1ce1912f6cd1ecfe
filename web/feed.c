/* SPDX-License-Identifier: Apache-2.0 */
#include "feed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/cleanup.h"

enum { PAGE = 128 };

struct feed {
	struct library *library;
	uint64_t heartbeat_ns;
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool committed, closing, running;
	unsigned followers, beats;
	uint64_t next_beat_ns;
	struct list sleepers;
	/* A ring: the newest is at `next` - 1. None that is newer than `floor` is missing. */
	struct event_text events[FEED_EVENTS_KEPT];
	unsigned next, count;
	int64_t newest, floor;
};

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- with the feed locked ---------------------------------------------------------------------
 */

static void wake_all(struct feed *feed)
{
	struct list *node;
	while ((node = list_pop(&feed->sleepers))) {
		struct sleeper *sleeper = container_of(node, struct sleeper, node);
		sleeper->resume(sleeper->waiter);
	}
}

static void keep(struct feed *feed, const struct event_text *event)
{
	struct event_text *place = &feed->events[feed->next];
	if (feed->count == FEED_EVENTS_KEPT) {
		feed->floor = place->number;
		event_text_finish(place);
	} else {
		feed->count++;
	}
	*place = *event;
	feed->next = (feed->next + 1) % FEED_EVENTS_KEPT;
	feed->newest = event->number;
}

static void beat(struct feed *feed)
{
	uint64_t now = now_ns();
	if (now < feed->next_beat_ns)
		return;
	feed->next_beat_ns = now + feed->heartbeat_ns;
	feed->beats++;
	wake_all(feed);
}

/* Without followers it sleeps until something is committed. */
static void wait_for_work(struct feed *feed)
{
	while (!feed->committed && !feed->closing) {
		if (!feed->followers) {
			pthread_cond_wait(&feed->changed, &feed->lock);
			continue;
		}
		if (now_ns() >= feed->next_beat_ns)
			return;
		struct timespec until = {.tv_sec = (time_t)(feed->next_beat_ns / 1000000000u),
			.tv_nsec = (long)(feed->next_beat_ns % 1000000000u)};
		pthread_cond_timedwait(&feed->changed, &feed->lock, &until);
	}
}

/* ---- its thread --------------------------------------------------------------------------------
 */

struct page {
	struct event_text events[PAGE];
	unsigned count;
};

static bool collect(void *context, const struct library_history_entry *entry)
{
	struct page *page = context;
	if (!event_text_make(entry, &page->events[page->count]))
		return false; /* it is read again when there is more memory */
	page->count++;
	return true;
}

static unsigned read_page(struct feed *feed, struct page *page)
{
	page->count = 0;
	library_events_after(feed->library, feed->newest, PAGE, collect, page, NULL);
	SCOPED_LOCK(&feed->lock);
	for (unsigned i = 0; i < page->count; i++)
		keep(feed, &page->events[i]);
	if (page->count)
		wake_all(feed);
	return page->count;
}

/* False: the end. */
static bool wait_and_beat(struct feed *feed)
{
	SCOPED_LOCK(&feed->lock);
	wait_for_work(feed);
	feed->committed = false;
	if (feed->followers)
		beat(feed);
	return !feed->closing;
}

static void *follow(void *context)
{
	struct feed *feed = context;
	struct page *page = malloc(sizeof *page);
	while (wait_and_beat(feed))
		while (page && read_page(feed, page) == PAGE)
			;
	free(page);
	return NULL;
}

/* A callback of the library: it must not block. */
static void note_commit(void *context)
{
	struct feed *feed = context;
	SCOPED_LOCK(&feed->lock);
	feed->committed = true;
	pthread_cond_signal(&feed->changed);
}

/* ---- from start to stop ------------------------------------------------------------------------
 */

static void init(struct feed *feed, struct library *library, unsigned heartbeat_ms)
{
	pthread_condattr_t attributes;
	feed->library = library;
	feed->heartbeat_ns = (heartbeat_ms ? heartbeat_ms : FEED_HEARTBEAT_MS) * UINT64_C(1000000);
	pthread_mutex_init(&feed->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&feed->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	list_init(&feed->sleepers);
}

static bool start(struct feed *feed, struct error *error)
{
	if (!library_event_last(feed->library, &feed->newest, error))
		return false;
	feed->floor = feed->newest;
	feed->running = pthread_create(&feed->thread, NULL, follow, feed) == 0;
	if (!feed->running)
		return error_set(error, ERROR_INTERNAL, "Look at the limit on threads.",
			"cannot start the thread of the event stream");
	library_events_subscribe(feed->library, note_commit, feed);
	note_commit(feed); /* what was committed in between */
	return true;
}

struct feed *feed_create(struct library *library, unsigned heartbeat_ms, struct error *error)
{
	struct feed *feed = calloc(1, sizeof *feed);
	if (!feed) {
		error_set(error, ERROR_NO_MEMORY, "Free some memory.",
			"no memory for the event stream");
		return NULL;
	}
	init(feed, library, heartbeat_ms);
	if (start(feed, error))
		return feed;
	feed_destroy(feed);
	return NULL;
}

void feed_close(struct feed *feed)
{
	if (!feed->running)
		return;
	library_events_subscribe(feed->library, NULL, NULL);
	pthread_mutex_lock(&feed->lock);
	feed->closing = true;
	pthread_cond_signal(&feed->changed);
	wake_all(feed);
	pthread_mutex_unlock(&feed->lock);
	pthread_join(feed->thread, NULL);
	feed->running = false;
}

void feed_destroy(struct feed *feed)
{
	if (!feed)
		return;
	for (unsigned i = 0; i < FEED_EVENTS_KEPT; i++)
		event_text_finish(&feed->events[i]);
	pthread_cond_destroy(&feed->changed);
	pthread_mutex_destroy(&feed->lock);
	free(feed);
}

/* ---- for followers -----------------------------------------------------------------------------
 */

bool feed_enter(struct feed *feed)
{
	SCOPED_LOCK(&feed->lock);
	if (feed->followers == FEED_FOLLOWERS_MAX)
		return false;
	if (!feed->followers++) {
		feed->next_beat_ns = now_ns() + feed->heartbeat_ns;
		pthread_cond_signal(&feed->changed);
	}
	return true;
}

void feed_leave(struct feed *feed)
{
	SCOPED_LOCK(&feed->lock);
	feed->followers--;
}

unsigned feed_followers(struct feed *feed)
{
	SCOPED_LOCK(&feed->lock);
	return feed->followers;
}

int64_t feed_newest(struct feed *feed)
{
	SCOPED_LOCK(&feed->lock);
	return feed->newest;
}

/* With the feed locked. */
static void hand_over(const struct feed *feed, int64_t after,
	bool (*take)(void *context, const struct event_text *event), void *context)
{
	unsigned first = feed->next + FEED_EVENTS_KEPT - feed->count;
	for (unsigned i = 0; i < feed->count; i++) {
		const struct event_text *event = &feed->events[(first + i) % FEED_EVENTS_KEPT];
		if (event->number > after && !take(context, event))
			return;
	}
}

enum feed_turn feed_next(struct feed *feed, struct sleeper *sleeper, int64_t after, unsigned *beats,
	bool (*take)(void *context, const struct event_text *event), void *context)
{
	SCOPED_LOCK(&feed->lock);
	if (feed->closing)
		return FEED_END;
	if (after < feed->floor)
		return FEED_BEHIND;
	if (after < feed->newest) {
		hand_over(feed, after, take, context);
		return FEED_EVENTS;
	}
	if (*beats != feed->beats) {
		*beats = feed->beats;
		return FEED_BEAT;
	}
	sleeper->suspend(sleeper->waiter);
	list_append(&feed->sleepers, &sleeper->node);
	return FEED_ASLEEP;
}
