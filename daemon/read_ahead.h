/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file from its beginning to its end, piece by piece: while the caller works on one, a thread
 * reads the next. The kernel's own reading ahead is often less than one piece.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/file_io.h"

enum { READ_AHEAD_PIECE = 1 << 20, READ_AHEAD_PIECES = 2 };

struct read_ahead {
	const struct file_io *io;
	int fd;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* With the lock: pieces that were read, and that the caller is done with. */
	uint64_t filled, emptied;
	bool held; /* the caller has the piece `emptied` */
	bool stopping;
	ssize_t length[READ_AHEAD_PIECES];
	uint8_t *buffer; /* all pieces */
};

/* False: no memory, or no thread; then there is nothing to stop. The file stays the caller's. */
bool read_ahead_start(struct read_ahead *ahead, const struct file_io *io, int fd);
/* Its length; 0: that was the end; -errno. *ret is there until the next call. Blocks. */
ssize_t read_ahead_next(struct read_ahead *ahead, const uint8_t **ret);
/* Waits for the read that is under way. */
void read_ahead_stop(struct read_ahead *ahead);
