/* SPDX-License-Identifier: Apache-2.0 */
/* Small FAT volumes with programs for UEFI in EFI/BOOT. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	FAT_IMAGE = 4 << 20, /* bytes that a volume takes at most */
	FAT_CLUSTER = 512,
	PROGRAM_BYTES = 256,
};

enum { MACHINE_X64 = 0x8664, MACHINE_IA32 = 0x14c, MACHINE_ARM64 = 0xaa64 };

struct fat_program {
	const char *name; /* "BOOTX64.EFI"; more than 8 characters in front: with a long name */
	uint16_t machine;
};

/* The head of a program for such a processor. */
void program_make(uint16_t machine, uint8_t ret[PROGRAM_BYTES]);
/*
 * FAT12, FAT16 or FAT32 (`bits`) with these programs; `ret` is zeros, FAT_IMAGE bytes. In front of
 * them are forty other files, so that EFI/BOOT is a chain of clusters that do not lie together.
 * Returns the bytes it takes.
 */
size_t fat_make(unsigned bits, const struct fat_program *programs, size_t count, uint8_t *ret);
