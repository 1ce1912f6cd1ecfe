/* SPDX-License-Identifier: Apache-2.0 */
/* An image file while it is being recognised: block reads through file_io, nothing else. */
#pragma once

#include <stdint.h>

#include "mmc/disc.h"
#include "util/bytes.h"

struct image_file {
	const struct file_io *io;
	int fd;
	uint64_t size; /* bytes */
	int failure;   /* the first -errno that was not the end of the file; 0: none */
};

/* One whole block of 2048 bytes. False: it is not all there, or it cannot be read (failure). */
bool image_read_block(struct image_file *file, uint64_t lba, uint8_t ret[DISC_BLOCK]);
