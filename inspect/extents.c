/* SPDX-License-Identifier: Apache-2.0 */
#include "extents.h"

void extents_add(struct extents *extents, uint64_t offset, uint64_t length)
{
	if (extents->count == EXTENTS_MAX || length == 0)
		return;
	extents->extent[extents->count++] = (struct extent){offset, length};
	extents->length += length;
}

void extents_cut(struct extents *extents, uint64_t length)
{
	if (extents->length > length)
		extents->length = length;
}

size_t extents_read(struct image_bytes *image, const struct extents *extents, uint64_t at,
	void *ret, size_t length)
{
	uint8_t *to = ret;
	size_t done = 0;
	if (at >= extents->length)
		return 0;
	if (length > extents->length - at)
		length = (size_t)(extents->length - at);
	for (unsigned i = 0; i < extents->count && done < length; i++) {
		const struct extent *extent = &extents->extent[i];
		if (at >= extent->length) {
			at -= extent->length;
			continue;
		}
		uint64_t part = extent->length - at;
		if (part > length - done)
			part = length - done;
		if (!image_bytes_get(image, extent->offset + at, to + done, (size_t)part))
			break;
		done += (size_t)part;
		at = 0;
	}
	return done;
}
