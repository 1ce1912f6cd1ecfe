/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of ISO 9660 (ECMA-119 9.1), with the names of Rock Ridge (RRIP 4.1.4) or Joliet. */
#include <string.h>

#include "text.h"
#include "util/volume_text.h"
#include "volume.h"

enum {
	RECORD_NAME = 33,
	RECORD_MIN = 34,
	FLAG_DIRECTORY = 1 << 1,
	FLAG_MORE = 1 << 7, /* the next record is another extent of the same file */
	NAME_ENTRY = 5,     /* bytes of NM in front of the name */
};

struct search {
	struct image_bytes *image;
	const struct tree *tree;
	const char *name;
	size_t length;
	bool open; /* an extent was found and more follow */
	bool found;
	struct volume_entry *ret;
};

/* Without ";1", and without the dot of a name that has no extension (ECMA-119 7.5.1). */
static size_t plain_length(const char *name, size_t length)
{
	const char *version = memchr(name, ';', length);
	if (version)
		length = (size_t)(version - name);
	return length > 0 && name[length - 1] == '.' ? length - 1 : length;
}

static bool has_identifier(const struct search *search, const uint8_t *name, size_t length)
{
	char text[512];
	if (search->tree->kind == TREE_JOLIET)
		volume_text_16(name, length, text, sizeof text);
	else
		text_utf8(name, length, text, sizeof text);
	return text_same(text, plain_length(text, strlen(text)), search->name, search->length);
}

/* Names that we look for fit into one NM, and records with them need no continuation. */
static bool has_rock_ridge_name(const struct search *search, const uint8_t *record)
{
	size_t at = RECORD_NAME + (size_t)record[32] + (record[32] % 2 == 0);
	at += search->tree->susp_skip;
	for (; at + 4 <= record[0] && record[at + 2] >= 4; at += record[at + 2]) {
		size_t end = at + record[at + 2];
		if (end <= record[0] && memcmp(record + at, "NM", 2) == 0 && end > at + NAME_ENTRY)
			return text_same((const char *)record + at + NAME_ENTRY,
				end - at - NAME_ENTRY, search->name, search->length);
	}
	return false;
}

static bool is_sought(const struct search *search, const uint8_t *record)
{
	size_t length = record[32];
	if (RECORD_NAME + length > record[0] || length == 0 ||
		(length == 1 && record[RECORD_NAME] <= 1))
		return false;
	return has_identifier(search, record + RECORD_NAME, length) ||
	       (search->tree->kind == TREE_ISO9660 && has_rock_ridge_name(search, record));
}

/* An extent begins behind the extended attribute record (ECMA-119 9.1.3). */
static void take(struct search *search, const uint8_t *record)
{
	uint64_t block = (uint64_t)get_le32(record + 2) + record[1];
	extents_add(
		&search->ret->extents, block * search->tree->block_bytes, get_le32(record + 10));
	search->ret->directory = record[25] & FLAG_DIRECTORY;
	search->open = record[25] & FLAG_MORE;
	search->found = !search->open;
}

/* Records do not cross blocks; a length of 0 ends those of a block. */
static void search_block(struct search *search, const uint8_t *block, size_t length)
{
	for (size_t at = 0; !search->found && at + RECORD_MIN <= length &&
			    block[at] >= RECORD_MIN && at + block[at] <= length;
		at += block[at])
		if (search->open || is_sought(search, block + at))
			take(search, block + at);
}

bool iso9660_find(struct image_bytes *image, const struct tree *tree,
	const struct extents *directory, const char *name, size_t length, struct volume_entry *ret)
{
	uint8_t block[IMAGE_BLOCK];
	*ret = (struct volume_entry){0};
	struct search search = {image, tree, name, length, .ret = ret};
	for (uint64_t at = 0; !search.found && at < DIRECTORY_MAX; at += IMAGE_BLOCK) {
		size_t there = extents_read(image, directory, at, block, sizeof block);
		if (there == 0)
			break;
		search_block(&search, block, there);
	}
	return search.found;
}
