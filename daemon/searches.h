/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches of media (library_media_search): on threads with connections to the catalog of their
 * own, because one of them may have to look at the words of every medium, and nobody who asks for
 * something else is to wait for that.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct catalog;
struct error;
struct library;
struct pool;

enum { SEARCHES_AT_ONCE = 2 };

struct searches {
	struct library *library;
	struct pool *pool;
	atomic_bool stopping;
	pthread_mutex_t lock;
	struct catalog *idle[SEARCHES_AT_ONCE]; /* connections, opened when one is needed; lock */
	unsigned idle_count;
};

void searches_init(struct searches *searches, struct library *library);
bool searches_start(struct searches *searches, struct error *error);
/* Those that are under way, or come from now on, end soon, with STOPPING. */
void searches_stop(struct searches *searches);
/* After that: waits for them. */
void searches_finish(struct searches *searches);
