/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much each family of discs holds, in blocks of 2048 bytes. CD: 90 minutes, the longest that
 * drives read. DVD and BD: the layers of a 120 mm disc together; BD-XL has three or four (100 and
 * 128 GB).
 */
#pragma once

#include "mmc/disc.h"

enum {
	CD_BLOCKS = 405000,
	DVD_LAYER_BLOCKS = 2295104,
	DVD_BLOCKS = 4173824,
	BD_LAYER_BLOCKS = 12219392,
	BD_2_BLOCKS = 24438784,
	BD_3_BLOCKS = 48878592,
	BD_BLOCKS = 62500864,
};

/* The smallest family that holds so many blocks; PROFILE_NONE when none does. */
enum mmc_profile mmc_profile_for(uint64_t blocks);
/* The most that fits; 0 for PROFILE_NONE. */
uint32_t mmc_profile_blocks(enum mmc_profile profile);
uint8_t mmc_profile_layers(enum mmc_profile profile, uint32_t blocks);
