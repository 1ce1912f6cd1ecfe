/* SPDX-License-Identifier: Apache-2.0 */
/*
 * READ SUB-CHANNEL (MMC-6 6.24) and READ HEADER (MMC-3 6.14): where the drive last read, for hosts
 * that play or look at a CD block by block. Nothing is ever played here.
 */
#include "msf.h"
#include "private.h"
#include "sub_channel.h"
#include "util/bytes.h"

enum {
	NO_AUDIO_STATUS = 0x15,
	FORMAT_POSITION = 1,
	FORMAT_CATALOGUE_NUMBER = 2,
	FORMAT_ISRC = 3,
	ADR_POSITION = 1,
	CODE_LENGTH = 16, /* a "valid" bit, which is 0, and the code */
	MODE_1 = 1,
};

static void append_control(struct response *r, const struct disc_track *track)
{
	response_u8(r, ADR_POSITION << 4 | track->control);
	response_u8(r, track->number);
}

static void position(struct response *r, const struct disc *disc, uint32_t lba, bool msf)
{
	struct disc_position at = disc_position_of(disc, lba);
	response_u8(r, FORMAT_POSITION);
	append_control(r, at.track);
	response_u8(r, at.index);
	address_append(r, lba, msf);
	if (msf)
		msf_append_frames(r, at.relative);
	else
		response_be32(r, at.index ? at.relative : 0 - at.relative);
}

static void catalogue_number(struct response *r)
{
	response_u8(r, FORMAT_CATALOGUE_NUMBER);
	response_zero(r, 3 + CODE_LENGTH);
}

static const struct disc_track *track_of(const struct disc *disc, unsigned number)
{
	for (unsigned i = 0; i < disc->track_count; i++)
		if (disc->tracks[i].number == number)
			return &disc->tracks[i];
	return NULL;
}

static void isrc(struct response *r, const struct disc_track *track)
{
	response_u8(r, FORMAT_ISRC);
	append_control(r, track);
	response_u8(r, 0);
	response_zero(r, CODE_LENGTH);
}

/* Without SUBQ only the header comes, and the format says nothing. */
enum scsi_sense_code mmc_read_sub_channel(struct scsi_cmd *cmd)
{
	const struct disc *disc = mmc_visible_disc(cmd->nexus);
	const struct disc_track *track = track_of(disc, cmd->cdb[6]);
	bool subq = cmd->cdb[2] & 0x40;
	unsigned format = cmd->cdb[3];
	uint8_t buffer[32];
	struct response r;
	if (disc->profile != PROFILE_CD_ROM)
		return SENSE_INCOMPATIBLE_FORMAT;
	if (subq && (format < FORMAT_POSITION || format > FORMAT_ISRC))
		return scsi_invalid_cdb(cmd, 3, 7);
	if (subq && format == FORMAT_ISRC && !track)
		return scsi_invalid_cdb(cmd, 6, 7);
	response_init(&r, buffer, sizeof buffer);
	response_u8(&r, 0);
	response_u8(&r, NO_AUDIO_STATUS);
	size_t length = response_length_open(&r, 2);
	if (subq && format == FORMAT_POSITION)
		position(&r, disc, mmc_drive_of(cmd)->last_lba, cmd->cdb[1] & 0x02);
	else if (subq && format == FORMAT_CATALOGUE_NUMBER)
		catalogue_number(&r);
	else if (subq)
		isrc(&r, track);
	response_length_close(&r, length, 2, 0);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 7));
}

enum scsi_sense_code mmc_read_header(struct scsi_cmd *cmd)
{
	uint32_t lba = get_be32(cmd->cdb + 2);
	uint8_t buffer[8];
	struct response r;
	if (mmc_visible_disc(cmd->nexus)->profile != PROFILE_CD_ROM)
		return SENSE_INCOMPATIBLE_FORMAT;
	enum scsi_sense_code code = mmc_check_bounds(cmd, lba, 1);
	if (code != SENSE_NONE)
		return code;
	mmc_reads(cmd, lba, 1);
	response_init(&r, buffer, sizeof buffer);
	response_u8(&r, MODE_1);
	response_zero(&r, 3);
	address_append(&r, lba, cmd->cdb[1] & 0x02);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 7));
}
