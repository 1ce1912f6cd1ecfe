/* SPDX-License-Identifier: Apache-2.0 */
/* Data-Out: unsolicited, and solicited by R2T one burst at a time (RFC 7143 11.7, 11.8). */
#include "command.h"
#include "connection.h"
#include "network.h"
#include "session.h"

void data_out_solicit(struct command *command)
{
	struct session *session = command->session;
	uint32_t left = command->expected - command->received;
	uint32_t burst =
		left < session->parameters.max_burst ? left : session->parameters.max_burst;
	struct outgoing *outgoing = outgoing_create(session->connection, PDU_R2T, command->tag);
	if (!outgoing)
		return;
	if (++session->next_ttt == TAG_NONE)
		session->next_ttt = 1;
	command->state = COMMAND_SOLICITED;
	command->ttt = session->next_ttt;
	command->data_sn = 0;
	command->burst_end = command->received + burst;
	uint8_t *bhs = outgoing->header;
	pdu_put_lun(bhs + BHS_LUN, (uint16_t)command->lun);
	put_be32(bhs + BHS_TTT, command->ttt);
	session_numbers(session, bhs, false);
	put_be32(bhs + BHS_DATA_SN, command->r2t_sn++);
	put_be32(bhs + BHS_BUFFER_OFFSET, command->received);
	put_be32(bhs + BHS_DESIRED_LENGTH, burst);
	connection_send(session->connection, outgoing);
}

/* What comes must be what comes next. */
static const char *check(const struct command *command, const uint8_t *bhs)
{
	uint32_t length = pdu_data_length(bhs), offset = get_be32(bhs + BHS_BUFFER_OFFSET);
	bool collects =
		command->state == COMMAND_UNSOLICITED || command->state == COMMAND_SOLICITED;
	if (!collects || get_be32(bhs + BHS_TTT) != command->ttt)
		return "data that was not asked for";
	if (get_be32(bhs + BHS_DATA_SN) != command->data_sn)
		return "a data PDU is missing";
	if (offset != command->received || length > command->burst_end - offset)
		return "data outside of its burst";
	bool end = offset + length == command->burst_end, final = bhs[BHS_FLAGS] & FLAG_FINAL;
	if (command->state == COMMAND_SOLICITED && end != final)
		return "a burst of the wrong length";
	return NULL;
}

/*
 * The data of a task that is over may still be on its way: it is dropped without a word. Anything
 * else that does not fit leaves no way to go on.
 */
bool data_out_header(struct session *session)
{
	struct connection *connection = session->connection;
	struct command *command = session_find(session, pdu_tag(connection->bhs));
	if (!command || command->state == COMMAND_ANSWERED || command->state == COMMAND_EXECUTING) {
		connection->ignored = true;
		return true;
	}
	const char *wrong = check(command, connection->bhs);
	if (wrong) {
		connection_reject(connection, REJECT_PROTOCOL_ERROR);
		portal_log(session->portal, "%s: %s", connection->peer, wrong);
		return false;
	}
	connection->receiving = command;
	connection->data = command->buffer ? command->buffer + command->received : NULL;
	return true;
}

void data_out_pdu(struct session *session)
{
	struct connection *connection = session->connection;
	struct command *command = connection->receiving;
	command->received += connection->data_length;
	command->data_sn++;
	if (connection->bhs[BHS_FLAGS] & FLAG_FINAL)
		command_go_on(command);
}
