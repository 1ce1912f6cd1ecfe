/* SPDX-License-Identifier: Apache-2.0 */
/* UDF volume structures (ECMA-167 2 and 3, UDF 2.60), as far as recognition needs them. */
#pragma once

#include "image_file.h"

enum { UDF_BLOCKS_MIN = 257 }; /* the anchor is block 256 */

struct udf_volume {
	uint64_t bytes; /* where its last partition ends; 0 when no partition was found */
	char name[129]; /* of the logical volume, else of the primary volume descriptor */
};

/* The volume recognition sequence has NSR02 or NSR03 (ECMA-167 3/9.1). */
bool udf_announced(struct image_file *file);
/* False: there is no anchor at block 256. */
bool udf_read(struct image_file *file, struct udf_volume *ret);
