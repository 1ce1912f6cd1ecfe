/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts the power in every epoch of a recorded life, in every way that is listed below, and holds
 *what is left against what was promised.
 *
 *	prefix   the first n writes of the epoch are on the disk
 *	dropped  all but one
 *	torn     all but one, and of that the beginning, or the end in whole sectors
 *	subset   any, at random
 */
#pragma once

#include "image_set.h"
#include "recording.h"

struct power_cut {
	unsigned subsets;        /* of each epoch */
	unsigned violations_max; /* then it stops */

	/* Results. */
	struct image_set images;
	unsigned long checked, violations, second_lives;
	char first_violation[2 * MODEL_REASON_MAX];
};

void power_cut_everywhere(struct power_cut *cut, struct recording *recording);
void power_cut_finish(struct power_cut *cut);
