/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was answered GOOD must last, and when it does not, who is told (SPC-4 4.5.6, SSC-4 4.2.13).
 *
 * A host whose blocks are lost is told once: by the command that finds out if it is that host's
 * own, as a deferred error when that command's job is another, and else instead of its next one.
 * That the command is not performed lets nobody take its GOOD for a promise that they are on tape.
 */
#include "drive_private.h"
#include "util/cleanup.h"

static bool *owed_to(struct scsi_nexus *nexus)
{
	return &((struct ssc_nexus *)nexus->device)->owed;
}

void ssc_owe(struct scsi_cmd *cmd)
{
	SCOPED_LOCK(&cmd->nexus->lu->lock);
	*owed_to(cmd->nexus) = true;
	ssc_drive_of(cmd)->loss_told = SSC_LOSS_UNTOLD;
}

/* lu.lock held. */
static void forget_all(const struct list *nexuses)
{
	list_for_each (node, nexuses)
		*owed_to(container_of(node, struct scsi_nexus, link)) = false;
}

/* lu.lock held. */
static void defer_all(const struct list *nexuses, const struct scsi_nexus *teller)
{
	const struct scsi_sense lost = {.code = SENSE_WRITE_ERROR};
	list_for_each (node, nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (nexus != teller && *owed_to(nexus))
			scsi_defer(nexus, &lost);
	}
}

/* lu.lock held. What only waits for room is owed still: it may be lost later. */
static void tell_all(struct ssc_drive *drive, const struct scsi_nexus *teller, enum ssc_loss loss)
{
	if (drive->loss_told < loss) {
		defer_all(&drive->lu.nexuses, teller);
		defer_all(&drive->lu.dormant, teller);
		drive->loss_told = loss;
	}
	if (loss == SSC_LOSS_FAILED) {
		forget_all(&drive->lu.nexuses);
		forget_all(&drive->lu.dormant);
	}
}

/* What a commit or a write that failed has come to. */
static enum ssc_loss loss_of(const struct ssc_drive *drive)
{
	struct cartridge_status status;
	cart_status(drive->cartridge, &status);
	return status.failed ? SSC_LOSS_FAILED : SSC_LOSS_HOST_FULL;
}

void ssc_owe_nobody(struct ssc_drive *drive)
{
	SCOPED_LOCK(&drive->lu.lock);
	forget_all(&drive->lu.nexuses);
	forget_all(&drive->lu.dormant);
	drive->loss_told = SSC_LOSS_UNTOLD;
}

int ssc_commit(struct ssc_drive *drive)
{
	struct cartridge_status status = {0};
	if (drive->cartridge)
		cart_status(drive->cartridge, &status);
	int result = status.writable ? cart_commit(drive->cartridge, true) : 0;
	if (result == 0)
		ssc_owe_nobody(drive);
	return result;
}

uint64_t ssc_lost(struct ssc_drive *drive, struct scsi_nexus *teller)
{
	struct cartridge_status status;
	uint64_t before = drive->position;
	cart_status(drive->cartridge, &status);
	if (status.failed && status.damaged_object < before)
		drive->position = status.damaged_object;
	SCOPED_LOCK(&drive->lu.lock);
	ssc_alert_write_failure(drive, status.failed);
	tell_all(drive, teller, loss_of(drive));
	return before - drive->position;
}

/* lu.lock not held. */
static bool is_owed(struct scsi_cmd *cmd)
{
	SCOPED_LOCK(&cmd->nexus->lu->lock);
	return *owed_to(cmd->nexus);
}

enum scsi_sense_code ssc_barrier(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	bool owed = is_owed(cmd);
	if (ssc_commit(drive) == 0 || drive->loss_told >= loss_of(drive))
		return SENSE_NONE;
	cmd->sense.deferred = owed;
	ssc_lost(drive, cmd->nexus);
	ssc_snapshot(drive);
	return SENSE_WRITE_ERROR;
}
