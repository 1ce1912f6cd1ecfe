/* SPDX-License-Identifier: Apache-2.0 */
/* The drives one can have: data only. */
#include <string.h>

#include "private.h"

#define VENDOR   "CAROUSEL"
#define REVISION "0.1"

/* SAM-5, SPC-4, MMC-6 (SPC-4 table of version descriptors, "no version claimed"). */
#define DESCRIPTORS                                                                                \
	{                                                                                          \
		0x00a0, 0x0460, 0x04e0                                                             \
	}

static const enum mmc_profile cd_profiles[] = {PROFILE_CD_ROM, PROFILE_NONE};
static const enum mmc_profile dvd_profiles[] = {PROFILE_DVD_ROM, PROFILE_CD_ROM, PROFILE_NONE};
static const enum mmc_profile bd_profiles[] = {
	PROFILE_BD_ROM, PROFILE_DVD_ROM, PROFILE_CD_ROM, PROFILE_NONE};

static const struct mmc_personality dvd_rom = {
	.scsi = {.name = "dvd-rom",
		.vendor = VENDOR,
		.product = "DVD-ROM DRIVE",
		.revision = REVISION,
		.version = 0x06,
		.descriptors = DESCRIPTORS},
	.profiles = dvd_profiles,
};

static const struct mmc_personality cd_rom = {
	.scsi = {.name = "cd-rom",
		.vendor = VENDOR,
		.product = "CD-ROM DRIVE",
		.revision = REVISION,
		.version = 0x06,
		.descriptors = DESCRIPTORS},
	.profiles = cd_profiles,
};

static const struct mmc_personality bd_rom = {
	.scsi = {.name = "bd-rom",
		.vendor = VENDOR,
		.product = "BD-ROM DRIVE",
		.revision = REVISION,
		.version = 0x06,
		.descriptors = DESCRIPTORS},
	.profiles = bd_profiles,
};

const struct mmc_personality *const mmc_personalities[] = {&dvd_rom, &cd_rom, &bd_rom, NULL};

const struct mmc_personality *mmc_personality_find(const char *name)
{
	for (const struct mmc_personality *const *p = mmc_personalities; *p; p++)
		if (strcmp((*p)->scsi.name, name) == 0)
			return *p;
	return NULL;
}
