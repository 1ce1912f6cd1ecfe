/* SPDX-License-Identifier: Apache-2.0 */
/* A disc of one session with one data track over one source: what a plain image is pressed to. */
#pragma once

#include "mmc/disc.h"

/*
 * Takes over the reference to `source`, also on failure. The track begins at LBA 0 and at byte 0.
 * NULL: out of memory.
 */
struct disc *disc_simple_create(
	struct scsi_source *source, uint32_t blocks, enum mmc_profile profile);
