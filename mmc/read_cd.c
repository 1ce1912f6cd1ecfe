/* SPDX-License-Identifier: Apache-2.0 */
/*
 * READ CD and READ CD MSF (MMC-6 6.20, 6.21) of mode 1 tracks. Images hold user data; when that is
 * all a host asks for it is read as READ does. All else of a sector, C2 error pointers (of a disc
 * without errors) and sub-channels, is made when the lock is released (scsi/render.c).
 */
#include <stdlib.h>
#include <string.h>

#include "cd_sector.h"
#include "msf.h"
#include "private.h"
#include "sub_channel.h"
#include "util/bytes.h"
#include "util/cleanup.h"

/* Byte 9: parts of the sector, in their order. */
enum {
	SYNC = 0x80,
	SUB_HEADER = 0x40,
	HEADER = 0x20,
	USER_DATA = 0x10,
	EDC_ECC = 0x08,
	MAIN_CHANNEL = 0xf8,
	C2_MASK = 0x06,
	C2_POINTERS = 0x02,          /* 294 bytes: one bit for each byte of the sector */
	C2_POINTERS_AND_BLOCK = 0x04 /* 296: a byte for the block and a pad before them */
};

/* Byte 10: the sub-channel. */
enum { SUB_NONE = 0, SUB_RAW = 1, SUB_Q = 2, SUB_R_TO_W = 4 };

enum { C2_LENGTH = 294, C2_AND_BLOCK_LENGTH = 296 };

/* A part of a mode 1 sector, which has no sub-header. */
static const struct sector_part {
	uint8_t field;
	uint16_t offset, length;
} parts[] = {
	{SYNC, CD_SYNC, CD_HEADER},
	{HEADER, CD_HEADER, CD_USER_DATA - CD_HEADER},
	{SUB_HEADER, CD_USER_DATA, 0},
	{USER_DATA, CD_USER_DATA, DISC_BLOCK},
	{EDC_ECC, CD_EDC, CD_SECTOR - CD_EDC},
};

enum { PARTS = sizeof parts / sizeof parts[0] };

struct cd_rendering {
	struct scsi_rendering rendering;
	struct disc *disc;      /* counted */
	uint16_t first, length; /* of the main channel, in a sector */
	uint16_t c2_length;
	uint8_t sub_channel;
	bool whole; /* the part behind the user data is asked for */
};

/*
 * What is asked for must be one piece of the sector: a drive sends what passes its head between two
 * points. The sub-header may be left out where there is none, and EDC and ECC alone are no use to
 * anybody (the table of MMC-6 6.20 has all legal ones).
 */
static bool one_piece(unsigned fields)
{
	bool begun = false, ended = false;
	for (unsigned i = 0; i < PARTS; i++) {
		bool wanted = fields & parts[i].field;
		if (wanted && ended)
			return false;
		if (!wanted && begun && parts[i].length > 0)
			ended = true;
		begun |= wanted;
	}
	return fields != EDC_ECC;
}

static void take_main_channel(struct cd_rendering *self, unsigned fields)
{
	for (unsigned i = 0; i < PARTS; i++) {
		if (!(fields & parts[i].field))
			continue;
		if (self->length == 0)
			self->first = parts[i].offset;
		self->length = (uint16_t)(self->length + parts[i].length);
	}
	self->whole = fields & EDC_ECC;
}

static uint16_t c2_length(unsigned c2)
{
	return c2 == C2_POINTERS             ? C2_LENGTH
	       : c2 == C2_POINTERS_AND_BLOCK ? C2_AND_BLOCK_LENGTH
					     : 0;
}

static uint16_t sub_channel_length(unsigned sub_channel)
{
	switch (sub_channel) {
	case SUB_RAW:
	case SUB_R_TO_W:
		return SUB_CHANNEL_RAW;
	case SUB_Q:
		return SUB_CHANNEL_FORMATTED_Q;
	default:
		return 0;
	}
}

static void append_sub_channel(const struct cd_rendering *self, uint32_t lba, uint8_t *ret)
{
	switch (self->sub_channel) {
	case SUB_RAW:
		sub_channel_raw(ret, self->disc, lba);
		break;
	case SUB_Q:
		sub_channel_formatted_q(ret, self->disc, lba);
		break;
	case SUB_R_TO_W:
		memset(ret, 0, SUB_CHANNEL_RAW);
		break;
	default:
		break;
	}
}

/* Main channel, C2 error pointers, sub-channel. */
static void render_block(
	struct scsi_rendering *rendering, uint64_t lba, const uint8_t *data, uint8_t *ret)
{
	struct cd_rendering *self = container_of(rendering, struct cd_rendering, rendering);
	uint8_t sector[CD_SECTOR];
	cd_sector_head(sector, (uint32_t)lba);
	if (rendering->in_length > 0)
		memcpy(sector + CD_USER_DATA, data, DISC_BLOCK);
	if (self->whole)
		cd_sector_tail(sector);
	memcpy(ret, sector + self->first, self->length);
	memset(ret + self->length, 0, self->c2_length);
	append_sub_channel(self, (uint32_t)lba, ret + self->length + self->c2_length);
}

static void release(struct scsi_rendering *rendering)
{
	struct cd_rendering *self = container_of(rendering, struct cd_rendering, rendering);
	disc_put(self->disc);
	free(self);
}

static struct cd_rendering *create(struct disc *disc, unsigned fields, unsigned sub_channel)
{
	struct cd_rendering *self = calloc(1, sizeof *self);
	if (!self)
		return NULL;
	take_main_channel(self, fields);
	self->disc = disc_get(disc);
	self->c2_length = c2_length(fields & C2_MASK);
	self->sub_channel = (uint8_t)sub_channel;
	self->rendering = (struct scsi_rendering){
		.block = render_block,
		.release = release,
		.source = disc->extents[0].source,
		.in_length = fields & (USER_DATA | EDC_ECC) ? DISC_BLOCK : 0,
		.out_length = (uint32_t)self->length + self->c2_length +
			      sub_channel_length(self->sub_channel),
	};
	return self;
}

static enum scsi_sense_code render(
	struct scsi_cmd *cmd, uint32_t lba, uint32_t count, unsigned fields, unsigned sub_channel)
{
	enum scsi_sense_code code = mmc_check_bounds(cmd, lba, count);
	if (code != SENSE_NONE)
		return code;
	struct disc *disc = mmc_visible_disc(cmd->nexus);
	struct cd_rendering *self = create(disc, fields, sub_channel);
	if (!self)
		return SCSI_BUSY;
	if (count == 0 || self->rendering.out_length == 0) {
		release(&self->rendering);
		return SENSE_NONE;
	}
	mmc_reads(cmd, lba, count);
	uint64_t blocks = scsi_data_in_rendered(cmd, &self->rendering, lba, count);
	mmc_data_in_extents(cmd, disc, lba, (uint32_t)blocks);
	return SENSE_NONE;
}

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

static enum scsi_sense_code check_fields(
	struct scsi_cmd *cmd, unsigned fields, unsigned sub_channel)
{
	if (!one_piece(fields & MAIN_CHANNEL))
		return scsi_invalid_cdb(cmd, 9, 7);
	if ((fields & C2_MASK) == C2_MASK)
		return scsi_invalid_cdb(cmd, 9, 2);
	if (sub_channel != SUB_NONE && sub_channel_length(sub_channel) == 0)
		return scsi_invalid_cdb(cmd, 10, 2);
	return SENSE_NONE;
}

static enum scsi_sense_code read_range(struct scsi_cmd *cmd, uint32_t lba, uint32_t count)
{
	unsigned fields = cmd->cdb[9], sub_channel = cmd->cdb[10];
	if (mmc_visible_disc(cmd->nexus)->profile != PROFILE_CD_ROM)
		return SENSE_INCOMPATIBLE_FORMAT;
	enum scsi_sense_code code = check_fields(cmd, fields, sub_channel);
	if (code == SENSE_NONE)
		code = check_sector_type(cmd, lba);
	if (code != SENSE_NONE)
		return code;
	if (fields == USER_DATA && sub_channel == SUB_NONE)
		return mmc_read_blocks(cmd, lba, count);
	return render(cmd, lba, count, fields, sub_channel);
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
