/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_file_io.h"

#include <string.h>

static struct fake_file *of(const struct file_io *io)
{
	return (struct fake_file *)(uintptr_t)io;
}

static int fake_open(const struct file_io *io, const char *path)
{
	struct fake_file *file = of(io);
	if (file->open_error)
		return file->open_error;
	file->opened++;
	return 100;
}

static int fake_identify(const struct file_io *io, int fd, struct file_identity *ret)
{
	struct fake_file *file = of(io);
	if (file->identify_error)
		return file->identify_error;
	*ret = (struct file_identity){
		.device = 1, .inode = 2, .size = file->size, .mtime_sec = file->mtime};
	return 0;
}

static uint64_t readable_end(const struct fake_file *file)
{
	return file->cut_at < file->size ? file->cut_at : file->size;
}

static ssize_t fake_preadv(const struct file_io *io, int fd, const struct iovec *iov, int iov_count,
	uint64_t offset, unsigned flags)
{
	struct fake_file *file = of(io);
	ssize_t done = 0;
	file->reads++;
	file->last_iov_count = iov_count;
	if (flags & FILE_IO_NOWAIT && file->nowait_error)
		return file->nowait_error;
	for (int i = 0; i < iov_count && offset < readable_end(file); i++) {
		uint64_t part = readable_end(file) - offset;
		if (part > iov[i].iov_len)
			part = iov[i].iov_len;
		if (file->read_error && offset + part > file->bad_offset)
			return done > 0 ? done : file->read_error;
		memcpy(iov[i].iov_base, file->data + offset, part);
		offset += part;
		done += (ssize_t)part;
	}
	return done;
}

static bool fake_may_hang(const struct file_io *io, int fd)
{
	return of(io)->may_hang;
}

static void fake_close(const struct file_io *io, int fd)
{
	of(io)->closed++;
}

void fake_file_init(struct fake_file *file, const void *data, uint64_t size)
{
	*file = (struct fake_file){
		.io = {.open = fake_open,
			.identify = fake_identify,
			.preadv = fake_preadv,
			.may_hang = fake_may_hang,
			.close = fake_close},
		.data = data,
		.size = size,
		.cut_at = UINT64_MAX,
	};
}
