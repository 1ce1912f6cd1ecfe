/* SPDX-License-Identifier: Apache-2.0 */
/* START STOP UNIT (MMC-6 6.42): the tray, by the host's hand, and power conditions. */
#include "private.h"
#include "scsi/library.h"

void mmc_power_set(struct mmc_drive *drive, enum mmc_power power)
{
	if (drive->power == power)
		return;
	drive->power = power;
	mmc_event_raise_all(drive, EVENT_POWER_CHANGE);
}

/*
 * POWER CONDITIONS as they come in the CDB; 1 (active) is MMC-3's and still in use. Those that a
 * drive does not have (SBC-3: LU_CONTROL, FORCE_IDLE_0 and so on) change nothing; whoever sends
 * one to every LUN must not be told that the unit is broken.
 */
static enum scsi_sense_code set_power(struct scsi_cmd *cmd, unsigned condition)
{
	static const enum mmc_power powers[16] = {
		[1] = POWER_ACTIVE, [2] = POWER_IDLE, [3] = POWER_STANDBY, [5] = POWER_SLEEP};
	if (powers[condition])
		mmc_power_set(mmc_drive_of(cmd), powers[condition]);
	return SENSE_NONE;
}

/*
 * To this nexus the tray is out, if only because a swap is not over: then a late eject must not
 * throw out a medium that the host has not seen. Persistent prevent is against the button, not the
 * host.
 */
static enum scsi_sense_code eject(struct scsi_cmd *cmd)
{
	const struct mmc_drive *drive = mmc_drive_of(cmd);
	if (mmc_visibly_open(cmd->nexus))
		return SENSE_NONE;
	if (drive->changing)
		return SENSE_BECOMING_READY;
	if (scsi_removal_prevented(cmd->nexus->lu, false))
		return drive->disc ? SENSE_REMOVAL_PREVENTED : SENSE_REMOVAL_PREVENTED_EMPTY;
	return scsi_library_request(cmd, LIBRARY_TRAY_OPEN);
}

/* Whoever pulls the tray in knows that it was out: it need not wait for what it has asked for. */
static enum scsi_sense_code load(struct scsi_cmd *cmd)
{
	const struct mmc_drive *drive = mmc_drive_of(cmd);
	if (!drive->tray_open)
		return SENSE_NONE;
	if (drive->changing)
		return SENSE_BECOMING_READY;
	mmc_pulls_in(cmd->nexus);
	return scsi_library_request(cmd, LIBRARY_TRAY_CLOSE);
}

/* Bit 2 of byte 4 is NO_FLUSH (SBC-3), and here there is nothing to flush. */
enum scsi_sense_code mmc_start_stop(struct scsi_cmd *cmd)
{
	unsigned power = cmd->cdb[4] >> 4;
	bool moves = cmd->cdb[4] & 0x02, start = cmd->cdb[4] & 0x01;
	if (power)
		return set_power(cmd, power);
	if (moves)
		return start ? load(cmd) : eject(cmd);
	return start ? mmc_ready(cmd) : SENSE_NONE;
}
