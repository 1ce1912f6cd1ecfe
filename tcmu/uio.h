/* SPDX-License-Identifier: Apache-2.0 */
/* The port of a TCMU device: /dev/uioN and its map 0. */
#pragma once

#include "port.h"
#include "util/error.h"

/*
 * Opens and maps `name` ("uio3"). The device node may lag behind the device: waits for it for up to
 * two seconds. `root` is put before /dev and /sys; "" but for tests. One process may have it open:
 * ERROR_KERNEL_TARGET says so when another one does, and still does after `busy_ms`.
 */
struct ring_port *uio_open(
	const char *root, const char *name, unsigned busy_ms, struct error *error);
