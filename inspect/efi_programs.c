/* SPDX-License-Identifier: Apache-2.0 */
/* Programs under the removable-media paths of UEFI (UEFI 2.10 3.5.1.1), by processor. */
#include <string.h>

#include "boot.h"

enum {
	DOS_HEADER = 64,
	MACHINE_I386 = 0x014c,
	MACHINE_ARM = 0x01c0,
	MACHINE_THUMB = 0x01c2,
	MACHINE_ARM_NT = 0x01c4,
	MACHINE_RISCV64 = 0x5064,
	MACHINE_LOONGARCH64 = 0x6264,
	MACHINE_X64 = 0x8664,
	MACHINE_ARM64 = 0xaa64,
};

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

static unsigned target_of(uint16_t machine)
{
	switch (machine) {
	case MACHINE_X64:
		return BOOTS_UEFI_X64;
	case MACHINE_I386:
		return BOOTS_UEFI_IA32;
	case MACHINE_ARM64:
		return BOOTS_UEFI_ARM64;
	case MACHINE_ARM:
	case MACHINE_THUMB:
	case MACHINE_ARM_NT:
		return BOOTS_UEFI_ARM;
	case MACHINE_RISCV64:
		return BOOTS_UEFI_RISCV64;
	case MACHINE_LOONGARCH64:
		return BOOTS_UEFI_LOONGARCH64;
	default:
		return 0;
	}
}

/* What the header says (PE/COFF 3.3); 0: it is no program. */
static unsigned target_of_program(struct image_bytes *image, const struct extents *file)
{
	uint8_t dos[DOS_HEADER], header[6];
	if (extents_read(image, file, 0, dos, sizeof dos) < sizeof dos || memcmp(dos, "MZ", 2) != 0)
		return 0;
	if (extents_read(image, file, get_le32(dos + 60), header, sizeof header) < sizeof header ||
		memcmp(header, "PE\0\0", 4) != 0)
		return 0;
	return target_of(get_le16(header + 4));
}

/* Firmware looks for the name, and starts nothing that is for another processor. */
unsigned efi_programs_find(struct volume *volume)
{
	unsigned targets = 0;
	struct extents file;
	for (unsigned i = 0; i < sizeof removable / sizeof removable[0]; i++)
		if (volume_find(volume, removable[i].path, &file))
			targets |= removable[i].target & target_of_program(volume->image, &file);
	return targets;
}
