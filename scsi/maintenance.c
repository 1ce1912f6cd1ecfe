/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/maintenance.h"

#include "scsi/lu.h"
#include "util/bytes.h"
#include "util/response.h"

/* ---- REPORT SUPPORTED OPERATION CODES -------------------------------------------------------- */

enum {
	ALL_COMMANDS = 0,
	ONE_OPCODE = 1,
	ONE_ACTION = 2,
	ONE_EITHER = 3,
	NOT_SUPPORTED = 1,
	SUPPORTED = 3,
	RETURN_TIMEOUTS = 0x80,
	TIMEOUTS_LENGTH = 12,
	COMMANDS_MAX = 4 + 256 * (8 + TIMEOUTS_LENGTH),
};

static bool has_action(const struct scsi_opcode *row)
{
	return row->service_action != SCSI_ANY_ACTION;
}

/* Command timeouts descriptor (SPC-4 6.35.4). */
static void append_timeouts(const struct scsi_opcode *row, struct response *r)
{
	response_be16(r, TIMEOUTS_LENGTH - 2);
	response_zero(r, 2);
	response_be32(r, row->nominal_s);
	response_be32(r, row->timeout_s);
}

static enum scsi_sense_code all_commands(struct scsi_cmd *cmd, bool timeouts, uint32_t allocation)
{
	const struct scsi_opcode_table *table = &cmd->nexus->lu->type->opcodes;
	uint8_t data[COMMANDS_MAX];
	struct response r;
	response_init(&r, data, sizeof data);
	size_t length = response_length_open(&r, 4);
	for (size_t i = 0; i < table->count; i++) {
		const struct scsi_opcode *row = &table->rows[i];
		response_u8(&r, row->opcode);
		response_u8(&r, 0);
		response_be16(&r, has_action(row) ? (unsigned)row->service_action : 0);
		response_u8(&r, 0);
		response_u8(&r, (timeouts ? 0x02 : 0) | (has_action(row) ? 0x01 : 0));
		response_be16(&r, scsi_cdb_length(row->opcode));
		if (timeouts)
			append_timeouts(row, &r);
	}
	response_length_close(&r, length, 4, 0);
	return scsi_data_in(cmd, data, r.length, allocation);
}

static const struct scsi_opcode *find(
	const struct scsi_opcode_table *table, uint8_t opcode, unsigned action, bool *ret_actions)
{
	*ret_actions = false;
	for (size_t i = 0; i < table->count; i++) {
		const struct scsi_opcode *row = &table->rows[i];
		if (row->opcode != opcode)
			continue;
		*ret_actions = has_action(row);
		if (!has_action(row) || (unsigned)row->service_action == action)
			return row;
	}
	return NULL;
}

/* The usage mask, where operation code and service action stand for themselves. */
static void append_usage(const struct scsi_opcode *row, struct response *r)
{
	unsigned length = scsi_cdb_length(row->opcode);
	response_be16(r, length);
	response_u8(r, row->opcode);
	response_u8(
		r, has_action(row) ? (row->usage[1] & 0xe0) | row->service_action : row->usage[1]);
	response_bytes(r, row->usage + 2, length - 2);
}

static enum scsi_sense_code one_command(
	struct scsi_cmd *cmd, unsigned options, bool timeouts, uint32_t allocation)
{
	uint8_t data[4 + 16 + TIMEOUTS_LENGTH];
	struct response r;
	bool actions;
	unsigned action = get_be16(cmd->cdb + 4);
	const struct scsi_opcode *row =
		find(&cmd->nexus->lu->type->opcodes, cmd->cdb[3], action, &actions);
	if ((options == ONE_OPCODE && actions) || (options == ONE_ACTION && row && !actions))
		return scsi_invalid_cdb(cmd, 2, 2);
	if (options == ONE_EITHER && row && !actions && action != 0)
		row = NULL;
	response_init(&r, data, sizeof data);
	response_u8(&r, 0);
	if (!row) {
		response_u8(&r, NOT_SUPPORTED);
		response_be16(&r, 0);
	} else {
		response_u8(&r, (timeouts ? 0x80 : 0) | SUPPORTED);
		append_usage(row, &r);
		if (timeouts)
			append_timeouts(row, &r);
	}
	return scsi_data_in(cmd, data, r.length, allocation);
}

enum scsi_sense_code scsi_report_supported_opcodes(struct scsi_cmd *cmd)
{
	unsigned options = cmd->cdb[2] & 0x07;
	bool timeouts = cmd->cdb[2] & RETURN_TIMEOUTS;
	uint32_t allocation = get_be32(cmd->cdb + 6);
	if (options > ONE_EITHER)
		return scsi_invalid_cdb(cmd, 2, 2);
	return options == ALL_COMMANDS ? all_commands(cmd, timeouts, allocation)
				       : one_command(cmd, options, timeouts, allocation);
}

/* ---- REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS ---------------------------------------------- */

enum scsi_sense_code scsi_report_supported_management(struct scsi_cmd *cmd)
{
	/* ABORT TASK, ABORT TASK SET, CLEAR TASK SET, LOGICAL UNIT RESET */
	static const uint8_t functions = 0x80 | 0x40 | 0x20 | 0x08;
	uint8_t data[16];
	struct response r;
	bool extended = cmd->cdb[2] & 0x80; /* REPD */
	uint32_t allocation = get_be32(cmd->cdb + 6);
	if (allocation < 4)
		return scsi_invalid_cdb(cmd, 6, 7);
	response_init(&r, data, sizeof data);
	response_u8(&r, functions);
	response_zero(&r, 2);
	response_u8(&r, extended ? 0x0c : 0); /* ADDITIONAL LENGTH */
	response_zero(&r, extended ? 12 : 0); /* timeouts are not said */
	return scsi_data_in(cmd, data, r.length, allocation);
}

/* ---- timestamps ------------------------------------------------------------------------------ */

enum { TIMESTAMP_PARAMETERS = 12, ORIGIN_ZERO = 0, ORIGIN_SET = 2, NS_PER_MS = 1000000 };

static uint64_t uptime_ms(struct scsi_lu *lu)
{
	return (lu->clock->now_ns(lu->clock) - lu->powered_on_ns) / NS_PER_MS;
}

enum scsi_sense_code scsi_report_timestamp(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint8_t data[TIMESTAMP_PARAMETERS];
	struct response r;
	uint64_t now = uptime_ms(lu) + lu->timestamp_offset_ms;
	response_init(&r, data, sizeof data);
	response_be16(&r, TIMESTAMP_PARAMETERS - 2);
	response_u8(&r, lu->timestamp_set ? ORIGIN_SET : ORIGIN_ZERO);
	response_u8(&r, 0);
	response_be16(&r, (unsigned)(now >> 32) & 0xffff);
	response_be32(&r, (uint32_t)now);
	response_zero(&r, 2);
	return scsi_data_in(cmd, data, r.length, get_be32(cmd->cdb + 6));
}

enum scsi_sense_code scsi_set_timestamp(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint8_t data[TIMESTAMP_PARAMETERS];
	uint32_t length = get_be32(cmd->cdb + 6);
	if (length == 0)
		return SENSE_NONE;
	if (length < sizeof data || scsi_data_out(cmd, data, sizeof data) < sizeof data)
		return SENSE_PARAMETER_LIST_LENGTH;
	uint64_t stamp = (uint64_t)get_be16(data + 4) << 32 | get_be32(data + 6);
	lu->timestamp_offset_ms = stamp - uptime_ms(lu);
	lu->timestamp_set = true;
	return SENSE_NONE;
}
