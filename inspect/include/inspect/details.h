/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an image file is: its volumes, how it boots, and which operating system is on it. Everything
 * comes from the file and is somebody else's word; text is UTF-8 without control characters, cut
 * at a character to what the field holds, and "" where nothing was said.
 *
 * At most DETAILS_READ_MAX bytes of a file are read, whatever it claims, and none of it is kept.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inspect/os_database.h"
#include "util/error.h"
#include "util/file_io.h"

enum {
	DETAILS_TEXT = 257,         /* 128 characters of two bytes, and the final 0 */
	DETAILS_BOOT_ENTRIES = 16,  /* of an El Torito catalog that are kept */
	DETAILS_READ_MAX = 16 << 20 /* bytes; of the usual image 200 KB are */
};

/* A time that the image does not say, or that is none (31 February, hour 25). */
#define DETAILS_NO_TIME INT64_MIN

/* The primary volume of ISO 9660 (ECMA-119 8.4), and what is beside it. */
struct iso9660_details {
	bool found;
	bool rock_ridge; /* the root directory has its entries (SUSP, RRIP) */
	uint8_t joliet;  /* its level, 1 to 3; 0: there is none */
	uint64_t bytes;  /* what the volume says it occupies */
	/* Seconds since the epoch in UTC, the offset from GMT applied, or DETAILS_NO_TIME. */
	int64_t created, modified, expires, effective;
	char volume_id[DETAILS_TEXT];
	char joliet_volume_id[DETAILS_TEXT];
	char system_id[DETAILS_TEXT];
	char volume_set_id[DETAILS_TEXT];
	char publisher[DETAILS_TEXT];
	char preparer[DETAILS_TEXT];
	char application[DETAILS_TEXT];
};

struct udf_details {
	bool found;
	uint16_t revision; /* 0x0102, 0x0250 …; 0: the volume does not say */
	uint64_t bytes;    /* where its last partition ends; 0: none was found */
	char volume_id[DETAILS_TEXT];
};

/* What the file is besides, when it is written to a disk instead of a disc. */
struct partition_details {
	bool isohybrid;            /* a volume of ISO 9660, code in the MBR, and a partition */
	bool mbr_boot_code;        /* the master boot record has code in front of its signature */
	bool gpt;                  /* a GUID partition table */
	bool efi_system_partition; /* in either */
	bool apple_partition_map;
	bool hfs_plus; /* at the beginning, or in a partition of Apple's map */
};

/* Platform ids of El Torito, and UEFI's own (UEFI 2.10 13.3.2.1). */
enum boot_platform {
	BOOT_PLATFORM_BIOS = 0,
	BOOT_PLATFORM_POWERPC = 1,
	BOOT_PLATFORM_MAC = 2,
	BOOT_PLATFORM_UEFI = 0xef,
};

enum boot_emulation {
	BOOT_EMULATION_NONE = 0,
	BOOT_EMULATION_FLOPPY_1200 = 1, /* KiB */
	BOOT_EMULATION_FLOPPY_1440 = 2,
	BOOT_EMULATION_FLOPPY_2880 = 3,
	BOOT_EMULATION_HARD_DISK = 4,
};

struct boot_entry {
	uint8_t platform;  /* enum boot_platform, or a number that nobody has defined */
	uint8_t emulation; /* enum boot_emulation, likewise */
	bool bootable;
	uint16_t sectors; /* of 512 bytes, that are loaded */
	uint32_t block;   /* of 2048 bytes, where the boot image begins */
};

/* What an image boots on; bits. A processor of UEFI is one that there is a program for. */
#define BOOT_TARGETS(X)                                                                            \
	X(BOOTS_BIOS, "BIOS")                                                                      \
	X(BOOTS_UEFI_X64, "UEFI x64")                                                              \
	X(BOOTS_UEFI_IA32, "UEFI ia32")                                                            \
	X(BOOTS_UEFI_ARM64, "UEFI arm64")                                                          \
	X(BOOTS_UEFI_ARM, "UEFI arm")                                                              \
	X(BOOTS_UEFI_RISCV64, "UEFI riscv64")                                                      \
	X(BOOTS_UEFI_LOONGARCH64, "UEFI loongarch64")                                              \
	X(BOOTS_UEFI, "UEFI") /* a boot image for it, of no processor that is known */             \
	X(BOOTS_POWERPC, "PowerPC")                                                                \
	X(BOOTS_MAC, "Mac")

#define BOOT_TARGET_ENUM_(symbol, badge) symbol##_INDEX,
enum boot_target_index { BOOT_TARGETS(BOOT_TARGET_ENUM_) BOOT_TARGET_COUNT };
#undef BOOT_TARGET_ENUM_
#define BOOT_TARGET_ENUM_(symbol, badge) symbol = 1 << symbol##_INDEX,
enum boot_target { BOOT_TARGETS(BOOT_TARGET_ENUM_) };
#undef BOOT_TARGET_ENUM_

struct boot_details {
	/* Each enum boot_target; 0: boots nowhere. */
	unsigned targets;      /* as a disc, by El Torito: BIOS' entry, FAT images for UEFI */
	unsigned disk_targets; /* written to a disk or USB stick: boot code, system partitions */
	unsigned file_targets; /* its files copied to a stick with FAT: UEFI's programs in it */
	unsigned entries;      /* in the El Torito catalog, those that are not kept too */
	unsigned kept;
	struct boot_entry entry[DETAILS_BOOT_ENTRIES]; /* the default entry first */
};

enum os_confidence { OS_UNKNOWN, OS_GUESS, OS_LIKELY, OS_CERTAIN };

/* What said which operating system it is, the best first. */
enum os_evidence {
	OS_EVIDENCE_NONE,
	OS_EVIDENCE_DISK_INFO,     /* .disk/info */
	OS_EVIDENCE_TREE_INFO,     /* .treeinfo, .discinfo, media.repo */
	OS_EVIDENCE_WINDOWS_SETUP, /* sources/install.wim and its kin, sources/cversion.ini */
	OS_EVIDENCE_DATABASE,      /* osinfo-db */
	OS_EVIDENCE_LABEL,         /* identifiers of the volume, by rules of our own */
	OS_EVIDENCE_FILE_NAME,
};

struct os_details {
	enum os_confidence confidence; /* OS_UNKNOWN: nothing below is said */
	enum os_evidence evidence;
	bool installer, live;
	char id[64];             /* "debian12", "ubuntu24.04", "fedora40", "rhel9", "windows11" */
	char name[DETAILS_TEXT]; /* "Debian 12" */
	char version[32];        /* "12.8.0", as exact as it was said */
	char architecture[16];   /* those of Linux: "x86_64", "i386", "aarch64", "ppc64le" … */
	char variant[16];        /* "netinst", "server", "desktop", "live", "dvd", "minimal" */
};

struct image_details {
	uint64_t file_bytes;
	bool truncated;  /* a volume is longer than the file */
	bool incomplete; /* it was not looked at further, for it would have been too much to read */
	struct iso9660_details iso9660;
	struct udf_details udf;
	struct partition_details partitions;
	struct boot_details boot;
	struct os_details os;
};

/*
 * Looks into the file that `fd` is. `file_name` (NULL: none) is the last that is asked about the
 * operating system; `database` may be NULL. A file that is no image, or damaged, is no error: what
 * is not there is not found. False when it cannot be read (file_unreadable, image_changed), or for
 * want of memory. Waits for the file; any thread, no lock held.
 */
bool image_details_read(const struct file_io *io, int fd, const char *file_name,
	struct os_database *database, struct image_details *ret, struct error *error);

/* "UEFI x64"; NULL behind the last. */
const char *boot_target_badge(unsigned index);
/* Words for programs: "bios", "uefi", "powerpc", "mac"; NULL when there is none. */
const char *boot_platform_name(unsigned platform);
/* "none", "floppy-1200", "floppy-1440", "floppy-2880", "hard-disk"; NULL when there is none. */
const char *boot_emulation_name(unsigned emulation);
const char *os_confidence_name(enum os_confidence confidence); /* "unknown", "guess", … */
const char *os_evidence_name(enum os_evidence evidence);       /* "none", "disk-info", … */
