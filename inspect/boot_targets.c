/* SPDX-License-Identifier: Apache-2.0 */
#include "boot.h"

/* Removable-media paths by processor (UEFI 2.10 3.5.1.1). */
static const struct {
	enum boot_target target;
	const char *path;
} removable[] = {
	{BOOTS_UEFI_X64, "EFI/BOOT/BOOTX64.EFI"},
	{BOOTS_UEFI_IA32, "EFI/BOOT/BOOTIA32.EFI"},
	{BOOTS_UEFI_ARM64, "EFI/BOOT/BOOTAA64.EFI"},
	{BOOTS_UEFI_ARM, "EFI/BOOT/BOOTARM.EFI"},
	{BOOTS_UEFI_RISCV64, "EFI/BOOT/BOOTRISCV64.EFI"},
	{BOOTS_UEFI_LOONGARCH64, "EFI/BOOT/BOOTLOONGARCH64.EFI"},
};

static unsigned target_of(uint8_t platform)
{
	switch (platform) {
	case BOOT_PLATFORM_BIOS:
		return BOOTS_BIOS;
	case BOOT_PLATFORM_UEFI:
		return BOOTS_UEFI;
	case BOOT_PLATFORM_POWERPC:
		return BOOTS_POWERPC;
	case BOOT_PLATFORM_MAC:
		return BOOTS_MAC;
	default:
		return 0;
	}
}

static unsigned files_of(struct volume *volume)
{
	unsigned targets = 0;
	struct extents file;
	for (unsigned i = 0; i < sizeof removable / sizeof removable[0]; i++)
		if (volume_find(volume, removable[i].path, &file))
			targets |= removable[i].target;
	return targets;
}

/*
 * The files tell the processors that a boot image for UEFI is for. They count without such an image
 * too: firmware that knows the file system starts them, and so does a disk made of the image.
 */
void boot_targets_find(struct volume *volume, struct boot_details *boot)
{
	unsigned targets = 0, files = files_of(volume);
	for (unsigned i = 0; i < boot->kept; i++)
		if (boot->entry[i].bootable)
			targets |= target_of(boot->entry[i].platform);
	if (files)
		targets &= ~(unsigned)BOOTS_UEFI;
	boot->targets = targets | files;
}
