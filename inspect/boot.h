/* SPDX-License-Identifier: Apache-2.0 */
/* How an image boots, as a disc and as a disk. */
#pragma once

#include "volume.h"

/* El Torito's catalog. */
void boot_catalog_read(struct volume *volume, struct boot_details *ret);
/* Master boot record, GUID and Apple partition tables. `iso9660`: there is such a volume. */
void partitions_read(struct image_bytes *image, bool iso9660, struct partition_details *ret);
/* What the entries, and the removable-media paths of UEFI in the volumes, say. */
void boot_targets_find(struct volume *volume, struct boot_details *boot);
