/* SPDX-License-Identifier: Apache-2.0 */
/* A tape that is too simple to be wrong, and cartridges to hold against it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crash_store.h"
#include "ssc/native.h"

/* An object is all in its number and a seed: block `length` bytes made of `seed`, or a filemark
 * (0). */
struct tape_object {
	uint32_t length, seed;
};

struct tape {
	struct tape_object *objects;
	unsigned count, room;
};

void tape_put(struct tape *tape, unsigned at, struct tape_object object); /* and cuts behind it */
void tape_cut(struct tape *tape, unsigned at);
struct tape tape_copy(const struct tape *tape);
void tape_free(struct tape *tape);
bool tape_equal(const struct tape *a, const struct tape *b);

void block_fill(uint8_t *block, uint32_t length, uint32_t seed);

/* Reads all of a cartridge. False: something is wrong, and it says what on standard error. */
bool tape_read(struct cartridge *cartridge, struct tape *ret);
/* Asserts that the cartridge is this tape, filemarks, sums and searches too. */
void assert_tape(struct cartridge *cartridge, const struct tape *tape);

/* A pseudo-random number below `below`. */
uint32_t chance(uint64_t *state, uint32_t below);

/* A world without chance; each opening has other numbers. */
extern const struct native_world test_world;

enum { SMALL_BLOCK = 4096 };

/* Small zones and a deep index: zones of 64 KiB, leaves of 16 objects, nodes of 4. */
extern const struct native_create small_cartridge;

void make_small(struct crash_store *store);
struct cartridge *open_small(struct crash_store *store, bool writable);
