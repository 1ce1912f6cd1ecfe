/* SPDX-License-Identifier: Apache-2.0 */
#include "image_set.h"

#include <stdlib.h>

static bool put(uint64_t *slots, size_t room, uint64_t hash)
{
	for (size_t i = hash % room;; i = (i + 1) % room) {
		if (slots[i] == hash)
			return false;
		if (slots[i])
			continue;
		slots[i] = hash;
		return true;
	}
}

static void grow(struct image_set *set)
{
	size_t room = set->room * 2 + 4096;
	uint64_t *slots = calloc(room, sizeof *slots);
	if (!slots)
		abort();
	for (size_t i = 0; i < set->room; i++)
		if (set->slots[i])
			put(slots, room, set->slots[i]);
	free(set->slots);
	set->slots = slots;
	set->room = room;
}

bool image_set_add(struct image_set *set, uint64_t hash)
{
	if (set->count * 2 >= set->room)
		grow(set);
	bool is_new = put(set->slots, set->room, hash ? hash : 1);
	set->count += is_new;
	return is_new;
}

void image_set_finish(struct image_set *set)
{
	free(set->slots);
}
