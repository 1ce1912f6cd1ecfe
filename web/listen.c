/* SPDX-License-Identifier: Apache-2.0 */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "util/cleanup.h"

enum {
	BACKLOG = 64,
	SOCKET_TYPE = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
};

static bool unix_address(const char *path, struct sockaddr_un *ret, struct error *error)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof ret->sun_path)
		return error_set(error, ERROR_CONFIGURATION, "Configure a shorter path.",
			"the socket path %.200s is longer than %zu bytes", path,
			sizeof ret->sun_path - 1);
	strcpy(ret->sun_path, path);
	return true;
}

/* Whether the socket file is free to take: absent, or left behind by a daemon that is gone. */
static bool make_way(const struct sockaddr_un *address, struct error *error)
{
	_cleanup_close_ int probe = socket(AF_UNIX, SOCKET_TYPE, 0);
	struct stat st;
	if (lstat(address->sun_path, &st))
		return true; /* bind will say what is wrong, if anything */
	if (!S_ISSOCK(st.st_mode))
		return error_set(error, ERROR_CONFIGURATION, "Configure another socket path.",
			"%s is there already and is not a socket", address->sun_path);
	if (connect(probe, (const struct sockaddr *)address, sizeof *address) &&
		errno == ECONNREFUSED) {
		unlink(address->sun_path);
		return true;
	}
	return error_set(error, ERROR_STATE_IN_USE, "Stop the other daemon first.",
		"another daemon serves %s", address->sun_path);
}

static bool refuse_listening(struct error *error, const char *what)
{
	return error_set(error,
		errno == EACCES || errno == EPERM ? ERROR_PERMISSION : ERROR_CONFIGURATION,
		"Make the address usable for the daemon, or configure another one.",
		"cannot listen on %.200s: %s", what, strerror(errno));
}

/* The mode is set on the unbound socket first: the file is never open to more than it allows. */
static bool bind_unix(int fd, const struct sockaddr_un *address, mode_t mode, gid_t group)
{
	return !fchmod(fd, mode) && !bind(fd, (const struct sockaddr *)address, sizeof *address) &&
	       !lchown(address->sun_path, (uid_t)-1, group) && !chmod(address->sun_path, mode) &&
	       !listen(fd, BACKLOG);
}

int listen_unix(const char *path, mode_t mode, gid_t group, struct error *error)
{
	struct sockaddr_un address;
	if (!unix_address(path, &address, error) || !make_way(&address, error))
		return -1;
	_cleanup_close_ int fd = socket(AF_UNIX, SOCKET_TYPE, 0);
	if (fd < 0 || !bind_unix(fd, &address, mode, group)) {
		refuse_listening(error, path);
		return -1;
	}
	return steal_fd(fd);
}

union internet_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool parse_internet(const char *text, uint16_t port, union internet_address *ret)
{
	*ret = (union internet_address){0};
	if (!strcmp(text, "localhost"))
		text = "127.0.0.1";
	if (inet_pton(AF_INET, text, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		return true;
	}
	ret->v6.sin6_family = AF_INET6;
	ret->v6.sin6_port = htons(port);
	return inet_pton(AF_INET6, text, &ret->v6.sin6_addr) == 1;
}

/* 127.0.0.0/8 (RFC 1122 3.2.1.3) or ::1 (RFC 4291 2.5.3). */
bool listen_is_loopback(const char *text)
{
	union internet_address address;
	if (!parse_internet(text, 0, &address))
		return false;
	return address.any.sa_family == AF_INET ? ntohl(address.v4.sin_addr.s_addr) >> 24 == 127
						: IN6_IS_ADDR_LOOPBACK(&address.v6.sin6_addr);
}

static bool bind_internet(int fd, union internet_address *address)
{
	socklen_t length = sizeof *address;
	int one = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	socklen_t size =
		address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
	return !bind(fd, &address->any, size) && !listen(fd, BACKLOG) &&
	       !getsockname(fd, &address->any, &length);
}

int listen_tcp(const char *text, uint16_t port, uint16_t *ret_port, struct error *error)
{
	union internet_address address;
	if (!parse_internet(text, port, &address)) {
		error_set(error, ERROR_CONFIGURATION, "Use a numeric address.",
			"%.100s is not an address", text);
		return -1;
	}
	_cleanup_close_ int fd = socket(address.any.sa_family, SOCKET_TYPE, 0);
	if (fd < 0 || !bind_internet(fd, &address)) {
		refuse_listening(error, text);
		return -1;
	}
	*ret_port = ntohs(
		address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
	return steal_fd(fd);
}
