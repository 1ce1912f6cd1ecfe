/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses of a target. LIO listens as soon as the directory is there, shares an address among
 * all its targets, and says EINVAL for whatever goes wrong.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "iscsi_target_private.h"

/* ---- names --------------------------------------------------------------------------------- */

static bool parse_port(const char *text, uint16_t *ret)
{
	size_t length = strlen(text);
	if (!length || length > 5 || strspn(text, "0123456789") != length)
		return false;
	unsigned long port = strtoul(text, NULL, 10);
	if (port < 1 || port > UINT16_MAX)
		return false;
	*ret = htons((uint16_t)port);
	return true;
}

static bool parse_inet(const char *host, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ret;
	*in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
	return inet_pton(AF_INET, host, &in->sin_addr) == 1;
}

static bool parse_inet6(const char *host, uint16_t port, struct sockaddr_storage *ret)
{
	char address[INET6_ADDRSTRLEN];
	size_t length = strlen(host);
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;
	if (length < 2 || length - 2 >= sizeof address || host[0] != '[' || host[length - 1] != ']')
		return false;
	snprintf(address, sizeof address, "%.*s", (int)length - 2, host + 1);
	*in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
	return inet_pton(AF_INET6, address, &in6->sin6_addr) == 1;
}

static bool parse(const char *text, struct sockaddr_storage *ret)
{
	char host[KERNEL_PORTAL_MAX];
	uint16_t port;
	const char *colon = strrchr(text, ':');
	*ret = (struct sockaddr_storage){0};
	if (!colon || (size_t)(colon - text) >= sizeof host || !parse_port(colon + 1, &port))
		return false;
	snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
	return parse_inet(host, port, ret) || parse_inet6(host, port, ret);
}

static void format(const struct sockaddr_storage *address, char ret[KERNEL_PORTAL_MAX])
{
	char host[INET6_ADDRSTRLEN];
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	if (address->ss_family == AF_INET) {
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
		snprintf(ret, KERNEL_PORTAL_MAX, "%s:%u", host, ntohs(in->sin_port));
	} else {
		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
		snprintf(ret, KERNEL_PORTAL_MAX, "[%s]:%u", host, ntohs(in6->sin6_port));
	}
}

bool kernel_portal_name(const char *text, char ret[KERNEL_PORTAL_MAX], struct error *error)
{
	struct sockaddr_storage address;
	if (!parse(text, &address))
		return error_set(error, ERROR_INVALID,
			"Give a numeric address and a port, \"127.0.0.1:3261\" or \"[::1]:3261\".",
			"a target of the kernel cannot listen on \"%.100s\"", text);
	format(&address, ret);
	return true;
}

/* ---- one comes ----------------------------------------------------------------------------- */

/* 0, or the errno with which anybody would fail there now. */
static int try_to_listen(const char *name)
{
	int one = 1;
	struct sockaddr_storage address;
	if (!parse(name, &address))
		return EINVAL;
	bool inet = address.ss_family == AF_INET;
	_cleanup_close_ int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	/*
	 * As LIO does: connections that are only just closed are in nobody's way, and an address
	 * that this machine does not have may come later.
	 */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	(void)setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&address,
		    inet ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)) < 0 ||
		listen(fd, 1) < 0)
		return errno;
	return 0;
}

static bool fail_in_use(const char *name, struct error *error)
{
	char remedy[256];
	snprintf(remedy, sizeof remedy,
		"Ask who has it, \"ss -ltnp sport = :%s\", and stop it; or listen elsewhere.",
		strrchr(name, ':') + 1);
	return error_set(error, ERROR_KERNEL_TARGET, remedy,
		"the address %s is in use by another program", name);
}

static bool fail(int failure, const char *path, const char *name, struct error *error)
{
	int reason = try_to_listen(name);
	if (reason == EADDRINUSE)
		return fail_in_use(name, error);
	if (reason == EAFNOSUPPORT)
		return error_set(error, ERROR_KERNEL_TARGET,
			"Give an IPv4 address, or boot with IPv6.",
			"this machine has no IPv6 to listen on %s", name);
	return configfs_fail(error, failure, "make the directory", path);
}

bool kernel_portal_make(
	const struct kernel_target *target, const char *text, bool *ret_made, struct error *error)
{
	char name[KERNEL_PORTAL_MAX], path[CONFIGFS_PATH_MAX];
	if (!kernel_portal_name(text, name, error))
		return false;
	configfs_path(path, "%s/np/%s", target->tpgt, name);
	if (access(path, F_OK) == 0)
		return true;
	int r = target->fs->ops->make(path);
	if (r < 0 && r != -EEXIST)
		return fail(r, path, name, error);
	*ret_made = r == 0;
	return true;
}

/* ---- … and goes ---------------------------------------------------------------------------- */

bool kernel_portal_remove(const struct kernel_target *target, const char *text, struct error *error)
{
	char name[KERNEL_PORTAL_MAX], path[CONFIGFS_PATH_MAX];
	if (!kernel_portal_name(text, name, error))
		return false;
	configfs_path(path, "%s/np/%s", target->tpgt, name);
	return configfs_remove(target->fs, path, error);
}

static bool is_kept(const char *directory, const char *const *keep)
{
	char name[KERNEL_PORTAL_MAX];
	for (; keep && *keep; keep++) {
		if (kernel_portal_name(*keep, name, NULL) && strcmp(name, directory) == 0)
			return true;
	}
	return false;
}

bool kernel_portals_remove(
	const struct kernel_target *target, const char *const *keep, struct error *error)
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names names;
	configfs_path(path, "%s/np", target->tpgt);
	configfs_directories(path, &names);
	for (int i = 0; i < names.count; i++) {
		configfs_path(path, "%s/np/%s", target->tpgt, names.entries[i]->d_name);
		if (!is_kept(names.entries[i]->d_name, keep) &&
			!configfs_remove(target->fs, path, error))
			return false;
	}
	return true;
}
