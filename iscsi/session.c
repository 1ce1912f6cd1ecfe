/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdlib.h>

#include "command.h"
#include "connection.h"
#include "login.h"
#include "network.h"
#include "task_management.h"

struct session *session_create(struct connection *connection, const struct login *login)
{
	struct session *session = calloc(1, sizeof *session);
	if (!session)
		return NULL;
	session->connection = connection;
	session->portal = connection->thread->portal;
	memcpy(session->initiator, login->initiator, sizeof session->initiator);
	if (!login->discovery)
		memcpy(session->target, login->target, sizeof session->target);
	memcpy(session->isid, login->who.isid, sizeof session->isid);
	session->cid = login->cid;
	session->discovery = login->discovery;
	session->negotiation = login->negotiation;
	session->parameters = login->negotiation.parameters;
	session->exp_cmd_sn = login->cmd_sn;
	list_init(&session->registered);
	for (unsigned i = 0; i < TAG_BUCKETS; i++)
		list_init(&session->by_tag[i]);
	for (unsigned i = 0; i < PORTAL_LUNS_MAX; i++) {
		list_init(&session->luns[i].ordered);
		list_init(&session->luns[i].dormant);
		list_init(&session->luns[i].arrived);
	}
	list_init(&session->wait_in);
	list_init(&session->wait_out);
	list_init(&session->managements);
	return session;
}

void session_free(struct session *session)
{
	free(session->text);
	free(session);
}

/* ---- looking up ----------------------------------------------------------------------------- */

int session_lun_index(const struct session *session, int lun)
{
	unsigned low = 0, high = session->backend.lun_count;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		int number = session->backend.luns[middle].number;
		if (number == lun)
			return (int)middle;
		if (number < lun)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

struct command *session_find(struct session *session, uint32_t tag)
{
	list_for_each (node, &session->by_tag[tag % TAG_BUCKETS]) {
		struct command *command = container_of(node, struct command, link);
		if (command->tag == tag)
			return command;
	}
	return NULL;
}

void session_each_command(
	struct session *session, void (*call)(struct command *, void *), void *context)
{
	for (unsigned i = 0; i < TAG_BUCKETS; i++)
		list_for_each_safe (node, &session->by_tag[i])
			call(container_of(node, struct command, link), context);
}

/* ---- numbers -------------------------------------------------------------------------------- */

void session_numbers(struct session *session, uint8_t *bhs, bool counts)
{
	put_be32(bhs + BHS_STAT_SN, session->connection->stat_sn);
	put_be32(bhs + BHS_EXP_CMD_SN, session->exp_cmd_sn);
	put_be32(bhs + BHS_MAX_CMD_SN, session->exp_cmd_sn + COMMAND_WINDOW - 1);
	session->connection->stat_sn += counts;
}

/*
 * RFC 7143 4.2.2.1: what is outside the window is ignored in silence. On one connection nothing can
 * arrive before what was sent earlier, so a gap is an error of the initiator. False: closing.
 */
static bool take_number(struct session *session)
{
	struct connection *connection = session->connection;
	uint32_t number = get_be32(connection->bhs + BHS_CMD_SN);
	if (pdu_is_immediate(connection->bhs))
		return true;
	if (number == session->exp_cmd_sn) {
		session->exp_cmd_sn++;
		return true;
	}
	connection->ignored = true;
	if (serial_before(number, session->exp_cmd_sn) ||
		!serial_before(number, session->exp_cmd_sn + COMMAND_WINDOW))
		return true;
	connection_reject(connection, REJECT_PROTOCOL_ERROR);
	portal_log(session->portal, "%s: a command number was skipped", connection->peer);
	return false;
}

/* ---- PDUs ----------------------------------------------------------------------------------- */

static bool numbered(enum pdu_opcode opcode)
{
	return opcode == PDU_NOP_OUT || opcode == PDU_SCSI_COMMAND ||
	       opcode == PDU_TASK_MANAGEMENT || opcode == PDU_TEXT || opcode == PDU_LOGOUT;
}

/* A discovery session has no tasks (RFC 7143 4.3). */
static bool allowed(const struct session *session, enum pdu_opcode opcode)
{
	if (session->discovery)
		return opcode == PDU_TEXT || opcode == PDU_LOGOUT || opcode == PDU_NOP_OUT;
	return numbered(opcode) || opcode == PDU_DATA_OUT;
}

bool session_header(struct session *session)
{
	struct connection *connection = session->connection;
	enum pdu_opcode opcode = pdu_opcode(connection->bhs);
	connection->exp_stat_sn = get_be32(connection->bhs + BHS_EXP_STAT_SN);
	if (connection->data_length > SEGMENT_OURS) {
		connection_reject(connection, REJECT_PROTOCOL_ERROR);
		portal_log(session->portal, "%s: a data segment is too long", connection->peer);
		return false;
	}
	if (numbered(opcode) && !take_number(session))
		return false;
	if (connection->ignored)
		return true;
	if (!allowed(session, opcode)) {
		/* RFC 7143 6.3: a login has its place, before. */
		connection_reject(connection,
			opcode == PDU_LOGIN ? REJECT_PROTOCOL_ERROR : REJECT_NOT_SUPPORTED);
		connection->ignored = true;
		return connection->stage != CONNECTION_DEAD;
	}
	if (opcode == PDU_SCSI_COMMAND)
		return command_header(session);
	if (opcode == PDU_DATA_OUT)
		return data_out_header(session);
	return connection_own_data(connection);
}

void session_pdu(struct session *session)
{
	switch (pdu_opcode(session->connection->bhs)) {
	case PDU_NOP_OUT:
		session_nop_out(session);
		break;
	case PDU_SCSI_COMMAND:
		command_pdu(session);
		break;
	case PDU_TASK_MANAGEMENT:
		management_pdu(session);
		break;
	case PDU_TEXT:
		session_text(session);
		break;
	case PDU_DATA_OUT:
		data_out_pdu(session);
		break;
	case PDU_LOGOUT:
		session_logout(session);
		break;
	default:
		break;
	}
}

/* ---- what was waiting ----------------------------------------------------------------------- */

/* In their order, as long as there is memory. */
static void serve_waiting(struct session *session, struct list *waiting)
{
	while (!list_empty(waiting) && !session->closing) {
		struct command *command = container_of(waiting->next, struct command, wait);
		if (!command_take_buffer(command))
			return;
		list_remove(&command->wait);
		command_go_on(command);
	}
}

/* Nothing is looked at afterwards: it may be freed. */
static void end(struct session *session)
{
	struct connection *connection = session->connection;
	struct portal *portal = session->portal;
	if (session->open)
		portal->backend->closed(portal->context, &session->backend, session->quiet);
	connection->session = NULL;
	registry_leave(session);
	session_free(session);
	connection_bury(connection);
}

void session_progress(struct session *session)
{
	if (session->closing) {
		if (session->executing == 0)
			end(session);
		return;
	}
	order_progress(session);
	serve_waiting(session, &session->wait_in);
	serve_waiting(session, &session->wait_out);
	management_progress(session);
	if (session->logging_out && session->executing == 0)
		session_logged_out(session);
}

static void abort_one(struct command *command, void *context)
{
	command_abort(command);
}

void session_abort_all(struct session *session)
{
	session_each_command(session, abort_one, NULL);
}

void session_close(struct session *session)
{
	session->closing = true;
	management_drop_all(session);
	session_abort_all(session);
	session_progress(session);
}
