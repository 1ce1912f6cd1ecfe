/* SPDX-License-Identifier: Apache-2.0 */
#include "iso9660.h"

#include <string.h>

#include "volume_text.h"

enum {
	FIRST_DESCRIPTOR = 16,
	DESCRIPTORS_MAX = 64, /* real discs have up to five */
	TYPE_PRIMARY = 1,
	TYPE_SUPPLEMENTARY = 2,
	TYPE_TERMINATOR = 255,
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

static void take_primary(const uint8_t *block, struct names *names, uint64_t *ret_bytes)
{
	volume_text_8(block + 40, NAME_WIDTH, names->primary, sizeof names->primary);
	*ret_bytes = (uint64_t)get_le32(block + 80) * get_le16(block + 128);
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
	uint64_t bytes = 0;
	bool found = false;
	uint8_t block[DISC_BLOCK];
	for (unsigned i = 0; i < DESCRIPTORS_MAX; i++) {
		if (!image_read_block(file, FIRST_DESCRIPTOR + i, block) || !is_descriptor(block) ||
			block[0] == TYPE_TERMINATOR)
			break;
		if (block[0] == TYPE_PRIMARY && !found) {
			take_primary(block, &names, &bytes);
			found = true;
		} else if (block[0] == TYPE_SUPPLEMENTARY && is_joliet(block)) {
			volume_text_16(block + 40, NAME_WIDTH, names.joliet, sizeof names.joliet);
		}
	}
	if (!found)
		return false;
	ret->bytes = bytes;
	strcpy(ret->name, better_name(&names));
	return true;
}
