/* SPDX-License-Identifier: Apache-2.0 */
/*
 * READ DISC STRUCTURE (MMC-6 6.22): what a pressed DVD or BD without copy protection says of
 * itself. A CD has none (05/30/02, as CDEmu; QEMU says 05/30/00).
 */
#include "private.h"
#include "util/bytes.h"

enum {
	MEDIA_DVD = 0,
	MEDIA_BD = 1,
	DVD_FIRST_SECTOR = 0x30000,
	DVD_ECC_BLOCKS = 16,
	READABLE = 0x40, /* RDS */
	LIST = 0xff,
	REPLY_MAX = 4 + 4096,
};

struct structure {
	uint8_t format;
	uint16_t length; /* of what `build` appends */
	void (*build)(const struct disc *disc, unsigned layer, struct response *r);
};

static uint32_t dvd_layer_0(const struct disc *disc)
{
	uint32_t half = (disc->lead_out + 1) / 2;
	return (half + DVD_ECC_BLOCKS - 1) / DVD_ECC_BLOCKS * DVD_ECC_BLOCKS;
}

/* Opposite track path: a sector of layer 1 has the inverted number of the one below it. */
static void dvd_extent(const struct disc *disc, struct response *r)
{
	uint32_t blocks = disc->lead_out, end_0 = DVD_FIRST_SECTOR + dvd_layer_0(disc) - 1;
	uint32_t end_1 = (0xffffff - end_0) + (blocks - dvd_layer_0(disc)) - 1;
	response_be32(r, DVD_FIRST_SECTOR);
	response_be32(r, disc->layers == 2 ? end_1 : DVD_FIRST_SECTOR + blocks - 1);
	response_be32(r, disc->layers == 2 ? end_0 : 0);
}

/* 6.22.3.2.1: physical format information. */
static void dvd_physical(const struct disc *disc, unsigned layer, struct response *r)
{
	bool dual = disc->layers == 2;
	size_t start = r->length;
	response_u8(r, 0x01);               /* DVD-ROM, part version 1 */
	response_u8(r, 0x02);               /* 120 mm, 10.08 Mb/s */
	response_u8(r, dual ? 0x31 : 0x01); /* layers, opposite track path, embossed */
	response_u8(r, dual ? 0x10 : 0x00); /* linear and track density */
	dvd_extent(disc, r);
	response_zero(r, 2048 - (r->length - start)); /* no BCA */
}

/* 6.22.3.2.2: no copyright protection, no region. */
static void dvd_copyright(const struct disc *disc, unsigned layer, struct response *r)
{
	response_zero(r, 4);
}

static void dvd_manufacturing(const struct disc *disc, unsigned layer, struct response *r)
{
	response_zero(r, 2048);
}

/* 6.22.3.3.1: disc information, one unit of 112 bytes for each layer. */
static void bd_information(const struct disc *disc, unsigned layer, struct response *r)
{
	size_t start = r->length;
	for (unsigned i = 0; i < disc->layers; i++) {
		size_t unit = r->length;
		response_bytes(r, "DI", 2);
		response_u8(r, 1); /* format */
		response_u8(r, (unsigned)disc->layers | i << 5);
		response_u8(r, 0);
		response_u8(r, i);
		response_u8(r, 64); /* bytes in use */
		response_u8(r, 0);
		response_bytes(r, "BDO", 3); /* BD-ROM */
		response_zero(r, 112 - (r->length - unit));
	}
	response_zero(r, 4096 - (r->length - start));
}

static const struct structure dvd_structures[] = {
	{0x00, 2048, dvd_physical},
	{0x01, 4, dvd_copyright},
	{0x04, 2048, dvd_manufacturing},
	{LIST},
};

static const struct structure bd_structures[] = {
	{0x00, 4096, bd_information},
	{LIST},
};

static void list_entry(const struct structure *structure, uint16_t length, struct response *r)
{
	response_u8(r, structure->format);
	response_u8(r, READABLE);
	response_be16(r, 4 + length);
}

/* Format FFh: every structure and how long its reply is. */
static void append_list(const struct structure *rows, struct response *r)
{
	unsigned count = 1;
	for (; rows->format != LIST; rows++, count++)
		list_entry(rows, rows->length, r);
	list_entry(rows, (uint16_t)(4 * count), r);
}

static enum scsi_sense_code append(struct scsi_cmd *cmd, const struct structure *rows,
	const struct disc *disc, struct response *r)
{
	unsigned layer = cmd->cdb[6];
	while (rows->format != LIST && rows->format != cmd->cdb[7])
		rows++;
	if (rows->format != cmd->cdb[7])
		return scsi_invalid_cdb(cmd, 7, 7);
	if (layer >= disc->layers)
		return scsi_invalid_cdb(cmd, 6, 7);
	rows->build(disc, layer, r);
	return SENSE_NONE;
}

enum scsi_sense_code mmc_read_disc_structure(struct scsi_cmd *cmd)
{
	const struct disc *disc = mmc_visible_disc(cmd->nexus);
	unsigned media = cmd->cdb[1] & 0x0f;
	const struct structure *rows = media == MEDIA_BD ? bd_structures : dvd_structures;
	uint8_t buffer[REPLY_MAX];
	struct response r;
	if (media > MEDIA_BD)
		return scsi_invalid_cdb(cmd, 1, 3);
	if (disc->profile != (media == MEDIA_BD ? PROFILE_BD_ROM : PROFILE_DVD_ROM))
		return SENSE_INCOMPATIBLE_FORMAT;
	response_init(&r, buffer, sizeof buffer);
	size_t length = response_length_open(&r, 2);
	response_zero(&r, 2);
	enum scsi_sense_code code = SENSE_NONE;
	if (cmd->cdb[7] == LIST)
		append_list(rows, &r);
	else
		code = append(cmd, rows, disc, &r);
	if (code != SENSE_NONE)
		return code;
	response_length_close(&r, length, 2, 0);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 8));
}
