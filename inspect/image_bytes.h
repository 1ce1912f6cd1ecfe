/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of an image while it is looked at. They are read in windows of 32 KiB, of which the
 * last few are kept, so that volume descriptors, directories and small files that lie together cost
 * one read; and no more than a budget of them, so that an image cannot keep us busy.
 */
#pragma once

#include "util/bytes.h"
#include "util/file_io.h"

enum {
	IMAGE_BLOCK = 2048,
	IMAGE_WINDOW = 32 << 10,
	IMAGE_WINDOWS = 4,
};

struct image_window {
	uint64_t number; /* of the windows of the file; its bytes begin at number * IMAGE_WINDOW */
	bool filled;
	uint8_t bytes[IMAGE_WINDOW];
};

struct image_bytes {
	const struct file_io *io;
	int fd;
	uint64_t size;   /* of the file */
	uint64_t budget; /* bytes that may still be read */
	bool exhausted;  /* more was asked for */
	int failure;     /* the first -errno; -ENODATA: the file is shorter than it was */
	unsigned oldest;
	struct image_window window[IMAGE_WINDOWS];
};

/* On the heap; NULL when there is no memory. */
struct image_bytes *image_bytes_create(
	const struct file_io *io, int fd, uint64_t size, uint64_t budget);
void image_bytes_destroy(struct image_bytes *image);

/* All of them or false: the file ends before, the budget does, or it cannot be read. */
bool image_bytes_get(struct image_bytes *image, uint64_t offset, void *ret, size_t length);
/* The block of 2048 bytes at this address. */
bool image_bytes_block(struct image_bytes *image, uint64_t block, uint8_t ret[IMAGE_BLOCK]);
