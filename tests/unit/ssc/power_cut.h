/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power cuts: a cartridge lives through a random life, and at every fdatasync every file that a
 *disk could hold if the power failed now is opened and held against what was promised:
 *
 *	per epoch (between two fdatasyncs): every prefix of the writes, every write left out, every
 *	write torn, and random subsets; all writes together is what kill -9 leaves
 */
#pragma once

#include <stdint.h>

struct power_cut {
	uint64_t seed;
	unsigned operations;
	unsigned lying_syncs; /* every n-th fdatasync does nothing: the test of the test; 0: none */

	unsigned images, distinct, continued;
	unsigned violations; /* of the promise */
	char first[256];     /* the first one */
};

void power_cut_run(struct power_cut *run);
