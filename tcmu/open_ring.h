/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backstore.h"
#include "port.h"

/*
 * The ring of `backstore`, opened and mapped, as uio_open says. The kernel gives the number of a
 * uio device that is gone to the next one: what was opened is this one's, or KERNEL_TARGET.
 */
struct ring_port *open_ring(const struct configfs *fs, const struct backstore *backstore,
	unsigned busy_ms, struct error *error);
