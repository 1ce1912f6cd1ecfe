/* SPDX-License-Identifier: Apache-2.0 */
/* The media pools, and how it is noticed what happens in them. Part of the façade. */
#pragma once

#include "daemon/library.h"

struct library_pool {
	char path[LIBRARY_PATH_MAX];
	/*
	 * "watched": what comes, goes or changes is noticed within seconds. "rescan": only when it
	 * is looked through, and `reason` says why. "absent": it is not there. "off".
	 */
	char watch[16];
	char reason[LIBRARY_TEXT_MAX]; /* "" */
	uint64_t directories;          /* that are watched */
};

/* In the order of the configuration; false when index is past the end. */
bool library_pool_at(struct library *library, unsigned index, struct library_pool *ret);

/* History tells that a pool was added to the configuration, or taken out of it. */
void library_note_pool(struct library *library, const char *path, bool added, const char *actor);

/* How often all pools are looked through, in seconds; 0: when somebody asks for it. */
unsigned library_pool_rescan(struct library *library);
