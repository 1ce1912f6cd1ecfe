/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/spc.h"

#include "private.h"
#include "scsi/library.h"
#include "scsi/lu.h"
#include "util/bytes.h"
#include "util/response.h"

/* The ready gate has done the work. */
enum scsi_sense_code scsi_test_unit_ready(struct scsi_cmd *cmd)
{
	return SENSE_NONE;
}

/*
 * A command's own sense went out with its status. So the data is the highest pending unit
 * attention, else a deferred error, else whether the drive is ready (SPC-4 6.39).
 */
enum scsi_sense_code scsi_request_sense(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint8_t data[SCSI_SENSE_MAX];
	enum scsi_sense_code code = scsi_attention_report(cmd);
	if (code == SENSE_NONE)
		code = scsi_deferred_take(cmd);
	if (code == SENSE_NONE && lu->type->ready)
		code = lu->type->ready(cmd); /* may say how far it is in cmd->sense */
	struct scsi_sense sense = cmd->sense;
	sense.code = code;
	cmd->sense = (struct scsi_sense){0}; /* REQUEST SENSE itself succeeds */
	size_t length = scsi_sense_encode(&sense, cmd->cdb[1] & 0x01, data);
	return scsi_data_in(cmd, data, length, cmd->cdb[4]);
}

/*
 * One logical unit, LUN 0: what a nexus to this lu reaches. Transports with several logical units
 * behind one target port answer for all of them (the kernel target does so by itself).
 */
enum scsi_sense_code scsi_report_luns(struct scsi_cmd *cmd)
{
	uint8_t data[16];
	struct response r;
	uint32_t allocation_length = get_be32(cmd->cdb + 6);
	if (cmd->cdb[2] > 2)
		return scsi_invalid_cdb(cmd, 2, 7);
	if (allocation_length < sizeof data)
		return scsi_invalid_cdb(cmd, 6, 7);
	response_init(&r, data, sizeof data);
	response_be32(&r, cmd->cdb[2] == 1 ? 0 : 8); /* 01h: well known logical units; none here */
	response_zero(&r, cmd->cdb[2] == 1 ? 4 : 12);
	return scsi_data_in(cmd, data, r.length, allocation_length);
}

enum scsi_sense_code scsi_prevent_allow(struct scsi_cmd *cmd)
{
	struct scsi_nexus *nexus = cmd->nexus;
	struct scsi_lu *lu = nexus->lu;
	bool set = cmd->cdb[4] & 0x01;
	bool persistent = cmd->cdb[4] & 0x02;
	bool *which = persistent ? &nexus->prevent_persistent : &nexus->prevent;
	if (set)
		scsi_nexus_takes(
			nexus, persistent ? SCSI_HOLDING_PREVENT_PERSISTENT : SCSI_HOLDING_PREVENT);
	if (*which == set)
		return SENSE_NONE;
	*which = set;
	scsi_lu_remember(lu);
	if (!set)
		lu->library->event(lu->library_context, lu, LIBRARY_EVENT_ALLOWED);
	return SENSE_NONE;
}
