/* SPDX-License-Identifier: Apache-2.0 */
/* Partition tables in front of, or in place of, a volume of ISO 9660. */
#include <string.h>

#include "boot.h"

enum {
	SECTOR = 512,
	MBR_CODE = 440,
	MBR_TABLE = 446,
	MBR_ENTRY = 16,
	MBR_ENTRIES = 4,
	MBR_TYPE_ESP = 0xef,
	GPT_ENTRIES_MAX = 128,
	GPT_ENTRY_MIN = 128,
	GPT_ENTRY_MAX = 4096,
	APPLE_ENTRIES_MAX = 64,
	HFS_HEADER = 1024, /* bytes into the volume (TN1150) */
};

/* C12A7328-F81F-11D2-BA4B-00A0C93EC93B, as it is written (UEFI 2.10 5.3.3). */
static const uint8_t esp_type[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b,
	0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};

static bool any(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return true;
	return false;
}

static void add_system(struct system_partitions *system, uint64_t sector)
{
	for (unsigned i = 0; i < system->count; i++)
		if (system->offset[i] == sector * SECTOR)
			return;
	if (system->count < SYSTEM_PARTITIONS_MAX && sector <= UINT64_MAX / SECTOR)
		system->offset[system->count++] = sector * SECTOR;
}

static void read_mbr(struct image_bytes *image, bool iso9660, struct partition_details *ret,
	struct system_partitions *system)
{
	uint8_t mbr[SECTOR];
	bool partitioned = false;
	if (!image_bytes_get(image, 0, mbr, sizeof mbr) || mbr[510] != 0x55 || mbr[511] != 0xaa)
		return;
	for (unsigned i = 0; i < MBR_ENTRIES; i++) {
		const uint8_t *entry = mbr + MBR_TABLE + i * MBR_ENTRY;
		partitioned |= entry[4] != 0;
		if (entry[4] == MBR_TYPE_ESP)
			add_system(system, get_le32(entry + 8));
	}
	ret->mbr_boot_code = any(mbr, MBR_CODE);
	ret->isohybrid = iso9660 && ret->mbr_boot_code && partitioned;
}

/* The header is in sector 1 (UEFI 2.10 5.3.2). */
static void read_gpt(
	struct image_bytes *image, struct partition_details *ret, struct system_partitions *system)
{
	uint8_t header[92], entry[40];
	if (!image_bytes_get(image, SECTOR, header, sizeof header) ||
		memcmp(header, "EFI PART", 8) != 0)
		return;
	ret->gpt = true;
	uint64_t first = get_le64(header + 72);
	uint32_t count = get_le32(header + 80), size = get_le32(header + 84);
	if (first > image->size / SECTOR || size < GPT_ENTRY_MIN || size > GPT_ENTRY_MAX)
		return;
	for (uint32_t i = 0; i < count && i < GPT_ENTRIES_MAX; i++)
		if (image_bytes_get(
			    image, first * SECTOR + (uint64_t)i * size, entry, sizeof entry) &&
			memcmp(entry, esp_type, sizeof esp_type) == 0)
			add_system(system, get_le64(entry + 32));
}

static bool is_hfs_plus(struct image_bytes *image, uint64_t offset)
{
	uint8_t header[2];
	return image_bytes_get(image, offset + HFS_HEADER, header, sizeof header) &&
	       (memcmp(header, "H+", 2) == 0 || memcmp(header, "HX", 2) == 0);
}

/* Entries are blocks from 1 on; of 512 bytes, or of 2048 where a GPT lies in between. */
static bool read_apple_map(
	struct image_bytes *image, uint32_t block_bytes, struct partition_details *ret)
{
	uint8_t entry[80];
	uint32_t count = 1;
	for (uint32_t i = 1; i <= count && i <= APPLE_ENTRIES_MAX; i++) {
		if (!image_bytes_get(image, (uint64_t)i * block_bytes, entry, sizeof entry) ||
			memcmp(entry, "PM", 2) != 0)
			return i > 1;
		count = get_be32(entry + 4);
		if (strncmp((char *)entry + 48, "Apple_HFS", 32) == 0)
			ret->hfs_plus |=
				is_hfs_plus(image, (uint64_t)get_be32(entry + 8) * block_bytes);
	}
	return true;
}

void partitions_read(struct image_bytes *image, bool iso9660, struct partition_details *ret,
	struct system_partitions *ret_system)
{
	*ret_system = (struct system_partitions){0};
	read_mbr(image, iso9660, ret, ret_system);
	read_gpt(image, ret, ret_system);
	ret->efi_system_partition = ret_system->count > 0;
	ret->hfs_plus = is_hfs_plus(image, 0);
	ret->apple_partition_map =
		read_apple_map(image, SECTOR, ret) || read_apple_map(image, IMAGE_BLOCK, ret);
}
