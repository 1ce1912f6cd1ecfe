/* SPDX-License-Identifier: Apache-2.0 */
/* Between the faked surroundings of a drive (fake_drive.c) and the transport in front of it. */
#pragma once

#include "fake_transport.h"

/* ---- the transport's ------------------------------------------------------------------------- */

void fake_transport_begin(struct fake_drive *fake);
/* Every nexus goes. */
void fake_transport_end(struct fake_drive *fake);
/* Any thread: a work or a request waits. */
void fake_transport_parked(struct fake_drive *fake);
/* Works and requests have run: waits for the answers. */
void fake_transport_catch_up(struct fake_drive *fake);
/*
 * On its way: command->cmd has CDB and transfer length, command->answer.data the Data-Out or room
 * for the Data-In.
 */
void fake_transport_send(struct fake_command *command, struct scsi_nexus *nexus, bool out);

/* ---- the type's ------------------------------------------------------------------------------ */

/* Surroundings without a drive, for `lu` of its configuration; the device type fills in the rest.
 */
struct fake_drive *fake_drive_create(
	const struct fake_device *device, struct scsi_lu_config *ret_lu);
/* The drive is there: hosts may come. */
void fake_drive_begin(struct fake_drive *fake, struct scsi_lu *lu);

/* ---- the drive's ----------------------------------------------------------------------------- */

/* For transports that carry the command away: command->cmd stays a note of what was sent. */
void fake_note_command(struct fake_command *command, struct scsi_nexus *nexus);
/* Runs the works and requests that nobody wants to run by hand. False: there were none. */
bool fake_run_parked(struct fake_drive *fake);
/* Works and requests that wait. */
unsigned fake_count_parked(struct fake_drive *fake);
