/* SPDX-License-Identifier: Apache-2.0 */
/* Volume descriptors of ISO 9660 (ECMA-119 8), Joliet's and El Torito's among them. */
#include <string.h>

#include "iso_time.h"
#include "text.h"
#include "volume.h"

enum {
	FIRST_DESCRIPTOR = 16,
	DESCRIPTORS_MAX = 64, /* real discs have up to five */
	TYPE_BOOT = 0,
	TYPE_PRIMARY = 1,
	TYPE_SUPPLEMENTARY = 2,
	TYPE_TERMINATOR = 255,
	ROOT_RECORD = 156,
	RECORD_SYSTEM_USE = 34, /* of the record of a directory itself, whose name is one byte */
};

/* UCS-2 level 1, 2 or 3 in the escape sequences (Joliet specification); 0: it is not Joliet. */
static uint8_t joliet_level(const uint8_t *block)
{
	static const char levels[] = "@CE";
	const uint8_t *escape = block + 88;
	const char *level = escape[2] ? strchr(levels, escape[2]) : NULL;
	return escape[0] == '%' && escape[1] == '/' && level ? (uint8_t)(level - levels + 1) : 0;
}

static uint32_t block_bytes(const uint8_t *block)
{
	uint16_t bytes = get_le16(block + 128);
	return bytes == 512 || bytes == 1024 ? bytes : IMAGE_BLOCK;
}

static struct tree *add_tree(struct volume *volume, enum tree_kind kind, const uint8_t *block)
{
	struct tree *tree = &volume->tree[volume->trees++];
	const uint8_t *root = block + ROOT_RECORD;
	*tree = (struct tree){.kind = kind, .block_bytes = block_bytes(block)};
	extents_add(
		&tree->root, (uint64_t)get_le32(root + 2) * tree->block_bytes, get_le32(root + 10));
	return tree;
}

static void take_texts(const uint8_t *block, struct iso9660_details *ret)
{
	text_identifier(block + 8, 32, ret->system_id, sizeof ret->system_id);
	text_identifier(block + 40, 32, ret->volume_id, sizeof ret->volume_id);
	text_identifier(block + 190, 128, ret->volume_set_id, sizeof ret->volume_set_id);
	text_identifier(block + 318, 128, ret->publisher, sizeof ret->publisher);
	text_identifier(block + 446, 128, ret->preparer, sizeof ret->preparer);
	text_identifier(block + 574, 128, ret->application, sizeof ret->application);
}

static void take_times(const uint8_t *block, struct iso9660_details *ret)
{
	ret->created = iso_time(block + 813);
	ret->modified = iso_time(block + 830);
	ret->expires = iso_time(block + 847);
	ret->effective = iso_time(block + 864);
}

/*
 * The first record of the root directory begins the system use sharing protocol with SP (SUSP 5.3),
 * and has the permissions of Rock Ridge, PX (RRIP 4.1.1).
 */
static void look_for_rock_ridge(
	struct image_bytes *image, struct tree *tree, struct iso9660_details *ret)
{
	uint8_t record[255] = {0};
	size_t there = extents_read(image, &tree->root, 0, record, sizeof record);
	size_t end = record[0] < there ? record[0] : there, at = RECORD_SYSTEM_USE;
	if (at + 7 > end || memcmp(record + at, "SP\x07\x01\xbe\xef", 6) != 0)
		return;
	tree->susp_skip = record[at + 6];
	for (; at + 4 <= end && record[at + 2] >= 4; at += record[at + 2])
		if (memcmp(record + at, "PX", 2) == 0)
			ret->rock_ridge = true;
}

static void take_primary(struct volume *volume, const uint8_t *block, struct iso9660_details *ret)
{
	if (ret->found)
		return;
	ret->found = true;
	ret->bytes = (uint64_t)get_le32(block + 80) * block_bytes(block);
	take_texts(block, ret);
	take_times(block, ret);
	look_for_rock_ridge(volume->image, add_tree(volume, TREE_ISO9660, block), ret);
}

static void take_supplementary(
	struct volume *volume, const uint8_t *block, struct iso9660_details *ret)
{
	uint8_t level = joliet_level(block);
	if (level == 0 || ret->joliet)
		return;
	ret->joliet = level;
	text_utf16(block + 40, 32, ret->joliet_volume_id, sizeof ret->joliet_volume_id);
	add_tree(volume, TREE_JOLIET, block);
}

static void take(struct volume *volume, const uint8_t *block, struct iso9660_details *ret)
{
	static const char el_torito[] = "EL TORITO SPECIFICATION";
	if (block[0] == TYPE_PRIMARY)
		take_primary(volume, block, ret);
	else if (block[0] == TYPE_SUPPLEMENTARY)
		take_supplementary(volume, block, ret);
	else if (block[0] == TYPE_BOOT && memcmp(block + 7, el_torito, sizeof el_torito) == 0)
		volume->boot_catalog = get_le32(block + 71);
}

void volume_read_iso9660(struct volume *volume, struct iso9660_details *ret)
{
	uint8_t block[IMAGE_BLOCK];
	ret->created = ret->modified = ret->expires = ret->effective = DETAILS_NO_TIME;
	for (unsigned i = 0; i < DESCRIPTORS_MAX; i++) {
		if (!image_bytes_block(volume->image, FIRST_DESCRIPTOR + i, block) ||
			memcmp(block + 1, "CD001", 5) != 0 || block[0] == TYPE_TERMINATOR)
			return;
		take(volume, block, ret);
	}
}
