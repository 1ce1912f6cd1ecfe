/* SPDX-License-Identifier: Apache-2.0 */
/* ISO 9660 volume descriptors (ECMA-119 8), as far as recognition needs them. */
#pragma once

#include "image_file.h"

struct iso9660_volume {
	uint64_t bytes; /* what the volume says it occupies */
	char name[129]; /* Joliet's where it tells more, else the primary one */
};

/* False: there is no primary volume descriptor. */
bool iso9660_read(struct image_file *file, struct iso9660_volume *ret);
