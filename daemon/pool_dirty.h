/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories in which something happened, until they have been quiet for a while. Many become one:
 * when there are too many to name, all pools are meant. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

enum { POOL_DIRTY_MAX = 64, POOL_DIRTY_WAIT_FACTOR = 10 };

struct pool_dirty {
	struct pool_dirty_entry {
		char *path;
		bool deep; /* and what is below it */
		uint64_t since_ms, quiet_ms, ready_ms;
	} entries[POOL_DIRTY_MAX];
	unsigned count;
	bool all;
	uint64_t all_ms;       /* when they are to be looked at */
	uint64_t all_quiet_ms; /* what happened until then has settled */
};

/* Something happened there: it is looked at when it was quiet for `settle_ms`, or after ten times
 * that. */
void pool_dirty_note(
	struct pool_dirty *dirty, const char *path, bool deep, uint64_t now_ms, unsigned settle_ms);
/* All pools are to be looked at in `wait_ms`. */
void pool_dirty_note_all(struct pool_dirty *dirty, uint64_t now_ms, unsigned wait_ms);

/* When the first is ready; UINT64_MAX: there is none. */
uint64_t pool_dirty_next(const struct pool_dirty *dirty);

/*
 * What did not settle before it was taken stays, and is ready again when it has. Takes what is
 * ready out, as parameters of a scan: "directories" and "trees", or neither for all
 * pools. NULL when nothing is, or without memory.
 */
json_t *pool_dirty_take(struct pool_dirty *dirty, uint64_t now_ms);

void pool_dirty_finish(struct pool_dirty *dirty);
