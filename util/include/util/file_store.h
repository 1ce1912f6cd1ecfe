/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are written and must survive a power cut. All of it goes through a struct file_store,
 * so that tests can cut the power after any write. file_store_posix is the real thing.
 *
 * Every function returns -errno on failure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

enum { FILE_STORE_NOWAIT = 1 }; /* do not wait for the disk: what is not in memory is not read */

struct file_store {
	/*
	 * A regular file, for reading or for both, locked against every other opener of that kind:
	 * one writer, or readers. -EBUSY: somebody else has it. Returns a descriptor.
	 */
	int (*open)(const struct file_store *store, const char *path, bool writable);
	/* A new one, for both, as open does. -EEXIST. */
	int (*create)(const struct file_store *store, const char *path);
	/*
	 * What is behind the end of the file is not read: the result is short. With NOWAIT it is
	 * short, or an error, wherever it pleases, and proves nothing.
	 */
	ssize_t (*preadv)(const struct file_store *store, int fd, const struct iovec *iov,
		int iov_count, uint64_t offset, unsigned flags);
	/* How long the file is, or -errno. */
	int64_t (*size)(const struct file_store *store, int fd);
	/* All of it, or -errno; then some of it may have been written. */
	int (*pwritev)(const struct file_store *store, int fd, const struct iovec *iov,
		int iov_count, uint64_t offset);
	/*
	 * What was written there begins on its way to the disk; nothing is promised, and nobody
	 * waits. Errors are told by sync.
	 */
	void (*begin_writing_back)(
		const struct file_store *store, int fd, uint64_t offset, uint64_t length);
	/* What was written is durable when it returns. After a failure nothing is known. */
	int (*sync)(const struct file_store *store, int fd);
	/* The name of a new file is durable. */
	int (*sync_directory)(const struct file_store *store, const char *path);
	/* What is there may be forgotten, and reads as zeros then. Best effort. */
	void (*punch)(const struct file_store *store, int fd, uint64_t offset, uint64_t length);
	void (*close)(const struct file_store *store, int fd);
};

extern const struct file_store file_store_posix;
/*
 * The same for files at paths that realpath(3) made: -ELOOP when a symbolic link was put into one
 * since (util/file_open.h).
 */
extern const struct file_store file_store_resolved;
