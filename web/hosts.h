/* SPDX-License-Identifier: Apache-2.0 */
/* By which names a TCP listener may be called: against names that are made to point at it. */
#pragma once

#include <stdbool.h>

/*
 * The Host of a request: a loopback name, the numeric address that the client has connected to, or
 * one of `names` (separated by spaces; NULL: none), each with a port or without.
 */
bool host_is_ours(const char *host, const char *names, int fd);
