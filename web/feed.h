/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The newest events of the library, read from the catalog once for all who follow them. One thread
 * reads what was committed and wakes the connections that sleep; those are suspended, so that a
 * thousand of them hold no thread.
 *
 * Lock: feed->lock, a leaf; suspend and resume are called with it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/library.h"
#include "event_text.h"
#include "util/list.h"

enum {
	FEED_FOLLOWERS_MAX = 256,
	FEED_EVENTS_KEPT = 256, /* who is further behind reads the catalog */
	FEED_HEARTBEAT_MS = 15000,
};

struct feed;

/* A connection that sleeps until something happens. Embedded by its owner. */
struct sleeper {
	struct list node; /* in the feed while it sleeps */
	void (*suspend)(void *waiter);
	void (*resume)(void *waiter);
	void *waiter;
};

/* `heartbeat_ms` 0: FEED_HEARTBEAT_MS. NULL with *error: NO_MEMORY, INTERNAL, CATALOG…. */
struct feed *feed_create(struct library *library, unsigned heartbeat_ms, struct error *error);
/* Wakes all and lets nobody sleep any more. Returns when the library calls no more. */
void feed_close(struct feed *feed);
/* After that, and when all followers have left. NULL is allowed. */
void feed_destroy(struct feed *feed);

/* A place among the followers. False: there is none left. */
bool feed_enter(struct feed *feed);
void feed_leave(struct feed *feed);

unsigned feed_followers(struct feed *feed);
/* The number of the newest event that the feed has; 0: none yet. */
int64_t feed_newest(struct feed *feed);

enum feed_turn {
	FEED_EVENTS, /* `take` got at least one */
	FEED_BEHIND, /* what comes next is in the catalog only */
	FEED_BEAT,   /* nothing for a while */
	FEED_ASLEEP, /* it is suspended, and will be resumed */
	FEED_END,    /* the server stops */
};

/*
 * What comes after the event `after`: `take` gets it, with the feed locked, until it returns false.
 * *beats is the follower's count of heartbeats.
 */
enum feed_turn feed_next(struct feed *feed, struct sleeper *sleeper, int64_t after, unsigned *beats,
	bool (*take)(void *context, const struct event_text *event), void *context);
