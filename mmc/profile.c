/* SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include <stddef.h>
#include <strings.h>

enum { LAYERS_MAX = 4 };

/* `holds`: what a disc of 1, 2 … layers does; 0: there is none. */
static const struct family {
	enum mmc_profile profile;
	const char *name;
	uint32_t holds[LAYERS_MAX];
} families[] = {
	{PROFILE_CD_ROM, "CD-ROM", {CD_BLOCKS}},
	{PROFILE_DVD_ROM, "DVD-ROM", {DVD_LAYER_BLOCKS, DVD_BLOCKS}},
	{PROFILE_BD_ROM, "BD-ROM", {BD_LAYER_BLOCKS, BD_2_BLOCKS, BD_3_BLOCKS, BD_BLOCKS}},
};

enum { FAMILIES = sizeof families / sizeof families[0] };

static const struct family *find(enum mmc_profile profile)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (families[i].profile == profile)
			return &families[i];
	return NULL;
}

static uint32_t most(const struct family *family)
{
	uint32_t blocks = 0;
	for (unsigned i = 0; i < LAYERS_MAX && family->holds[i] > 0; i++)
		blocks = family->holds[i];
	return blocks;
}

enum mmc_profile mmc_profile_for(uint64_t blocks)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (blocks <= most(&families[i]))
			return families[i].profile;
	return PROFILE_NONE;
}

uint32_t mmc_profile_blocks(enum mmc_profile profile)
{
	const struct family *family = find(profile);
	return family ? most(family) : 0;
}

uint8_t mmc_profile_layers(enum mmc_profile profile, uint32_t blocks)
{
	const struct family *family = find(profile);
	uint8_t layers = 1;
	while (family && layers < LAYERS_MAX && family->holds[layers] > 0 &&
		blocks > family->holds[layers - 1])
		layers++;
	return layers;
}

const char *mmc_profile_name(enum mmc_profile profile)
{
	const struct family *family = find(profile);
	return family ? family->name : "";
}

enum mmc_profile mmc_profile_find(const char *name)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (strcasecmp(families[i].name, name) == 0)
			return families[i].profile;
	return PROFILE_NONE;
}
