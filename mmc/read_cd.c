/* SPDX-License-Identifier: Apache-2.0 */
/*
 * READ CD and READ CD MSF (MMC-6 6.20, 6.21), as far as a disc of mode 1 tracks without raw data
 * has an answer: user data. Headers, sync, EDC and sub-channels are refused, not made up.
 */
#include "msf.h"
#include "private.h"
#include "util/bytes.h"

enum { USER_DATA = 0x10 };

/* EXPECTED SECTOR TYPE: any, CD-DA, mode 1, mode 2, mode 2 form 1, mode 2 form 2. */
static enum scsi_sense_code check_sector_type(struct scsi_cmd *cmd, uint32_t lba)
{
	switch (cmd->cdb[1] >> 2 & 7) {
	case 0:
	case 2:
		return SENSE_NONE;
	case 1:
	case 3:
	case 4:
	case 5:
		return scsi_sense_at(cmd, SENSE_INVALID_TRACK_MODE, lba);
	default:
		return scsi_invalid_cdb(cmd, 1, 4);
	}
}

static enum scsi_sense_code read_range(struct scsi_cmd *cmd, uint32_t lba, uint32_t count)
{
	if (mmc_visible_disc(cmd->nexus)->profile != PROFILE_CD_ROM)
		return SENSE_INCOMPATIBLE_FORMAT;
	if (cmd->cdb[9] != USER_DATA && cmd->cdb[9] != 0)
		return scsi_invalid_cdb(cmd, 9, 7);
	if (cmd->cdb[10])
		return scsi_invalid_cdb(cmd, 10, 2);
	enum scsi_sense_code code = check_sector_type(cmd, lba);
	if (code != SENSE_NONE || cmd->cdb[9] == 0)
		return code;
	return mmc_read_blocks(cmd, lba, count);
}

enum scsi_sense_code mmc_read_cd(struct scsi_cmd *cmd)
{
	return read_range(cmd, get_be32(cmd->cdb + 2), get_be24(cmd->cdb + 6));
}

enum scsi_sense_code mmc_read_cd_msf(struct scsi_cmd *cmd)
{
	uint32_t start, end;
	if (!msf_to_lba(cmd->cdb + 3, &start))
		return scsi_invalid_cdb(cmd, 3, 7);
	if (!msf_to_lba(cmd->cdb + 6, &end) || end < start)
		return scsi_invalid_cdb(cmd, 6, 7);
	return read_range(cmd, start, end - start);
}
