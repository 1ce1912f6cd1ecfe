/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of what is kept in the order of its names. */
#pragma once

#include <string.h>

/* Where the first is whose name comes after `after` (strcmp), "" : the first of all; `count`: none
 * does. */
static inline unsigned names_after(const void *list, unsigned count,
	const char *(*name_at)(const void *list, unsigned index), const char *after)
{
	unsigned low = 0, high = count;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		if (strcmp(name_at(list, middle), after) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
