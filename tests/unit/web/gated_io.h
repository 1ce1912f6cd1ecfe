/* SPDX-License-Identifier: Apache-2.0 */
/* Files behind which there is a slow disk, or a server that does not answer for now. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "util/file_io.h"

struct gated_io {
	struct file_io io;    /* first: what code under test is given */
	bool cached;          /* reads that must not wait are answered, and pass the gate */
	uint64_t hangs_size;  /* a file of this size is one of a server */
	uint64_t bad_offset;  /* from here on there is an input/output error */
	atomic_uint delay_us; /* of each read */

	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t changed;
	bool shut;        /* for reads that may wait */
	bool hangs;       /* those of the server wait, too */
	unsigned waiting; /* reads before the gate */
	unsigned closed;  /* files */
};

/* Open, and not cached. */
void gated_io_init(struct gated_io *gated);
void gated_io_shut(struct gated_io *gated, bool shut);
void gated_io_hang(struct gated_io *gated, bool hangs);
/* Until so many wait before the gate; fails after some seconds. */
void gated_io_await(struct gated_io *gated, unsigned waiting);
/* Likewise: until so many files were closed. */
void gated_io_await_closed(struct gated_io *gated, unsigned closed);
