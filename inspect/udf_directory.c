/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories of UDF (ECMA-167 4/14). */
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util/cleanup.h"
#include "util/udf_volume.h"
#include "util/volume_text.h"
#include "volume.h"

enum {
	TAG_IDENTIFIER = 257,
	TAG_FILE_ENTRY = 261,
	TAG_EXTENDED_FILE_ENTRY = 266,
	TYPE_DIRECTORY = 4,
	TYPE_FILE = 5,
	LENGTH_MASK = 0x3fffffff,
	EXTENT_TYPE_SHIFT = 30,
	EXTENT_RECORDED = 0,
	IDENTIFIER_HEAD = 38,
	DELETED = 1 << 2,
	PARENT = 1 << 3,
	NAME_MAX_BYTES = 255,
};

/* How a file entry says where its data is (ECMA-167 4/14.6.8). */
enum allocation { SHORT_ADDRESSES = 0, LONG_ADDRESSES = 1, EMBEDDED = 3 };

/*
 * Addresses of the partition. What is allocated and not recorded, and a continuation in another
 * block, ends what we see of the file; so does an address in another partition.
 */
static void take_addresses(const struct tree *tree, const uint8_t *address, uint32_t length,
	bool is_long, struct extents *ret)
{
	uint32_t width = is_long ? 16 : 8;
	for (; length >= width; address += width, length -= width) {
		uint32_t word = get_le32(address);
		if ((word & LENGTH_MASK) == 0 || word >> EXTENT_TYPE_SHIFT != EXTENT_RECORDED ||
			(is_long && get_le16(address + 8) != tree->map))
			return;
		extents_add(ret, ((uint64_t)tree->partition + get_le32(address + 4)) * IMAGE_BLOCK,
			word & LENGTH_MASK);
	}
}

static bool take_data(const struct tree *tree, uint32_t block, const uint8_t *entry, bool extended,
	struct extents *ret)
{
	const uint8_t *lengths = entry + (extended ? 208 : 168);
	uint64_t at = (extended ? 216u : 176u) + (uint64_t)get_le32(lengths);
	uint32_t length = get_le32(lengths + 4);
	unsigned how = get_le16(entry + 34) & 7;
	if (at + length > IMAGE_BLOCK)
		return false;
	if (how == EMBEDDED)
		extents_add(ret, ((uint64_t)tree->partition + block) * IMAGE_BLOCK + at, length);
	else if (how == SHORT_ADDRESSES || how == LONG_ADDRESSES)
		take_addresses(tree, entry + at, length, how == LONG_ADDRESSES, ret);
	extents_cut(ret, get_le64(entry + 56));
	return true;
}

bool udf_entry(struct image_bytes *image, const struct tree *tree, uint32_t block,
	struct volume_entry *ret)
{
	uint8_t entry[IMAGE_BLOCK];
	*ret = (struct volume_entry){0};
	if (!image_bytes_block(image, (uint64_t)tree->partition + block, entry))
		return false;
	unsigned tag = udf_tag(entry, block), type = entry[27];
	if ((tag != TAG_FILE_ENTRY && tag != TAG_EXTENDED_FILE_ENTRY) ||
		(type != TYPE_DIRECTORY && type != TYPE_FILE))
		return false;
	ret->directory = type == TYPE_DIRECTORY;
	return take_data(tree, block, entry, tag == TAG_EXTENDED_FILE_ENTRY, &ret->extents);
}

/* OSTA compressed unicode (UDF 2.60 2.1.1). */
static bool is_name(const uint8_t *identifier, size_t width, const char *name, size_t length)
{
	char text[3 * NAME_MAX_BYTES + 1] = "";
	if (width > 1 && identifier[0] == 8)
		volume_text_8(identifier + 1, width - 1, text, sizeof text);
	else if (width > 1 && identifier[0] == 16)
		volume_text_16(identifier + 1, width - 1, text, sizeof text);
	return text_same(text, strlen(text), name, length);
}

/* Of the file identifier descriptor that has the name (ECMA-167 4/14.4); NULL: there is none. */
static const uint8_t *find_identifier(
	const uint8_t *bytes, size_t end, const char *name, size_t length)
{
	for (size_t at = 0; at + IDENTIFIER_HEAD <= end;) {
		const uint8_t *entry = bytes + at;
		size_t name_at = IDENTIFIER_HEAD + (size_t)get_le16(entry + 36);
		size_t used = name_at + entry[19];
		if (get_le16(entry) != TAG_IDENTIFIER || at + used > end)
			return NULL;
		if (!(entry[18] & (DELETED | PARENT)) &&
			is_name(entry + name_at, entry[19], name, length))
			return entry;
		at += (used + 3) & ~(size_t)3;
	}
	return NULL;
}

bool udf_find(struct image_bytes *image, const struct tree *tree, const struct extents *directory,
	const char *name, size_t length, struct volume_entry *ret)
{
	size_t size = directory->length < DIRECTORY_MAX ? (size_t)directory->length : DIRECTORY_MAX;
	_cleanup_free_ uint8_t *bytes = malloc(size + 1);
	if (!bytes)
		return false;
	size = extents_read(image, directory, 0, bytes, size);
	const uint8_t *entry = find_identifier(bytes, size, name, length);
	return entry && get_le16(entry + 28) == tree->map &&
	       udf_entry(image, tree, get_le32(entry + 24), ret);
}
