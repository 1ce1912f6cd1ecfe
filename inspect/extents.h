/* SPDX-License-Identifier: Apache-2.0 */
/* Where a file or directory of a volume is in the image. */
#pragma once

#include "image_bytes.h"

enum { EXTENTS_MAX = 64 }; /* that are kept; a file of 6 GiB has seven in UDF, two in ISO 9660 */

struct extent {
	uint64_t offset, length; /* bytes of the image */
};

struct extents {
	struct extent extent[EXTENTS_MAX];
	unsigned count;
	uint64_t length; /* of all of them */
};

/* One that does not fit any more is left out, and the file ends there. */
void extents_add(struct extents *extents, uint64_t offset, uint64_t length);
/* The file is not longer than this. */
void extents_cut(struct extents *extents, uint64_t length);
/* How many bytes came: fewer where the file ends or cannot be read. */
size_t extents_read(struct image_bytes *image, const struct extents *extents, uint64_t at,
	void *ret, size_t length);
