/* SPDX-License-Identifier: Apache-2.0 */
#include "image_bytes.h"

#include <stdlib.h>
#include <string.h>

struct image_bytes *image_bytes_create(
	const struct file_io *io, int fd, uint64_t size, uint64_t budget)
{
	struct image_bytes *image = calloc(1, sizeof *image);
	if (!image)
		return NULL;
	image->io = io;
	image->fd = fd;
	image->size = size;
	image->budget = budget;
	return image;
}

void image_bytes_destroy(struct image_bytes *image)
{
	free(image);
}

static size_t window_length(const struct image_bytes *image, uint64_t number)
{
	uint64_t left = image->size - number * IMAGE_WINDOW;
	return left < IMAGE_WINDOW ? (size_t)left : IMAGE_WINDOW;
}

static bool fill(struct image_bytes *image, struct image_window *window, uint64_t number)
{
	size_t length = window_length(image, number);
	window->filled = false;
	if (length > image->budget) {
		image->exhausted = true;
		return false;
	}
	image->budget -= length;
	int result = file_read_exactly(
		image->io, image->fd, window->bytes, length, number * IMAGE_WINDOW);
	if (result < 0) {
		image->failure = result;
		return false;
	}
	window->number = number;
	window->filled = true;
	return true;
}

static const uint8_t *window_at(struct image_bytes *image, uint64_t number)
{
	for (unsigned i = 0; i < IMAGE_WINDOWS; i++)
		if (image->window[i].filled && image->window[i].number == number)
			return image->window[i].bytes;
	struct image_window *window = &image->window[image->oldest];
	image->oldest = (image->oldest + 1) % IMAGE_WINDOWS;
	return fill(image, window, number) ? window->bytes : NULL;
}

bool image_bytes_get(struct image_bytes *image, uint64_t offset, void *ret, size_t length)
{
	uint8_t *to = ret;
	if (image->failure || offset > image->size || length > image->size - offset)
		return false;
	while (length > 0) {
		size_t at = (size_t)(offset % IMAGE_WINDOW), part = IMAGE_WINDOW - at;
		const uint8_t *bytes = window_at(image, offset / IMAGE_WINDOW);
		if (!bytes)
			return false;
		if (part > length)
			part = length;
		memcpy(to, bytes + at, part);
		to += part;
		offset += part;
		length -= part;
	}
	return true;
}

bool image_bytes_block(struct image_bytes *image, uint64_t block, uint8_t ret[IMAGE_BLOCK])
{
	return block < image->size / IMAGE_BLOCK &&
	       image_bytes_get(image, block * IMAGE_BLOCK, ret, IMAGE_BLOCK);
}
