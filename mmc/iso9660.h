/* SPDX-License-Identifier: Apache-2.0 */
/* ISO 9660 volume descriptors (ECMA-119 8), as far as recognition needs them. */
#pragma once

#include "image_file.h"

struct iso9660_volume {
	uint64_t bytes;      /* what the volume says it occupies */
	uint32_t root;       /* block where the root directory begins (ECMA-119 9.1.3) */
	uint32_t root_bytes; /* of the primary volume, whose names are in capitals */
	char name[129];      /* Joliet's where it tells more, else the primary one */
};

/* False: there is no primary volume descriptor. */
bool iso9660_read(struct image_file *file, struct iso9660_volume *ret);
/* The root directory has a directory of this name. Looks at its first 64 blocks. */
bool iso9660_has_directory(
	struct image_file *file, const struct iso9660_volume *volume, const char *name);
