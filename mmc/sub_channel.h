/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sub-channels of a disc whose image has none: what a pressed disc of its tracks has there.
 * Q is mode 1, the position (ECMA-130 22.3.3); there is no catalogue number (MCN), no ISRC, no
 * graphics (R to W).
 */
#pragma once

#include <stdint.h>

#include "mmc/disc.h"

enum { SUB_CHANNEL_Q = 12, SUB_CHANNEL_FORMATTED_Q = 16, SUB_CHANNEL_RAW = 96 };

/* Where a block lies. In the gap before a track (index 0) the relative address counts down. */
struct disc_position {
	const struct disc_track *track;
	uint8_t index;
	uint32_t relative; /* blocks from the start of the track, or to it */
};
struct disc_position disc_position_of(const struct disc *disc, uint32_t lba);

/* CONTROL, ADR, track, index, relative and absolute MSF, CRC. */
void sub_channel_q(uint8_t ret[SUB_CHANNEL_Q], const struct disc *disc, uint32_t lba);
/* Q behind which the pad is zero, and P in the last byte (MMC-6 6.20, sub-channel 010b). */
void sub_channel_formatted_q(
	uint8_t ret[SUB_CHANNEL_FORMATTED_Q], const struct disc *disc, uint32_t lba);
/* P to W interleaved: a bit of each in a byte, P the highest (001b). */
void sub_channel_raw(uint8_t ret[SUB_CHANNEL_RAW], const struct disc *disc, uint32_t lba);
