/* SPDX-License-Identifier: Apache-2.0 */
/* The boot catalog (El Torito 1.0, 2.0: validation entry, default entry, sections). */
#include "boot.h"

enum {
	ENTRY = 32,
	CATALOG_MAX = 2048, /* entries that are looked at */
	VALIDATION = 1,
	HEADER_MORE = 0x90,
	HEADER_LAST = 0x91,
	EXTENSION = 0x44,
	BOOTABLE = 0x88,
	MEDIA_MASK = 0x0f,
	MEDIA_EXTENDED = 1 << 5, /* extension records follow the entry */
};

struct catalog {
	struct image_bytes *image;
	uint64_t offset; /* of the next entry */
	unsigned left;   /* entries that may still be looked at */
};

static bool next(struct catalog *catalog, uint8_t ret[ENTRY])
{
	if (catalog->left == 0 || !image_bytes_get(catalog->image, catalog->offset, ret, ENTRY))
		return false;
	catalog->left--;
	catalog->offset += ENTRY;
	return true;
}

/* All of its words sum up to zero. */
static bool is_validation(const uint8_t *entry)
{
	uint16_t sum = 0;
	for (unsigned i = 0; i < ENTRY; i += 2)
		sum = (uint16_t)(sum + get_le16(entry + i));
	return entry[0] == VALIDATION && entry[30] == 0x55 && entry[31] == 0xaa && sum == 0;
}

static void take(const uint8_t *entry, uint8_t platform, struct boot_details *ret)
{
	ret->entries++;
	if (ret->kept == DETAILS_BOOT_ENTRIES)
		return;
	ret->entry[ret->kept++] = (struct boot_entry){
		.platform = platform,
		.emulation = entry[1] & MEDIA_MASK,
		.bootable = entry[0] == BOOTABLE,
		.sectors = get_le16(entry + 6),
		.block = get_le32(entry + 8),
	};
}

/* Extension records say by their own bit whether another follows. */
static void pass_extensions(struct catalog *catalog, const uint8_t *entry)
{
	uint8_t extension[ENTRY];
	bool more = entry[1] & MEDIA_EXTENDED;
	while (more && next(catalog, extension)) {
		if (extension[0] != EXTENSION) { /* it was none: an entry of its own */
			catalog->offset -= ENTRY;
			catalog->left++;
			return;
		}
		more = extension[1] & MEDIA_EXTENDED;
	}
}

static bool take_section(struct catalog *catalog, const uint8_t *header, struct boot_details *ret)
{
	uint8_t entry[ENTRY];
	for (unsigned count = get_le16(header + 2); count > 0; count--) {
		if (!next(catalog, entry))
			return false;
		take(entry, header[1], ret);
		pass_extensions(catalog, entry);
	}
	return header[0] == HEADER_MORE;
}

void boot_catalog_read(struct volume *volume, struct boot_details *ret)
{
	uint8_t entry[ENTRY];
	struct catalog catalog = {
		volume->image, (uint64_t)volume->boot_catalog * IMAGE_BLOCK, CATALOG_MAX};
	if (volume->boot_catalog == 0 || !next(&catalog, entry) || !is_validation(entry))
		return;
	uint8_t platform = entry[1];
	if (!next(&catalog, entry))
		return;
	take(entry, platform, ret);
	while (next(&catalog, entry) && (entry[0] == HEADER_MORE || entry[0] == HEADER_LAST))
		if (!take_section(&catalog, entry, ret))
			return;
}
