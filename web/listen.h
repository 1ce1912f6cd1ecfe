/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets. Each function returns a non-blocking descriptor, or -1 with *error. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "util/error.h"

/* Replaces a socket file that nobody serves; STATE_IN_USE when somebody does. */
int listen_unix(const char *path, mode_t mode, gid_t group, struct error *error);

/* CONFIGURATION for an address that other machines could reach. ret_port is the one really taken.
 */
int listen_loopback(const char *address, uint16_t port, uint16_t *ret_port, struct error *error);
