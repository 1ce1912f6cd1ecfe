/* SPDX-License-Identifier: Apache-2.0 */
/* REWIND, SPACE, LOCATE, READ POSITION (SSC-4 7.1, 7.10, 7.6, 7.7 and tape.md 1.2). */
#include <errno.h>

#include "drive_private.h"
#include "util/bytes.h"
#include "util/response.h"

/*
 * Where the tape ends: EOD, or where what is known of it does. Nobody knows what lies behind that,
 * so going on from there is no end of data but a medium error.
 */
struct end {
	uint64_t object, filemarks;
	bool known;
};

static struct end end_of(const struct ssc_drive *drive)
{
	struct cartridge_status status;
	cart_status(drive->cartridge, &status);
	struct end end = {status.eod, status.filemarks, !status.damaged && !status.failed};
	if (end.known || status.damaged_object >= status.eod)
		return end;
	end.object = status.damaged_object;
	if (cart_filemarks_before(drive->cartridge, end.object, &end.filemarks) < 0)
		end.filemarks = 0;
	return end;
}

static enum scsi_sense_code moved(struct scsi_cmd *cmd, enum scsi_sense_code code)
{
	if (code == SENSE_UNRECOVERED_READ_ERROR)
		ssc_alert_read_failure(ssc_drive_of(cmd));
	ssc_snapshot(ssc_drive_of(cmd));
	return code;
}

static enum scsi_sense_code rewind_unlocked(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	enum scsi_sense_code code = ssc_barrier(cmd);
	if (code != SENSE_NONE)
		return code;
	drive->position = 0;
	drive->warned_early = false;
	return moved(cmd, SENSE_NONE);
}

/* IMMED: there is nothing to wait for but the host's disk, which it is about to rely on. */
enum scsi_sense_code ssc_rewind(struct scsi_cmd *cmd)
{
	ssc_take_bearings(cmd);
	return scsi_unlocked(cmd, rewind_unlocked);
}

/* ---- SPACE --------------------------------------------------------------------------------------
 */

enum { SPACE_BLOCKS = 0, SPACE_FILEMARKS = 1, SPACE_EOD = 3 };

static enum scsi_sense_code beyond(struct scsi_cmd *cmd, const struct end *end)
{
	ssc_drive_of(cmd)->position = end->object;
	return end->known ? SENSE_END_OF_DATA : SENSE_UNRECOVERED_READ_ERROR;
}

static enum scsi_sense_code end_of_data(
	struct scsi_cmd *cmd, const struct end *end, uint64_t residue)
{
	return scsi_sense_at(cmd, beyond(cmd, end), residue);
}

static enum scsi_sense_code beginning(struct scsi_cmd *cmd, uint64_t residue)
{
	ssc_drive_of(cmd)->position = 0;
	cmd->sense.end_of_medium = true;
	return scsi_sense_at(cmd, SENSE_BEGINNING, residue);
}

static enum scsi_sense_code filemark(struct scsi_cmd *cmd, uint64_t position, uint64_t residue)
{
	ssc_drive_of(cmd)->position = position;
	cmd->sense.filemark = true;
	return scsi_sense_at(cmd, SENSE_FILEMARK, residue);
}

/* The filemark with this number, if there are so many. False: the medium cannot be read. */
static bool find_filemark(struct ssc_drive *drive, const struct end *end, uint64_t ordinal,
	bool *ret_found, uint64_t *ret)
{
	*ret_found = ordinal < end->filemarks;
	return !*ret_found || cart_find_filemark(drive->cartridge, ordinal, ret) == 0;
}

static enum scsi_sense_code blocks_forward(
	struct scsi_cmd *cmd, const struct end *end, uint64_t count, uint64_t before)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	uint64_t mark = 0;
	bool found;
	if (!find_filemark(drive, end, before, &found, &mark))
		return SENSE_UNRECOVERED_READ_ERROR;
	uint64_t there = (found ? mark : end->object) - drive->position;
	if (count <= there) {
		drive->position += count;
		return SENSE_NONE;
	}
	return found ? filemark(cmd, mark + 1, count - there)
		     : end_of_data(cmd, end, count - there);
}

static enum scsi_sense_code blocks_backward(
	struct scsi_cmd *cmd, const struct end *end, uint64_t count, uint64_t before)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	uint64_t mark = 0;
	bool found = false;
	if (before > 0 && !find_filemark(drive, end, before - 1, &found, &mark))
		return SENSE_UNRECOVERED_READ_ERROR;
	uint64_t there = drive->position - (found ? mark + 1 : 0);
	if (count <= there) {
		drive->position -= count;
		return SENSE_NONE;
	}
	return found ? filemark(cmd, mark, count - there) : beginning(cmd, count - there);
}

static enum scsi_sense_code filemarks_forward(
	struct scsi_cmd *cmd, const struct end *end, uint64_t count, uint64_t before)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	uint64_t mark, there = end->filemarks - before;
	bool found;
	if (count > there)
		return end_of_data(cmd, end, count - there);
	if (!find_filemark(drive, end, before + count - 1, &found, &mark) || !found)
		return SENSE_UNRECOVERED_READ_ERROR;
	drive->position = mark + 1;
	return SENSE_NONE;
}

static enum scsi_sense_code filemarks_backward(
	struct scsi_cmd *cmd, const struct end *end, uint64_t count, uint64_t before)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	uint64_t mark;
	bool found;
	if (count > before)
		return beginning(cmd, count - before);
	if (!find_filemark(drive, end, before - count, &found, &mark) || !found)
		return SENSE_UNRECOVERED_READ_ERROR;
	drive->position = mark;
	return SENSE_NONE;
}

static enum scsi_sense_code to_end_of_data(struct scsi_cmd *cmd)
{
	struct end end = end_of(ssc_drive_of(cmd));
	enum scsi_sense_code code = beyond(cmd, &end);
	return code == SENSE_END_OF_DATA ? SENSE_NONE : code;
}

static enum scsi_sense_code space(struct scsi_cmd *cmd, unsigned what, int64_t count)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	uint64_t before, size = count < 0 ? -(uint64_t)count : (uint64_t)count;
	if (count == 0 && what != SPACE_EOD)
		return SENSE_NONE;
	enum scsi_sense_code code = ssc_barrier(cmd);
	if (code != SENSE_NONE)
		return code;
	if (what == SPACE_EOD)
		return to_end_of_data(cmd);
	struct end end = end_of(drive);
	if (drive->position > end.object)
		return beyond(cmd, &end);
	if (cart_filemarks_before(drive->cartridge, drive->position, &before) < 0)
		return SENSE_UNRECOVERED_READ_ERROR;
	if (what == SPACE_BLOCKS)
		return count > 0 ? blocks_forward(cmd, &end, size, before)
				 : blocks_backward(cmd, &end, size, before);
	return count > 0 ? filemarks_forward(cmd, &end, size, before)
			 : filemarks_backward(cmd, &end, size, before);
}

static int64_t signed_24(const uint8_t *p)
{
	uint32_t value = get_be24(p);
	return value & 0x800000 ? (int64_t)value - 0x1000000 : (int64_t)value;
}

static enum scsi_sense_code space_6_unlocked(struct scsi_cmd *cmd)
{
	return moved(cmd, space(cmd, cmd->cdb[1] & 0x07, signed_24(cmd->cdb + 2)));
}

static enum scsi_sense_code space_16_unlocked(struct scsi_cmd *cmd)
{
	return moved(cmd, space(cmd, cmd->cdb[1] & 0x0f, (int64_t)get_be64(cmd->cdb + 4)));
}

/* As real LTO drives: blocks, filemarks and end of data; no sequential filemarks, no setmarks. */
static bool may_space(unsigned what)
{
	return what == SPACE_BLOCKS || what == SPACE_FILEMARKS || what == SPACE_EOD;
}

static enum scsi_sense_code begin_space(
	struct scsi_cmd *cmd, unsigned what, enum scsi_sense_code (*unlocked)(struct scsi_cmd *cmd))
{
	if (what == SPACE_EOD)
		ssc_take_bearings(cmd);
	return scsi_unlocked(cmd, unlocked);
}

enum scsi_sense_code ssc_space_6(struct scsi_cmd *cmd)
{
	if (!may_space(cmd->cdb[1] & 0x07))
		return scsi_invalid_cdb(cmd, 1, 2);
	return begin_space(cmd, cmd->cdb[1] & 0x07, space_6_unlocked);
}

enum scsi_sense_code ssc_space_16(struct scsi_cmd *cmd)
{
	if (!may_space(cmd->cdb[1] & 0x0f))
		return scsi_invalid_cdb(cmd, 1, 3);
	return begin_space(cmd, cmd->cdb[1] & 0x0f, space_16_unlocked);
}

/* ---- LOCATE -------------------------------------------------------------------------------------
 */

enum { LOCATE_BLOCK = 0, LOCATE_FILE = 1, LOCATE_EOD = 3 };

static enum scsi_sense_code locate_block(struct scsi_cmd *cmd, uint64_t object)
{
	struct end end = end_of(ssc_drive_of(cmd));
	if (object > end.object)
		return beyond(cmd, &end);
	ssc_drive_of(cmd)->position = object;
	return SENSE_NONE;
}

/* File n begins behind the n-th filemark. */
static enum scsi_sense_code locate_file(struct scsi_cmd *cmd, uint64_t file)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	struct end end = end_of(drive);
	uint64_t mark;
	bool found;
	if (file == 0)
		return locate_block(cmd, 0);
	if (!find_filemark(drive, &end, file - 1, &found, &mark))
		return SENSE_UNRECOVERED_READ_ERROR;
	if (!found)
		return beyond(cmd, &end);
	drive->position = mark + 1;
	return SENSE_NONE;
}

static enum scsi_sense_code locate(struct scsi_cmd *cmd, unsigned what, uint64_t number)
{
	enum scsi_sense_code code = ssc_barrier(cmd);
	if (code != SENSE_NONE)
		return code;
	switch (what) {
	case LOCATE_FILE:
		return locate_file(cmd, number);
	case LOCATE_EOD:
		return to_end_of_data(cmd);
	default:
		return locate_block(cmd, number);
	}
}

static enum scsi_sense_code locate_10_unlocked(struct scsi_cmd *cmd)
{
	return moved(cmd, locate(cmd, LOCATE_BLOCK, get_be32(cmd->cdb + 3)));
}

static enum scsi_sense_code locate_16_unlocked(struct scsi_cmd *cmd)
{
	return moved(cmd, locate(cmd, cmd->cdb[1] >> 3 & 0x07, get_be64(cmd->cdb + 4)));
}

enum scsi_sense_code ssc_locate_10(struct scsi_cmd *cmd)
{
	if (cmd->cdb[1] & 0x02 && cmd->cdb[8] != 0) /* CP: there is partition 0 */
		return scsi_invalid_cdb(cmd, 8, 7);
	ssc_take_bearings(cmd);
	return scsi_unlocked(cmd, locate_10_unlocked);
}

enum scsi_sense_code ssc_locate_16(struct scsi_cmd *cmd)
{
	unsigned what = cmd->cdb[1] >> 3 & 0x07;
	if (what != LOCATE_BLOCK && what != LOCATE_FILE && what != LOCATE_EOD)
		return scsi_invalid_cdb(cmd, 1, 5);
	if (cmd->cdb[1] & 0x02 && cmd->cdb[3] != 0)
		return scsi_invalid_cdb(cmd, 3, 7);
	ssc_take_bearings(cmd);
	return scsi_unlocked(cmd, locate_16_unlocked);
}

/* ---- READ POSITION ------------------------------------------------------------------------------
 */

/*
 * The vendor specific short form is the short form: Linux st asks for it (`mt tell`) unless it was
 * told that positions are logical.
 */
enum {
	POSITION_SHORT = 0x00,
	POSITION_SHORT_VENDOR = 0x01,
	POSITION_LONG = 0x06,
	POSITION_EXTENDED = 0x08,
	BOP = 0x80,
	EOP = 0x40,
	POSITION_ERROR = 0x02, /* it does not fit the field */
	BPEW = 0x01,
	POSITION_MAX = 32,
};

/* EOP between early warning and the end, BPEW from programmable early warning on (SSC-4 7.7.2). */
static unsigned flags(struct ssc_drive *drive)
{
	struct cartridge_status status;
	unsigned bits = drive->position == 0 ? BOP : 0;
	cart_status(drive->cartridge, &status);
	if (drive->position < status.eod || status.eod == 0)
		return bits;
	uint64_t room = status.used < status.capacity ? status.capacity - status.used : 0;
	uint64_t early = ssc_early_warning(status.capacity);
	bits |= room < early ? EOP : 0;
	return bits | (room < early + ssc_programmable_zone(drive) ? BPEW : 0);
}

static void short_form(struct ssc_drive *drive, struct response *r)
{
	bool fits = drive->position <= UINT32_MAX;
	uint32_t position = fits ? (uint32_t)drive->position : UINT32_MAX;
	response_u8(r, flags(drive) | (fits ? 0 : POSITION_ERROR));
	response_u8(r, 0); /* partition */
	response_zero(r, 2);
	response_be32(r, position); /* first: the next to be read or written */
	response_be32(r, position); /* last: nothing is buffered here */
	response_zero(r, 8);
}

static bool long_form(struct ssc_drive *drive, struct response *r)
{
	uint64_t file;
	if (cart_filemarks_before(drive->cartridge, drive->position, &file) < 0)
		return false;
	response_u8(r, flags(drive));
	response_zero(r, 3);
	response_be32(r, 0); /* partition */
	response_be64(r, drive->position);
	response_be64(r, file);
	response_zero(r, 8);
	return true;
}

static void extended_form(struct ssc_drive *drive, struct response *r)
{
	response_u8(r, flags(drive));
	response_u8(r, 0);
	response_be16(r, 0x1c);
	response_zero(r, 4);
	response_be64(r, drive->position);
	response_be64(r, drive->position);
	response_zero(r, 8);
}

static enum scsi_sense_code read_position_unlocked(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	uint8_t data[POSITION_MAX];
	struct response r;
	uint64_t allocation = UINT64_MAX;
	response_init(&r, data, sizeof data);
	switch (cmd->cdb[1] & 0x1f) {
	case POSITION_LONG:
		if (!long_form(drive, &r))
			return SENSE_UNRECOVERED_READ_ERROR;
		break;
	case POSITION_EXTENDED:
		extended_form(drive, &r);
		allocation = get_be16(cmd->cdb + 7);
		break;
	case POSITION_SHORT:
	case POSITION_SHORT_VENDOR:
	default:
		short_form(drive, &r);
		break;
	}
	return scsi_data_in(cmd, data, r.length, allocation);
}

enum scsi_sense_code ssc_read_position(struct scsi_cmd *cmd)
{
	ssc_take_bearings(cmd);
	return scsi_unlocked(cmd, read_position_unlocked);
}
