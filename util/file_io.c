/* SPDX-License-Identifier: Apache-2.0 */
#include "util/file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file_open.h"

/* O_NONBLOCK: a FIFO must not hold us until somebody writes to it. */
enum { FLAGS = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

static int regular_only(int opened)
{
	_cleanup_close_ int fd = opened;
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? steal_fd(fd) : -EINVAL;
}

static int posix_open(const struct file_io *io, const char *path)
{
	(void)io;
	int fd = open(path, FLAGS);
	return fd < 0 ? -errno : regular_only(fd);
}

static int resolved_open(const struct file_io *io, const char *path)
{
	(void)io;
	int fd = file_open_resolved(path, FLAGS, 0);
	return fd < 0 ? fd : regular_only(fd);
}

static int posix_identify(const struct file_io *io, int fd, struct file_identity *ret)
{
	(void)io;
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = (struct file_identity){
		.device = st.st_dev,
		.inode = st.st_ino,
		.size = (uint64_t)st.st_size,
		.mtime_sec = st.st_mtim.tv_sec,
		.mtime_nsec = st.st_mtim.tv_nsec,
	};
	return 0;
}

static size_t iov_length(const struct iovec *iov, int count)
{
	size_t length = 0;
	for (int i = 0; i < count; i++)
		length += iov[i].iov_len;
	return length;
}

static ssize_t posix_preadv(const struct file_io *io, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset, unsigned flags)
{
	(void)io;
	ssize_t total = 0;
	while (iov_count > 0) {
		int batch = iov_count < IOV_MAX ? iov_count : IOV_MAX;
		ssize_t n = preadv2(fd, iov, batch, (off_t)(offset + (uint64_t)total),
			flags & FILE_IO_NOWAIT ? RWF_NOWAIT : 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return total > 0 ? total : -errno;
		total += n;
		if ((size_t)n < iov_length(iov, batch))
			break;
		iov += batch;
		iov_count -= batch;
	}
	return total;
}

static bool posix_may_hang(const struct file_io *io, int fd)
{
	(void)io;
	struct statfs fs;
	if (fstatfs(fd, &fs) < 0)
		return true;
	switch ((unsigned long)fs.f_type) {
	case EXT4_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case F2FS_SUPER_MAGIC:
	case ISOFS_SUPER_MAGIC:
	case SQUASHFS_MAGIC:
	case RAMFS_MAGIC:
		return false;
	default: /* NFS, 9p, CIFS, FUSE, Ceph and whatever nobody vouched for */
		return true;
	}
}

static void posix_close(const struct file_io *io, int fd)
{
	(void)io;
	close(fd);
}

#define POSIX_BUT_FOR_OPEN                                                                         \
	.identify = posix_identify, .preadv = posix_preadv, .may_hang = posix_may_hang,            \
	.close = posix_close, .sendable = true

const struct file_io file_io_posix = {.open = posix_open, POSIX_BUT_FOR_OPEN};
const struct file_io file_io_resolved = {.open = resolved_open, POSIX_BUT_FOR_OPEN};

bool file_identity_equal(const struct file_identity *a, const struct file_identity *b)
{
	return a->device == b->device && file_identity_lasts(a, b);
}

bool file_identity_lasts(const struct file_identity *noted, const struct file_identity *now)
{
	return noted->inode == now->inode && noted->size == now->size &&
	       noted->mtime_sec == now->mtime_sec && noted->mtime_nsec == now->mtime_nsec;
}

int file_read_exactly(
	const struct file_io *io, int fd, void *buffer, size_t length, uint64_t offset)
{
	uint8_t *at = buffer;
	while (length > 0) {
		struct iovec iov = {.iov_base = at, .iov_len = length};
		ssize_t n = io->preadv(io, fd, &iov, 1, offset, 0);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return -ENODATA;
		at += n;
		offset += (uint64_t)n;
		length -= (size_t)n;
	}
	return 0;
}
