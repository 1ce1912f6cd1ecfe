/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port: what lies under a ring. The shared memory, a descriptor that wakes us, and a way to wake
 * the other side. uio.h makes one of a uio device; tests put their own under a ring.
 */
#pragma once

#include <stddef.h>

struct ring_port;

struct ring_port_ops {
	/*
	 * Takes note of what made `fd` readable. 1: the other side called; 0: it did not; -EIO: it
	 * is gone for good. Worker's thread, one at a time.
	 */
	int (*acknowledge)(struct ring_port *port);
	/*
	 * The tail has moved: the other side takes the answers before this returns. 0 or -errno.
	 * Any thread, one at a time.
	 */
	int (*kick)(struct ring_port *port);
	/* Frees the port. The memory of the ring is gone when this returns. */
	void (*close)(struct ring_port *port);
};

struct ring_port {
	const struct ring_port_ops *ops;
	void *map;
	size_t map_size; /* bytes */
	int fd;          /* readable (EPOLLIN) while there is something to acknowledge */
};
