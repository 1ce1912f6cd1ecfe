/* SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include <stddef.h>

static const struct family {
	enum mmc_profile profile;
	const char *name;
	uint32_t layer_blocks, blocks;
} families[] = {
	{PROFILE_CD_ROM, "CD-ROM", CD_BLOCKS, CD_BLOCKS},
	{PROFILE_DVD_ROM, "DVD-ROM", DVD_LAYER_BLOCKS, DVD_BLOCKS},
	{PROFILE_BD_ROM, "BD-ROM", BD_LAYER_BLOCKS, BD_BLOCKS},
};

enum { FAMILIES = sizeof families / sizeof families[0] };

static const struct family *find(enum mmc_profile profile)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (families[i].profile == profile)
			return &families[i];
	return NULL;
}

enum mmc_profile mmc_profile_for(uint64_t blocks)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (blocks <= families[i].blocks)
			return families[i].profile;
	return PROFILE_NONE;
}

uint32_t mmc_profile_blocks(enum mmc_profile profile)
{
	const struct family *family = find(profile);
	return family ? family->blocks : 0;
}

uint8_t mmc_profile_layers(enum mmc_profile profile, uint32_t blocks)
{
	const struct family *family = find(profile);
	return family && blocks > family->layer_blocks ? 2 : 1;
}

const char *mmc_profile_name(enum mmc_profile profile)
{
	const struct family *family = find(profile);
	return family ? family->name : "none";
}
