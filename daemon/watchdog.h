/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the service manager that the daemon is alive, and only while the library's worker answers:
 * it commits all that operators and hosts change, so a daemon without it looks well and does
 * nothing. A thread of its own; none where no watchdog was asked for.
 */
#pragma once

#include <stdbool.h>

#include "util/error.h"

struct library;
struct watchdog;

/* After library_start. *ret is NULL where the service manager has no watchdog. */
bool watchdog_start(struct library *library, struct watchdog **ret, struct error *error);
/* Before library_stop. Accepts NULL; takes no longer than the worker is silent, or one beat. */
void watchdog_stop(struct watchdog *watchdog);
