/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognising and opening an image that somebody made up. The input is a sparse file, so that seeds
 * stay small: flags, number of blocks (two bytes), bytes missing of the last one (two bytes), and
 * then records of block (two bytes), offset in it (two), length (one) and so many bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_file_io.h"
#include "mmc/disc.h"
#include "util/reader.h"

enum { BLOCKS_MAX = 600, FLAG_BAD = 1, FLAG_CUT = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sparse {
	uint8_t *bytes;
	uint64_t size;
	unsigned flags;
};

static void fill(struct sparse *image, struct reader *r)
{
	while (r->left >= 5) {
		uint64_t at = reader_be16(r) * (uint64_t)DISC_BLOCK + reader_be16(r) % DISC_BLOCK;
		uint8_t run[255];
		size_t length = reader_u8(r);
		if (length > r->left)
			length = r->left;
		reader_bytes(r, run, length);
		if (at + length <= image->size)
			memcpy(image->bytes + at, run, length);
	}
}

static struct sparse expand(const uint8_t *data, size_t size)
{
	struct reader r;
	struct sparse image = {0};
	reader_init(&r, data, size);
	image.flags = reader_u8(&r);
	image.size = reader_be16(&r) % BLOCKS_MAX * (uint64_t)DISC_BLOCK;
	uint64_t missing = reader_be16(&r) % DISC_BLOCK;
	image.size -= missing < image.size ? missing : 0;
	image.bytes = calloc(1, image.size + 1);
	fill(&image, &r);
	return image;
}

/* Every block of the disc can be asked for; what comes is whole blocks, or an error. */
static void read_all(struct disc *disc)
{
	static uint8_t block[DISC_BLOCK];
	struct iovec iov = {block, sizeof block};
	for (uint32_t lba = 0; lba < disc->lead_out; lba++) {
		const struct disc_extent *extent = disc_extent_at(disc, lba);
		if (!extent)
			abort();
		uint64_t offset = extent->offset + (lba - extent->first_lba) * (uint64_t)DISC_BLOCK;
		extent->source->ops->preadv(extent->source, &iov, 1, offset, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sparse image = expand(data, size);
	struct fake_file file;
	struct error error = {0};
	fake_file_init(&file, image.bytes, image.size);
	file.read_error = image.flags & FLAG_BAD ? -EIO : 0;
	file.bad_offset = image.size / 2;
	file.cut_at = image.flags & FLAG_CUT ? image.size / 2 : UINT64_MAX;
	struct disc *disc = image_open(&file.io, "fuzz", PROFILE_NONE, NULL, &error);
	if (!disc && error.code == ERROR_NONE)
		abort(); /* a refusal says why */
	if (disc)
		read_all(disc);
	disc_put(disc);
	if (file.opened != file.closed)
		abort();
	free(image.bytes);
	return 0;
}
