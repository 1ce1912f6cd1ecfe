/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change of configfs for which the kernel sends commands to the device, or waits for those that
 * are there: linking a LUN sends INQUIRY, unlinking it waits for all of its commands. Who is killed
 * meanwhile cannot end before they are answered, and nobody else can serve the ring before it has
 * ended. So a process of its own does it, which has nothing open but the tree that it changes,
 * locked: the daemon can be killed at any time, and the next one answers, or ends, what that
 * process waits for.
 *
 * A loopback target has to be made whole, too: of one whose maker is killed meanwhile the kernel
 * has no SCSI host (6.1: kthread_run says EINTR), and panics when something is linked to it.
 */
#pragma once

#include <stdbool.h>

/* `change` returns 0 or -errno; async-signal-safe functions only. Returns what it returned. */
int apart(int (*change)(const char *to, const char *path), const char *to, const char *path);

/*
 * Waits until nobody else, as a process that outlives its daemon, changes the tree that `path` is
 * in. False: it takes longer.
 */
bool apart_await_others(const char *path, unsigned milliseconds);
