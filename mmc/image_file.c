/* SPDX-License-Identifier: Apache-2.0 */
#include "image_file.h"

#include <errno.h>

bool image_read_block(struct image_file *file, uint64_t lba, uint8_t ret[DISC_BLOCK])
{
	if (lba >= file->size / DISC_BLOCK)
		return false;
	int result = file_read_exactly(file->io, file->fd, ret, DISC_BLOCK, lba * DISC_BLOCK);
	if (result < 0 && file->failure == 0)
		file->failure = result;
	return result == 0;
}
