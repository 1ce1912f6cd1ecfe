/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the drive claims to turn: SET CD SPEED (MMC-6 6.39), SET STREAMING (6.41), GET
 * PERFORMANCE (6.8) and page 2Ah. A host may slow it down, and sees that it did; reads are never
 * slowed. A medium that comes, and a reset, start at full speed again. Speeds are in 1000 bytes a
 * second, at the whole of the medium the same.
 */
#include "private.h"
#include "util/bytes.h"

enum { KB_CD_48X = 8467, KB_DVD_16X = 22160, KB_BD_12X = 53940, KB_CD_1X = 176, KB_ANY = 0xffff };

unsigned mmc_speed_max(const struct mmc_drive *drive)
{
	switch (drive->disc ? drive->disc->profile : drive->personality->profiles[0]) {
	case PROFILE_BD_ROM:
		return KB_BD_12X;
	case PROFILE_DVD_ROM:
		return KB_DVD_16X;
	default:
		return KB_CD_48X;
	}
}

unsigned mmc_speed(const struct mmc_drive *drive)
{
	unsigned max = mmc_speed_max(drive);
	return drive->speed_kb > 0 && drive->speed_kb < max ? drive->speed_kb : max;
}

static void keep(struct mmc_drive *drive, unsigned speed_kb)
{
	if (drive->speed_kb == speed_kb)
		return;
	drive->speed_kb = speed_kb;
	scsi_lu_remember(&drive->lu);
}

/* 0 is as slow as can be. */
static void set(struct mmc_drive *drive, uint64_t kilobytes)
{
	unsigned max = mmc_speed_max(drive);
	if (kilobytes < KB_CD_1X)
		kilobytes = KB_CD_1X;
	keep(drive, kilobytes < max ? (unsigned)kilobytes : 0);
}

/* ROTATIONAL CONTROL: constant linear or angular velocity. The write speed is nobody's. */
enum scsi_sense_code mmc_set_cd_speed(struct scsi_cmd *cmd)
{
	unsigned kilobytes = get_be16(cmd->cdb + 2);
	if ((cmd->cdb[1] & 0x03) > 1)
		return scsi_invalid_cdb(cmd, 1, 1);
	set(mmc_drive_of(cmd), kilobytes == KB_ANY ? UINT32_MAX : kilobytes);
	return SENSE_NONE;
}

/* ---- SET STREAMING ------------------------------------------------------------------------------
 */

enum {
	PERFORMANCE_DESCRIPTOR = 0, /* TYPE */
	DESCRIPTOR_LENGTH = 28,
	RESTORE_DEFAULTS = 0x04,
	EXACT = 0x02,
	START_LBA = 4,
	END_LBA = 8,
	READ_SIZE = 12,
	READ_TIME = 16,
};

static enum scsi_sense_code take_descriptor(struct scsi_cmd *cmd, const uint8_t *descriptor)
{
	struct mmc_drive *drive = mmc_drive_of(cmd);
	uint64_t size = get_be32(descriptor + READ_SIZE), time = get_be32(descriptor + READ_TIME);
	if (descriptor[0] & RESTORE_DEFAULTS) {
		keep(drive, 0);
		return SENSE_NONE;
	}
	if (get_be32(descriptor + END_LBA) < get_be32(descriptor + START_LBA))
		return scsi_invalid_parameter(cmd, END_LBA, 7);
	if (time == 0)
		return scsi_invalid_parameter(cmd, READ_TIME, 7);
	if (descriptor[0] & EXACT && size * 1000 / time > mmc_speed_max(drive))
		return scsi_invalid_parameter(cmd, READ_SIZE, 7);
	set(drive, size * 1000 / time);
	return SENSE_NONE;
}

enum scsi_sense_code mmc_set_streaming(struct scsi_cmd *cmd)
{
	uint8_t descriptor[DESCRIPTOR_LENGTH];
	unsigned length = get_be16(cmd->cdb + 9);
	if (cmd->cdb[8] != PERFORMANCE_DESCRIPTOR)
		return scsi_invalid_cdb(cmd, 8, 7);
	if (length == 0)
		return SENSE_NONE;
	if (length != DESCRIPTOR_LENGTH ||
		scsi_data_out(cmd, descriptor, DESCRIPTOR_LENGTH) < DESCRIPTOR_LENGTH)
		return SENSE_PARAMETER_LIST_LENGTH;
	return take_descriptor(cmd, descriptor);
}

/* ---- GET PERFORMANCE ----------------------------------------------------------------------------
 */

enum { TYPE_PERFORMANCE = 0, WRITES = 0x04, EXCEPTIONS = 0x03 };

/* One descriptor says it all, and there are no exceptions to it. */
static void nominal(struct response *r, const struct mmc_drive *drive, uint32_t start)
{
	response_be32(r, start);
	response_be32(r, mmc_speed(drive));
	response_be32(r, drive->disc->lead_out - 1);
	response_be32(r, mmc_speed(drive));
}

/* What is about writing (speeds, defects, unusable areas) is refused. */
enum scsi_sense_code mmc_get_performance(struct scsi_cmd *cmd)
{
	const struct mmc_drive *drive = mmc_drive_of(cmd);
	uint32_t start = get_be32(cmd->cdb + 2);
	unsigned count = get_be16(cmd->cdb + 8);
	uint8_t buffer[24];
	struct response r;
	if (cmd->cdb[10] != TYPE_PERFORMANCE)
		return scsi_invalid_cdb(cmd, 10, 7);
	if (cmd->cdb[1] & WRITES)
		return scsi_invalid_cdb(cmd, 1, 2);
	if (start >= drive->disc->lead_out)
		return scsi_sense_at(cmd, SENSE_LBA_OUT_OF_RANGE, start);
	response_init(&r, buffer, sizeof buffer);
	size_t length = response_length_open(&r, 4);
	response_u8(&r, cmd->cdb[1] & EXCEPTIONS ? 1 : 0);
	response_zero(&r, 3);
	if (count > 0 && !(cmd->cdb[1] & EXCEPTIONS))
		nominal(&r, drive, start);
	response_length_close(&r, length, 4, 0);
	return mmc_reply(cmd, &r, sizeof buffer);
}
