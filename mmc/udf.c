/* SPDX-License-Identifier: Apache-2.0 */
#include "udf.h"

#include <string.h>

#include "volume_text.h"

enum {
	FIRST_RECOGNITION = 16,
	RECOGNITION_MAX = 64,
	ANCHOR = 256,
	SEQUENCE_MAX = 64, /* blocks of the volume descriptor sequence that are looked at */
	TAG_PRIMARY = 1,
	TAG_ANCHOR = 2,
	TAG_PARTITION = 5,
	TAG_LOGICAL = 6,
	TAG_TERMINATOR = 8,
};

static bool is_recognition(const uint8_t *block, const char *identifier)
{
	return memcmp(block + 1, identifier, 5) == 0;
}

bool udf_announced(struct image_file *file)
{
	uint8_t block[DISC_BLOCK];
	for (unsigned i = 0; i < RECOGNITION_MAX; i++) {
		if (!image_read_block(file, FIRST_RECOGNITION + i, block))
			return false;
		if (is_recognition(block, "NSR02") || is_recognition(block, "NSR03"))
			return true;
		if (!is_recognition(block, "CD001") && !is_recognition(block, "BEA01") &&
			!is_recognition(block, "BOOT2") && !is_recognition(block, "CDW02"))
			return false;
	}
	return false;
}

/* The identifier of a descriptor tag in its place (ECMA-167 3/7.2); 0 when it is none. */
static unsigned tag(const uint8_t *block, uint32_t lba)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < 16; i++)
		if (i != 4)
			sum += block[i];
	if ((sum & 0xff) != block[4] || get_le32(block + 12) != lba)
		return 0;
	return get_le16(block);
}

static void take(const uint8_t *block, unsigned identifier, struct udf_volume *volume)
{
	switch (identifier) {
	case TAG_PRIMARY:
		if (volume->name[0] == 0)
			volume_text_dstring(block + 24, 32, volume->name, sizeof volume->name);
		break;
	case TAG_PARTITION: {
		uint64_t end = (uint64_t)get_le32(block + 188) + get_le32(block + 192);
		if (end * DISC_BLOCK > volume->bytes)
			volume->bytes = end * DISC_BLOCK;
		break;
	}
	case TAG_LOGICAL: {
		char name[sizeof volume->name];
		volume_text_dstring(block + 84, 128, name, sizeof name);
		if (name[0])
			memcpy(volume->name, name, sizeof name);
		break;
	}
	}
}

bool udf_read(struct image_file *file, struct udf_volume *ret)
{
	uint8_t block[DISC_BLOCK];
	if (!image_read_block(file, ANCHOR, block) || tag(block, ANCHOR) != TAG_ANCHOR)
		return false;
	uint32_t blocks = get_le32(block + 16) / DISC_BLOCK, first = get_le32(block + 20);
	struct udf_volume volume = {0};
	for (uint32_t i = 0; i < blocks && i < SEQUENCE_MAX; i++) {
		if (!image_read_block(file, (uint64_t)first + i, block))
			break;
		unsigned identifier = tag(block, first + i);
		if (identifier == 0 || identifier == TAG_TERMINATOR)
			break;
		take(block, identifier, &volume);
	}
	*ret = volume;
	return true;
}
