/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tape as simple as can be, with its whole history: every state that it was ever in, each one
 * object longer than another. What a cartridge holds can be compared with the present state, or
 * looked for among those of a stretch of history.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ssc/native.h"

enum { MODEL_BLOCK_MAX = 16384, MODEL_REASON_MAX = 256 };

struct model_object {
	uint64_t seed; /* of its bytes */
	uint32_t length;
	bool filemark;
};

struct model_state {
	uint64_t eod, hash, filemarks, bytes;
	struct model_object object; /* the last one */
	size_t before;              /* the state without it */
	bool counts;                /* may be what a cartridge holds after a crash */
};

struct model {
	uint64_t random; /* the seed, moving on */
	struct model_state *states;
	size_t state_count, state_room;
	size_t *at; /* at[n]: the state with the first n objects of the present one */
	size_t at_room;
	bool pending;        /* objects were replaced, and no commit came since */
	unsigned attributes; /* how often they were set */
	uint64_t steps;
};

void model_init(struct model *model, uint64_t seed);
void model_finish(struct model *model);

static inline size_t model_present(const struct model *model)
{
	return model->state_count - 1;
}

/* The present state is that one again, as the latest of history. */
void model_rewind(struct model *model, size_t state);
/* History ends with so many states, as if nothing had followed. */
void model_forget(struct model *model, size_t state_count);

/* What a block of this seed and length is. */
void model_fill(uint64_t seed, uint32_t length, uint8_t *ret);
size_t model_attributes(unsigned number, uint8_t ret[512]);

/*
 * What is done to a tape. Each changes the model first and the cartridge then, and gives what
 * the cartridge returned.
 */
int model_append(struct model *model, struct cartridge *cartridge, uint64_t object, uint32_t length,
	enum cartridge_compression compression);
int model_append_filemarks(
	struct model *model, struct cartridge *cartridge, uint64_t object, uint32_t count);
int model_erase(struct model *model, struct cartridge *cartridge, uint64_t object);
int model_commit(struct model *model, struct cartridge *cartridge, bool synchronous);
int model_set_attributes(struct model *model, struct cartridge *cartridge);
/* Everything counts from here: the library did so of its own accord, or it was closed. */
void model_committed(struct model *model, size_t from_state);

/* Something at random; sets *ret_synchronous when all of it was promised to last. */
int model_step(struct model *model, struct cartridge *cartridge, bool *ret_synchronous);

/* A stretch of history. */
struct model_stretch {
	size_t state_min, state_max;
	unsigned attributes_min, attributes_max;
};

/*
 * Whether the cartridge holds one of these states that may count, its objects, filemarks, totals
 * and attributes; which one, the latest that fits. Otherwise `reason` says what is wrong.
 */
bool model_holds(const struct model *model, const struct model_stretch *stretch,
	struct cartridge *cartridge, size_t *ret_state, char reason[MODEL_REASON_MAX]);
/* Holds the present state and nothing else. */
bool model_agrees(
	const struct model *model, struct cartridge *cartridge, char reason[MODEL_REASON_MAX]);
