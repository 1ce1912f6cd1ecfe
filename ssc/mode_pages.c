/* SPDX-License-Identifier: Apache-2.0 */
/* Mode pages of the tape drive (SSC-4 8.3), and its header and block descriptor. */
#include "drive_private.h"
#include "util/bytes.h"

/* clang-format off */
static const uint8_t error_recovery[12] = {0x01, 0x0a, 0x00, 0x08, [8] = 0x08};
static const uint8_t error_recovery_mask[12];
static const uint8_t disconnect[16] = {0x02, 0x0e};
static const uint8_t disconnect_mask[16];
static const uint8_t control[12] = {0x0a, 0x0a, 0x00, 0x10};
static const uint8_t control_mask[12] = {0, 0, 0x04};
/* DCE and DCC, DDE; the algorithm as LTO drives say it. */
static const uint8_t compression[16] = {0x0f, 0x0e, 0xc0, 0x80, 0, 0, 0, 0x01, 0, 0, 0, 0x01};
static const uint8_t compression_mask[16] = {0, 0, 0x80};
static const uint8_t configuration[16] = {0x10, 0x0e, [7] = 0x64, [8] = 0x40, [10] = 0x18, [14] = 0x01};
static const uint8_t configuration_mask[16];
static const uint8_t extension[32] = {0x50, 0x01, 0x00, 0x1c};
static const uint8_t extension_mask[32] = {[6] = 0xff, [7] = 0xff}; /* PEWS, in MB */
static const uint8_t power[12] = {0x1a, 0x0a};
static const uint8_t power_mask[12];
static const uint8_t exceptions[12] = {0x1c, 0x0a, 0x08, 0x03};
static const uint8_t exceptions_mask[12];
static const uint8_t medium_configuration[32] = {0x1d, 0x1e};
static const uint8_t medium_configuration_mask[32];
/* clang-format on */

const struct scsi_mode_page ssc_mode_pages[] = {
	{0x01, 0x00, 12, true, error_recovery, error_recovery_mask, NULL, NULL},
	{0x02, 0x00, 16, true, disconnect, disconnect_mask, NULL, NULL},
	{0x0a, 0x00, 12, true, control, control_mask, NULL, NULL},
	{0x0f, 0x00, 16, true, compression, compression_mask, NULL, NULL},
	{0x10, 0x00, 16, true, configuration, configuration_mask, NULL, NULL},
	{0x10, 0x01, 32, true, extension, extension_mask, NULL, NULL},
	{0x1a, 0x00, 12, true, power, power_mask, NULL, NULL},
	{0x1c, 0x00, 12, true, exceptions, exceptions_mask, NULL, NULL},
	{0x1d, 0x00, 32, false, medium_configuration, medium_configuration_mask, NULL, NULL},
	{0},
};

/* ---- header (SSC-4 8.3.2) -----------------------------------------------------------------------
 */

enum { WRITE_PROTECT = 0x80, BUFFERED = 0x10, BUFFERED_MODE = 0x70, SPEED = 0x0f };

static void get_header(struct scsi_lu *lu, struct scsi_mode_header *ret)
{
	const struct ssc_drive *drive = ssc_drive_of_lu(lu);
	bool present = drive->presence == SSC_READY;
	bool protected = present && ssc_is_protected(drive);
	*ret = (struct scsi_mode_header){
		.medium_type = present ? drive->snapshot.cartridge.medium_type : 0,
		.device_specific =
			(protected ? WRITE_PROTECT : 0) | (drive->mode.buffered ? BUFFERED : 0),
		.has_descriptor = true,
	};
	ret->descriptor[0] =
		present ? drive->snapshot.cartridge.density : drive->personality->density_code;
	put_be24(ret->descriptor + 5, drive->mode.block_length);
}

/* 0: the default. 7Fh: no change. */
static bool is_density(const struct ssc_drive *drive, uint8_t code)
{
	return code == 0 || code == 0x7f || code == drive->personality->density_code;
}

static int refuses_header(struct scsi_lu *lu, const struct scsi_mode_header *wanted)
{
	const struct ssc_drive *drive = ssc_drive_of_lu(lu);
	if (wanted->device_specific & SPEED || (wanted->device_specific & BUFFERED_MODE) > BUFFERED)
		return 1;
	if (!is_density(drive, wanted->descriptor[0]))
		return 2;
	return get_be24(wanted->descriptor + 5) > drive->personality->block_max ? 2 + 5 : -1;
}

static bool set_header(struct scsi_lu *lu, const struct scsi_mode_header *wanted)
{
	struct ssc_drive *drive = ssc_drive_of_lu(lu);
	struct ssc_mode before = drive->mode;
	drive->mode.buffered = wanted->device_specific & BUFFERED_MODE;
	drive->mode.block_length = get_be24(wanted->descriptor + 5);
	return before.buffered != drive->mode.buffered ||
	       before.block_length != drive->mode.block_length;
}

const struct scsi_mode_header_ops ssc_mode_header = {
	.get = get_header, .refuses = refuses_header, .set = set_header};
