/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking into an image that somebody made up. The input is a sparse file as for fuzz_image: flags,
 * number of blocks (two bytes), bytes missing of the last one (two bytes), and then records of
 * block (two bytes), offset in it (two), length (one) and so many bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_file_io.h"
#include "inspect/details_json.h"
#include "util/reader.h"

enum { BLOCK = 2048, BLOCKS_MAX = 600, FLAG_BAD = 1, FLAG_CUT = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t image[BLOCKS_MAX * BLOCK];

static void fill(struct reader *r, uint64_t size)
{
	while (r->left >= 5) {
		uint64_t at = reader_be16(r) * (uint64_t)BLOCK + reader_be16(r) % BLOCK;
		uint8_t run[255];
		size_t length = reader_u8(r);
		if (length > r->left)
			length = r->left;
		reader_bytes(r, run, length);
		if (at + length <= size)
			memcpy(image + at, run, length);
	}
}

static void expand(struct reader *r, struct fake_file *file)
{
	unsigned flags = reader_u8(r);
	uint64_t size = reader_be16(r) % BLOCKS_MAX * (uint64_t)BLOCK;
	uint64_t missing = reader_be16(r) % BLOCK;
	size -= missing < size ? missing : 0;
	memset(image, 0, sizeof image);
	fill(r, size);
	fake_file_init(file, image, size);
	file->read_error = flags & FLAG_BAD ? -EIO : 0;
	file->bad_offset = size / 2;
	file->cut_at = flags & FLAG_CUT ? size / 2 : UINT64_MAX;
}

/* UTF-8 that jansson takes, and without what controls a terminal. */
static void check_text(const char *text)
{
	json_t *string = json_string(text);
	if (!string)
		abort();
	json_decref(string);
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			abort();
}

static void check_texts(const struct image_details *details)
{
	check_text(details->iso9660.volume_id);
	check_text(details->iso9660.joliet_volume_id);
	check_text(details->iso9660.publisher);
	check_text(details->udf.volume_id);
	check_text(details->os.id);
	check_text(details->os.version);
	check_text(details->os.architecture);
}

/* What is kept in the catalog comes back as it was. */
static void check_round_trip(const struct image_details *details)
{
	struct image_details back;
	json_t *json = image_details_to_json(details);
	if (!json || !image_details_from_json(json, &back))
		abort();
	json_t *again = image_details_to_json(&back);
	if (!json_equal(json, again))
		abort();
	json_decref(json);
	json_decref(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r;
	struct fake_file file;
	struct image_details details;
	struct error error = {0};
	reader_init(&r, data, size);
	expand(&r, &file);
	if (!image_details_read(&file.io, 100, "fuzz.iso", NULL, &details, &error)) {
		if (error.code == ERROR_NONE)
			abort(); /* a refusal says why */
		return 0;
	}
	if (details.boot.kept > DETAILS_BOOT_ENTRIES || details.boot.kept > details.boot.entries)
		abort();
	check_texts(&details);
	check_round_trip(&details);
	return 0;
}
