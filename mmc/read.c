/* SPDX-License-Identifier: Apache-2.0 */
/* READ(10), READ(12), VERIFY(10), READ CAPACITY (MMC-6), SEEK(10) (MMC-5 6.37). */
#include "private.h"
#include "util/bytes.h"

enum scsi_sense_code mmc_check_bounds(struct scsi_cmd *cmd, uint32_t lba, uint32_t count)
{
	const struct disc *disc = mmc_visible_disc(cmd->nexus);
	if (lba > disc->lead_out)
		return scsi_sense_at(cmd, SENSE_LBA_OUT_OF_RANGE, lba);
	uint32_t recorded = disc_recorded(disc, lba, count);
	if (recorded < count)
		return scsi_sense_at(cmd, SENSE_LBA_OUT_OF_RANGE, lba + recorded);
	return SENSE_NONE;
}

void mmc_reads(struct scsi_cmd *cmd, uint32_t lba, uint32_t count)
{
	struct mmc_drive *drive = mmc_drive_of(cmd);
	mmc_power_set(drive, POWER_ACTIVE);
	if (count > 0)
		drive->last_lba = lba + count - 1;
}

void mmc_data_in_extents(
	struct scsi_cmd *cmd, const struct disc *disc, uint32_t lba, uint32_t count)
{
	while (count > 0) {
		const struct disc_extent *extent = disc_extent_at(disc, lba);
		uint32_t skip = lba - extent->first_lba;
		uint32_t part = extent->blocks - skip;
		if (part > count)
			part = count;
		scsi_data_in_range(cmd, extent->source,
			extent->offset + (uint64_t)skip * DISC_BLOCK, (uint64_t)part * DISC_BLOCK);
		lba += part;
		count -= part;
	}
}

enum scsi_sense_code mmc_read_blocks(struct scsi_cmd *cmd, uint32_t lba, uint32_t count)
{
	enum scsi_sense_code code = mmc_check_bounds(cmd, lba, count);
	if (code != SENSE_NONE)
		return code;
	mmc_reads(cmd, lba, count);
	scsi_data_in_blocks(cmd, lba, DISC_BLOCK);
	mmc_data_in_extents(cmd, mmc_visible_disc(cmd->nexus), lba, count);
	return SENSE_NONE;
}

enum scsi_sense_code mmc_read_10(struct scsi_cmd *cmd)
{
	return mmc_read_blocks(cmd, get_be32(cmd->cdb + 2), get_be16(cmd->cdb + 7));
}

enum scsi_sense_code mmc_read_12(struct scsi_cmd *cmd)
{
	return mmc_read_blocks(cmd, get_be32(cmd->cdb + 2), get_be32(cmd->cdb + 6));
}

/* With BYTCHK the medium is compared with what the host sends, and all of that must be there. */
enum scsi_sense_code mmc_verify_10(struct scsi_cmd *cmd)
{
	uint32_t lba = get_be32(cmd->cdb + 2), count = get_be16(cmd->cdb + 7);
	bool compare = cmd->cdb[1] & 0x02;
	enum scsi_sense_code code = mmc_check_bounds(cmd, lba, count);
	if (code != SENSE_NONE)
		return code;
	if (compare && cmd->transfer_length < (uint64_t)count * DISC_BLOCK)
		return scsi_invalid_cdb(cmd, 7, 7);
	mmc_reads(cmd, lba, count);
	scsi_verify(cmd, compare);
	scsi_data_in_blocks(cmd, lba, DISC_BLOCK);
	mmc_data_in_extents(cmd, mmc_visible_disc(cmd->nexus), lba, count);
	return SENSE_NONE;
}

enum scsi_sense_code mmc_seek(struct scsi_cmd *cmd)
{
	uint32_t lba = get_be32(cmd->cdb + 2);
	enum scsi_sense_code code = mmc_check_bounds(cmd, lba, 1);
	if (code == SENSE_NONE)
		mmc_reads(cmd, lba, 1);
	return code;
}

enum scsi_sense_code mmc_read_capacity(struct scsi_cmd *cmd)
{
	uint8_t buffer[8];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	response_be32(&r, mmc_visible_disc(cmd->nexus)->lead_out - 1);
	response_be32(&r, DISC_BLOCK);
	return mmc_reply(cmd, &r, sizeof buffer);
}

/* No protection information, one logical block per physical block, not thin: all zero. */
enum scsi_sense_code mmc_read_capacity_16(struct scsi_cmd *cmd)
{
	uint8_t buffer[32];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	response_be64(&r, mmc_visible_disc(cmd->nexus)->lead_out - 1);
	response_be32(&r, DISC_BLOCK);
	response_zero(&r, sizeof buffer - r.length);
	return mmc_reply(cmd, &r, get_be32(cmd->cdb + 10));
}
