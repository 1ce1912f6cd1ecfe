/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FAT12, FAT16 and FAT32 (UEFI 2.10 13.3: the file system of what UEFI boots from), read only: a
 * file by its path. Chains of clusters are followed for DIRECTORY_MAX bytes and EXTENTS_MAX pieces,
 * so one that bites its tail does no harm.
 */
#pragma once

#include "volume.h"

/* The volume that begins at this byte of the image; false: it is none. */
bool fat_volume_read(struct image_bytes *image, uint64_t offset, struct tree *ret);
/* What the clusters from `first` on hold, at most `length` bytes of it. */
void fat_chain(struct image_bytes *image, const struct fat_layout *layout, uint32_t first,
	uint64_t length, struct extents *ret);
