/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts that would write where they do not know the tape to be.
 *
 * After power on and in front of another cartridge the tape is at its beginning, and the unit
 * attention says so. A host that was writing gets it for a block; Linux st (6.1) then writes the
 * filemark that ends the file as if nothing had been, at the beginning, and all that is on the tape
 * is gone. So what writes is refused to whoever was told by a command that goes on from where the
 * tape stands, until it asks where that is or says where to go. Who was told by another command
 * (TEST UNIT READY, when the device is opened) begins anew, and may overwrite.
 *
 * Real drives leave it to the host. 5/2C/00 blames neither the cartridge nor the drive.
 */
#include "drive_private.h"

enum { TAPE_ELSEWHERE = 1 << ATTENTION_POWER_ON | 1 << ATTENTION_MEDIUM_CHANGED };

static bool *lost_by(const struct scsi_cmd *cmd)
{
	return &((struct ssc_nexus *)cmd->nexus->device)->lost_bearings;
}

void ssc_attention_reported(struct scsi_cmd *cmd)
{
	if (cmd->attention & TAPE_ELSEWHERE)
		*lost_by(cmd) = cmd->opcode->flags & OPCODE_GOES_ON;
}

void ssc_take_bearings(struct scsi_cmd *cmd)
{
	*lost_by(cmd) = false;
}

bool ssc_lost_bearings(const struct scsi_cmd *cmd)
{
	return *lost_by(cmd);
}
