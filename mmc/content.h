/* SPDX-License-Identifier: Apache-2.0 */
/* Which family of discs a volume was made for, whatever its size. */
#pragma once

#include "iso9660.h"
#include "udf.h"

/*
 * PROFILE_BD_ROM for what has a directory BDMV, or is UDF 2.50 or later (Blu-ray Disc Read-Only
 * Format 3: UDF 2.50); PROFILE_DVD_ROM for what has VIDEO_TS or AUDIO_TS, or is UDF 1.02 (DVD
 * Specifications part 2). PROFILE_NONE: it does not say. `iso` and `udf` may be NULL. It is a hint:
 * what cannot be read is taken for absent, and file->failure stays as it is.
 */
enum mmc_profile content_profile(const struct image_file *file, const struct iso9660_volume *iso,
	const struct udf_volume *udf);
