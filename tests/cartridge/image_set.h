/* SPDX-License-Identifier: Apache-2.0 */
/* How many different file contents there were. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_set {
	uint64_t *slots; /* hashes, 0: empty */
	size_t count, room;
};

/* True: not seen before. */
bool image_set_add(struct image_set *set, uint64_t hash);
void image_set_finish(struct image_set *set);
