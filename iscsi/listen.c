/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "network.h"
#include "text.h"
#include "util/cleanup.h"

enum { BACKLOG = 256, ACCEPT_AT_ONCE = 32, HOST_MAX = 64, PORT_MAX = 65535 };

/* getaddrinfo would take 65536 for 0. */
static bool is_port(const char *text)
{
	uint32_t number;
	return text_number(text, &number) && number <= PORT_MAX &&
	       strspn(text, "0123456789") == strlen(text);
}

/* "192.0.2.1:3260" or "[2001:db8::1]:3260": numbers only, nobody is asked. */
static bool split(const char *text, char host[HOST_MAX], const char **ret_port)
{
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	if (length > 1 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
	} else if (memchr(text, ':', length)) {
		return false;
	}
	if (!colon || length == 0 || length >= HOST_MAX || !is_port(colon + 1))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	*ret_port = colon + 1;
	return true;
}

static struct addrinfo *resolve(const char *text)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	struct addrinfo *found = NULL;
	char host[HOST_MAX];
	const char *port;
	if (!split(text, host, &port) || getaddrinfo(host, port, &hints, &found) != 0)
		return NULL;
	return found;
}

static int bind_to(const struct addrinfo *where)
{
	int one = 1;
	_cleanup_close_ int fd =
		socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (where->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
	if (bind(fd, where->ai_addr, where->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return steal_fd(fd);
}

static void describe(struct listener *listener)
{
	char host[INET6_ADDRSTRLEN] = "", port[8] = "";
	socklen_t length = sizeof listener->address;
	getsockname(listener->fd, (struct sockaddr *)&listener->address, &length);
	getnameinfo((const struct sockaddr *)&listener->address, length, host, sizeof host, port,
		sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(listener->text, sizeof listener->text,
		listener->address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static const char *remedy_for(int number)
{
	switch (number) {
	case EADDRINUSE:
		return "Stop who uses it (ss -ltnp shows that), or choose another address.";
	case EACCES:
		return "Choose a port from 1024; those below are root's.";
	case EADDRNOTAVAIL:
		return "Choose an address of this machine (ip address lists them).";
	default:
		return "Choose another address.";
	}
}

bool listener_open(struct listener *listener, const char *text, struct error *error)
{
	struct addrinfo *where = resolve(text);
	if (!where)
		return error_set(error, ERROR_CONFIGURATION,
			"Give an address and a port, as in 192.0.2.1:3260 or [2001:db8::1]:3260.",
			"%s is not an address to listen on", text);
	listener->fd = bind_to(where);
	freeaddrinfo(where);
	if (listener->fd < 0)
		return error_set(error, ERROR_CONFIGURATION, remedy_for(-listener->fd),
			"cannot listen on %s: %s", text, strerror(-listener->fd));
	describe(listener);
	return true;
}

static void receive(struct portal *portal, int fd, const struct sockaddr_storage *peer)
{
	struct connection *connection = NULL;
	if (atomic_fetch_add(&portal->connections, 1) < portal->limits.connections)
		connection = connection_create(portal, fd, peer);
	if (!connection) {
		atomic_fetch_sub(&portal->connections, 1);
		close(fd);
		portal_log(
			portal, "a connection was refused: %u at most", portal->limits.connections);
		return;
	}
	unsigned next = portal->next_thread++ % portal->thread_count;
	network_thread_hand_over(&portal->threads[next], connection);
}

bool listener_accept(struct portal *portal, struct listener *listener)
{
	for (unsigned i = 0; i < ACCEPT_AT_ONCE; i++) {
		struct sockaddr_storage peer;
		socklen_t length = sizeof peer;
		int fd = accept4(listener->fd, (struct sockaddr *)&peer, &length,
			SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			receive(portal, fd, &peer);
		else if (errno == EAGAIN)
			return true;
		else if (errno != EINTR && errno != ECONNABORTED) {
			portal_log(portal, "no connection can be taken: %s", strerror(errno));
			return false;
		}
	}
	return true;
}

void listeners_close(struct portal *portal)
{
	for (unsigned i = 0; i < portal->listener_count; i++) {
		if (portal->listeners[i].fd >= 0)
			close(portal->listeners[i].fd);
		portal->listeners[i].fd = -1;
	}
}
