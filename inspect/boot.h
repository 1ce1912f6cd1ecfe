/* SPDX-License-Identifier: Apache-2.0 */
/* How an image boots, as a disc and as a disk. */
#pragma once

#include "volume.h"

/* El Torito's catalog. */
void boot_catalog_read(struct volume *volume, struct boot_details *ret);
enum { SYSTEM_PARTITIONS_MAX = 4 };

/* EFI system partitions, the first of them; each once, though MBR and GPT may both have it. */
struct system_partitions {
	unsigned count;
	uint64_t offset[SYSTEM_PARTITIONS_MAX]; /* bytes */
};

/* Master boot record, GUID and Apple partition tables. `iso9660`: there is such a volume. */
void partitions_read(struct image_bytes *image, bool iso9660, struct partition_details *ret,
	struct system_partitions *ret_system);
/* The processors (bits of enum boot_target) that a volume has the programs for that UEFI starts. */
unsigned efi_programs_find(struct volume *volume);
/* What it boots on: by entries of the catalog, by partitions, and by the files of the volumes. */
void boot_targets_find(struct volume *volume, const struct partition_details *partitions,
	const struct system_partitions *system, struct boot_details *boot);
