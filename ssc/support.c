/* SPDX-License-Identifier: Apache-2.0 */
/* READ BLOCK LIMITS, REPORT DENSITY SUPPORT, READ ATTRIBUTE. */
#include <string.h>

#include "drive_private.h"
#include "util/bytes.h"
#include "util/response.h"

enum { MEBIBYTE = 1 << 20, MEDIA_WIDTH = 127 /* tenths of a millimetre */ };

/* The longest block is the smaller of what the drive and what the transport can (SSC-4 7.5). */
enum scsi_sense_code ssc_read_block_limits(struct scsi_cmd *cmd)
{
	uint8_t data[6];
	struct response r;
	response_init(&r, data, sizeof data);
	response_u8(&r, 0); /* GRANULARITY 2^0 */
	response_be24(&r, ssc_block_max(cmd));
	response_be16(&r, 1);
	return scsi_data_in(cmd, data, r.length, sizeof data);
}

/* ---- densities (SSC-4 7.8) ----------------------------------------------------------------------
 */

static void density(const struct ssc_personality *p, struct response *r)
{
	response_u8(r, p->density_code);
	response_u8(r, p->density_code);
	response_u8(r, 0xa0); /* WRTOK, DEFLT */
	response_be16(r, 0);
	response_be24(r, p->bits_per_mm);
	response_be16(r, MEDIA_WIDTH);
	response_be16(r, p->tracks);
	response_be32(r, p->capacity_mb);
	response_ascii(r, "LTO-CVE", 8);
	response_ascii(r, p->density, 8);
	response_ascii(r, p->description, 20);
}

static void medium(const struct ssc_personality *p, struct response *r)
{
	response_u8(r, p->medium_type);
	response_u8(r, 0);
	response_be16(r, 52);
	response_u8(r, 1); /* NUMBER OF DENSITY CODES */
	response_u8(r, p->density_code);
	response_zero(r, 8);
	response_be16(r, MEDIA_WIDTH);
	response_be16(r, 960); /* metres */
	response_zero(r, 2);
	response_ascii(r, "LTO-CVE", 8);
	response_ascii(r, p->medium, 8);
	response_ascii(r, p->description, 20);
}

enum scsi_sense_code ssc_report_density_support(struct scsi_cmd *cmd)
{
	const struct ssc_drive *drive = ssc_drive_of(cmd);
	uint8_t data[128];
	struct response r;
	if (cmd->cdb[1] & 0x01 && drive->presence != SSC_READY) /* MEDIA: of the one inside */
		return SENSE_MEDIUM_NOT_PRESENT;
	response_init(&r, data, sizeof data);
	size_t length = response_length_open(&r, 2);
	response_zero(&r, 2);
	if (cmd->cdb[1] & 0x02)
		medium(drive->personality, &r);
	else
		density(drive->personality, &r);
	response_length_close(&r, length, 2, 0);
	return scsi_data_in(cmd, data, r.length, get_be16(cmd->cdb + 7));
}

/* ---- attributes (SPC-4 6.18, 7.4) ---------------------------------------------------------------
 */

enum {
	VALUES = 0,
	LIST = 1,
	VOLUMES = 2,
	PARTITIONS = 3,
	SUPPORTED = 5,
	READ_ONLY = 0x80,
	TEXT = 1
};

/* The attribute that is being listed: those below `first` are passed over. */
struct attributes {
	struct response *r;
	uint16_t first;
	bool values;
};

static void attribute(
	struct attributes *a, uint16_t id, unsigned format, const void *value, size_t length)
{
	if (id < a->first)
		return;
	response_be16(a->r, id);
	if (!a->values)
		return;
	response_u8(a->r, format);
	response_be16(a->r, (unsigned)length);
	response_bytes(a->r, value, length);
}

static void number(struct attributes *a, uint16_t id, unsigned bytes, uint64_t value)
{
	uint8_t data[8];
	put_be64(data, value);
	attribute(a, id, READ_ONLY, data + 8 - bytes, bytes);
}

static void text(
	struct attributes *a, uint16_t id, unsigned format, const char *value, size_t width)
{
	char field[40];
	memset(field, ' ', sizeof field);
	memcpy(field, value, strnlen(value, width));
	attribute(a, id, format | TEXT, field, width);
}

static void list_attributes(const struct ssc_drive *drive, struct attributes *a)
{
	const struct cartridge_status *c = &drive->snapshot.cartridge;
	uint64_t left = c->used < c->capacity ? c->capacity - c->used : 0;
	number(a, 0x0000, 8, left / MEBIBYTE);
	number(a, 0x0001, 8, c->capacity / MEBIBYTE);
	number(a, 0x0003, 8, c->counters.mounts);
	text(a, 0x0005, READ_ONLY, "LTO-CVE", 8);
	number(a, 0x0006, 1, c->density);
	number(a, 0x0220, 8, c->counters.bytes_written / MEBIBYTE);
	number(a, 0x0221, 8, c->counters.bytes_read / MEBIBYTE);
	text(a, 0x0400, READ_ONLY, "CAROUSEL", 8);
	text(a, 0x0401, READ_ONLY, c->barcode, 32);
	number(a, 0x0402, 4, 960);
	number(a, 0x0403, 4, MEDIA_WIDTH);
	text(a, 0x0404, READ_ONLY, "LTO-CVE", 8);
	number(a, 0x0405, 1, c->density);
	number(a, 0x0408, 1, 0); /* a data cartridge */
	text(a, 0x0806, 0, c->barcode, 32);
}

static void one_of_them(struct response *r)
{
	response_u8(r, 0); /* the first */
	response_u8(r, 1); /* and how many */
}

enum scsi_sense_code ssc_read_attribute(struct scsi_cmd *cmd)
{
	const struct ssc_drive *drive = ssc_drive_of(cmd);
	uint8_t data[512];
	struct response r;
	unsigned what = cmd->cdb[1] & 0x1f;
	struct attributes a = {&r, get_be16(cmd->cdb + 8), what == VALUES};
	enum scsi_sense_code code = ssc_readiness(drive);
	if (code != SENSE_NONE && code != SENSE_AUXILIARY_MEMORY_ACCESSIBLE)
		return code;
	if (cmd->cdb[5] != 0)
		return scsi_invalid_cdb(cmd, 5, 7);
	if (cmd->cdb[7] != 0)
		return scsi_invalid_cdb(cmd, 7, 7);
	response_init(&r, data, sizeof data);
	size_t length = response_length_open(&r, what == VOLUMES || what == PARTITIONS ? 2 : 4);
	switch (what) {
	case VALUES:
	case LIST:
	case SUPPORTED:
		list_attributes(drive, &a);
		response_length_close(&r, length, 4, 0);
		break;
	case VOLUMES:
	case PARTITIONS:
		one_of_them(&r);
		response_length_close(&r, length, 2, 0);
		break;
	default:
		return scsi_invalid_cdb(cmd, 1, 4);
	}
	return scsi_data_in(cmd, data, r.length, get_be32(cmd->cdb + 10));
}
