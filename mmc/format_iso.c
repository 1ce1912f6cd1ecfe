/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "iso": blocks of 2048 bytes with an ISO 9660 volume, a UDF volume, or both (a bridge). What comes
 * before the volume descriptors (a master boot record, a partition table) does not matter.
 *
 * The disc is as long as the file, not as the volume says: hybrid images have a partition behind
 * the volume. A last block that is there only in part is filled up with zeros; a file that is
 * shorter than its volume is refused.
 */
#include <stdio.h>
#include <string.h>

#include "content.h"
#include "disc_simple.h"
#include "formats.h"
#include "iso9660.h"
#include "profile.h"
#include "source_file.h"
#include "udf.h"

enum { SCORE_NONE = 0, SCORE_VOLUME = 100 };

static uint64_t blocks_of(uint64_t bytes)
{
	return bytes / DISC_BLOCK + (bytes % DISC_BLOCK != 0);
}

static void describe(struct image_info *ret, const char *file_system, const char *name)
{
	snprintf(ret->file_system, sizeof ret->file_system, "%s", file_system);
	snprintf(ret->volume_id, sizeof ret->volume_id, "%s", name);
}

static void check_length(const struct image_file *file, uint64_t volume_bytes, struct error *error)
{
	uint64_t needed = blocks_of(volume_bytes), present = blocks_of(file->size);
	if (needed > present)
		error_set(error, ERROR_IMAGE_TRUNCATED,
			"Copy or download the image again; it ends too early.",
			"the volume is %llu blocks long, the file holds %llu",
			(unsigned long long)needed, (unsigned long long)present);
}

static int iso_probe(const struct file_io *io, int fd, struct image_info *ret, struct error *error)
{
	struct image_file file = {.io = io, .fd = fd, .size = ret->size};
	struct iso9660_volume iso;
	struct udf_volume udf = {0};
	bool has_iso = iso9660_read(&file, &iso);
	const struct udf_blocks blocks = udf_blocks_of(&file);
	bool announced = udf_announced(&blocks);
	bool has_udf = announced && udf_volume_read(&blocks, &udf);

	if (file.failure) {
		error_set(error, ERROR_FILE_UNREADABLE, "Check the disk or server the file is on.",
			"the file cannot be read: %s", strerror(-file.failure));
		return SCORE_VOLUME;
	}
	if (has_iso)
		check_length(&file, iso.bytes, error);
	else if (has_udf)
		check_length(&file, udf.bytes, error);
	else if (announced)
		check_length(&file, UDF_BLOCKS_MIN * DISC_BLOCK, error);
	if (has_iso)
		describe(ret, has_udf ? "iso9660+udf" : "iso9660",
			udf.name[0] ? udf.name : iso.name);
	else
		describe(ret, "udf", udf.name);
	ret->profile = content_profile(&file, has_iso ? &iso : NULL, has_udf ? &udf : NULL);

	bool damaged = error->code != ERROR_NONE;
	return has_iso || has_udf || damaged ? SCORE_VOLUME : SCORE_NONE;
}

static struct disc *iso_open(
	const struct file_io *io, int fd, const struct image_info *info, struct error *error)
{
	struct scsi_source *source = source_file_create(io, fd, &info->identity, DISC_BLOCK);
	struct disc *disc = source ? disc_simple_create(source, info->blocks, info->profile) : NULL;
	if (!disc) {
		error_set(error, ERROR_NO_MEMORY, "Free memory and try again.", "out of memory");
		return NULL;
	}
	disc->identity = info->identity;
	memcpy(disc->volume_id, info->volume_id, sizeof disc->volume_id);
	return disc;
}

const struct image_format image_format_iso = {
	.name = "iso",
	.probe = iso_probe,
	.open = iso_open,
};
