/* SPDX-License-Identifier: Apache-2.0 */
/* Text requests in full feature phase: SendTargets, and the keys that may still change. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "connection.h"
#include "network.h"
#include "session.h"

enum { ANSWER_FIRST = 16384, ANSWER_MAX = 4 << 20 };

/* ---- target addresses ------------------------------------------------------------------------ */

static bool is_wildcard(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET)
		return ((const struct sockaddr_in *)address)->sin_addr.s_addr == INADDR_ANY;
	return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static unsigned port_of(const struct sockaddr_storage *address)
{
	return ntohs(address->ss_family == AF_INET
			     ? ((const struct sockaddr_in *)address)->sin_port
			     : ((const struct sockaddr_in6 *)address)->sin6_port);
}

/* How the initiator came in is how it can come to a portal that is on every address. */
static bool reachable_text(const struct connection *connection, const struct listener *listener,
	char *ret, size_t size)
{
	const struct sockaddr_storage *local = &connection->local;
	char host[INET6_ADDRSTRLEN];
	if (!is_wildcard(&listener->address)) {
		snprintf(ret, size, "%s,1", listener->text);
		return true;
	}
	if (local->ss_family != listener->address.ss_family)
		return false;
	bool v4 = local->ss_family == AF_INET;
	const void *bytes = v4 ? (const void *)&((const struct sockaddr_in *)local)->sin_addr
			       : (const void *)&((const struct sockaddr_in6 *)local)->sin6_addr;
	inet_ntop(local->ss_family, bytes, host, sizeof host);
	snprintf(ret, size, v4 ? "%s:%u,1" : "[%s]:%u,1", host, port_of(&listener->address));
	return true;
}

/* ---- SendTargets (RFC 7143 Appendix C) --------------------------------------------------------
 */

struct target_list {
	const struct session *session;
	const char *only; /* NULL: all */
	struct text_writer *writer;
};

static void put_target(void *context, const char *target)
{
	const struct target_list *list = context;
	const struct portal *portal = list->session->portal;
	char text[96];
	if (list->only && strcmp(list->only, target))
		return;
	text_put(list->writer, "TargetName", target);
	for (unsigned i = 0; i < portal->listener_count; i++)
		if (reachable_text(
			    list->session->connection, &portal->listeners[i], text, sizeof text))
			text_put(list->writer, "TargetAddress", text);
}

/* All targets only in a discovery session; in a normal one, its own. */
static void send_targets(struct session *session, const char *which, struct text_writer *writer)
{
	struct portal *portal = session->portal;
	struct portal_login login = {.initiator = session->initiator,
		.target = session->discovery ? NULL : session->target,
		.address = session->connection->peer};
	struct target_list list = {.session = session, .writer = writer};
	memcpy(login.isid, session->isid, sizeof login.isid);
	if (!strcmp(which, "All") && !session->discovery) {
		text_put(writer, "SendTargets", "Reject");
		return;
	}
	if (strcmp(which, "All"))
		list.only = *which ? which : session->target;
	portal->backend->targets(portal->context, &login, put_target, &list);
}

/* ---- the answer ------------------------------------------------------------------------------ */

/*
 * The next part, with the Continue bit when it is not the last. The last one is not final when the
 * request was not (RFC 7143 11.11.1): then the tag stays, for what the initiator still has to say.
 */
static void send_part(struct session *session)
{
	struct connection *connection = session->connection;
	struct outgoing *outgoing =
		outgoing_create(connection, PDU_TEXT_RESPONSE, pdu_tag(connection->bhs));
	if (!outgoing)
		return;
	uint32_t left = session->text_length - session->text_sent;
	uint32_t part = left < session->parameters.max_send ? left : session->parameters.max_send;
	bool last = part == left;
	bool final = last && connection->bhs[BHS_FLAGS] & FLAG_FINAL;
	session->text_open = last && !final;
	outgoing->header[BHS_FLAGS] = final ? FLAG_FINAL : last ? 0 : FLAG_CONTINUE;
	put_be32(outgoing->header + BHS_TTT, final ? TAG_NONE : session->text_ttt);
	session_numbers(session, outgoing->header, true);
	if (!outgoing_copy(outgoing, session->text + session->text_sent, part)) {
		outgoing_drop(connection, outgoing);
		connection_poke(connection, POKE_CLOSE);
		return;
	}
	connection_send(connection, outgoing);
	session->text_sent += part;
	if (!last)
		return;
	free(session->text);
	session->text = NULL;
}

/* False: the initiator broke the rules. */
static bool answer_pairs(
	struct session *session, struct negotiation *negotiation, struct text_writer *writer)
{
	struct connection *connection = session->connection;
	unsigned phase = NEGOTIATE_FULL | (session->discovery ? NEGOTIATE_DISCOVERY : 0);
	struct text_reader reader;
	struct text_pair pair;
	bool good = true;
	text_reader_init(&reader, connection->data, connection->data_length);
	while (good && text_next(&reader, &pair))
		if (!strcmp(pair.key, "SendTargets"))
			send_targets(session, pair.value, writer);
		else
			good = negotiate(negotiation, phase, &pair, writer);
	return good && !reader.malformed;
}

/* With as much room as it takes. */
static bool make_answer(struct session *session)
{
	for (size_t size = ANSWER_FIRST; size <= ANSWER_MAX; size *= 4) {
		struct negotiation negotiation = session->negotiation;
		struct text_writer writer;
		char *text = malloc(size);
		if (!text)
			return false;
		text_writer_init(&writer, text, size);
		bool good = answer_pairs(session, &negotiation, &writer);
		if (good && !writer.overflowed) {
			session->negotiation = negotiation;
			session->parameters.max_send = negotiation.parameters.max_send;
			session->text = text;
			session->text_length = (uint32_t)writer.length;
			return true;
		}
		free(text);
		if (!good)
			return false;
	}
	return false;
}

static bool goes_on(const struct session *session, uint32_t ttt)
{
	return session->text && session->text_sent > 0 && ttt == session->text_ttt;
}

void session_text(struct session *session)
{
	struct connection *connection = session->connection;
	uint32_t ttt = get_be32(connection->bhs + BHS_TTT);
	if (connection->bhs[BHS_FLAGS] & FLAG_CONTINUE) {
		connection_reject(connection, REJECT_NOT_SUPPORTED);
		return;
	}
	if (goes_on(session, ttt)) {
		send_part(session);
		return;
	}
	/* A new request ends the one before (RFC 7143 11.10.4). */
	bool known = ttt == TAG_NONE || (session->text_open && ttt == session->text_ttt);
	free(session->text);
	session->text = NULL;
	session->text_sent = 0;
	session->text_open = false;
	if (++session->next_ttt == TAG_NONE)
		session->next_ttt = 1;
	session->text_ttt = session->next_ttt;
	if (!known || !make_answer(session))
		connection_reject(connection, REJECT_PROTOCOL_ERROR);
	else
		send_part(session);
}
