/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include <stddef.h>

/* UDF revisions, as the domain identifier has them: 0x0250 is 2.50. */
enum { UDF_OF_DVD = 0x0102, UDF_OF_BD = 0x0250 };

struct look {
	struct image_file file;
	const struct iso9660_volume *iso;
	const struct udf_volume *udf;
};

static bool has_directory(struct look *look, const char *name)
{
	return (look->iso && iso9660_has_directory(&look->file, look->iso, name)) ||
	       (look->udf && udf_has_directory(&look->file, look->udf, name));
}

/* The directories first: authoring tools write films to UDF of any revision. */
enum mmc_profile content_profile(const struct image_file *file, const struct iso9660_volume *iso,
	const struct udf_volume *udf)
{
	struct look look = {.file = *file, .iso = iso, .udf = udf};
	if (has_directory(&look, "BDMV"))
		return PROFILE_BD_ROM;
	if (has_directory(&look, "VIDEO_TS") || has_directory(&look, "AUDIO_TS"))
		return PROFILE_DVD_ROM;
	if (udf && udf->revision >= UDF_OF_BD)
		return PROFILE_BD_ROM;
	return udf && udf->revision == UDF_OF_DVD ? PROFILE_DVD_ROM : PROFILE_NONE;
}
