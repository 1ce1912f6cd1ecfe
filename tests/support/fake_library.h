/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon/library.h, implemented in memory for tests of those who call it. Operations complete on a
 * thread of its own.
 *
 * Drives: dvd0 holds debian-12 and is served to two hosts, dvd1 is empty, dvd2 holds win11 and is
 * locked by a host, dvd3 failed. Media: debian-12, netinst, odd (a name that is not UTF-8, control
 * characters, and a fault), win11. Adding: "/missing…" is not there, a path that ends in "/" is a
 * directory of four files, anything else is an image.
 *
 * Exports: backup shows dvd0 and dvd1 to two hosts with rules and mutual CHAP (its secrets are
 * "secret-of-backup" and "mutual-of-backup"); lab shows dvd2 to anybody, with a warning and no
 * session. Putting one whose name begins with "public" without rule, CHAP or open is
 * EXPORT_UNPROTECTED.
 *
 * With fake_library_add_tapes there are tape drives as well: lto0 writes to ARC001L8 and is locked
 * by a host, lto1 holds ARC002L8, whose tab is set, lto2 has the damaged ARC004L8, a host has
 * unloaded ARC005L8 in lto3, lto4 is empty and lto5 has a fresh ARC006L8; ARC003L8 lies on the
 * shelf. A tape is found by its id or its barcode. Making tapes: what does not fit into the fake is
 * HOST_FULL.
 */
#pragma once

#include "daemon/library.h"

struct library *fake_library_create(void);

/* Before anybody else uses the library. */
void fake_library_add_tapes(struct library *library);

/*
 * Four jobs: 1 is a scan that refused files, 2 an import that runs, 3 an import of which some could
 * not be taken, 4 a verification that failed.
 */
void fake_library_add_jobs(struct library *library);

/* That many loads and ejects more. */
void fake_library_add_history(struct library *library, unsigned count);

/* One event; its number and time are the fake's. */
void fake_library_put_event(struct library *library, const struct library_history_entry *entry);

/* How often somebody has asked for the events after one. */
unsigned fake_library_event_reads(struct library *library);

/* Completes what is queued with STOPPING and ends the thread. */
void fake_library_stop(struct library *library);
/* The same, if it has not happened yet; and nothing is left. */
void fake_library_destroy(struct library *library);

/* Searches asked for so far, and those for which nobody waited any more when their turn came. */
unsigned fake_library_searches(struct library *library);
unsigned fake_library_searches_dropped(struct library *library);
/* More media than that are not counted; 1000. */
void fake_library_count_to(struct library *library, unsigned most);
/* While held, operations queue up. */
void fake_library_hold(struct library *library, bool held);

/* Operations asked for and completed so far, but for those that only read. */
unsigned fake_library_started(struct library *library);
unsigned fake_library_completed(struct library *library);

/* The actor of the last operation. */
void fake_library_actor(struct library *library, char *ret, size_t size);

/* From now on the content of every disc is this file; before that, see fake_content.c. */
void fake_library_set_content(struct library *library, const char *path);

/* A digest of the first and the last disc, which have the same bytes then. */
void fake_library_add_twins(struct library *library);

/* What library_health says. */
void fake_library_set_ready(struct library *library, bool ready);

/* Without it (it is there), drives cannot be shown to this machine. */
void fake_library_set_kernel_target(struct library *library, bool there);

/* What library_health says of the portal: its addresses. */
void fake_library_set_portal(struct library *library, const char *addresses);

/* The secret of an export, "" when it has none. */
void fake_library_secret(
	struct library *library, const char *name, bool mutual, char *ret, size_t size);
