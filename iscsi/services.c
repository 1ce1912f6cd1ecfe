/* SPDX-License-Identifier: Apache-2.0 */
/* What a session does beside commands: NOP, logout, asynchronous messages. */
#include "command.h"
#include "connection.h"
#include "network.h"
#include "session.h"

enum { LOGOUT_CLOSE_SESSION = 0, LOGOUT_CLOSE_CONNECTION = 1, LOGOUT_FOR_RECOVERY = 2 };
enum { LOGOUT_DONE = 0, LOGOUT_NO_SUCH_CONNECTION = 1, LOGOUT_NO_RECOVERY = 2 };
enum { ASYNC_DROPS_CONNECTIONS = 3 };

/* ---- NOP (RFC 7143 11.18, 11.19) ------------------------------------------------------------- */

void session_nop_out(struct session *session)
{
	struct connection *connection = session->connection;
	uint32_t tag = pdu_tag(connection->bhs), length = connection->data_length;
	if (tag == TAG_NONE)
		return; /* the answer to our own */
	struct outgoing *outgoing = outgoing_create(connection, PDU_NOP_IN, tag);
	if (!outgoing)
		return;
	if (length > session->parameters.max_send)
		length = session->parameters.max_send;
	memcpy(outgoing->header + BHS_LUN, connection->bhs + BHS_LUN, 8);
	put_be32(outgoing->header + BHS_TTT, TAG_NONE);
	session_numbers(session, outgoing->header, true);
	if (outgoing_copy(outgoing, connection->data, length))
		connection_send(connection, outgoing);
	else
		outgoing_drop(connection, outgoing);
}

void session_ping(struct session *session)
{
	struct outgoing *outgoing = outgoing_create(session->connection, PDU_NOP_IN, TAG_NONE);
	if (!outgoing)
		return;
	if (++session->next_ttt == TAG_NONE)
		session->next_ttt = 1;
	put_be32(outgoing->header + BHS_TTT, session->next_ttt);
	session_numbers(session, outgoing->header, false);
	connection_send(session->connection, outgoing);
}

/* ---- logout (RFC 7143 11.14, 11.15) ---------------------------------------------------------- */

static void respond(struct session *session, uint8_t response)
{
	struct connection *connection = session->connection;
	struct outgoing *outgoing =
		outgoing_create(connection, PDU_LOGOUT_RESPONSE, session->logout_tag);
	if (!outgoing)
		return;
	outgoing->header[BHS_RESPONSE] = response;
	put_be16(outgoing->header + BHS_TIME2WAIT, (uint16_t)session->parameters.time2wait);
	session_numbers(session, outgoing->header, true);
	connection_send(connection, outgoing);
}

/* The one connection is the session, so that closing either ends both. */
void session_logout(struct session *session)
{
	const uint8_t *bhs = session->connection->bhs;
	uint8_t reason = bhs[BHS_FLAGS] & FUNCTION_MASK;
	session->logout_tag = pdu_tag(bhs);
	if (reason > LOGOUT_FOR_RECOVERY) {
		connection_reject(session->connection, REJECT_INVALID_FIELD);
		return;
	}
	if (reason != LOGOUT_CLOSE_SESSION && get_be16(bhs + BHS_CID) != session->cid) {
		respond(session, LOGOUT_NO_SUCH_CONNECTION);
		return;
	}
	if (reason == LOGOUT_FOR_RECOVERY) {
		respond(session, LOGOUT_NO_RECOVERY);
		return;
	}
	session->logging_out = true;
	session_abort_all(session);
	session_progress(session);
}

void session_logged_out(struct session *session)
{
	session->logging_out = false;
	respond(session, LOGOUT_DONE);
	connection_leave(session->connection);
}

/* ---- asynchronous messages (RFC 7143 11.9) ----------------------------------------------------
 */

void session_async_drop(struct session *session)
{
	struct outgoing *outgoing = outgoing_create(session->connection, PDU_ASYNC, TAG_NONE);
	if (!outgoing)
		return;
	uint8_t *bhs = outgoing->header;
	session_numbers(session, bhs, true);
	bhs[BHS_ASYNC_EVENT] = ASYNC_DROPS_CONNECTIONS;
	put_be16(bhs + BHS_ASYNC_PARAMETER2, (uint16_t)session->parameters.time2wait);
	connection_send(session->connection, outgoing);
}

/* ---- the end of the portal ------------------------------------------------------------------ */

static bool is_acknowledged(const struct session *session)
{
	return session->connection->exp_stat_sn == session->connection->stat_sn;
}

bool session_is_settled(const struct session *session)
{
	return session->tasks == 0 && list_empty(&session->managements) && !session->logging_out &&
	       is_acknowledged(session) && !connection_has_input(session->connection);
}

void session_seek_acknowledgement(struct session *session)
{
	struct connection *connection = session->connection;
	if (session->tasks > 0 || connection->pinged || is_acknowledged(session))
		return;
	connection->pinged = true;
	session_ping(session);
}
