/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/sense.h"

#include <string.h>

#include "util/bytes.h"

static const struct {
	uint8_t key, asc, ascq;
	const char *text;
} codes[SENSE_CODE_COUNT] = {
#define SENSE_ROW_(symbol, key, asc, ascq, text) [symbol] = {key, asc, ascq, text},
	SENSE_CODES(SENSE_ROW_)
#undef SENSE_ROW_
};

/* Pseudo codes carry no sense. */
static enum scsi_sense_code known(enum scsi_sense_code code)
{
	return code < SENSE_CODE_COUNT ? code : SENSE_NONE;
}

uint8_t scsi_sense_key(enum scsi_sense_code code)
{
	return codes[known(code)].key;
}

uint8_t scsi_sense_asc(enum scsi_sense_code code)
{
	return codes[known(code)].asc;
}

uint8_t scsi_sense_ascq(enum scsi_sense_code code)
{
	return codes[known(code)].ascq;
}

const char *scsi_sense_text(enum scsi_sense_code code)
{
	return codes[known(code)].text;
}

/* SENSE KEY SPECIFIC, three bytes (SPC-4 4.5.2.4); false when there is nothing to say. */
static bool key_specific(const struct scsi_sense *sense, uint8_t *at)
{
	if (sense->field_valid) {
		at[0] = 0x80;
		if (sense->field_in_cdb)
			at[0] |= 0x40;
		if (sense->bit_valid)
			at[0] |= (uint8_t)(0x08 | (sense->bit & 7));
		put_be16(at + 1, sense->field);
		return true;
	}
	if (sense->progress_valid) {
		at[0] = 0x80;
		put_be16(at + 1, sense->progress);
		return true;
	}
	return false;
}

static uint8_t stream_bits(const struct scsi_sense *sense)
{
	return (uint8_t)((sense->filemark ? 0x80 : 0) | (sense->end_of_medium ? 0x40 : 0) |
			 (sense->incorrect_length ? 0x20 : 0));
}

/* Also of a negative residue, in two's complement (SCSI-2 10.2.4). */
static bool fits_32_bits(uint64_t information)
{
	return information <= UINT32_MAX || information >= UINT64_MAX - INT32_MAX;
}

static size_t encode_fixed(const struct scsi_sense *sense, uint8_t *buffer)
{
	buffer[0] = sense->deferred ? 0x71 : 0x70;
	buffer[2] = scsi_sense_key(sense->code) | stream_bits(sense);
	if (sense->information_valid && fits_32_bits(sense->information)) {
		buffer[0] |= 0x80;
		put_be32(buffer + 3, (uint32_t)sense->information);
	}
	buffer[7] = SCSI_SENSE_FIXED_LENGTH - 8;
	buffer[12] = scsi_sense_asc(sense->code);
	buffer[13] = scsi_sense_ascq(sense->code);
	key_specific(sense, buffer + 15);
	return SCSI_SENSE_FIXED_LENGTH;
}

static size_t encode_descriptors(const struct scsi_sense *sense, uint8_t *buffer)
{
	uint8_t *at = buffer + 8;
	buffer[0] = sense->deferred ? 0x73 : 0x72;
	buffer[1] = scsi_sense_key(sense->code);
	buffer[2] = scsi_sense_asc(sense->code);
	buffer[3] = scsi_sense_ascq(sense->code);
	if (sense->information_valid) { /* SPC-4 4.5.2.2 */
		at[0] = 0x00;
		at[1] = 0x0a;
		at[2] = 0x80;
		put_be64(at + 4, sense->information);
		at += 12;
	}
	if (key_specific(sense, at + 4)) { /* SPC-4 4.5.2.4 */
		at[0] = 0x02;
		at[1] = 0x06;
		at += 8;
	}
	if (stream_bits(sense)) { /* SSC-4 4.2.24, stream commands descriptor */
		at[0] = 0x04;
		at[1] = 0x02;
		at[3] = stream_bits(sense);
		at += 4;
	}
	buffer[7] = (uint8_t)(at - buffer - 8);
	return (size_t)(at - buffer);
}

size_t scsi_sense_encode(const struct scsi_sense *sense, bool descriptor, uint8_t *buffer)
{
	memset(buffer, 0, SCSI_SENSE_MAX);
	return descriptor ? encode_descriptors(sense, buffer) : encode_fixed(sense, buffer);
}
