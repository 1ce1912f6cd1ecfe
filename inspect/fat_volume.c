/* SPDX-License-Identifier: Apache-2.0 */
/* Where the parts of a FAT volume are, and which clusters follow one another. */
#include "fat.h"

enum {
	BOOT_SECTOR = 48, /* bytes of it that are looked at */
	MEDIA_MIN = 0xf0,
	CLUSTER_FIRST = 2,
	FAT12_CLUSTERS = 4085, /* from so many on it is FAT16 */
	SHORT_ENTRY = 32,
	CLUSTERS_MAX = 0x0ffffff5,
};

static bool is_power_of_two(uint32_t value)
{
	return value && (value & (value - 1)) == 0;
}

static bool is_boot_sector(const uint8_t *sector)
{
	uint16_t sector_bytes = get_le16(sector + 11);
	return (sector[0] == 0xeb || sector[0] == 0xe9) && sector_bytes >= 512 &&
	       sector_bytes <= 4096 && is_power_of_two(sector_bytes) &&
	       is_power_of_two(sector[13]) && get_le16(sector + 14) > 0 && sector[16] > 0 &&
	       sector[21] >= MEDIA_MIN;
}

/* Old fields of 16 bits are 0 where the number is in a later one of 32. */
static uint32_t either(const uint8_t *sector, unsigned small, unsigned large)
{
	return get_le16(sector + small) ? get_le16(sector + small) : get_le32(sector + large);
}

/* FAT32 is what has no length of 16 bits, FAT12 what has few clusters, as drivers see it. */
static uint8_t entry_bits(const uint8_t *sector, uint32_t clusters)
{
	if (get_le16(sector + 22) == 0)
		return 32;
	return clusters < FAT12_CLUSTERS ? 12 : 16;
}

static bool lay_out(const uint8_t *sector, uint64_t offset, struct fat_layout *ret)
{
	uint64_t sector_bytes = get_le16(sector + 11), fat = get_le16(sector + 14);
	uint64_t root = fat + (uint64_t)sector[16] * either(sector, 22, 36);
	uint64_t root_bytes = (uint64_t)get_le16(sector + 17) * SHORT_ENTRY;
	uint64_t data = root + (root_bytes + sector_bytes - 1) / sector_bytes;
	uint64_t sectors = either(sector, 19, 32);
	if (root == fat || sectors <= data)
		return false;
	uint64_t clusters = (sectors - data) / sector[13];
	ret->fat = offset + fat * sector_bytes;
	ret->root = offset + root * sector_bytes;
	ret->data = offset + data * sector_bytes;
	ret->cluster_bytes = (uint32_t)sector_bytes * sector[13];
	ret->clusters = clusters < CLUSTERS_MAX ? (uint32_t)clusters : CLUSTERS_MAX;
	ret->bits = entry_bits(sector, ret->clusters);
	return true;
}

bool fat_volume_read(struct image_bytes *image, uint64_t offset, struct tree *ret)
{
	uint8_t sector[BOOT_SECTOR];
	*ret = (struct tree){.kind = TREE_FAT};
	if (!image_bytes_get(image, offset, sector, sizeof sector) || !is_boot_sector(sector) ||
		!lay_out(sector, offset, &ret->fat))
		return false;
	if (ret->fat.bits == 32)
		fat_chain(image, &ret->fat, get_le32(sector + 44), DIRECTORY_MAX, &ret->root);
	else
		extents_add(
			&ret->root, ret->fat.root, (uint64_t)get_le16(sector + 17) * SHORT_ENTRY);
	return true;
}

/* ---- chains ------------------------------------------------------------------------------------
 */

/* 0, which is no cluster's number, when it cannot be read. */
static uint32_t next_of(
	struct image_bytes *image, const struct fat_layout *layout, uint32_t cluster)
{
	uint8_t entry[4] = {0};
	uint64_t at = layout->fat + (uint64_t)cluster * layout->bits / 8;
	if (!image_bytes_get(image, at, entry, layout->bits == 32 ? 4 : 2))
		return 0;
	if (layout->bits == 32)
		return get_le32(entry) & 0x0fffffff;
	if (layout->bits == 16)
		return get_le16(entry);
	return cluster % 2 ? get_le16(entry) >> 4 : get_le16(entry) & 0xfff;
}

static bool is_cluster(const struct fat_layout *layout, uint32_t cluster)
{
	return cluster >= CLUSTER_FIRST && cluster - CLUSTER_FIRST < layout->clusters;
}

/* Clusters that lie behind one another are one extent. False: there is no more room. */
static bool add_cluster(const struct fat_layout *layout, uint32_t cluster, struct extents *ret)
{
	uint64_t offset =
		layout->data + (uint64_t)(cluster - CLUSTER_FIRST) * layout->cluster_bytes;
	struct extent *last = ret->count ? &ret->extent[ret->count - 1] : NULL;
	if (last && last->offset + last->length == offset) {
		last->length += layout->cluster_bytes;
		ret->length += layout->cluster_bytes;
		return true;
	}
	if (ret->count == EXTENTS_MAX)
		return false;
	extents_add(ret, offset, layout->cluster_bytes);
	return true;
}

void fat_chain(struct image_bytes *image, const struct fat_layout *layout, uint32_t first,
	uint64_t length, struct extents *ret)
{
	*ret = (struct extents){0};
	uint32_t cluster = first;
	if (length > DIRECTORY_MAX)
		length = DIRECTORY_MAX;
	while (ret->length < length && is_cluster(layout, cluster) &&
		add_cluster(layout, cluster, ret))
		if (ret->length < length)
			cluster = next_of(image, layout, cluster);
	extents_cut(ret, length);
}
