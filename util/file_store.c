/* SPDX-License-Identifier: Apache-2.0 */
#include "util/file_store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file_open.h"
#include "util/write_back.h"

/* O_NONBLOCK: a FIFO must not hold us until somebody opens its other end. */
enum { FLAGS = O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

static int lock(int fd, bool writable)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (flock(fd, (writable ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

typedef int opener(const char *path, int flags, mode_t mode);

static int posix_opener(const char *path, int flags, mode_t mode)
{
	int fd = open(path, flags, mode);
	return fd < 0 ? -errno : fd;
}

static int open_and_lock(opener *call, const char *path, int flags, bool writable)
{
	_cleanup_close_ int fd = call(path, FLAGS | flags, 0640);
	int result = fd < 0 ? fd : lock(fd, writable);
	return result < 0 ? result : steal_fd(fd);
}

static int posix_open(const struct file_store *store, const char *path, bool writable)
{
	return open_and_lock(posix_opener, path, writable ? O_RDWR : O_RDONLY, writable);
}

static int resolved_open(const struct file_store *store, const char *path, bool writable)
{
	return open_and_lock(file_open_resolved, path, writable ? O_RDWR : O_RDONLY, writable);
}

static int posix_create(const struct file_store *store, const char *path)
{
	return open_and_lock(posix_opener, path, O_RDWR | O_CREAT | O_EXCL, true);
}

/* Goes on where a call stopped short: fills ret with what is left after `done` bytes. */
static int rest(const struct iovec *iov, int count, size_t done, struct iovec *ret)
{
	int left = 0;
	for (int i = 0; i < count; i++) {
		if (done >= iov[i].iov_len) {
			done -= iov[i].iov_len;
			continue;
		}
		ret[left++] =
			(struct iovec){(uint8_t *)iov[i].iov_base + done, iov[i].iov_len - done};
		done = 0;
	}
	return left;
}

enum { PARTS_MAX = 8 };

typedef ssize_t transfer(int fd, const struct iovec *iov, int count, off_t offset, int flags);

static ssize_t all_of_it(
	transfer *call, int fd, const struct iovec *iov, int iov_count, uint64_t offset, int flags)
{
	struct iovec left[PARTS_MAX];
	size_t done = 0;
	if (iov_count > PARTS_MAX)
		return -EINVAL;
	for (;;) {
		int count = rest(iov, iov_count, done, left);
		if (count == 0)
			return (ssize_t)done;
		ssize_t n = call(fd, left, count, (off_t)(offset + done), flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : (ssize_t)done;
		done += (size_t)n;
	}
}

static ssize_t posix_preadv(const struct file_store *store, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset, unsigned flags)
{
	return all_of_it(
		preadv2, fd, iov, iov_count, offset, flags & FILE_STORE_NOWAIT ? RWF_NOWAIT : 0);
}

static int64_t posix_size(const struct file_store *store, int fd)
{
	struct stat st;
	return fstat(fd, &st) < 0 ? -errno : st.st_size;
}

static int posix_pwritev(const struct file_store *store, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset)
{
	size_t wanted = 0;
	for (int i = 0; i < iov_count; i++)
		wanted += iov[i].iov_len;
	ssize_t n = all_of_it(pwritev2, fd, iov, iov_count, offset, 0);
	if (n < 0)
		return (int)n;
	return (size_t)n == wanted ? 0 : -ENOSPC;
}

static void posix_begin_writing_back(
	const struct file_store *store, int fd, uint64_t offset, uint64_t length)
{
	write_back_begin(fd, offset, length);
}

static int posix_sync(const struct file_store *store, int fd)
{
	return fdatasync(fd) < 0 ? -errno : 0;
}

static int posix_sync_directory(const struct file_store *store, const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	_cleanup_close_ int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static void posix_punch(const struct file_store *store, int fd, uint64_t offset, uint64_t length)
{
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
		    (off_t)length) < 0)
		return; /* file systems without holes keep the old bytes, which mean nothing */
}

static void posix_close(const struct file_store *store, int fd)
{
	write_back_forget(fd);
	close(fd);
}

#define POSIX_BUT_FOR_OPEN                                                                         \
	.create = posix_create, .preadv = posix_preadv, .size = posix_size,                        \
	.pwritev = posix_pwritev, .begin_writing_back = posix_begin_writing_back,                  \
	.sync = posix_sync, .sync_directory = posix_sync_directory, .punch = posix_punch,          \
	.close = posix_close

const struct file_store file_store_posix = {.open = posix_open, POSIX_BUT_FOR_OPEN};
const struct file_store file_store_resolved = {.open = resolved_open, POSIX_BUT_FOR_OPEN};
