/* SPDX-License-Identifier: Apache-2.0 */
/* MMC features as rows (MMC-6 5.3): what GET CONFIGURATION lists. */
#pragma once

#include "private.h"

/* Families of discs, as a set. */
enum { FAMILY_CD = 1, FAMILY_DVD = 2, FAMILY_BD = 4, FAMILY_ANY = 7 };

unsigned mmc_family(enum mmc_profile profile); /* 0 for PROFILE_NONE */

struct mmc_feature {
	uint16_t code;
	uint8_t version;
	bool persistent;   /* always current */
	unsigned families; /* of discs it is current for; listed by drives that read one of them */
	const uint8_t *data; /* what follows the four header bytes, `length` bytes … */
	uint8_t length;
	/* … or what appends it, where it is not the same for every drive. */
	void (*build)(const struct mmc_drive *drive, enum mmc_profile current, struct response *r);
};

extern const struct mmc_feature mmc_features[]; /* ascending; ends with version FEATURE_END */
enum { FEATURE_END = 0xff };
