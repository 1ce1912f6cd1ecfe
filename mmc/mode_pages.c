/* SPDX-License-Identifier: Apache-2.0 */
/* The mode pages of a drive that reads (MMC-6 7.3, SPC-4 7.5). */
#include "private.h"
#include "util/bytes.h"

/* 01h Read/Write Error Recovery (MMC-6 7.3.2): AWRE … DCR, READ RETRY COUNT. */
static const uint8_t recovery[12] = {0x01, 0x0a, 0x00, 0x10};
static const uint8_t recovery_mask[12] = {[2] = 0x3f, [3] = 0xff};

/* 08h Caching (SBC-3 6.4.5, as MMC-6 7.3.4): nothing to say, for hosts that ask. */
static const uint8_t caching[12] = {0x08, 0x0a};
static const uint8_t caching_mask[12] = {0};

/*
 * 0Ah Control (SPC-4 7.5.8; not MMC, but what initiators ask to learn how commands are treated): a
 * task set per nexus (TST 001b), SIMPLE commands in any order (QUEUE ALGORITHM MODIFIER 1), a
 * command that another nexus' reset ended is told so (TAS). Write protection is not for hosts to
 * set: SWP stays 0. The descriptor format of sense data may be asked for (D_SENSE).
 */
static const uint8_t control[12] = {0x0a, 0x0a, 0x20, 0x10, 0x00, 0x40};
static const uint8_t control_mask[12] = {[2] = 0x04};

/* 0Eh CD Audio Control (MMC-6 7.3.5): IMMED, ports 0 and 1 at full volume. */
static const uint8_t audio[16] = {0x0e, 0x0e, 0x04, [8] = 0x01, 0xff, 0x02, 0xff};
static const uint8_t audio_mask[16] = {[9] = 0xff, [11] = 0xff};

/* 1Ah Power Condition (MMC-6 7.3.6): IDLE, STANDBY and their timers in 100 ms. */
static const uint8_t power[12] = {0x1a, 0x0a};
static const uint8_t power_mask[12] = {[3] = 0x03, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* 1Dh Timeout & Protect (MMC-6 7.3.7): group 1 and 2 minimum time-outs in seconds. */
static const uint8_t timeouts[10] = {0x1d, 0x08, [7] = 0x06, [9] = 0x3c};
static const uint8_t timeouts_mask[10] = {[6] = 0xff, 0xff, 0xff, 0xff};

/* 2Ah MM Capabilities and Mechanical Status (MMC-3 5.5.10; legacy, but what Linux goes by). */
static const uint8_t capabilities[32] = {
	[0] = 0x2a,
	[1] = 0x1e,
	[4] = 0x40, /* multi-session */
	[5] = 0x10, /* C2 error pointers */
	[6] = 0x29, /* tray, ejects, locks */
	[12] = 0x08,
	0x00,        /* buffer in KiB */
	[23] = 0x01, /* copy management revision */
};
static const uint8_t capabilities_mask[32] = {0};

static void refresh_capabilities(struct scsi_lu *lu, uint8_t *page)
{
	struct mmc_drive *drive = mmc_drive_of_lu(lu);
	page[2] = mmc_drive_fits(drive, PROFILE_DVD_ROM) ? 0x08 : 0x00; /* reads DVD-ROM */
	page[6] = (uint8_t)(capabilities[6] | (scsi_removal_prevented(lu, true) ? 0x02 : 0));
	put_be16(page + 8, (uint16_t)mmc_speed_max(drive));
	put_be16(page + 14, (uint16_t)mmc_speed(drive));
}

#define PAGE(number, values)                                                                       \
	.page = (number), .length = sizeof(values), .defaults = (values),                          \
	.changeable = values##_mask

const struct scsi_mode_page mmc_mode_pages[] = {
	{PAGE(0x01, recovery), .savable = true},
	{PAGE(0x08, caching)},
	{PAGE(0x0a, control)},
	{PAGE(0x0e, audio)},
	{PAGE(0x1a, power), .savable = true},
	{PAGE(0x1d, timeouts)},
	{PAGE(0x2a, capabilities), .current = refresh_capabilities},
	{.length = 0},
};
