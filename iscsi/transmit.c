/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of PDUs to be sent. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "command.h"
#include "connection.h"
#include "util/crc32c.h"
#include "network.h"
#include "session.h"

enum { PDUS_AT_ONCE = 64, PARTS = 3 };

struct outgoing *outgoing_create(
	struct connection *connection, enum pdu_opcode opcode, uint32_t tag)
{
	struct list *node = list_pop(&connection->thread->free_outgoing);
	struct outgoing *outgoing =
		node ? container_of(node, struct outgoing, link) : malloc(sizeof *outgoing);
	if (!outgoing) {
		connection_poke(connection, POKE_CLOSE);
		return NULL;
	}
	list_init(&outgoing->link);
	outgoing->header_length = BHS_LENGTH;
	outgoing->tail_length = 0;
	outgoing->data = NULL;
	outgoing->data_length = 0;
	outgoing->sent = 0;
	outgoing->file = -1;
	outgoing->owner = NULL;
	outgoing->memory = NULL;
	pdu_begin(outgoing->header, opcode, tag);
	return outgoing;
}

void outgoing_data(struct outgoing *outgoing, const void *data, uint32_t length)
{
	outgoing->data = data;
	outgoing->data_length = length;
}

void outgoing_file(struct outgoing *outgoing, int file, uint64_t offset, uint32_t length)
{
	outgoing->file = file;
	outgoing->file_offset = offset;
	outgoing->data_length = length;
}

bool outgoing_copy(struct outgoing *outgoing, const void *data, uint32_t length)
{
	if (length == 0)
		return true;
	outgoing->memory = malloc(length);
	if (!outgoing->memory)
		return false;
	memcpy(outgoing->memory, data, length);
	outgoing_data(outgoing, outgoing->memory, length);
	return true;
}

static void add_digests(const struct connection *connection, struct outgoing *outgoing)
{
	uint32_t padding = pdu_padding(outgoing->data_length);
	memset(outgoing->tail, 0, sizeof outgoing->tail);
	outgoing->tail_length = (uint8_t)padding;
	if (connection->header_digest) {
		crc32c_put(outgoing->header + BHS_LENGTH, crc32c(0, outgoing->header, BHS_LENGTH));
		outgoing->header_length = BHS_LENGTH + DIGEST_LENGTH;
	}
	if (connection->data_digest && outgoing->data_length > 0) {
		uint32_t crc = crc32c(0, outgoing->data, outgoing->data_length);
		crc32c_put(outgoing->tail + padding, crc32c(crc, outgoing->tail, padding));
		outgoing->tail_length += DIGEST_LENGTH;
	}
}

static void mark_dirty(struct connection *connection)
{
	if (list_empty(&connection->dirty))
		list_append(&connection->thread->dirty, &connection->dirty);
}

void connection_send(struct connection *connection, struct outgoing *outgoing)
{
	if (connection->stage == CONNECTION_DEAD) {
		outgoing_drop(connection, outgoing);
		return;
	}
	put_be24(outgoing->header + BHS_DATA_LENGTH, outgoing->data_length);
	add_digests(connection, outgoing);
	list_append(&connection->queue, &outgoing->link);
	connection->queued++;
	mark_dirty(connection);
}

void outgoing_drop(struct connection *connection, struct outgoing *outgoing)
{
	struct command *owner = outgoing->owner;
	free(outgoing->memory);
	list_append(&connection->thread->free_outgoing, &outgoing->link);
	if (owner)
		command_sent(owner);
}

void connection_reject(struct connection *connection, enum pdu_reject reason)
{
	struct outgoing *outgoing = outgoing_create(connection, PDU_REJECT, TAG_NONE);
	if (!outgoing)
		return;
	outgoing->header[BHS_RESPONSE] = (uint8_t)reason;
	if (connection->session)
		session_numbers(connection->session, outgoing->header, true);
	if (outgoing_copy(outgoing, connection->bhs, BHS_LENGTH))
		connection_send(connection, outgoing);
	else
		outgoing_drop(connection, outgoing);
}

/* ---- sending -------------------------------------------------------------------------------- */

static uint32_t length_of(const struct outgoing *outgoing)
{
	return outgoing->header_length + outgoing->data_length + outgoing->tail_length;
}

/* Bytes of the file that are to be sent next: the header is out, and some of the data is not. */
static uint32_t file_left(const struct outgoing *outgoing)
{
	uint32_t end = outgoing->header_length + outgoing->data_length;
	if (outgoing->file < 0 || outgoing->sent < outgoing->header_length || outgoing->sent >= end)
		return 0;
	return end - outgoing->sent;
}

/* What is left of one PDU, up to the data when that is in a file; returns the number of parts. */
static int parts_of(struct outgoing *outgoing, struct iovec *ret)
{
	struct iovec parts[PARTS] = {
		{outgoing->header, outgoing->header_length},
		{(void *)(uintptr_t)outgoing->data, outgoing->data_length},
		{outgoing->tail, outgoing->tail_length},
	};
	size_t skip = outgoing->sent;
	int count = 0;
	for (int i = 0; i < PARTS; i++) {
		if (skip >= parts[i].iov_len) {
			skip -= parts[i].iov_len;
			continue;
		}
		if (i == 1 && outgoing->file >= 0)
			break;
		ret[count++] = (struct iovec){
			(uint8_t *)parts[i].iov_base + skip, parts[i].iov_len - skip};
		skip = 0;
	}
	return count;
}

/* Ends before data that is in a file: `ret_more`. */
static int gather(struct connection *connection, struct iovec *ret, bool *ret_more)
{
	int pdus = 0, count = 0;
	*ret_more = false;
	list_for_each (node, &connection->queue) {
		struct outgoing *outgoing = container_of(node, struct outgoing, link);
		uint32_t data_end = outgoing->header_length + outgoing->data_length;
		if (pdus++ == PDUS_AT_ONCE)
			break;
		count += parts_of(outgoing, ret + count);
		*ret_more = outgoing->file >= 0 && outgoing->sent < data_end;
		if (*ret_more)
			break;
	}
	return count;
}

static void account(struct connection *connection, size_t sent)
{
	while (sent > 0 && connection->stage != CONNECTION_DEAD) {
		struct outgoing *first =
			container_of(connection->queue.next, struct outgoing, link);
		uint32_t left = length_of(first) - first->sent;
		if (sent < left) {
			first->sent += (uint32_t)sent;
			return;
		}
		sent -= left;
		list_remove(&first->link);
		connection->queued--;
		outgoing_drop(connection, first);
	}
}

static void poll_for_room(struct connection *connection, bool wanted)
{
	if (connection->polls_out == wanted)
		return;
	connection->polls_out = wanted;
	connection->taken_ns = connection->thread->now_ns;
	struct epoll_event event = {.data.ptr = connection,
		.events = (connection->polls_in ? EPOLLIN : 0u) | (wanted ? EPOLLOUT : 0u)};
	epoll_ctl(connection->thread->epoll_fd, EPOLL_CTL_MOD, connection->fd, &event);
}

static ssize_t send_memory(struct connection *connection)
{
	struct iovec iov[PDUS_AT_ONCE * PARTS];
	bool more;
	struct msghdr message = {
		.msg_iov = iov, .msg_iovlen = (size_t)gather(connection, iov, &more)};
	return sendmsg(
		connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0));
}

/*
 * The length was promised, so what the file does not have any more cannot be made up for. A file
 * that was written to may be another disc's by now.
 */
static ssize_t send_file(struct connection *connection, const struct outgoing *outgoing)
{
	off_t offset = (off_t)(outgoing->file_offset + outgoing->sent - outgoing->header_length);
	ssize_t sent = 0;
	if (!command_file_changed(outgoing->owner))
		sent = sendfile(connection->fd, outgoing->file, &offset, file_left(outgoing));
	if (sent == 0)
		connection_close(connection, "an image changed while it was being sent; the "
					     "connection is dropped");
	return sent;
}

/* False: no room, or the connection is gone. */
static bool send_some(struct connection *connection)
{
	const struct outgoing *first = container_of(connection->queue.next, struct outgoing, link);
	ssize_t sent =
		file_left(first) > 0 ? send_file(connection, first) : send_memory(connection);
	if (sent < 0) {
		if (errno == EAGAIN)
			poll_for_room(connection, true);
		else if (errno != EINTR)
			connection_close(connection, "sending failed");
		return errno == EINTR;
	}
	if (sent > 0) {
		connection->taken_ns = connection->thread->now_ns;
		account(connection, (size_t)sent);
	}
	return connection->stage != CONNECTION_DEAD;
}

void connection_flush(struct connection *connection)
{
	list_remove(&connection->dirty);
	while (connection->stage != CONNECTION_DEAD && !list_empty(&connection->queue))
		if (!send_some(connection))
			return;
	if (connection->stage == CONNECTION_DEAD)
		return;
	poll_for_room(connection, false);
	if (connection->stage == CONNECTION_LEAVING)
		connection_close(connection, NULL);
	else if (!connection->polls_in)
		connection_readable(connection); /* it was too far behind to be read from */
}
