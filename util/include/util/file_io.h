/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All file I/O of media goes through a struct file_io, so that tests can inject slow, short,
 * failing and vanishing files. file_io_posix is the real thing.
 *
 * Every function returns -errno on failure. Reads may be short at the end of the file and, with
 * FILE_IO_NOWAIT, wherever the page cache ends.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* What makes a file the same file: checked when a medium is loaded and on any short read. */
struct file_identity {
	uint64_t device;
	uint64_t inode;
	uint64_t size;     /* bytes */
	int64_t mtime_sec; /* seconds and nanoseconds since the epoch */
	int64_t mtime_nsec;
};

enum {
	FILE_IO_NOWAIT = 1
}; /* do not wait for a disc or a server: -EAGAIN when nothing is cached */

struct file_io {
	/* O_RDONLY; refuses anything but a regular file with -EINVAL. Returns a descriptor. */
	int (*open)(const struct file_io *io, const char *path);
	int (*identify)(const struct file_io *io, int fd, struct file_identity *ret);
	/* Any iov_count (split at IOV_MAX inside). -EOPNOTSUPP: this file system has no NOWAIT. */
	ssize_t (*preadv)(const struct file_io *io, int fd, const struct iovec *iov, int iov_count,
		uint64_t offset, unsigned flags);
	/* True for file systems that may hang on a server (NFS, FUSE, CIFS, 9p, …). */
	bool (*may_hang)(const struct file_io *io, int fd);
	void (*close)(const struct file_io *io, int fd);
	/* Descriptors are the kernel's: sendfile(2) from one gives what preadv gives. */
	bool sendable;
};

extern const struct file_io file_io_posix;
/*
 * The same for paths that realpath(3) made: -ELOOP when a symbolic link was put into one since
 * (util/file_open.h).
 */
extern const struct file_io file_io_resolved;

bool file_identity_equal(const struct file_identity *a, const struct file_identity *b);
/*
 * Of one that was written down long ago: the same file, though its file system may have been given
 * another device number since. Most get theirs anew when they are mounted.
 */
bool file_identity_lasts(const struct file_identity *noted, const struct file_identity *now);

/* Reads all of `length` bytes or fails; -ENODATA when the file ends before. */
int file_read_exactly(
	const struct file_io *io, int fd, void *buffer, size_t length, uint64_t offset);
