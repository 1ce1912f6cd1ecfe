/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the kernel to begin writing ranges of files to the disk, on a thread of its own: where the
 * disk's queue is full, sync_file_range(2) waits. The thread begins with the first range and stays.
 * Any thread may call these.
 */
#pragma once

#include <stdint.h>

/* Best effort: while too many ranges wait, more are dropped. Pair it with write_back_forget. */
void write_back_begin(int fd, uint64_t offset, uint64_t length);

/* Nothing of the descriptor is looked at any more when this returns: it may be closed. */
void write_back_forget(int fd);
