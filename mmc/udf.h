/* SPDX-License-Identifier: Apache-2.0 */
/* Recognition of UDF in an image file. */
#pragma once

#include "image_file.h"
#include "util/udf_volume.h"

/* The blocks of `file`, which must last as long. */
struct udf_blocks udf_blocks_of(struct image_file *file);
/*
 * The root directory has a directory of this name (ASCII). False as well when it cannot be looked
 * at: behind a virtual or metadata partition, or beyond its first 16 blocks.
 */
bool udf_has_directory(struct image_file *file, const struct udf_volume *volume, const char *name);
