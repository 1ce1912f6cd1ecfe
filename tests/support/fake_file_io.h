/* SPDX-License-Identifier: Apache-2.0 */
/* One file in memory behind struct file_io, with the faults a real one can have. */
#pragma once

#include "util/file_io.h"

struct fake_file {
	struct file_io io; /* first: what code under test is given */

	const uint8_t *data; /* borrowed */
	uint64_t size;       /* of data, and what identify says */
	int64_t mtime;

	int open_error;     /* -errno; 0: opens */
	int identify_error; /* -errno */
	int read_error;     /* -errno of every read that touches bad_offset or what comes after */
	uint64_t bad_offset;
	uint64_t cut_at;  /* the file ends here although identify says size; UINT64_MAX: it does not
			   */
	int nowait_error; /* -errno of reads with FILE_IO_NOWAIT: -EAGAIN, -EOPNOTSUPP; 0: cached */
	bool may_hang;

	unsigned opened, closed, reads; /* counters */
	int last_iov_count;
};

void fake_file_init(struct fake_file *file, const void *data, uint64_t size);
