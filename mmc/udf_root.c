/* SPDX-License-Identifier: Apache-2.0 */
/* The root directory of a UDF volume (ECMA-167 4/14): the names of directories in it. */
#include <stdlib.h>
#include <string.h>

#include "udf.h"
#include "util/cleanup.h"

enum {
	TAG_FILE_SET = 256,
	TAG_IDENTIFIER = 257,
	TAG_FILE_ENTRY = 261,
	TAG_EXTENDED_FILE_ENTRY = 266,
	ROOT_BLOCKS_MAX = 16, /* of the directory that are looked at */
	LENGTH_MASK = 0x3fffffff,
	IDENTIFIER_HEAD = 38,
	DIRECTORY = 1 << 1,
	DELETED = 1 << 2,
	PARENT = 1 << 3,
};

/* How a file entry says where its data is (ECMA-167 4/14.6.8). */
enum allocation { SHORT_ADDRESSES = 0, LONG_ADDRESSES = 1, EMBEDDED = 3 };

struct directory {
	uint8_t *bytes; /* ROOT_BLOCKS_MAX blocks */
	size_t length;
};

static bool read_block(void *file, uint64_t block, uint8_t ret[UDF_BLOCK])
{
	return image_read_block(file, block, ret);
}

struct udf_blocks udf_blocks_of(struct image_file *file)
{
	return (struct udf_blocks){.read = read_block, .context = file};
}

/* A block of the partition of the file set that has a tag of its place. */
static unsigned read_tagged(struct image_file *file, const struct udf_volume *volume,
	uint32_t block, uint8_t ret[DISC_BLOCK])
{
	return image_read_block(file, (uint64_t)volume->partition + block, ret)
		       ? udf_tag(ret, block)
		       : 0;
}

static bool read_root_entry(
	struct image_file *file, const struct udf_volume *volume, uint8_t ret[DISC_BLOCK])
{
	if (!volume->file_set_found ||
		read_tagged(file, volume, volume->file_set, ret) != TAG_FILE_SET ||
		get_le16(ret + 408) != volume->map)
		return false;
	unsigned tag = read_tagged(file, volume, get_le32(ret + 404), ret);
	return tag == TAG_FILE_ENTRY || tag == TAG_EXTENDED_FILE_ENTRY;
}

/* One extent: a root directory in several has what matters in the first, or it is not seen. */
static bool read_extent(struct image_file *file, const struct udf_volume *volume, uint32_t block,
	uint32_t length, struct directory *ret)
{
	uint32_t most = ROOT_BLOCKS_MAX * DISC_BLOCK;
	ret->length = length < most ? length : most;
	for (uint32_t i = 0; i * DISC_BLOCK < ret->length; i++)
		if (!image_read_block(file, (uint64_t)volume->partition + block + i,
			    ret->bytes + (size_t)i * DISC_BLOCK))
			return false;
	return true;
}

static bool read_root(
	struct image_file *file, const struct udf_volume *volume, struct directory *ret)
{
	uint8_t entry[DISC_BLOCK];
	if (!read_root_entry(file, volume, entry))
		return false;
	bool extended = get_le16(entry) == TAG_EXTENDED_FILE_ENTRY;
	const uint8_t *lengths = entry + (extended ? 208 : 168);
	uint64_t at = (extended ? 216u : 176u) + (uint64_t)get_le32(lengths);
	uint32_t length = get_le32(lengths + 4);
	unsigned how = get_le16(entry + 34) & 7;
	if (at + length > DISC_BLOCK || length < 8)
		return false;
	if (how == EMBEDDED) {
		memcpy(ret->bytes, entry + at, length);
		ret->length = length;
		return true;
	}
	return (how == SHORT_ADDRESSES || (how == LONG_ADDRESSES && length >= 16 &&
						  get_le16(entry + at + 8) == volume->map)) &&
	       read_extent(file, volume, get_le32(entry + at + 4),
		       get_le32(entry + at) & LENGTH_MASK, ret);
}

/* OSTA compressed unicode with a name of ASCII in it (UDF 2.60 2.1.1). */
static bool is_name(const uint8_t *identifier, size_t length, const char *name)
{
	size_t width = length > 0 && identifier[0] == 16 ? 2 : 1, characters = strlen(name);
	if (length != 1 + characters * width || (identifier[0] != 8 && identifier[0] != 16))
		return false;
	for (size_t i = 0; i < characters; i++) {
		const uint8_t *character = identifier + 1 + i * width;
		if (character[width - 1] != (uint8_t)name[i] || (width == 2 && character[0] != 0))
			return false;
	}
	return true;
}

static bool is_directory(const uint8_t *entry, size_t name_at, const char *name)
{
	return (entry[18] & (DIRECTORY | DELETED | PARENT)) == DIRECTORY &&
	       is_name(entry + name_at, entry[19], name);
}

bool udf_has_directory(struct image_file *file, const struct udf_volume *volume, const char *name)
{
	_cleanup_free_ uint8_t *bytes = calloc(ROOT_BLOCKS_MAX, DISC_BLOCK);
	struct directory root = {.bytes = bytes};
	if (!bytes || !read_root(file, volume, &root))
		return false;
	for (size_t at = 0; at + IDENTIFIER_HEAD <= root.length;) {
		const uint8_t *entry = bytes + at;
		size_t name_at = IDENTIFIER_HEAD + (size_t)get_le16(entry + 36);
		size_t length = name_at + entry[19];
		if (get_le16(entry) != TAG_IDENTIFIER || at + length > root.length)
			return false;
		if (is_directory(entry, name_at, name))
			return true;
		at += (length + 3) & ~(size_t)3;
	}
	return false;
}
