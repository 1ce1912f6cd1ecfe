/* SPDX-License-Identifier: Apache-2.0 */
/*
 * READ TOC/PMA/ATIP (MMC-6 6.25). The format comes in the low nibble of byte 2, or, from hosts that
 * speak SFF-8020 (Linux asks for the sessions like that), in bits 7..6 of byte 9.
 */
#include "msf.h"
#include "private.h"
#include "util/bytes.h"

enum {
	LEAD_OUT = 0xaa,
	CD_TEXT = 5, /* format */
	ADR_POSITION = 1 << 4,
	REPLY_MAX = 4 + 100 * 11 + 3 * 99 * 11, /* every track, and A0h to A2h of every session */
};

struct toc_request {
	const struct disc *disc;
	bool msf;
	uint8_t first; /* TRACK/SESSION NUMBER */
};

static const struct disc_track *first_of_session(const struct disc *disc, unsigned session)
{
	const struct disc_track *track = disc->tracks;
	while (track->session < session)
		track++;
	return track;
}

static const struct disc_track *last_of_session(const struct disc *disc, unsigned session)
{
	const struct disc_track *track = disc->tracks + disc->track_count - 1;
	while (track->session > session)
		track--;
	return track;
}

static void track_descriptor(struct response *r, const struct toc_request *q, unsigned control,
	unsigned number, uint32_t lba)
{
	response_u8(r, 0);
	response_u8(r, ADR_POSITION | control);
	response_u8(r, number);
	response_u8(r, 0);
	address_append(r, lba, q->msf);
}

/* Format 0000b: the tracks from a number on, and the lead-out. */
static void formatted_toc(struct response *r, const struct toc_request *q)
{
	const struct disc *disc = q->disc;
	const struct disc_track *last = &disc->tracks[disc->track_count - 1];
	response_u8(r, disc->tracks[0].number);
	response_u8(r, last->number);
	for (unsigned i = 0; i < disc->track_count; i++) {
		const struct disc_track *track = &disc->tracks[i];
		if (track->number >= q->first)
			track_descriptor(r, q, track->control, track->number, track->first_lba);
	}
	track_descriptor(r, q, last->control, LEAD_OUT, disc->lead_out);
}

/* Format 0001b: where the last session begins. */
static void session_information(struct response *r, const struct toc_request *q)
{
	const struct disc_track *track = first_of_session(q->disc, q->disc->session_count);
	response_u8(r, 1);
	response_u8(r, q->disc->session_count);
	track_descriptor(r, q, track->control, track->number, track->first_lba);
}

static void raw_descriptor(struct response *r, unsigned session, unsigned control, unsigned point)
{
	response_u8(r, session);
	response_u8(r, ADR_POSITION | control);
	response_u8(r, 0); /* TNO of the lead-in */
	response_u8(r, point);
	response_zero(r, 3); /* the address in the lead-in does not matter */
}

static void raw_pointer(
	struct response *r, unsigned session, unsigned control, unsigned point, unsigned minute)
{
	raw_descriptor(r, session, control, point);
	response_u8(r, 0);
	response_u8(r, minute);
	response_zero(r, 2);
}

static uint32_t session_lead_out(const struct disc *disc, unsigned session)
{
	const struct disc_track *last = last_of_session(disc, session);
	return session == disc->session_count ? disc->lead_out : last->first_lba + last->blocks;
}

static void raw_session(struct response *r, const struct disc *disc, unsigned session)
{
	const struct disc_track *first = first_of_session(disc, session);
	const struct disc_track *last = last_of_session(disc, session);
	raw_pointer(r, session, first->control, 0xa0, first->number);
	raw_pointer(r, session, last->control, 0xa1, last->number);
	raw_descriptor(r, session, last->control, 0xa2);
	msf_append(r, session_lead_out(disc, session));
	for (const struct disc_track *track = first; track <= last; track++) {
		raw_descriptor(r, session, track->control, track->number);
		msf_append(r, track->first_lba);
	}
}

/* Format 0010b: the Q sub-channel of the lead-ins, from a session on. */
static void raw_toc(struct response *r, const struct toc_request *q)
{
	response_u8(r, 1);
	response_u8(r, q->disc->session_count);
	for (unsigned session = q->first ? q->first : 1; session <= q->disc->session_count;
		session++)
		raw_session(r, q->disc, session);
}

/*
 * Format 0101b: CD-TEXT from the lead-in, of which a disc without has nothing but the header (so
 * CDEmu; libcdio, cdrdao and Linux' programs take it for "none").
 */
static void cd_text(struct response *r, const struct toc_request *q)
{
	response_zero(r, 2);
}

static bool first_exists(const struct toc_request *q, unsigned format)
{
	const struct disc *disc = q->disc;
	if (format == 0)
		return q->first <= disc->tracks[disc->track_count - 1].number ||
		       q->first == LEAD_OUT;
	return format != 2 || q->first <= disc->session_count;
}

enum scsi_sense_code mmc_read_toc(struct scsi_cmd *cmd)
{
	static void (*const formats[])(struct response *, const struct toc_request *) = {
		[0] = formatted_toc,
		[1] = session_information,
		[2] = raw_toc,
		[CD_TEXT] = cd_text,
	};
	uint8_t buffer[REPLY_MAX];
	struct response r;
	unsigned format = cmd->cdb[2] & 0x0f;
	struct toc_request q = {
		.disc = mmc_visible_disc(cmd->nexus),
		.msf = cmd->cdb[1] & 0x02,
		.first = cmd->cdb[6],
	};
	if (format == 0)
		format = cmd->cdb[9] >> 6;
	if (format >= sizeof formats / sizeof formats[0] || !formats[format])
		return scsi_invalid_cdb(cmd, 2, 3); /* PMA, ATIP: no pressed disc has them */
	if (format == CD_TEXT && q.disc->profile != PROFILE_CD_ROM)
		return scsi_invalid_cdb(cmd, 2, 3);
	if (!first_exists(&q, format))
		return scsi_invalid_cdb(cmd, 6, 7);
	response_init(&r, buffer, sizeof buffer);
	size_t length = response_length_open(&r, 2);
	formats[format](&r, &q);
	response_length_close(&r, length, 2, 0);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 7));
}
