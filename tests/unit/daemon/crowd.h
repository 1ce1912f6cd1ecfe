/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads of a stress test, in groups that do the same. What they share is `struct crowd`, the
 * test's own.
 */
#pragma once

#include <pthread.h>

struct crowd;

struct member {
	struct crowd *crowd;
	unsigned number; /* in its group */
	unsigned seed;
	pthread_t thread;
};

/* STRESS_SEED, or 1. The random numbers follow it, the interleaving does not. */
unsigned crowd_seed(void);

/* `seed` is the group's own. */
void group_start(struct member *members, unsigned count, struct crowd *crowd, unsigned seed,
	void *(*run)(void *));
void group_join(struct member *members, unsigned count);

/* A random number below `count`. */
unsigned pick(struct member *member, unsigned count);
