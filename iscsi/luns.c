/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no logical unit can answer: REPORT LUNS for the session's whole map, and commands for a LUN
 * that is not there (SPC-4 6.33, 6.6.1, SAM-5 4.6.4).
 */
#include "command.h"
#include "iscsi/portal.h"
#include "pdu.h"
#include "session.h"

enum {
	REPORT_LUNS = 0xa0,
	INQUIRY = 0x12,
	REQUEST_SENSE = 0x03,
	REPORT_LUNS_LENGTH = 12,
	REPORT_HEADER = 8,
	LUN_LENGTH = 8,
	SELECT_ALL = 2,
	SELECT_WELL_KNOWN = 1,
	ALLOCATION_LEAST = 16,
	INQUIRY_LENGTH = 36,
	NO_DEVICE_HERE = 0x7f, /* qualifier 011b, type 1Fh */
};

static const uint8_t report_luns_usage[REPORT_LUNS_LENGTH] = {
	0xff, 0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};

/* As scsi_data_in does, without a logical unit. */
static void give(struct command *command, const uint8_t *data, uint32_t length, uint32_t allocation)
{
	struct scsi_cmd *cmd = &command->cmd;
	if (length > allocation)
		length = allocation;
	cmd->data_wanted = length;
	cmd->data_in = true;
	if (length > command->buffer_length || !command->read)
		length = command->read ? command->buffer_length : 0;
	if (length > 0)
		memcpy(command->buffer, data, length);
	cmd->data_in_done = length;
	cmd->status = SCSI_STATUS_GOOD;
}

static void check_condition(struct command *command, enum scsi_sense_code code)
{
	command->cmd.status = SCSI_STATUS_CHECK_CONDITION;
	command->cmd.sense.code = code;
}

static void report_luns(struct command *command)
{
	const struct portal_session *map = &command->session->backend;
	const uint8_t *cdb = command->cmd.cdb;
	uint32_t allocation = get_be32(cdb + 6);
	uint8_t data[REPORT_HEADER + PORTAL_LUNS_MAX * LUN_LENGTH] = {0};
	unsigned count = cdb[2] == SELECT_WELL_KNOWN ? 0 : map->lun_count;
	if (scsi_check_usage(&command->cmd, report_luns_usage, sizeof report_luns_usage)) {
		check_condition(command, SENSE_INVALID_FIELD_IN_CDB);
		return;
	}
	if (cdb[2] > SELECT_ALL || allocation < ALLOCATION_LEAST) {
		scsi_invalid_cdb(&command->cmd, cdb[2] > SELECT_ALL ? 2 : 6, 7);
		check_condition(command, SENSE_INVALID_FIELD_IN_CDB);
		return;
	}
	put_be32(data, count * LUN_LENGTH);
	for (unsigned i = 0; i < count; i++)
		pdu_put_lun(data + REPORT_HEADER + i * LUN_LENGTH, map->luns[i].number);
	give(command, data, REPORT_HEADER + count * LUN_LENGTH, allocation);
}

static void inquiry_of_nothing(struct command *command)
{
	const uint8_t *cdb = command->cmd.cdb;
	uint8_t data[INQUIRY_LENGTH] = {NO_DEVICE_HERE, 0, 0x06, 0x02, INQUIRY_LENGTH - 5};
	if (cdb[1] & 1 || cdb[2])
		check_condition(command, SENSE_LUN_NOT_SUPPORTED);
	else
		give(command, data, sizeof data, get_be16(cdb + 3));
}

static void sense_of_nothing(struct command *command)
{
	const struct scsi_sense sense = {.code = SENSE_LUN_NOT_SUPPORTED};
	uint8_t data[SCSI_SENSE_MAX];
	size_t length = scsi_sense_encode(&sense, command->cmd.cdb[1] & 1, data);
	give(command, data, (uint32_t)length, command->cmd.cdb[4]);
}

bool command_answer_here(struct command *command)
{
	uint8_t opcode = command->cmd.cdb[0];
	if (opcode == REPORT_LUNS && (command->lun == 0 || command->lun_index >= 0))
		report_luns(command);
	else if (command->lun_index >= 0)
		return false;
	else if (opcode == INQUIRY)
		inquiry_of_nothing(command);
	else if (opcode == REQUEST_SENSE)
		sense_of_nothing(command);
	else
		check_condition(command, SENSE_LUN_NOT_SUPPORTED);
	return true;
}
