/* SPDX-License-Identifier: Apache-2.0 */
#include "sense_decode.h"

#include "util/bytes.h"

static void take_key_specific(struct scsi_sense *sense, const uint8_t *bytes)
{
	bool valid = bytes[0] & 0x80;
	if (!valid)
		return;
	if (scsi_sense_key(sense->code) == SENSE_KEY_ILLEGAL_REQUEST) {
		sense->field_valid = true;
		sense->field_in_cdb = bytes[0] & 0x40;
		sense->bit_valid = bytes[0] & 0x08;
		sense->bit = bytes[0] & 0x07;
		sense->field = get_be16(bytes + 1);
	} else {
		sense->progress_valid = true;
		sense->progress = get_be16(bytes + 1);
	}
}

static bool take_code(struct scsi_sense *sense, uint8_t key, uint8_t asc, uint8_t ascq)
{
	for (unsigned i = 0; i < SENSE_CODE_COUNT; i++) {
		enum scsi_sense_code code = (enum scsi_sense_code)i;
		if (scsi_sense_key(code) != key || scsi_sense_asc(code) != asc ||
			scsi_sense_ascq(code) != ascq)
			continue;
		sense->code = code;
		return true;
	}
	return false;
}

/* A wrong length has no additional sense code of its own, only its flag. */
static void take_flags(struct scsi_sense *sense, uint8_t byte)
{
	sense->filemark = byte & 0x80;
	sense->end_of_medium = byte & 0x40;
	sense->incorrect_length = byte & 0x20;
	if (sense->code == SENSE_NONE && sense->incorrect_length)
		sense->code = SENSE_INCORRECT_LENGTH;
}

static bool take_fixed(struct scsi_sense *sense, const uint8_t *bytes, size_t length)
{
	if (length < SCSI_SENSE_FIXED_LENGTH || bytes[7] != SCSI_SENSE_FIXED_LENGTH - 8)
		return false;
	if (!take_code(sense, bytes[2] & 0x0f, bytes[12], bytes[13]))
		return false;
	sense->information_valid = bytes[0] & 0x80;
	sense->information = sense->information_valid ? get_be32(bytes + 3) : 0;
	take_flags(sense, bytes[2]);
	take_key_specific(sense, bytes + 15);
	return true;
}

static void take_descriptor(struct scsi_sense *sense, const uint8_t *at)
{
	if (at[0] == 0) {
		sense->information_valid = at[2] & 0x80;
		sense->information = get_be64(at + 4);
	} else if (at[0] == 2) {
		take_key_specific(sense, at + 4);
	} else if (at[0] == 4) {
		take_flags(sense, at[3]);
	}
}

static bool take_descriptors(struct scsi_sense *sense, const uint8_t *bytes, size_t length)
{
	if (length < 8 || length < 8u + bytes[7] ||
		!take_code(sense, bytes[1] & 0x0f, bytes[2], bytes[3]))
		return false;
	for (size_t at = 8, end = 8u + bytes[7]; at + 2 <= end; at += 2u + bytes[at + 1]) {
		if (at + 2 + bytes[at + 1] > end)
			return false;
		take_descriptor(sense, bytes + at);
	}
	return true;
}

bool sense_decode(const uint8_t *bytes, size_t length, struct scsi_sense *ret)
{
	struct scsi_sense sense = {0};
	uint8_t format = length > 0 ? bytes[0] & 0x7f : 0;
	sense.deferred = format & 1;
	if (format >> 1 != 0x70 >> 1 && format >> 1 != 0x72 >> 1)
		return false;
	if (!(format & 2 ? take_descriptors(&sense, bytes, length)
			 : take_fixed(&sense, bytes, length)))
		return false;
	*ret = sense;
	return true;
}
