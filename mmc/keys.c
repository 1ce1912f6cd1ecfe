/* SPDX-License-Identifier: Apache-2.0 */
/*
 * REPORT KEY and SEND KEY (MMC-6 6.28, 6.36) of a drive that reads DVDs without copy protection:
 * the region (RPC-II: the host may set it five times), and that there is nothing to authenticate
 * for. Set regions last as long as the drive; no medium is refused for its region.
 */
#include "private.h"
#include "util/bytes.h"

enum {
	CLASS_CSS = 0, /* CSS, CPPM, CPRM */
	FORMAT_MASK = 0x3f,
	REPORT_AUTHENTICATION_FLAG = 0x05,
	REPORT_REGION = 0x08,
	INVALIDATE_AGID = 0x3f,
	SEND_REGION = 0x06,
	REGION_LIST = 8, /* bytes */
	VENDOR_RESETS = 4,
	RPC_PHASE_II = 1,
};

/* TYPE CODE of the region: none, set, may be set once more, never again. */
static unsigned region_type(const struct mmc_drive *drive)
{
	switch (MMC_REGION_CHANGES - drive->region_changes) {
	case 0:
		return 3;
	case 1:
		return 2;
	case MMC_REGION_CHANGES:
		return 0;
	default:
		return 1;
	}
}

static enum scsi_sense_code report_region(struct scsi_cmd *cmd)
{
	const struct mmc_drive *drive = mmc_drive_of(cmd);
	uint8_t buffer[8];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	size_t length = response_length_open(&r, 2);
	response_zero(&r, 2);
	response_u8(&r, region_type(drive) << 6 | VENDOR_RESETS << 3 |
				(MMC_REGION_CHANGES - drive->region_changes));
	response_u8(&r, (uint8_t)~drive->region); /* a bit that is 0: plays in that region */
	response_u8(&r, RPC_PHASE_II);
	response_u8(&r, 0);
	response_length_close(&r, length, 2, 0);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 8));
}

/* ASF 0: nobody has been authenticated. */
static enum scsi_sense_code report_authentication(struct scsi_cmd *cmd)
{
	uint8_t buffer[8];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	size_t length = response_length_open(&r, 2);
	response_zero(&r, 6);
	response_length_close(&r, length, 2, 0);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 8));
}

static bool reads_dvd(const struct scsi_cmd *cmd)
{
	return mmc_drive_fits(mmc_drive_of(cmd), PROFILE_DVD_ROM);
}

/* Formats that are about the medium; the region and an AGID are the drive's. */
static enum scsi_sense_code report_of_medium(struct scsi_cmd *cmd, unsigned format)
{
	const struct disc *disc = mmc_visible_disc(cmd->nexus);
	if (!disc)
		return mmc_ready(cmd);
	if (disc->profile != PROFILE_DVD_ROM)
		return SENSE_INCOMPATIBLE_FORMAT;
	if (format == REPORT_AUTHENTICATION_FLAG)
		return report_authentication(cmd);
	return SENSE_KEY_NOT_PRESENT;
}

enum scsi_sense_code mmc_report_key(struct scsi_cmd *cmd)
{
	unsigned format = cmd->cdb[10] & FORMAT_MASK;
	if (!reads_dvd(cmd))
		return SENSE_INVALID_OPCODE;
	if (cmd->cdb[7] != CLASS_CSS)
		return scsi_invalid_cdb(cmd, 7, 7);
	switch (format) {
	case REPORT_REGION:
		return report_region(cmd);
	case INVALIDATE_AGID:
		return SENSE_NONE;
	case 0x00: /* AGID for CSS */
	case 0x01: /* challenge */
	case 0x02: /* key 1 */
	case 0x04: /* title key */
	case REPORT_AUTHENTICATION_FLAG:
		return report_of_medium(cmd, format);
	default:
		return scsi_invalid_cdb(cmd, 10, 5);
	}
}

/* Exactly one region, and not more often than a drive allows. */
static enum scsi_sense_code set_region(struct scsi_cmd *cmd, uint8_t preferred)
{
	struct mmc_drive *drive = mmc_drive_of(cmd);
	uint8_t region = (uint8_t)~preferred;
	if (__builtin_popcount(region) != 1)
		return scsi_invalid_parameter(cmd, 4, 7);
	if (drive->region_changes == MMC_REGION_CHANGES)
		return SENSE_REGION_IS_PERMANENT;
	if (region != drive->region)
		drive->region_changes++;
	drive->region = region;
	return SENSE_NONE;
}

enum scsi_sense_code mmc_send_key(struct scsi_cmd *cmd)
{
	uint8_t list[REGION_LIST];
	if (!reads_dvd(cmd))
		return SENSE_INVALID_OPCODE;
	if (cmd->cdb[7] != CLASS_CSS)
		return scsi_invalid_cdb(cmd, 7, 7);
	if ((cmd->cdb[10] & FORMAT_MASK) != SEND_REGION)
		return scsi_invalid_cdb(cmd, 10, 5);
	if (get_be16(cmd->cdb + 8) != REGION_LIST ||
		scsi_data_out(cmd, list, REGION_LIST) < REGION_LIST)
		return SENSE_PARAMETER_LIST_LENGTH;
	if (get_be16(list) != REGION_LIST - 2)
		return scsi_invalid_parameter(cmd, 0, 7);
	return set_region(cmd, list[4]);
}
