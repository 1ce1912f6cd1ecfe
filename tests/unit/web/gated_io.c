/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "gated_io.h"

#include <errno.h>
#include <unistd.h>

#include "util/cleanup.h"

enum { PATIENCE_MS = 60000 };

static struct gated_io *gate_of(const struct file_io *io)
{
	return (struct gated_io *)(uintptr_t)io;
}

static bool is_served(struct gated_io *gated, int fd)
{
	struct file_identity identity;
	return gated->hangs_size && !file_io_posix.identify(&file_io_posix, fd, &identity) &&
	       identity.size == gated->hangs_size;
}

static void pass(struct gated_io *gated, bool served)
{
	unsigned delay_us = atomic_load(&gated->delay_us);
	if (delay_us)
		usleep(delay_us);
	SCOPED_LOCK(&gated->lock);
	gated->waiting++;
	pthread_cond_broadcast(&gated->changed);
	while (gated->shut || (served && gated->hangs))
		pthread_cond_wait(&gated->changed, &gated->lock);
	gated->waiting--;
}

static ssize_t gated_preadv(const struct file_io *io, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset, unsigned flags)
{
	struct gated_io *gated = gate_of(io);
	bool served = is_served(gated, fd);
	if (flags & FILE_IO_NOWAIT && served)
		return -EOPNOTSUPP;
	if (flags & FILE_IO_NOWAIT && !gated->cached)
		return -EAGAIN;
	if (!(flags & FILE_IO_NOWAIT))
		pass(gated, served);
	if (offset + iov->iov_len > gated->bad_offset)
		return -EIO;
	return file_io_posix.preadv(&file_io_posix, fd, iov, iov_count, offset, 0);
}

static int gated_identify(const struct file_io *io, int fd, struct file_identity *ret)
{
	return file_io_posix.identify(&file_io_posix, fd, ret);
}

static void gated_close(const struct file_io *io, int fd)
{
	struct gated_io *gated = gate_of(io);
	close(fd);
	SCOPED_LOCK(&gated->lock);
	gated->closed++;
	pthread_cond_broadcast(&gated->changed);
}

void gated_io_init(struct gated_io *gated)
{
	*gated = (struct gated_io){
		.io = {.identify = gated_identify, .preadv = gated_preadv, .close = gated_close},
		.bad_offset = UINT64_MAX};
	pthread_mutex_init(&gated->lock, NULL);
	pthread_cond_init(&gated->changed, NULL);
}

void gated_io_shut(struct gated_io *gated, bool shut)
{
	SCOPED_LOCK(&gated->lock);
	gated->shut = shut;
	pthread_cond_broadcast(&gated->changed);
}

void gated_io_hang(struct gated_io *gated, bool hangs)
{
	SCOPED_LOCK(&gated->lock);
	gated->hangs = hangs;
	pthread_cond_broadcast(&gated->changed);
}

static unsigned look(struct gated_io *gated, const unsigned *counter)
{
	SCOPED_LOCK(&gated->lock);
	return *counter;
}

void gated_io_await(struct gated_io *gated, unsigned waiting)
{
	for (unsigned i = 0; i < PATIENCE_MS && look(gated, &gated->waiting) != waiting; i++)
		usleep(1000);
	assert_int_equal(look(gated, &gated->waiting), waiting);
}

void gated_io_await_closed(struct gated_io *gated, unsigned closed)
{
	for (unsigned i = 0; i < PATIENCE_MS && look(gated, &gated->closed) < closed; i++)
		usleep(1000);
	assert_int_equal(look(gated, &gated->closed), closed);
}
