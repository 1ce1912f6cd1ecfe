/* SPDX-License-Identifier: Apache-2.0 */
#include "iso9660.h"

#include <string.h>

#include "util/volume_text.h"

enum {
	FIRST_DESCRIPTOR = 16,
	DESCRIPTORS_MAX = 64, /* real discs have up to five */
	TYPE_PRIMARY = 1,
	TYPE_SUPPLEMENTARY = 2,
	TYPE_TERMINATOR = 255,
	ROOT_RECORD = 156,
	ROOT_BLOCKS_MAX = 64, /* of the root directory that are looked at */
	RECORD_MIN = 34,      /* of a directory, with a name of one character */
	RECORD_NAME = 33,
	FLAG_DIRECTORY = 2,
	NAME_WIDTH = 32,
	JOLIET_NAME_MAX = 16, /* characters; longer names are cut off */
};

struct names {
	char primary[129], joliet[129];
};

static bool is_descriptor(const uint8_t *block)
{
	return memcmp(block + 1, "CD001", 5) == 0;
}

/* UCS-2 level 1, 2 or 3 in the escape sequences (Joliet specification). */
static bool is_joliet(const uint8_t *block)
{
	const uint8_t *escape = block + 88;
	return escape[0] == '%' && escape[1] == '/' &&
	       (escape[2] == '@' || escape[2] == 'C' || escape[2] == 'E');
}

static void take_primary(const uint8_t *block, struct names *names, struct iso9660_volume *volume)
{
	volume_text_8(block + 40, NAME_WIDTH, names->primary, sizeof names->primary);
	volume->bytes = (uint64_t)get_le32(block + 80) * get_le16(block + 128);
	volume->root = get_le32(block + ROOT_RECORD + 2);
	volume->root_bytes = get_le32(block + ROOT_RECORD + 10);
}

/* Joliet has small letters and all of Unicode, but room for sixteen characters only. */
static const char *better_name(const struct names *names)
{
	size_t characters = 0;
	for (const char *at = names->joliet; *at; at++)
		if ((*at & 0xc0) != 0x80)
			characters++;
	if (characters == 0)
		return names->primary;
	bool cut = characters >= JOLIET_NAME_MAX && strlen(names->primary) > JOLIET_NAME_MAX;
	return cut ? names->primary : names->joliet;
}

bool iso9660_read(struct image_file *file, struct iso9660_volume *ret)
{
	struct names names = {0};
	struct iso9660_volume volume = {0};
	bool found = false;
	uint8_t block[DISC_BLOCK];
	for (unsigned i = 0; i < DESCRIPTORS_MAX; i++) {
		if (!image_read_block(file, FIRST_DESCRIPTOR + i, block) || !is_descriptor(block) ||
			block[0] == TYPE_TERMINATOR)
			break;
		if (block[0] == TYPE_PRIMARY && !found) {
			take_primary(block, &names, &volume);
			found = true;
		} else if (block[0] == TYPE_SUPPLEMENTARY && is_joliet(block)) {
			volume_text_16(block + 40, NAME_WIDTH, names.joliet, sizeof names.joliet);
		}
	}
	if (!found)
		return false;
	*ret = volume;
	strcpy(ret->name, better_name(&names));
	return true;
}

/* ---- the root directory (ECMA-119 9.1) ---------------------------------------------------------
 */

static bool is_directory(const uint8_t *record, const char *name)
{
	size_t length = strlen(name);
	return record[25] & FLAG_DIRECTORY && record[32] == length &&
	       record[0] >= RECORD_NAME + length && memcmp(record + RECORD_NAME, name, length) == 0;
}

/* Records do not cross blocks; a length of 0 ends those of a block. */
static bool block_has_directory(const uint8_t *block, const char *name)
{
	for (unsigned at = 0; at + RECORD_MIN <= DISC_BLOCK && block[at] >= RECORD_MIN &&
			      at + block[at] <= DISC_BLOCK;
		at += block[at])
		if (is_directory(block + at, name))
			return true;
	return false;
}

bool iso9660_has_directory(
	struct image_file *file, const struct iso9660_volume *volume, const char *name)
{
	uint8_t block[DISC_BLOCK];
	uint32_t blocks = volume->root_bytes / DISC_BLOCK;
	for (uint32_t i = 0; i < blocks && i < ROOT_BLOCKS_MAX; i++) {
		if (!image_read_block(file, (uint64_t)volume->root + i, block))
			return false;
		if (block_has_directory(block, name))
			return true;
	}
	return false;
}
