/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of FAT, with long names: entries of 13 characters each in front of the short one. */
#include <string.h>

#include "fat.h"
#include "text.h"

enum {
	ENTRY = 32,
	ENTRY_FREE = 0xe5,
	ATTRIBUTE_VOLUME = 1 << 3,
	ATTRIBUTE_DIRECTORY = 1 << 4,
	ATTRIBUTES_LONG = 0x0f,
	ATTRIBUTES = 0x3f,
	LONG_LAST = 0x40, /* it comes first */
	LONG_PART = 13,
	LONG_PARTS_MAX = 20,
};

struct long_name {
	unsigned wanted; /* number of the part that must come next; 0: the name is whole */
	bool valid;
	uint8_t checksum; /* of the short name that it belongs to */
	char text[LONG_PARTS_MAX * LONG_PART + 1];
};

/* Names that are looked for are ASCII: every other character is as good as none of it. */
static void take_characters(const uint8_t *entry, char *text)
{
	static const uint8_t places[LONG_PART] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
	for (unsigned i = 0; i < LONG_PART; i++) {
		uint16_t unit = get_le16(entry + places[i]);
		text[i] = unit < 0x80 ? (char)unit : '?';
		if (unit == 0)
			return;
	}
}

static void take_long(const uint8_t *entry, struct long_name *name)
{
	unsigned part = entry[0] & ~(unsigned)LONG_LAST;
	if (entry[0] & LONG_LAST) {
		memset(name, 0, sizeof *name);
		name->wanted = part;
		name->checksum = entry[13];
		name->valid = true;
	}
	name->valid = name->valid && part >= 1 && part <= LONG_PARTS_MAX && part == name->wanted &&
		      entry[13] == name->checksum;
	if (!name->valid)
		return;
	take_characters(entry, name->text + (size_t)(part - 1) * LONG_PART);
	name->wanted--;
}

static uint8_t checksum_of(const uint8_t *entry)
{
	uint8_t sum = 0;
	for (unsigned i = 0; i < 11; i++)
		sum = (uint8_t)((uint8_t)(sum << 7 | sum >> 1) + entry[i]);
	return sum;
}

static size_t trimmed(const uint8_t *field, size_t length)
{
	while (length > 0 && field[length - 1] == ' ')
		length--;
	return length;
}

/* "BOOTX64.EFI" of "BOOTX64 EFI". */
static size_t short_name(const uint8_t *entry, char ret[13])
{
	size_t length = trimmed(entry, 8), extension = trimmed(entry + 8, 3);
	memcpy(ret, entry, length);
	if (extension > 0)
		ret[length++] = '.';
	memcpy(ret + length, entry + 8, extension);
	return length + extension;
}

static bool has_name(
	const uint8_t *entry, const struct long_name *long_name, const char *name, size_t length)
{
	char text[13];
	if (long_name->valid && long_name->wanted == 0 &&
		long_name->checksum == checksum_of(entry) &&
		text_same(long_name->text, strlen(long_name->text), name, length))
		return true;
	return text_same(text, short_name(entry, text), name, length);
}

static void take_entry(struct image_bytes *image, const struct tree *tree, const uint8_t *entry,
	struct volume_entry *ret)
{
	uint32_t first = get_le16(entry + 26);
	if (tree->fat.bits == 32)
		first |= (uint32_t)get_le16(entry + 20) << 16;
	ret->directory = entry[11] & ATTRIBUTE_DIRECTORY;
	fat_chain(image, &tree->fat, first, ret->directory ? DIRECTORY_MAX : get_le32(entry + 28),
		&ret->extents);
}

bool fat_find(struct image_bytes *image, const struct tree *tree, const struct extents *directory,
	const char *name, size_t length, struct volume_entry *ret)
{
	uint8_t entry[ENTRY];
	struct long_name long_name = {0};
	*ret = (struct volume_entry){0};
	for (uint64_t at = 0; at < DIRECTORY_MAX; at += ENTRY) {
		if (extents_read(image, directory, at, entry, ENTRY) < ENTRY || entry[0] == 0)
			return false;
		if (entry[0] != ENTRY_FREE && (entry[11] & ATTRIBUTES) == ATTRIBUTES_LONG) {
			take_long(entry, &long_name);
			continue;
		}
		if (entry[0] != ENTRY_FREE && !(entry[11] & ATTRIBUTE_VOLUME) &&
			has_name(entry, &long_name, name, length)) {
			take_entry(image, tree, entry, ret);
			return true;
		}
		long_name.valid = false;
	}
	return false;
}
