/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the service manager is told: datagrams of lines "NAME=value" to the unix socket that
 * $NOTIFY_SOCKET names, as sd_notify(3) and systemd.service(5) describe. Spoken here and not by
 * libsystemd: it is one datagram, and a daemon of root's links no more than it needs. Without that
 * variable nothing is sent.
 */
#pragma once

#include <stdbool.h>

struct library;

/*
 * Once, before other threads and other programs are started: $NOTIFY_SOCKET, $WATCHDOG_USEC and
 * $WATCHDOG_PID are taken out of the environment, so that nobody else speaks for the daemon.
 */
void service_manager_start(void);

/*
 * `state` ("READY=1", or "") and one line for people, NULL: none, in which control characters come
 * out as '?', so that no name of a file or host forges a state. Any thread. What cannot be told is
 * dropped: there is nobody to tell it to.
 */
void service_manager_tell(const char *state, const char *status, ...)
	__attribute__((format(printf, 2, 3)));

/* Likewise, with a status that says how the library is. */
void service_manager_tell_library(const char *state, struct library *library);

/* Within how many milliseconds it wants to hear "WATCHDOG=1" again; 0: it does not. */
unsigned service_manager_watchdog_ms(void);
