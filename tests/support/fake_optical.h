/* SPDX-License-Identifier: Apache-2.0 */
/* An optical drive in faked surroundings, and discs for it. */
#pragma once

#include "fake_transport.h"
#include "mmc/drive.h"

struct fake_optical_setup {
	const char *personality; /* NULL: "dvd-rom" */
	uint32_t dwell_ms;       /* 0: the default */
};

struct fake_drive *fake_optical_create(const struct fake_optical_setup *setup); /* NULL: defaults */

/* A disc whose every block begins with its address (big-endian), put in and the tray closed. */
struct disc *fake_disc(uint32_t blocks, enum mmc_profile profile);
void fake_load(struct fake_drive *fake, uint32_t blocks, enum mmc_profile profile);
/* Without telling anybody, as at start. */
void fake_insert_silently(struct fake_drive *fake, uint32_t blocks, enum mmc_profile profile);
