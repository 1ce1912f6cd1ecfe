/* SPDX-License-Identifier: Apache-2.0 */
/* READ DISC INFORMATION and READ TRACK INFORMATION (MMC-6 6.21, 6.26) of a finished disc. */
#include "private.h"
#include "util/bytes.h"

enum { STANDARD_INFORMATION = 0, TRACK_RESOURCES = 1, POW_RESOURCES = 2 };

enum {
	STATUS_COMPLETE = 2,
	LAST_SESSION_COMPLETE = 3 << 2,
	UNRESTRICTED_USE = 0x20,
	ADDRESS_LBA = 0,
	ADDRESS_TRACK = 1,
	ADDRESS_SESSION = 2,
	MODE_DATA_1 = 1,
};

static const struct disc_track *first_of_last_session(const struct disc *disc)
{
	const struct disc_track *track = disc->tracks + disc->track_count - 1;
	while (track > disc->tracks && track[-1].session == track->session)
		track--;
	return track;
}

static void standard_information(struct response *r, const struct disc *disc)
{
	response_u8(r, LAST_SESSION_COMPLETE | STATUS_COMPLETE);
	response_u8(r, disc->tracks[0].number);
	response_u8(r, disc->session_count);
	response_u8(r, first_of_last_session(disc)->number);
	response_u8(r, disc->tracks[disc->track_count - 1].number);
	response_u8(r, UNRESTRICTED_USE);
	response_u8(r, 0);            /* disc type: CD-DA or CD-ROM */
	response_zero(r, 3);          /* high bytes of the numbers above */
	response_zero(r, 4);          /* disc identification */
	response_be32(r, 0xffffffff); /* nothing can be appended: no next lead-in */
	response_be32(r, 0xffffffff); /* and no further lead-out */
	response_zero(r, 8 + 2);      /* bar code, application code, number of OPC tables */
}

/* MMC-6 6.21.4: the tracks that there are, and that none can be appended. */
static void track_resources(struct response *r, const struct disc *disc)
{
	response_u8(r, TRACK_RESOURCES << 5);
	response_zero(r, 1);
	response_be16(r, disc->track_count); /* at most */
	response_be16(r, disc->track_count); /* now */
	response_zero(r, 2 + 2);             /* appendable at most, and now */
}

/* MMC-6 6.21.5: nothing is overwritten on a finished disc. */
static void pow_resources(struct response *r, const struct disc *disc)
{
	response_u8(r, POW_RESOURCES << 5);
	response_zero(r, 1);
	response_zero(r, 4 + 4 + 4); /* replacements, map entries, updates */
}

enum scsi_sense_code mmc_read_disc_information(struct scsi_cmd *cmd)
{
	static void (*const types[])(struct response *, const struct disc *) = {
		[STANDARD_INFORMATION] = standard_information,
		[TRACK_RESOURCES] = track_resources,
		[POW_RESOURCES] = pow_resources,
	};
	unsigned type = cmd->cdb[1] & 0x07;
	uint8_t buffer[34];
	struct response r;
	if (type >= sizeof types / sizeof types[0])
		return scsi_invalid_cdb(cmd, 1, 2);
	response_init(&r, buffer, sizeof buffer);
	size_t length = response_length_open(&r, 2);
	types[type](&r, mmc_visible_disc(cmd->nexus));
	response_length_close(&r, length, 2, 0);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 7));
}

static const struct disc_track *track_at(const struct disc *disc, uint32_t lba)
{
	const struct disc_track *track = disc->tracks + disc->track_count - 1;
	while (track > disc->tracks && track->first_lba > lba)
		track--;
	return track;
}

/* By track or session number, the first that has it. NULL: lead-in, invisible track, or none. */
static const struct disc_track *track_numbered(
	const struct disc *disc, uint32_t number, bool session)
{
	for (unsigned i = 0; i < disc->track_count; i++) {
		const struct disc_track *track = &disc->tracks[i];
		if ((session ? track->session : track->number) == number)
			return track;
	}
	return NULL;
}

/* Linux makes the size of its device of the track's start and size. */
static enum scsi_sense_code reply_track(struct scsi_cmd *cmd, const struct disc_track *track)
{
	uint8_t buffer[48];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	size_t length = response_length_open(&r, 2);
	response_u8(&r, track->number);
	response_u8(&r, track->session);
	response_u8(&r, 0);
	response_u8(&r, track->control);
	response_u8(&r, track->data_mode); /* neither reserved, blank nor packet */
	response_u8(&r, 0);                /* neither NWA_V nor LRA_V */
	response_be32(&r, track->first_lba);
	response_zero(&r, 4 + 4 + 4); /* next writable address, free blocks, packet size */
	response_be32(&r, track->blocks);
	response_zero(&r, 4);     /* last recorded address */
	response_zero(&r, 2 + 2); /* high bytes of the numbers */
	response_zero(&r, 12);    /* read compatibility, layer jump addresses */
	response_length_close(&r, length, 2, 0);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 7));
}

enum scsi_sense_code mmc_read_track_information(struct scsi_cmd *cmd)
{
	const struct disc *disc = mmc_visible_disc(cmd->nexus);
	uint32_t number = get_be32(cmd->cdb + 2);
	const struct disc_track *track = NULL;
	switch (cmd->cdb[1] & 0x03) {
	case ADDRESS_LBA:
		if (number >= disc->lead_out)
			return scsi_sense_at(cmd, SENSE_LBA_OUT_OF_RANGE, number);
		track = track_at(disc, number);
		break;
	case ADDRESS_TRACK:
		track = track_numbered(disc, number, false);
		break;
	case ADDRESS_SESSION:
		track = track_numbered(disc, number, true);
		break;
	default:
		return scsi_invalid_cdb(cmd, 1, 1);
	}
	return track ? reply_track(cmd, track) : scsi_invalid_cdb(cmd, 2, 7);
}
