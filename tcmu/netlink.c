/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink.h"

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/socket.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "util/cleanup.h"

struct netlink {
	struct nl_sock *socket;
	int wake; /* an eventfd: `ending` or `due_ms` is another one */
	atomic_bool ending;
	pthread_t thread;
	pthread_mutex_t lock; /* held over calls of changed */
	void (*changed)(void *context);
	void *context;
	int64_t due_ms; /* lock; CLOCK_MONOTONIC; 0: never */
};

static void drain(int fd)
{
	char message[4096];
	/* One that is longer is cut, one that was lost (ENOBUFS) is as good: none of them is read.
	 */
	while (recv(fd, message, sizeof message, MSG_DONTWAIT) > 0 || errno == ENOBUFS)
		;
}

static void tell(struct netlink *netlink)
{
	SCOPED_LOCK(&netlink->lock);
	netlink->due_ms = 0;
	if (netlink->changed)
		netlink->changed(netlink->context);
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* For poll(2). */
static int time_left_ms(struct netlink *netlink)
{
	SCOPED_LOCK(&netlink->lock);
	if (!netlink->due_ms)
		return -1;
	int64_t left = netlink->due_ms - now_ms();
	return left > 0 ? (int)left : 0;
}

static void *listen_thread(void *context)
{
	struct netlink *netlink = context;
	struct pollfd fds[] = {
		{.fd = nl_socket_get_fd(netlink->socket), .events = POLLIN},
		{.fd = netlink->wake, .events = POLLIN},
	};
	while (!atomic_load(&netlink->ending)) {
		eventfd_t count;
		int ready = poll(fds, 2, time_left_ms(netlink));
		if (ready < 0)
			continue;
		if (fds[1].revents)
			(void)eventfd_read(netlink->wake, &count);
		if (fds[0].revents)
			drain(fds[0].fd);
		if (fds[0].revents || ready == 0)
			tell(netlink);
	}
	return NULL;
}

static struct nl_sock *join_group(void)
{
	struct nl_sock *socket = nl_socket_alloc();
	if (!socket)
		return NULL;
	int group = genl_connect(socket);
	if (group == 0)
		group = genl_ctrl_resolve_grp(socket, "TCM-USER", "config");
	if (group >= 0 && nl_socket_add_membership(socket, group) == 0)
		return socket;
	nl_socket_free(socket);
	return NULL;
}

struct netlink *netlink_create(void)
{
	struct netlink *netlink = calloc(1, sizeof *netlink);
	if (!netlink)
		return NULL;
	pthread_mutex_init(&netlink->lock, NULL);
	netlink->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (netlink->wake < 0)
		goto fail_free;
	netlink->socket = join_group();
	if (!netlink->socket)
		goto fail_close;
	if (pthread_create(&netlink->thread, NULL, listen_thread, netlink) != 0)
		goto fail_socket;
	return netlink;

fail_socket:
	nl_socket_free(netlink->socket);
fail_close:
	close(netlink->wake);
fail_free:
	free(netlink);
	return NULL;
}

void netlink_destroy(struct netlink *netlink)
{
	if (!netlink)
		return;
	atomic_store(&netlink->ending, true);
	(void)eventfd_write(netlink->wake, 1);
	pthread_join(netlink->thread, NULL);
	nl_socket_free(netlink->socket);
	close(netlink->wake);
	pthread_mutex_destroy(&netlink->lock);
	free(netlink);
}

void netlink_watch(struct netlink *netlink, void (*changed)(void *context), void *context)
{
	if (!netlink)
		return;
	SCOPED_LOCK(&netlink->lock);
	netlink->changed = changed;
	netlink->context = context;
}

void netlink_watch_again(struct netlink *netlink, unsigned milliseconds)
{
	if (!netlink)
		return;
	SCOPED_LOCK(&netlink->lock);
	netlink->due_ms = now_ms() + milliseconds;
	(void)eventfd_write(netlink->wake, 1);
}
