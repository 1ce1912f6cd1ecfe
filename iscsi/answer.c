/* SPDX-License-Identifier: Apache-2.0 */
/* From the device server back to the initiator: Data-In, status, sense, residual. */
#include "command.h"
#include "connection.h"
#include "scsi/lu.h"
#include "session.h"

/* Bytes that went over in the command's direction. */
static uint64_t moved(const struct command *command)
{
	const struct scsi_cmd *cmd = &command->cmd;
	if (command->read)
		return cmd->data_in ? cmd->data_in_done : 0;
	return cmd->data_wanted < command->received ? cmd->data_wanted : command->received;
}

/* RFC 7143 11.4.5: what the command had wanted above, or left below, the expected length. */
static void put_residual(const struct command *command, uint8_t *bhs)
{
	const struct scsi_cmd *cmd = &command->cmd;
	uint64_t expected = command->expected, done = moved(command);
	uint64_t residual = 0;
	if (done < expected) {
		bhs[BHS_FLAGS] |= FLAG_UNDERFLOW;
		residual = expected - done;
	} else if (cmd->data_wanted > expected) {
		bhs[BHS_FLAGS] |= FLAG_OVERFLOW;
		residual = cmd->data_wanted - expected;
	}
	put_be32(bhs + BHS_RESIDUAL, residual > UINT32_MAX ? UINT32_MAX : (uint32_t)residual);
}

static void put_sense(struct command *command, struct outgoing *outgoing)
{
	const struct scsi_cmd *cmd = &command->cmd;
	if (cmd->status != SCSI_STATUS_CHECK_CONDITION)
		return;
	size_t length = scsi_sense_encode(&cmd->sense, cmd->sense_descriptor, command->sense + 2);
	put_be16(command->sense, (uint16_t)length);
	outgoing_data(outgoing, command->sense, (uint32_t)length + 2);
}

static void queue(struct command *command, struct outgoing *outgoing)
{
	outgoing->owner = command;
	command->unsent++;
	connection_send(command->session->connection, outgoing);
}

static void send_status(struct command *command, uint32_t data_sn)
{
	struct session *session = command->session;
	struct outgoing *outgoing =
		outgoing_create(session->connection, PDU_SCSI_RESPONSE, command->tag);
	if (!outgoing)
		return;
	outgoing->header[BHS_STATUS] = (uint8_t)command->cmd.status;
	put_sense(command, outgoing);
	put_residual(command, outgoing->header);
	put_be32(outgoing->header + BHS_DATA_SN, data_sn);
	session_numbers(session, outgoing->header, true);
	queue(command, outgoing);
}

/* One Data-In PDU of the bytes from `offset`; returns its length, 0 when out of memory. */
static uint32_t send_data(
	struct command *command, uint32_t offset, uint32_t total, uint32_t data_sn, bool status)
{
	struct session *session = command->session;
	const struct parameters *agreed = &session->parameters;
	uint32_t burst_end = offset - offset % agreed->max_burst + agreed->max_burst;
	uint32_t end = offset + agreed->max_send;
	end = end < burst_end ? end : burst_end;
	end = end < total ? end : total;
	struct outgoing *outgoing = outgoing_create(session->connection, PDU_DATA_IN, command->tag);
	if (!outgoing)
		return 0;
	uint8_t *bhs = outgoing->header;
	bool last = end == total;
	bhs[BHS_FLAGS] = last || end == burst_end ? FLAG_FINAL : 0;
	put_be32(bhs + BHS_TTT, TAG_NONE);
	session_numbers(session, bhs, last && status);
	put_be32(bhs + BHS_DATA_SN, data_sn);
	put_be32(bhs + BHS_BUFFER_OFFSET, offset);
	if (last && status) {
		bhs[BHS_FLAGS] |= FLAG_STATUS;
		bhs[BHS_STATUS] = SCSI_STATUS_GOOD;
		put_residual(command, bhs);
	} else {
		put_be32(bhs + BHS_STAT_SN, 0);
	}
	const struct scsi_cmd *cmd = &command->cmd;
	if (cmd->sent_from >= 0)
		outgoing_file(
			outgoing, cmd->sent_from, cmd->ranges[0].offset + offset, end - offset);
	else
		outgoing_data(outgoing, command->buffer + offset, end - offset);
	queue(command, outgoing);
	return end - offset;
}

void command_answer(struct command *command)
{
	bool good = command->cmd.status == SCSI_STATUS_GOOD;
	uint32_t total = command->read ? (uint32_t)moved(command) : 0;
	uint32_t data_sn = 0, length;
	command->state = COMMAND_ANSWERED;
	command->unsent = 1; /* ours, until everything is queued */
	for (uint32_t offset = 0; offset < total; offset += length) {
		length = send_data(command, offset, total, data_sn++, good);
		if (length == 0)
			break;
	}
	if (total == 0 || !good)
		send_status(command, command->write ? command->r2t_sn : data_sn);
	command_sent(command);
}

bool command_file_changed(const struct command *command)
{
	struct scsi_source *source = command->cmd.ranges[0].source;
	return source->ops->changed(source);
}

void command_sent(struct command *command)
{
	struct session *session = command->session;
	if (--command->unsent > 0)
		return;
	command_end(command);
	if (session->closing)
		return;
	if (session->dormant > 0 || !list_empty(&session->wait_in) ||
		!list_empty(&session->wait_out))
		session_progress(session);
}
