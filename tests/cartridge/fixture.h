/* SPDX-License-Identifier: Apache-2.0 */
/* Small cartridges with many zones and deep indices, which are the same each time. */
#pragma once

#include "power_store.h"
#include "ssc/native.h"

struct fixture_world {
	struct native_world world; /* first */
	uint64_t random, now_s;
};

void fixture_world_init(struct fixture_world *world, uint64_t seed);

/* 256 KiB in zones of 64 KiB, leaves of 16 and nodes of 4. */
extern const struct native_create fixture_small;

/* As a process that is killed: nothing more is written, and its memory is given back. */
void fixture_kill(struct power_store *store, struct cartridge *cartridge);
