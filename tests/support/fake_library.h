/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon/library.h, implemented in memory for tests of those who call it. Operations complete on a
 * thread of its own.
 *
 * Drives: dvd0 holds debian-12 and is served to two hosts, dvd1 is empty, dvd2 holds win11 and is
 * locked by a host, dvd3 failed. Media: debian-12, netinst, odd (a name that is not UTF-8, control
 * characters, and a fault), win11. Adding: "/missing…" is not there, a path that ends in "/" is a
 * directory of four files, anything else is an image.
 */
#pragma once

#include "daemon/library.h"

struct library *fake_library_create(void);

/* Completes what is queued with STOPPING and ends the thread. */
void fake_library_destroy(struct library *library);

/* While held, operations queue up. */
void fake_library_hold(struct library *library, bool held);

/* Operations asked for and completed so far. */
unsigned fake_library_started(struct library *library);
unsigned fake_library_completed(struct library *library);

/* The actor of the last operation. */
void fake_library_actor(struct library *library, char *ret, size_t size);

/* What library_health says. */
void fake_library_set_ready(struct library *library, bool ready);
