/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/details.h"

#include <errno.h>
#include <string.h>

#include "boot.h"
#include "os.h"
#include "util/cleanup.h"
#include "util/udf_volume.h"

static uint64_t blocks_of(uint64_t bytes)
{
	return bytes / IMAGE_BLOCK + (bytes % IMAGE_BLOCK != 0);
}

static void cleanup_image(struct image_bytes **image)
{
	image_bytes_destroy(*image);
}

/* ISO 9660's volume says how long the disc is, where there is one; UDF needs its anchor at least.
 */
static bool is_truncated(const struct image_details *details)
{
	uint64_t bytes = details->iso9660.bytes;
	if (!details->iso9660.found && details->udf.found)
		bytes = details->udf.bytes ? details->udf.bytes : UDF_BLOCKS_MIN * IMAGE_BLOCK;
	return blocks_of(bytes) > blocks_of(details->file_bytes);
}

static void look(struct image_bytes *image, const char *file_name, struct os_database *database,
	struct image_details *ret)
{
	struct volume volume = {.image = image};
	struct system_partitions system = {0};
	volume_read_iso9660(&volume, &ret->iso9660);
	volume_read_udf(&volume, &ret->udf);
	ret->truncated = is_truncated(ret);
	partitions_read(image, ret->iso9660.found, &ret->partitions, &system);
	boot_catalog_read(&volume, &ret->boot);
	boot_targets_find(&volume, &ret->partitions, &system, &ret->boot);
	os_find(&volume, ret, file_name, database);
	ret->incomplete = image->exhausted;
}

static bool refuse(int result, struct error *error)
{
	if (result == -ENODATA)
		return error_set(error, ERROR_IMAGE_CHANGED,
			"Wait until nothing writes to the file any more, and try again.",
			"the file became shorter while it was read");
	return error_set(error, ERROR_FILE_UNREADABLE, "Check the disk or server the file is on.",
		"the file cannot be read: %s", strerror(-result));
}

bool image_details_read(const struct file_io *io, int fd, const char *file_name,
	struct os_database *database, struct image_details *ret, struct error *error)
{
	struct file_identity identity;
	int result = io->identify(io, fd, &identity);
	if (result < 0)
		return refuse(result, error);
	_cleanup_(cleanup_image) struct image_bytes *image =
		image_bytes_create(io, fd, identity.size, DETAILS_READ_MAX);
	_cleanup_free_ struct image_details *details = calloc(1, sizeof *details);
	if (!image || !details)
		return error_set(
			error, ERROR_NO_MEMORY, "Free memory and try again.", "out of memory");
	details->file_bytes = identity.size;
	look(image, file_name, database, details);
	if (image->failure)
		return refuse(image->failure, error);
	*ret = *details;
	return true;
}
