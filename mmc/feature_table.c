/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Only what the commands in device_type.c keep. Versions and lengths agree with sg_get_config,
 * which decodes them, and with what CDEmu and QEMU send.
 */
#include "feature_table.h"

#include <string.h>

unsigned mmc_family(enum mmc_profile profile)
{
	switch (profile) {
	case PROFILE_CD_ROM:
		return FAMILY_CD;
	case PROFILE_DVD_ROM:
		return FAMILY_DVD;
	case PROFILE_BD_ROM:
		return FAMILY_BD;
	default:
		return 0;
	}
}

/* 5.3.1 Profile List: the drive's profiles, descending. */
static void profile_list(
	const struct mmc_drive *drive, enum mmc_profile current, struct response *r)
{
	for (const enum mmc_profile *p = drive->personality->profiles; *p != PROFILE_NONE; p++) {
		response_be16(r, *p);
		response_u8(r, *p == current);
		response_u8(r, 0);
	}
}

/* 5.3.10 Random Readable: block size, blocks per error correction block, page 01h present. */
static void random_readable(
	const struct mmc_drive *drive, enum mmc_profile current, struct response *r)
{
	unsigned family = mmc_family(current);
	response_be32(r, DISC_BLOCK);
	response_be16(r, family == FAMILY_BD ? 32 : family == FAMILY_DVD ? 16 : 1);
	response_u8(r, 1);
	response_u8(r, 0);
}

/* 5.3.54 Drive Serial Number: padded to a multiple of four. */
static void serial_number(
	const struct mmc_drive *drive, enum mmc_profile current, struct response *r)
{
	response_ascii(r, drive->lu.serial, (strlen(drive->lu.serial) + 3) / 4 * 4);
}

static const uint8_t core[] = {0, 0, 0, 1 /* SCSI family */, 0 /* no INQ2, no DBE */, 0, 0, 0};
static const uint8_t morphing[] = {0x02 /* OCEvent; no ASYNC */, 0, 0, 0};
static const uint8_t removable[] = {0x39 /* tray, loads, ejects, locks */, 0, 0, 0};
static const uint8_t cd_read[] = {0x82 /* DAP, C2 flags; no CD-Text */, 0, 0, 0};
static const uint8_t dvd_read[] = {0, 0, 0, 0};
static const uint8_t bd_read[28] = {[21] = 0x02 /* BD-ROM class 0, version 1 */};
static const uint8_t timeout[] = {0 /* no Group 3 */, 0, 0, 0};
static const uint8_t streaming[] = {0x18 /* SET CD SPEED, buffer in blocks */, 0, 0, 0};

#define DATA(bytes) .data = (bytes), .length = sizeof(bytes)

const struct mmc_feature mmc_features[] = {
	{0x0000, 0, true, FAMILY_ANY, .build = profile_list},
	{0x0001, 2, true, FAMILY_ANY, DATA(core)},
	{0x0002, 1, true, FAMILY_ANY, DATA(morphing)},
	{0x0003, 2, true, FAMILY_ANY, DATA(removable)},
	{0x0010, 0, false, FAMILY_ANY, .build = random_readable},
	{0x001d, 0, false, FAMILY_CD},
	{0x001e, 2, false, FAMILY_CD, DATA(cd_read)},
	{0x001f, 1, false, FAMILY_DVD, DATA(dvd_read)},
	{0x0040, 0, false, FAMILY_BD, DATA(bd_read)},
	{0x0100, 0, true, FAMILY_ANY},
	{0x0105, 1, true, FAMILY_ANY, DATA(timeout)},
	{0x0107, 4, true, FAMILY_ANY, DATA(streaming)},
	{0x0108, 0, true, FAMILY_ANY, .build = serial_number},
	{.version = FEATURE_END},
};
