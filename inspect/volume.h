/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The volumes of an image and the files in them. An image may have up to three trees of the same
 * files: ISO 9660 (with Rock Ridge), Joliet, and UDF; a look-up tries them in this order. What UEFI
 * boots from in it (boot images, system partitions) is a volume of one tree, FAT.
 *
 * Look-ups go down by name and by no more levels than the path has, so directories that contain
 * themselves do no harm; and of a directory no more than 1 MiB is looked at.
 */
#pragma once

#include "extents.h"
#include "inspect/details.h"

enum { DIRECTORY_MAX = 1 << 20 /* bytes */ };

enum tree_kind { TREE_ISO9660, TREE_JOLIET, TREE_UDF, TREE_FAT };

struct fat_layout {
	uint64_t fat, root, data; /* bytes of the image; `root` of FAT12 and FAT16 */
	uint32_t cluster_bytes, clusters;
	uint8_t bits; /* of an entry: 12, 16, 32 */
};

struct tree {
	enum tree_kind kind;
	struct extents root;
	/* ISO 9660 */
	uint32_t block_bytes; /* of its addresses */
	uint8_t susp_skip;    /* bytes in front of the system use entries (SUSP 5.3) */
	/* UDF */
	uint32_t partition; /* block where the partition of the file set begins */
	uint16_t map;       /* number of its map, what addresses refer to */
	/* FAT */
	struct fat_layout fat;
};

struct volume {
	struct image_bytes *image;
	struct tree tree[3];
	unsigned trees;
	uint32_t boot_catalog; /* block of 2048 bytes; 0: there is none (El Torito 2.0) */
};

struct volume_entry {
	struct extents extents;
	bool directory;
};

/* What is in the descriptors, and the trees' roots. */
void volume_read_iso9660(struct volume *volume, struct iso9660_details *ret);
void volume_read_udf(struct volume *volume, struct udf_details *ret);

/* The entry of `directory` with this name, the case of ASCII letters aside. */
bool iso9660_find(struct image_bytes *image, const struct tree *tree,
	const struct extents *directory, const char *name, size_t length, struct volume_entry *ret);
bool udf_find(struct image_bytes *image, const struct tree *tree, const struct extents *directory,
	const char *name, size_t length, struct volume_entry *ret);
bool fat_find(struct image_bytes *image, const struct tree *tree, const struct extents *directory,
	const char *name, size_t length, struct volume_entry *ret);
/* Block of a partition: a file entry. False: it is none. */
bool udf_entry(struct image_bytes *image, const struct tree *tree, uint32_t block,
	struct volume_entry *ret);

/* A regular file, "EFI/BOOT/BOOTX64.EFI". */
bool volume_find(struct volume *volume, const char *path, struct extents *ret);
/*
 * The first `capacity` - 1 bytes of such a file, and a 0 behind them. The number of bytes; 0 when
 * there is no file, or nothing in it.
 */
size_t volume_read(struct volume *volume, const char *path, char *ret, size_t capacity);
