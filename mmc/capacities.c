/* SPDX-License-Identifier: Apache-2.0 */
/*
 * READ FORMAT CAPACITIES (MMC-6 6.23), READ BUFFER CAPACITY (6.19) and READ MEDIA SERIAL NUMBER
 * (6.27) of a drive that neither formats nor writes, and of discs that have no serial number.
 */
#include "private.h"
#include "profile.h"
#include "util/bytes.h"

enum { FORMATTED = 2, NO_MEDIA = 3, BUFFER_BLOCKS = 1024 /* of DISC_BLOCK bytes */ };

/* One descriptor: what is there, or the most that could be. */
enum scsi_sense_code mmc_read_format_capacities(struct scsi_cmd *cmd)
{
	const struct mmc_drive *drive = mmc_drive_of(cmd);
	const struct disc *disc = mmc_visible_disc(cmd->nexus);
	uint8_t buffer[12];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	response_zero(&r, 3);
	size_t length = response_length_open(&r, 1);
	response_be32(
		&r, disc ? disc->lead_out : mmc_profile_blocks(drive->personality->profiles[0]));
	response_u8(&r, disc ? FORMATTED : NO_MEDIA);
	response_be24(&r, DISC_BLOCK);
	response_length_close(&r, length, 1, 0);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 7));
}

/* All of the buffer is free: in bytes, or in blocks and then without its length. */
enum scsi_sense_code mmc_read_buffer_capacity(struct scsi_cmd *cmd)
{
	bool blocks = cmd->cdb[1] & 0x01;
	uint8_t buffer[12];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	size_t length = response_length_open(&r, 2);
	response_u8(&r, 0);
	response_u8(&r, blocks);
	response_be32(&r, blocks ? 0 : BUFFER_BLOCKS * DISC_BLOCK);
	response_be32(&r, blocks ? BUFFER_BLOCKS : BUFFER_BLOCKS * DISC_BLOCK);
	response_length_close(&r, length, 2, 0);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 7));
}

enum scsi_sense_code mmc_read_media_serial_number(struct scsi_cmd *cmd)
{
	uint8_t buffer[4];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	response_be32(&r, 0); /* its length */
	return mmc_reply(cmd, &r, get_be32(cmd->cdb + 6));
}
