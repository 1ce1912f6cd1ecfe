/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source: something that bulk Data-In is read from after the lock of the logical unit is
 * released. It is counted; whoever starts a read holds a reference until the data is where it
 * belongs.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "util/list.h"

struct scsi_source;

struct scsi_source_ops {
	/*
	 * Any thread. Returns bytes read (short at the end), -EAGAIN or -EOPNOTSUPP with
	 * FILE_IO_NOWAIT (util/file_io.h) when the data is not at hand, or another -errno.
	 */
	ssize_t (*preadv)(struct scsi_source *source, const struct iovec *iov, int iov_count,
		uint64_t offset, unsigned flags);
	/*
	 * Any thread, after a short or failed read: returns true when what lies underneath is no
	 * longer what was opened.
	 */
	bool (*changed)(struct scsi_source *source);
	/*
	 * Any thread; NULL: never. The descriptor of a local file that has these very bytes there,
	 * all of them in the page cache just now and the file still what was opened; -1: read them
	 * with preadv. The descriptor is good as long as the source.
	 */
	int (*descriptor)(struct scsi_source *source, uint64_t offset, uint64_t length);
	void (*destroy)(struct scsi_source *source); /* the last reference is gone */
};

/*
 * How many workers may wait for this source at once, kept by the executor: one dead file server
 * must not take every worker away from the other drives.
 */
struct scsi_lane {
	unsigned active;
	struct list waiting;
};

struct scsi_source {
	const struct scsi_source_ops *ops;
	atomic_uint references;
	atomic_bool faulted; /* changed() said so once: every read fails from then on */
	bool may_hang;       /* reads go to a private buffer, never straight into the memory of a
				transport */
	struct scsi_lane lane;
};

void scsi_source_init(struct scsi_source *source, const struct scsi_source_ops *ops, bool may_hang);
struct scsi_source *scsi_source_get(struct scsi_source *source);
void scsi_source_put(struct scsi_source *source); /* NULL is allowed */
