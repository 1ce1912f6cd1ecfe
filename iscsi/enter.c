/* SPDX-License-Identifier: Apache-2.0 */
#include "enter.h"

#include <stdlib.h>

#include "connection.h"
#include "login.h"
#include "network.h"
#include "session.h"

bool enter_header(struct connection *connection)
{
	const char *why = NULL;
	if (pdu_opcode(connection->bhs) != PDU_LOGIN)
		why = "a request before the login";
	else if (connection->data_length > SEGMENT_DEFAULT)
		why = "the text of a login is too long";
	if (why) {
		connection_close(connection, why);
		return false;
	}
	return connection_own_data(connection);
}

/* ---- the response --------------------------------------------------------------------------- */

static void respond(struct connection *connection, const struct login_answer *answer)
{
	const struct login *login = connection->login;
	struct outgoing *outgoing = outgoing_create(connection, PDU_LOGIN_RESPONSE, login->itt);
	if (!outgoing)
		return;
	uint8_t *bhs = outgoing->header;
	bhs[BHS_FLAGS] = answer->flags;
	memcpy(bhs + BHS_ISID, login->who.isid, PORTAL_ISID_LENGTH);
	put_be16(bhs + BHS_TSIH, login->tsih);
	put_be32(bhs + BHS_STAT_SN, connection->stat_sn++);
	put_be32(bhs + BHS_EXP_CMD_SN, login->cmd_sn);
	put_be32(bhs + BHS_MAX_CMD_SN, login->cmd_sn + COMMAND_WINDOW - 1);
	put_be16(bhs + BHS_LOGIN_STATUS, (uint16_t)answer->status);
	if (outgoing_copy(outgoing, answer->text, answer->length))
		connection_send(connection, outgoing);
	else
		outgoing_drop(connection, outgoing);
}

/* For people who read the log. */
static const char *status_text(enum portal_status status)
{
	switch (status) {
	case PORTAL_STATUS_AUTHENTICATION_FAILED:
		return "wrong CHAP user or secret, or none";
	case PORTAL_STATUS_AUTHORIZATION_FAILED:
		return "it may not";
	case PORTAL_STATUS_NOT_FOUND:
		return "there is no such target";
	case PORTAL_STATUS_REMOVED:
		return "the target is gone";
	case PORTAL_STATUS_UNSUPPORTED_VERSION:
		return "another version of iSCSI";
	case PORTAL_STATUS_MISSING_PARAMETER:
		return "a name is missing";
	case PORTAL_STATUS_NO_SESSION:
		return "there is no such session to join";
	case PORTAL_STATUS_OUT_OF_RESOURCES:
		return "too many sessions, or no memory";
	default:
		return "not as RFC 7143 says";
	}
}

static void refuse(struct connection *connection, enum portal_status status)
{
	struct login_answer answer = {.status = status};
	const struct login *login = connection->login;
	portal_log(connection->thread->portal, "%s: login of %s to %s refused (%04x): %s",
		connection->peer, login->initiator[0] ? login->initiator : "nobody",
		login->target[0] ? login->target : "discovery", status, status_text(status));
	respond(connection, &answer);
	connection_leave(connection);
}

/* ---- accepted ------------------------------------------------------------------------------- */

static void drop_session(struct connection *connection)
{
	registry_leave(connection->session);
	session_free(connection->session);
	connection->session = NULL;
}

static enum portal_status open_session(struct connection *connection)
{
	struct session *session = connection->session;
	struct portal *portal = connection->thread->portal;
	if (session->discovery)
		return PORTAL_STATUS_SUCCESS;
	enum portal_status status =
		portal->backend->open(portal->context, &connection->login->who, &session->backend);
	session->open = status == PORTAL_STATUS_SUCCESS;
	return status;
}

static void begin_full_feature(struct connection *connection)
{
	const struct parameters *parameters = &connection->session->parameters;
	login_finish(connection->login);
	free(connection->login);
	connection->login = NULL;
	connection->header_digest = parameters->header_digest;
	connection->data_digest = parameters->data_digest;
	connection->stage = CONNECTION_FULL;
}

/* The final response is kept in login->text while it waits for the former session to end. */
static void finish(struct connection *connection)
{
	struct login *login = connection->login;
	struct login_answer answer = {.flags = login->final_stage, .length = login->text_length};
	enum portal_status status = open_session(connection);
	if (status != PORTAL_STATUS_SUCCESS) {
		drop_session(connection);
		refuse(connection, status);
		return;
	}
	login->tsih = connection->session->tsih;
	memcpy(answer.text, login->text, login->text_length);
	respond(connection, &answer);
	if (connection->stage != CONNECTION_DEAD)
		begin_full_feature(connection);
}

static void enter(struct connection *connection)
{
	switch (registry_enter(connection->session)) {
	case REGISTRY_ENTERED:
		finish(connection);
		break;
	case REGISTRY_WAIT:
		connection->stage = CONNECTION_WAITING;
		break;
	case REGISTRY_FULL:
		session_free(connection->session);
		connection->session = NULL;
		refuse(connection, PORTAL_STATUS_OUT_OF_RESOURCES);
		break;
	}
}

static void accept_login(struct connection *connection, const struct login_answer *answer)
{
	struct login *login = connection->login;
	memcpy(login->text, answer->text, answer->length);
	login->text_length = answer->length;
	login->final_stage = answer->flags;
	connection->session = session_create(connection, login);
	if (connection->session)
		enter(connection);
	else
		refuse(connection, PORTAL_STATUS_OUT_OF_RESOURCES);
}

void enter_pdu(struct connection *connection)
{
	struct login_answer answer;
	switch (login_receive(connection->login, connection->bhs, connection->data,
		connection->data_length, &answer)) {
	case LOGIN_GOES_ON:
		respond(connection, &answer);
		break;
	case LOGIN_ENDS:
		refuse(connection, answer.status);
		break;
	case LOGIN_ACCEPTED:
		accept_login(connection, &answer);
		break;
	}
}

void enter_resume(struct connection *connection)
{
	if (connection->stage != CONNECTION_WAITING)
		return;
	connection->stage = CONNECTION_LOGIN;
	enter(connection);
}
