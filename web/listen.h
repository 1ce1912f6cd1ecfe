/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets. Each function returns a non-blocking descriptor, or -1 with *error. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/error.h"

/* Replaces a socket file that nobody serves; STATE_IN_USE when somebody does. */
int listen_unix(const char *path, mode_t mode, gid_t group, struct error *error);

/* A numeric address or "localhost", and only this machine reaches it. */
bool listen_is_loopback(const char *address);

/* ret_port is the one really taken. */
int listen_tcp(const char *address, uint16_t port, uint16_t *ret_port, struct error *error);
