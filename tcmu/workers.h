/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fixed set of threads, each with its own epoll set. Whoever is served is pinned to one of them,
 * in turn, so that one ring has one reader. An idle set never wakes up.
 */
#pragma once

#include <stdbool.h>

#include "util/error.h"
#include "util/list.h"

struct worker;
struct workers;

enum served_result {
	SERVED_IDLE,  /* nothing left; call when the descriptor is readable */
	SERVED_MORE,  /* call again, after the others had their turn */
	SERVED_CLOSE, /* the descriptor is of no use any more; call when poked */
};

/* Embedded in whoever is served. Fill in `fd` and `serve`; the rest is the worker's. */
struct served {
	int fd;
	/*
	 * Worker's thread, no lock held. `readable`: the descriptor is. Level-triggered: serve must
	 * make it unreadable.
	 */
	enum served_result (*serve)(struct served *served, bool readable);

	struct worker *worker; /* NULL: was never added */
	/* All under the lock of the worker. */
	struct list ready; /* worker->ready, while there is something to do */
	bool member;
	bool readable;
	bool polled;  /* the descriptor is in the epoll set */
	bool leaving; /* somebody waits in workers_remove */
};

/* `count` 0: one per CPU, at most 4. */
struct workers *workers_create(unsigned count, struct error *error);
/* Nobody is served any more. NULL is allowed. */
void workers_destroy(struct workers *workers);

/* Serve is called once at once, and then whenever the descriptor is readable. */
bool workers_add(struct workers *workers, struct served *served, struct error *error);
/*
 * Serve is not running and will not be called again when this returns. Never from a worker. Does
 * nothing when it is not served.
 */
void workers_remove(struct served *served);
/* Any thread: serve is called soon. */
void workers_poke(struct served *served);
