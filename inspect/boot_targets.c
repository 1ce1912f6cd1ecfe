/* SPDX-License-Identifier: Apache-2.0 */
#include "boot.h"
#include "fat.h"

static unsigned target_of(uint8_t platform)
{
	switch (platform) {
	case BOOT_PLATFORM_BIOS:
		return BOOTS_BIOS;
	case BOOT_PLATFORM_POWERPC:
		return BOOTS_POWERPC;
	case BOOT_PLATFORM_MAC:
		return BOOTS_MAC;
	default:
		return 0;
	}
}

/* A FAT volume of which no processor is known is for UEFI all the same. */
static unsigned targets_of_fat(struct image_bytes *image, uint64_t offset)
{
	struct volume volume = {.image = image, .trees = 1};
	unsigned targets =
		fat_volume_read(image, offset, &volume.tree[0]) ? efi_programs_find(&volume) : 0;
	return targets ? targets : BOOTS_UEFI;
}

/* Firmware reads only FAT of a disc, so files that are not in a boot image do not count here. */
static unsigned targets_of_disc(struct image_bytes *image, const struct boot_details *boot)
{
	unsigned targets = 0;
	for (unsigned i = 0; i < boot->kept; i++) {
		const struct boot_entry *entry = &boot->entry[i];
		if (entry->bootable && entry->platform == BOOT_PLATFORM_UEFI)
			targets |= targets_of_fat(image, (uint64_t)entry->block * IMAGE_BLOCK);
		else if (entry->bootable)
			targets |= target_of(entry->platform);
	}
	return targets;
}

static unsigned targets_of_disk(struct image_bytes *image,
	const struct partition_details *partitions, const struct system_partitions *system)
{
	unsigned targets = partitions->isohybrid ? BOOTS_BIOS : 0;
	for (unsigned i = 0; i < system->count; i++)
		targets |= targets_of_fat(image, system->offset[i]);
	return targets;
}

/* "UEFI" says that the processor is not known: beside one that is, it says nothing. */
static unsigned settled(unsigned targets)
{
	unsigned known = BOOTS_UEFI_X64 | BOOTS_UEFI_IA32 | BOOTS_UEFI_ARM64 | BOOTS_UEFI_ARM |
			 BOOTS_UEFI_RISCV64 | BOOTS_UEFI_LOONGARCH64;
	return targets & known ? targets & ~(unsigned)BOOTS_UEFI : targets;
}

void boot_targets_find(struct volume *volume, const struct partition_details *partitions,
	const struct system_partitions *system, struct boot_details *boot)
{
	boot->targets = settled(targets_of_disc(volume->image, boot));
	boot->disk_targets = settled(targets_of_disk(volume->image, partitions, system));
	boot->file_targets = efi_programs_find(volume);
}
