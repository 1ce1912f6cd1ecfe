/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files on their way to clients. What is in the page cache is read by the thread of the listener
 * itself; for the rest it would have to wait for a disk or a server, so a thread of a small pool
 * reads it, and the connection is suspended until it is there. Files that cannot be asked without
 * waiting (NFS, FUSE, …) take no more than half of the threads, so that a server that hangs holds
 * up its own files only.
 *
 * What is given out is what the file was when the answer began: its identity is looked at behind
 * every read, before a byte of it is sent.
 *
 * Lock: readers->lock, a leaf; suspend and resume are called with it.
 */
#pragma once

#include <stdint.h>

#include "util/error.h"
#include "util/file_io.h"

enum {
	READERS_THREADS = 4,
	READERS_HANGING_MAX = 2, /* of them, for files that may hang */
};

struct readers;
struct reading;

/* NULL with *error: NO_MEMORY, INTERNAL. */
struct readers *readers_create(const struct file_io *io, struct error *error);
/* Wakes all who wait, and lets nobody wait any more. */
void readers_close(struct readers *readers);
/* After that. A read that does not return within a second is left behind. NULL is allowed. */
void readers_destroy(struct readers *readers);

struct reading_waiter {
	void (*suspend)(void *waiter);
	void (*resume)(void *waiter);
	void *waiter;
};

/* Takes the descriptor over, also when there is no memory (NULL). */
struct reading *reading_create(struct readers *readers, int fd,
	const struct file_identity *identity, const struct reading_waiter *waiter);

/*
 * Some bytes from `offset` on. 0: the waiter is suspended, and asks for the same once more when it
 * is resumed. -ESTALE: the file was changed, and nothing that is not what it was has been given
 * out; -ENODATA: it is shorter than its size; -ECANCELED: the server stops; or another -errno.
 */
ssize_t reading_read(struct reading *reading, uint64_t offset, void *buffer, size_t size);

/* Not while the waiter is suspended. */
void reading_release(struct reading *reading);
