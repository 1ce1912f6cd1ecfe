/* SPDX-License-Identifier: Apache-2.0 */
#include "uio.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "util/cleanup.h"
#include "util/list.h"

enum { NODE_WAIT_MS = 2000, NODE_POLL_MS = 10 };

static int uio_acknowledge(struct ring_port *port)
{
	uint32_t events;
	ssize_t n = read(port->fd, &events, sizeof events);
	if (n == sizeof events)
		return 1;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -EIO;
}

static int uio_kick(struct ring_port *port)
{
	static const uint32_t ignored = 0;
	ssize_t n;
	do
		n = write(port->fd, &ignored, sizeof ignored);
	while (n < 0 && errno == EINTR);
	return n == sizeof ignored ? 0 : -EIO;
}

static void uio_close(struct ring_port *port)
{
	munmap(port->map, port->map_size);
	close(port->fd);
	free(port);
}

static const struct ring_port_ops uio_ops = {
	.acknowledge = uio_acknowledge,
	.kick = uio_kick,
	.close = uio_close,
};

/* The node is made by udev, some time after the device is there. */
static int open_node(const char *path, unsigned busy_ms)
{
	for (unsigned waited = 0;; waited += NODE_POLL_MS) {
		int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0)
			return fd;
		unsigned patience = errno == ENOENT ? NODE_WAIT_MS : errno == EBUSY ? busy_ms : 0;
		if (waited >= patience)
			return -errno;
		poll(NULL, 0, NODE_POLL_MS);
	}
}

static bool node_error(const char *path, int status, struct error *error)
{
	if (status == -EBUSY)
		return error_set(error, ERROR_KERNEL_TARGET,
			"Stop the other daemon: only one process can serve a device.",
			"another daemon serves %s", path);
	if (status == -EACCES || status == -EPERM)
		return error_set(error, ERROR_PERMISSION,
			"Run the daemon as root or let udev give it the device.",
			"%s may not be opened", path);
	return error_set(error, ERROR_KERNEL_TARGET,
		"See in the kernel log why the device is not there.", "%s cannot be opened: %s",
		path, strerror(-status));
}

static bool map_size(const char *path, size_t *ret, struct error *error)
{
	char text[32] = "";
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof text - 1) > 0) {
		unsigned long long size = strtoull(text, NULL, 16);
		if (size > 0 && size <= SSIZE_MAX) {
			*ret = size;
			return true;
		}
	}
	return error_set(error, ERROR_KERNEL_TARGET, "See that sysfs is mounted on /sys.",
		"%s does not give the size of the ring", path);
}

/*
 * All of the map, as the kernel wants it. Not a page is touched here: one of the data area that
 * belongs to no command is a SIGBUS, and a child process has no business in it.
 */
static void *map_all(int fd, size_t size)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return NULL;
	madvise(map, size, MADV_DONTFORK);
	return map;
}

struct ring_port *uio_open(
	const char *root, const char *name, unsigned busy_ms, struct error *error)
{
	char node[PATH_MAX], size_file[PATH_MAX];
	size_t size = 0;
	snprintf(node, sizeof node, "%s/dev/%s", root, name);
	snprintf(size_file, sizeof size_file, "%s/sys/class/uio/%s/maps/map0/size", root, name);

	_cleanup_close_ int fd = open_node(node, busy_ms);
	if (fd < 0)
		return node_error(node, fd, error), NULL;
	if (!map_size(size_file, &size, error))
		return NULL;
	_cleanup_free_ struct ring_port *port = malloc(sizeof *port);
	void *map = port ? map_all(fd, size) : NULL;
	if (!map) {
		error_set(error, ERROR_KERNEL_TARGET, "See the kernel log; free memory.",
			"%s cannot be mapped: %s", node, strerror(errno));
		return NULL;
	}
	*port = (struct ring_port){
		.ops = &uio_ops, .map = map, .map_size = size, .fd = steal_fd(fd)};
	return steal(port);
}
