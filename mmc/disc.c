/* SPDX-License-Identifier: Apache-2.0 */
#include "mmc/disc.h"

struct disc *disc_get(struct disc *disc)
{
	atomic_fetch_add_explicit(&disc->references, 1, memory_order_relaxed);
	return disc;
}

void disc_put(struct disc *disc)
{
	if (disc && atomic_fetch_sub_explicit(&disc->references, 1, memory_order_acq_rel) == 1)
		disc->destroy(disc);
}

bool disc_faulted(const struct disc *disc)
{
	for (uint32_t i = 0; i < disc->extent_count; i++)
		if (atomic_load(&disc->extents[i].source->faulted))
			return true;
	return false;
}

const struct disc_extent *disc_extent_at(const struct disc *disc, uint32_t lba)
{
	uint32_t low = 0, high = disc->extent_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct disc_extent *extent = &disc->extents[middle];
		if (lba < extent->first_lba)
			high = middle;
		else if (lba - extent->first_lba >= extent->blocks)
			low = middle + 1;
		else
			return extent;
	}
	return NULL;
}

uint32_t disc_recorded(const struct disc *disc, uint32_t lba, uint32_t count)
{
	const struct disc_extent *end = disc->extents + disc->extent_count;
	const struct disc_extent *extent = disc_extent_at(disc, lba);
	uint32_t recorded = 0;
	for (; extent && extent < end && recorded < count; extent++) {
		if (extent->first_lba > lba + recorded)
			break;
		recorded = extent->first_lba - lba + extent->blocks;
	}
	return recorded < count ? recorded : count;
}
