/* SPDX-License-Identifier: Apache-2.0 */
/* READ, WRITE, VERIFY, WRITE FILEMARKS, ERASE (SSC-4 6.3, 6.5, 7.2, 7.9; tape drives' 6-byte
 * forms). */
#include <errno.h>

#include "drive_private.h"
#include "util/bytes.h"
#include "util/cleanup.h"

enum {
	FIXED = 0x01,
	SILI = 0x02,
	FRAME_OVERHEAD = 128,
	FILEMARKS_RESERVE = 64 << 10,
	MEGABYTE = 1000000
};

/* INFORMATION of what was not done: blocks, or bytes when there is one of variable length. */
static enum scsi_sense_code left(struct scsi_cmd *cmd, const struct ssc_transfer *transfer,
	uint64_t done, enum scsi_sense_code code)
{
	return scsi_sense_at(
		cmd, code, transfer->fixed ? transfer->count - done : transfer->length);
}

/* lu->lock held. */
static enum scsi_sense_code take_transfer(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	uint32_t field = get_be24(cmd->cdb + 2), block_length = drive->mode.block_length;
	bool fixed = cmd->cdb[1] & FIXED, suppress = cmd->cdb[1] & SILI;
	if (fixed && block_length == 0)
		return scsi_invalid_cdb(cmd, 1, 0);
	if (fixed && suppress)
		return scsi_invalid_cdb(cmd, 1, 1);
	drive->transfer = (struct ssc_transfer){
		.count = fixed ? field : 1,
		.length = fixed ? block_length : field,
		.fixed = fixed,
		.suppress = suppress,
		.has_block_length = block_length != 0,
	};
	return SENSE_NONE;
}

static struct ssc_transfer transfer_of(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	SCOPED_LOCK(&drive->lu.lock);
	return drive->transfer;
}

/* ---- READ ---------------------------------------------------------------------------------------
 */

static enum scsi_sense_code nothing_to_read(
	struct scsi_cmd *cmd, const struct ssc_transfer *transfer, uint64_t done, int result)
{
	if (result == -ERANGE)
		return left(cmd, transfer, done, SENSE_END_OF_DATA);
	ssc_alert_read_failure(ssc_drive_of(cmd));
	return left(cmd, transfer, done, SENSE_UNRECOVERED_READ_ERROR);
}

static enum scsi_sense_code at_filemark(
	struct scsi_cmd *cmd, const struct ssc_transfer *transfer, uint64_t done)
{
	cmd->sense.filemark = true;
	return left(cmd, transfer, done, SENSE_FILEMARK);
}

/* The block is longer or shorter than asked for. INFORMATION is signed in the variable case. */
static enum scsi_sense_code wrong_length(
	struct scsi_cmd *cmd, const struct ssc_transfer *transfer, uint64_t done, uint32_t length)
{
	cmd->sense.incorrect_length = true;
	if (transfer->fixed)
		return left(cmd, transfer, done, SENSE_INCORRECT_LENGTH);
	return scsi_sense_at(cmd, SENSE_INCORRECT_LENGTH,
		(uint64_t)((int64_t)transfer->length - (int64_t)length));
}

/* A longer block is told with SILI too, when there is a block length (SSC-4 6.3, SILI). */
static bool length_matters(const struct ssc_transfer *transfer, uint32_t length)
{
	if (length == transfer->length)
		return false;
	if (!transfer->suppress)
		return true;
	return length > transfer->length && transfer->has_block_length;
}

/* What was read is the initiator's: it is where it belongs, or in the drive's buffer. */
static void hand_over(struct scsi_cmd *cmd, const void *piece, uint32_t length)
{
	if (piece)
		scsi_data_in_placed(cmd, length);
	else
		scsi_data_in(cmd, ssc_drive_of(cmd)->buffer, length, length);
}

static enum scsi_sense_code read_block(
	struct scsi_cmd *cmd, const struct ssc_transfer *transfer, uint64_t done, bool transfers)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	struct cartridge_object object;
	uint32_t longest = drive->personality->block_max;
	uint32_t room = transfer->length < longest ? transfer->length : longest;
	void *piece = transfers ? scsi_data_in_piece(cmd, room) : NULL;
	int result = (cmd->at_hand ? cart_read_at_hand : cart_read)(
		drive->cartridge, drive->position, piece ? piece : drive->buffer, room, &object);
	if (cmd->at_hand && result == -EAGAIN)
		return SCSI_WOULD_WAIT;
	if (result < 0)
		return nothing_to_read(cmd, transfer, done, result);
	drive->position++;
	if (object.filemark)
		return at_filemark(cmd, transfer, done);
	bool wrong = length_matters(transfer, object.length);
	uint32_t length = object.length < room ? object.length : room;
	if (transfers && !(wrong && transfer->fixed))
		hand_over(cmd, piece, length);
	return wrong ? wrong_length(cmd, transfer, done, object.length) : SENSE_NONE;
}

static enum scsi_sense_code read_all(struct scsi_cmd *cmd, bool transfers)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	struct ssc_transfer transfer = transfer_of(cmd);
	enum scsi_sense_code code = SENSE_NONE;
	if (cmd->at_hand && transfer.count > 1) /* the second might have to wait */
		return SCSI_WOULD_WAIT;
	for (uint64_t done = 0; done < transfer.count && code == SENSE_NONE; done++)
		code = scsi_cmd_is_aborted(cmd) ? SCSI_TASK_ABORTED
						: read_block(cmd, &transfer, done, transfers);
	if (code == SCSI_WOULD_WAIT)
		return code;
	scsi_lu_lock(&drive->lu);
	drive->bytes_read += cmd->data_in_done;
	scsi_lu_unlock(&drive->lu);
	ssc_snapshot(drive);
	return code;
}

static enum scsi_sense_code read_unlocked(struct scsi_cmd *cmd)
{
	return read_all(cmd, true);
}

static enum scsi_sense_code verify_unlocked(struct scsi_cmd *cmd)
{
	return read_all(cmd, false);
}

/* Nothing asked for is no error, and moves nothing. */
static enum scsi_sense_code read_blocks(
	struct scsi_cmd *cmd, enum scsi_sense_code (*unlocked)(struct scsi_cmd *cmd))
{
	enum scsi_sense_code code = take_transfer(cmd);
	if (code != SENSE_NONE || get_be24(cmd->cdb + 2) == 0)
		return code;
	return scsi_unlocked(cmd, unlocked);
}

enum scsi_sense_code ssc_read_6(struct scsi_cmd *cmd)
{
	return read_blocks(cmd, read_unlocked);
}

/* Neither BYTCMP nor IMMED, as real LTO drives. */
enum scsi_sense_code ssc_verify_6(struct scsi_cmd *cmd)
{
	return read_blocks(cmd, verify_unlocked);
}

/* ---- the end of the tape ------------------------------------------------------------------------
 */

/* A hundredth of the tape, and room for what backup programs still write then. */
uint64_t ssc_early_warning(uint64_t capacity)
{
	uint64_t zone = capacity / 100, least = 64 * (uint64_t)MEGABYTE;
	zone = zone < least ? least : zone;
	return zone < capacity / 4 ? zone : capacity / 4;
}

uint64_t ssc_programmable_zone(struct ssc_drive *drive)
{
	SCOPED_LOCK(&drive->lu.lock);
	const uint8_t *page = scsi_mode_current(&drive->lu, 0x10, 0x01);
	return page ? get_be16(page + 6) * (uint64_t)MEGABYTE : 0;
}

/* Where writing is: what lies before the position counts. */
static bool is_full(struct ssc_drive *drive, uint64_t more)
{
	struct cartridge_status status;
	cart_status(drive->cartridge, &status);
	if (drive->position < status.eod) /* what is behind the position goes */
		return false;
	return status.used + more > status.capacity;
}

/* The command succeeded, and the end is near (SSC-4 4.2.5, 4.2.6). */
static enum scsi_sense_code near_end(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	struct cartridge_status status;
	cart_status(drive->cartridge, &status);
	uint64_t room = status.used < status.capacity ? status.capacity - status.used : 0;
	if (room < ssc_early_warning(status.capacity)) {
		cmd->sense.end_of_medium = true;
		return scsi_sense_at(cmd, SENSE_EARLY_WARNING, 0);
	}
	uint64_t programmable = ssc_programmable_zone(drive);
	if (programmable == 0 || room >= ssc_early_warning(status.capacity) + programmable) {
		drive->warned_early = false;
		return SENSE_NONE;
	}
	if (drive->warned_early)
		return SENSE_NONE;
	drive->warned_early = true;
	return scsi_sense_at(cmd, SENSE_PROGRAMMABLE_EARLY_WARNING, 0);
}

/* ---- WRITE --------------------------------------------------------------------------------------
 */

/*
 * INFORMATION counts what is not on the tape: what was not taken, and what was buffered and is lost
 * (SCSI-2 10.2.15; it may be more than was asked for).
 */
static enum scsi_sense_code cannot_write(
	struct scsi_cmd *cmd, const struct ssc_transfer *transfer, uint64_t done)
{
	uint64_t lost = ssc_lost(ssc_drive_of(cmd), cmd->nexus);
	left(cmd, transfer, done, SENSE_WRITE_ERROR);
	if (transfer->fixed)
		cmd->sense.information += lost;
	return SENSE_WRITE_ERROR;
}

/* One block of the Data-Out, where it is or in the drive's buffer. */
static const void *take_block(struct scsi_cmd *cmd, uint64_t offset, uint32_t length)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	const void *piece = scsi_data_out_piece(cmd, offset, length);
	if (piece)
		return piece;
	scsi_data_out_at(cmd, offset, drive->buffer, length);
	return drive->buffer;
}

static enum scsi_sense_code write_block(
	struct scsi_cmd *cmd, const struct ssc_transfer *transfer, uint64_t done, bool compression)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	if (is_full(drive, transfer->length + FRAME_OVERHEAD)) {
		cmd->sense.end_of_medium = true;
		return left(cmd, transfer, done, SENSE_VOLUME_OVERFLOW);
	}
	const void *block = take_block(cmd, done * transfer->length, transfer->length);
	int result = cart_append(drive->cartridge, drive->position, block, transfer->length,
		compression ? COMPRESSION_LZ4 : COMPRESSION_NONE);
	if (result < 0)
		return cannot_write(cmd, transfer, done);
	drive->position++;
	return SENSE_NONE;
}

/* All of them are taken. Without buffering a command has written nothing until all of it lasts. */
static enum scsi_sense_code written(
	struct scsi_cmd *cmd, const struct ssc_transfer *transfer, bool buffered)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	if (!buffered && ssc_commit(drive) < 0) {
		drive->position -= transfer->count;
		return cannot_write(cmd, transfer, 0);
	}
	return near_end(cmd);
}

static enum scsi_sense_code write_unlocked(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	struct ssc_transfer transfer = transfer_of(cmd);
	enum scsi_sense_code code = SENSE_NONE;
	scsi_lu_lock(&drive->lu);
	bool buffered = drive->mode.buffered;
	bool compression = scsi_mode_current(&drive->lu, 0x0f, 0)[2] & 0x80;
	scsi_lu_unlock(&drive->lu);
	uint64_t done = 0;
	while (done < transfer.count && code == SENSE_NONE) {
		code = scsi_cmd_is_aborted(cmd) ? SCSI_TASK_ABORTED
						: write_block(cmd, &transfer, done, compression);
		done += code == SENSE_NONE;
	}
	if (done > 0 && code != SENSE_WRITE_ERROR)
		ssc_owe(cmd);
	if (code == SENSE_NONE)
		code = written(cmd, &transfer, buffered);
	scsi_lu_lock(&drive->lu);
	drive->bytes_written += done * transfer.length;
	scsi_lu_unlock(&drive->lu);
	ssc_snapshot(drive);
	return code;
}

/* What is too long is refused before a byte of it is taken. */
enum scsi_sense_code ssc_write_6(struct scsi_cmd *cmd)
{
	const struct ssc_drive *drive = ssc_drive_of(cmd);
	const struct ssc_transfer *transfer = &drive->transfer;
	enum scsi_sense_code code = take_transfer(cmd);
	if (code != SENSE_NONE || get_be24(cmd->cdb + 2) == 0)
		return code;
	cmd->data_wanted = transfer->count * transfer->length;
	if (transfer->length > ssc_block_max(cmd) ||
		transfer->length > drive->snapshot.cartridge.block_max ||
		cmd->data_wanted > cmd->transfer_length)
		return scsi_invalid_cdb(cmd, 2, 7);
	return scsi_unlocked(cmd, write_unlocked);
}

/* ---- WRITE FILEMARKS, ERASE ---------------------------------------------------------------------
 */

/* Behind the end there is always room for filemarks, so that a tape that is full can be ended. */
static bool has_room_for_mark(struct ssc_drive *drive)
{
	struct cartridge_status status;
	cart_status(drive->cartridge, &status);
	return drive->position < status.eod || status.used < status.capacity + FILEMARKS_RESERVE;
}

/*
 * One by one: of those that were written before one could not be, the position must tell. -EFBIG:
 * the tape is full, -ECANCELED: the command was aborted (a cartridge never says those).
 */
static int append_filemarks(struct scsi_cmd *cmd, uint64_t count, uint64_t *ret_done)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	int result = 0;
	for (*ret_done = 0; *ret_done < count && result == 0; *ret_done += result == 0) {
		if (scsi_cmd_is_aborted(cmd))
			return -ECANCELED;
		if (!has_room_for_mark(drive))
			return -EFBIG;
		result = cart_append_filemarks(drive->cartridge, drive->position, 1);
		drive->position += result == 0;
	}
	return result;
}

static enum scsi_sense_code commit_filemarks(
	struct scsi_cmd *cmd, const struct ssc_transfer *transfer, bool immediate)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	if (transfer->count > 0)
		ssc_owe(cmd);
	int result = immediate ? cart_commit(drive->cartridge, false) : ssc_commit(drive);
	if (result < 0) {
		drive->position -= transfer->count;
		return cannot_write(cmd, transfer, 0);
	}
	return transfer->count ? near_end(cmd) : SENSE_NONE;
}

/* The command stopped before the last of them. */
static enum scsi_sense_code filemarks_stopped(
	struct scsi_cmd *cmd, const struct ssc_transfer *transfer, uint64_t done, int result)
{
	if (result != -EFBIG && result != -ECANCELED)
		return cannot_write(cmd, transfer, done);
	if (done > 0)
		ssc_owe(cmd);
	if (result == -ECANCELED)
		return SCSI_TASK_ABORTED;
	cmd->sense.end_of_medium = true;
	return left(cmd, transfer, done, SENSE_VOLUME_OVERFLOW);
}

static enum scsi_sense_code filemarks_unlocked(struct scsi_cmd *cmd)
{
	struct ssc_transfer transfer = {.count = get_be24(cmd->cdb + 2), .fixed = true};
	uint64_t done;
	int result = append_filemarks(cmd, transfer.count, &done);
	enum scsi_sense_code code = result < 0
					    ? filemarks_stopped(cmd, &transfer, done, result)
					    : commit_filemarks(cmd, &transfer, cmd->cdb[1] & 0x01);
	ssc_snapshot(ssc_drive_of(cmd));
	return code;
}

enum scsi_sense_code ssc_write_filemarks(struct scsi_cmd *cmd)
{
	return scsi_unlocked(cmd, filemarks_unlocked);
}

static enum scsi_sense_code erase_unlocked(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	int result = cart_erase(drive->cartridge, drive->position);
	if (result == 0)
		result = ssc_commit(drive);
	if (result < 0)
		ssc_lost(drive, cmd->nexus);
	ssc_snapshot(drive);
	return result < 0 ? SENSE_WRITE_ERROR : SENSE_NONE;
}

/* LONG or not: what was there cannot be read any more. */
enum scsi_sense_code ssc_erase(struct scsi_cmd *cmd)
{
	return scsi_unlocked(cmd, erase_unlocked);
}
