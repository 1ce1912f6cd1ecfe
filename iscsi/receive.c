/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in, PDUs out: header, additional headers and digest, data, padding and digest. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "connection.h"
#include "util/crc32c.h"
#include "enter.h"
#include "network.h"
#include "session.h"

enum { AHS_WORD = 4 };

/* ---- steps ---------------------------------------------------------------------------------- */

static uint32_t wanted(const struct connection *connection)
{
	switch (connection->step) {
	case RECEIVE_HEADER:
		return BHS_LENGTH;
	case RECEIVE_EXTRA:
		return connection->extra_length;
	case RECEIVE_DATA:
		return connection->data_length;
	default:
		return connection->tail_length;
	}
}

/* Where the bytes of this step go; NULL: nowhere. */
static uint8_t *destination(struct connection *connection)
{
	switch (connection->step) {
	case RECEIVE_HEADER:
		return connection->bhs;
	case RECEIVE_EXTRA:
		return connection->extra;
	case RECEIVE_DATA:
		return connection->data;
	default:
		return connection->tail;
	}
}

static bool header_intact(const struct connection *connection)
{
	if (!connection->header_digest)
		return true;
	uint32_t ahs = connection->extra_length - DIGEST_LENGTH;
	uint32_t crc = crc32c(crc32c(0, connection->bhs, BHS_LENGTH), connection->extra, ahs);
	return crc == crc32c_get(connection->extra + ahs);
}

static bool data_intact(const struct connection *connection)
{
	if (!connection->data_digest || connection->data_length == 0)
		return true;
	uint32_t padding = pdu_padding(connection->data_length);
	uint32_t crc = crc32c(connection->data_crc, connection->tail, padding);
	return crc == crc32c_get(connection->tail + padding);
}

static void begin_data(struct connection *connection)
{
	if (!header_intact(connection)) {
		connection_close(connection, "a header digest is wrong");
		return;
	}
	connection->data_length = pdu_data_length(connection->bhs);
	connection->data_crc = 0;
	connection->tail_length = pdu_padding(connection->data_length);
	if (connection->data_digest && connection->data_length > 0)
		connection->tail_length += DIGEST_LENGTH;
	connection->data = NULL;
	connection->ignored = false;
	connection->receiving = NULL;
	if (!receive_header(connection) && connection->stage != CONNECTION_DEAD)
		connection_leave(connection);
}

static void end_pdu(struct connection *connection)
{
	if (!data_intact(connection)) {
		connection_reject(connection, REJECT_DATA_DIGEST);
		portal_log(
			connection->thread->portal, "%s: a data digest is wrong", connection->peer);
		connection_leave(connection);
	} else if (!connection->ignored) {
		receive_pdu(connection);
	}
	free(connection->data_owned);
	connection->data_owned = NULL;
	connection->receiving = NULL;
}

/* A step is complete. */
static void next_step(struct connection *connection)
{
	connection->have = 0;
	switch (connection->step) {
	case RECEIVE_HEADER:
		connection->extra_length = (uint32_t)connection->bhs[BHS_AHS_LENGTH] * AHS_WORD +
					   (connection->header_digest ? DIGEST_LENGTH : 0);
		connection->step = RECEIVE_EXTRA;
		break;
	case RECEIVE_EXTRA:
		connection->step = RECEIVE_DATA;
		begin_data(connection);
		break;
	case RECEIVE_DATA:
		connection->step = RECEIVE_TAIL;
		break;
	case RECEIVE_TAIL:
		connection->step = RECEIVE_HEADER;
		end_pdu(connection);
		break;
	}
}

static bool reads(const struct connection *connection)
{
	return connection->stage < CONNECTION_LEAVING;
}

/* It would be sent more than it takes: its answers would pile up. */
static bool too_far_behind(const struct connection *connection)
{
	return connection->queued > QUEUED_OUT_MAX;
}

static bool turn_is_over(const struct connection *connection)
{
	return connection->turn >= TURN_BYTES;
}

static void arrived(struct connection *connection, const uint8_t *bytes, uint32_t length)
{
	if (connection->step == RECEIVE_DATA && connection->data_digest)
		connection->data_crc = crc32c(connection->data_crc, bytes, length);
	connection->have += length;
}

/* Takes what has been staged; stops when that is used up or nothing more may be taken now. */
static void take_staged(struct connection *connection)
{
	while (reads(connection)) {
		uint32_t staged = connection->staged_to - connection->staged_from;
		uint32_t part = wanted(connection) - connection->have;
		const uint8_t *from = connection->staging + connection->staged_from;
		uint8_t *to = destination(connection);
		if (part > staged)
			part = staged;
		if (to && part > 0)
			memcpy(to + connection->have, from, part);
		arrived(connection, from, part);
		connection->staged_from += part;
		if (connection->have < wanted(connection))
			return;
		if (connection->step == RECEIVE_HEADER &&
			(too_far_behind(connection) || turn_is_over(connection)))
			return;
		next_step(connection);
	}
}

/* ---- the socket ----------------------------------------------------------------------------- */

/*
 * One recv(2), long data straight to where it belongs. Returns what recv does; ret_all: less came
 * than was asked for, so nothing is left.
 */
static ssize_t receive_once(struct connection *connection, bool *ret_all)
{
	uint32_t left = wanted(connection) - connection->have;
	bool direct =
		connection->step == RECEIVE_DATA && connection->data && left >= STAGING_LENGTH;
	uint8_t *to = direct ? connection->data + connection->have : connection->staging;
	uint32_t length = direct ? left : STAGING_LENGTH;
	ssize_t n = recv(connection->fd, to, length, MSG_DONTWAIT);
	*ret_all = n > 0 && (uint32_t)n < length;
	if (n > 0 && direct) {
		arrived(connection, to, (uint32_t)n);
	} else if (n > 0) {
		connection->staged_from = 0;
		connection->staged_to = (uint32_t)n;
	}
	return n;
}

static void poll_for_input(struct connection *connection, bool poll)
{
	if (connection->polls_in == poll)
		return;
	struct epoll_event event = {.data.ptr = connection,
		.events = (poll ? EPOLLIN : 0u) | (connection->polls_out ? EPOLLOUT : 0u)};
	connection->polls_in = poll;
	epoll_ctl(connection->thread->epoll_fd, EPOLL_CTL_MOD, connection->fd, &event);
}

/* False: nothing came. */
static bool receive_more(struct connection *connection, bool *ret_all)
{
	ssize_t n = receive_once(connection, ret_all);
	if (n > 0) {
		connection->heard_ns = connection->thread->now_ns;
		connection->pinged = false;
		connection->turn += (uint32_t)n;
		return true;
	}
	if (n == 0)
		connection_close(connection, connection->stage == CONNECTION_FULL
						     ? "the initiator closed the connection"
						     : NULL);
	else if (errno != EAGAIN && errno != EINTR)
		connection_close(connection, "receiving failed");
	return false;
}

/* Bytes, or a header that is whole and that nobody has looked at. */
static bool has_staged(const struct connection *connection)
{
	return connection->staged_from < connection->staged_to ||
	       (connection->step == RECEIVE_HEADER && connection->have == BHS_LENGTH);
}

bool connection_has_input(const struct connection *connection)
{
	int waiting = 0;
	if (connection->step != RECEIVE_HEADER || connection->have > 0 || has_staged(connection))
		return true;
	return ioctl(connection->fd, FIONREAD, &waiting) != 0 || waiting > 0;
}

/*
 * A turn: takes what is here, up to TURN_BYTES. Then it is others' turn, and what is answered goes
 * out while the processor's caches still hold it. A peer that does not read what we send is not
 * read from; the rest comes when connection_flush has sent everything.
 */
void connection_readable(struct connection *connection)
{
	bool all = false;
	list_remove(&connection->ready);
	connection->turn = 0;
	do {
		take_staged(connection);
		if (!reads(connection))
			return;
		poll_for_input(connection, !too_far_behind(connection));
		if (too_far_behind(connection))
			return;
	} while (!turn_is_over(connection) && !all && receive_more(connection, &all));
	if (reads(connection) && has_staged(connection))
		list_append(&connection->thread->ready, &connection->ready);
}

/* ---- what it means -------------------------------------------------------------------------- */

bool receive_header(struct connection *connection)
{
	switch (connection->stage) {
	case CONNECTION_LOGIN:
		return enter_header(connection);
	case CONNECTION_FULL:
		return session_header(connection->session);
	default:
		connection_close(connection, "a request before the login was answered");
		return false;
	}
}

void receive_pdu(struct connection *connection)
{
	if (connection->stage == CONNECTION_LOGIN)
		enter_pdu(connection);
	else if (connection->stage == CONNECTION_FULL)
		session_pdu(connection->session);
}
