/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "login.h"
#include "network.h"
#include "session.h"
#include "util/cleanup.h"

enum { LEAVE_SECONDS = 5 };

static const uint64_t second_ns = 1000000000;

struct connection *connection_create(
	struct portal *portal, int fd, const struct sockaddr_storage *peer)
{
	struct connection *connection = calloc(1, sizeof *connection);
	struct login *login = malloc(sizeof *login);
	if (!connection || !login) {
		free(connection);
		free(login);
		return NULL;
	}
	connection->fd = fd;
	list_init(&connection->link);
	list_init(&connection->ready);
	list_init(&connection->dirty);
	list_init(&connection->poke);
	list_init(&connection->queue);
	getnameinfo((const struct sockaddr *)peer, sizeof *peer, connection->peer,
		sizeof connection->peer, NULL, 0, NI_NUMERICHOST);
	socklen_t length = sizeof connection->local;
	getsockname(fd, (struct sockaddr *)&connection->local, &length);
	login_init(login, portal->backend, portal->context, connection->peer);
	connection->login = login;
	connection->stat_sn = 1;
	return connection;
}

bool connection_begin(struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
	int one = 1;
	connection->opened_ns = connection->heard_ns = connection->thread->now_ns;
	connection->polls_in = true;
	setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return epoll_ctl(connection->thread->epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) == 0;
}

bool connection_own_data(struct connection *connection)
{
	if (connection->data_length == 0)
		return true;
	connection->data = connection->data_owned = malloc(connection->data_length);
	if (!connection->data)
		connection_close(connection, "out of memory");
	return connection->data;
}

static void free_login(struct connection *connection)
{
	if (connection->login)
		login_finish(connection->login);
	free(connection->login);
	connection->login = NULL;
}

void connection_free(struct connection *connection)
{
	free_login(connection);
	free(connection->data_owned);
	if (connection->fd >= 0)
		close(connection->fd);
	free(connection);
}

/* ---- the end -------------------------------------------------------------------------------- */

static void forget_output(struct connection *connection)
{
	struct list *node;
	while ((node = list_pop(&connection->queue)))
		outgoing_drop(connection, container_of(node, struct outgoing, link));
	connection->queued = 0;
}

static void forget_pokes(struct connection *connection)
{
	SCOPED_LOCK(&connection->thread->lock);
	list_remove(&connection->poke);
	connection->poked = 0;
}

void connection_close(struct connection *connection, const char *why)
{
	struct network_thread *thread = connection->thread;
	enum connection_stage stage = connection->stage;
	if (stage == CONNECTION_DEAD)
		return;
	if (why)
		portal_log(thread->portal, "%s: %s", connection->peer, why);
	connection->stage = CONNECTION_DEAD;
	epoll_ctl(thread->epoll_fd, EPOLL_CTL_DEL, connection->fd, NULL);
	close(connection->fd);
	connection->fd = -1;
	list_remove(&connection->ready);
	list_remove(&connection->dirty);
	if (connection->session)
		connection->session->closing = true;
	forget_output(connection);
	if (stage == CONNECTION_WAITING)
		registry_forget(thread->portal, connection);
	if (connection->session)
		session_close(connection->session);
	else
		connection_bury(connection);
}

void connection_bury(struct connection *connection)
{
	forget_pokes(connection);
	list_remove(&connection->link);
	list_append(&connection->thread->dead, &connection->link);
}

static void stop_reading(struct connection *connection)
{
	struct epoll_event event = {
		.data.ptr = connection, .events = connection->polls_out ? EPOLLOUT : 0u};
	connection->polls_in = false;
	epoll_ctl(connection->thread->epoll_fd, EPOLL_CTL_MOD, connection->fd, &event);
}

void connection_leave(struct connection *connection)
{
	if (connection->stage == CONNECTION_DEAD)
		return;
	connection->stage = CONNECTION_LEAVING;
	connection->opened_ns = connection->thread->now_ns;
	list_remove(&connection->ready);
	stop_reading(connection);
	if (list_empty(&connection->dirty))
		list_append(&connection->thread->dirty, &connection->dirty);
}

void connection_poke(struct connection *connection, unsigned what)
{
	struct network_thread *thread = connection->thread;
	SCOPED_LOCK(&thread->lock);
	connection->poked |= what;
	if (list_empty(&connection->poke))
		list_append(&thread->poked, &connection->poke);
	network_thread_ring(thread);
}

/* ---- time ----------------------------------------------------------------------------------- */

/* A peer may talk and not listen; what is queued for it is held as long, discs included. */
static void check_silence(struct connection *connection, uint64_t now)
{
	uint64_t limit = connection->thread->portal->limits.ping_seconds * second_ns;
	if (connection->polls_out && now >= connection->taken_ns + 2 * limit) {
		connection_close(connection, "the initiator does not take its answers");
		return;
	}
	if (now < connection->heard_ns + limit)
		return;
	if (now >= connection->heard_ns + 2 * limit) {
		connection_close(connection, "the initiator does not answer");
	} else if (!connection->pinged) {
		connection->pinged = true;
		session_ping(connection->session);
	}
}

void connection_tick(struct connection *connection)
{
	uint64_t now = connection->thread->now_ns;
	uint64_t age = now - connection->opened_ns;
	switch (connection->stage) {
	case CONNECTION_LOGIN:
	case CONNECTION_WAITING:
		if (age > connection->thread->portal->limits.login_seconds * second_ns)
			connection_close(connection, "the login took too long");
		break;
	case CONNECTION_FULL:
		check_silence(connection, now);
		break;
	case CONNECTION_LEAVING:
		if (age > LEAVE_SECONDS * second_ns)
			connection_close(connection, NULL);
		break;
	case CONNECTION_DEAD:
		break;
	}
}
