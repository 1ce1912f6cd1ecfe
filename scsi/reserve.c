/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPC-2 reservations of the whole logical unit (SPC-2 7.17, 7.21): obsolete since SPC-3, and still
 * what many hosts and backup programs send. They vanish with a reset and with the nexus. As long as
 * anybody is registered for persistent reservations both commands conflict (SPC-2 5.5.1; CRH is 0).
 */
#include "scsi/lu.h"
#include "scsi/spc.h"

#include "private.h"

void scsi_reservation_drop(struct scsi_nexus *nexus)
{
	if (nexus->lu->reserved_by == nexus)
		nexus->lu->reserved_by = NULL;
}

/* What the library is about to publish may be a registration. */
static enum scsi_sense_code check_persistent(const struct scsi_lu *lu)
{
	if (lu->persistent.count > 0)
		return SCSI_RESERVATION_CONFLICT;
	return lu->persistent_committing ? SCSI_BUSY : SENSE_NONE;
}

enum scsi_sense_code scsi_reserve(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	enum scsi_sense_code code = check_persistent(lu);
	if (code != SENSE_NONE)
		return code;
	if (lu->reserved_by && lu->reserved_by != cmd->nexus)
		return SCSI_RESERVATION_CONFLICT;
	lu->reserved_by = cmd->nexus;
	scsi_nexus_takes(cmd->nexus, SCSI_HOLDING_RESERVATION);
	scsi_lu_remember(lu);
	return SENSE_NONE;
}

/* A release by somebody who holds nothing is GOOD and does nothing (SPC-2 7.17.2). */
enum scsi_sense_code scsi_release(struct scsi_cmd *cmd)
{
	if (cmd->nexus->lu->persistent.count > 0)
		return SCSI_RESERVATION_CONFLICT;
	if (cmd->nexus->lu->reserved_by == cmd->nexus) {
		scsi_reservation_drop(cmd->nexus);
		scsi_lu_remember(cmd->nexus->lu);
	}
	return SENSE_NONE;
}
