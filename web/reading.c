/* SPDX-License-Identifier: Apache-2.0 */
/* One file, as the thread of its listener sees it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "readers_private.h"
#include "util/cleanup.h"

struct reading *reading_create(struct readers *readers, int fd,
	const struct file_identity *identity, const struct reading_waiter *waiter)
{
	struct reading *reading = calloc(1, sizeof *reading);
	if (!reading) {
		readers->io->close(readers->io, fd);
		return NULL;
	}
	*reading = (struct reading){.readers = readers,
		.fd = fd,
		.identity = *identity,
		.waiter = *waiter,
		.references = 1};
	list_init(&reading->node);
	return reading;
}

/*
 * Whoever writes to a file changes its times before its bytes, so what is read before they are
 * looked at is what it was.
 */
ssize_t reading_fetch(
	const struct reading *reading, void *buffer, size_t size, uint64_t offset, unsigned flags)
{
	const struct file_io *io = reading->readers->io;
	const struct iovec iov = {.iov_base = buffer, .iov_len = size};
	struct file_identity now;
	ssize_t count = io->preadv(io, reading->fd, &iov, 1, offset, flags);
	if (count < 0)
		return count;
	int failed = io->identify(io, reading->fd, &now);
	if (failed)
		return failed;
	if (!file_identity_equal(&now, &reading->identity))
		return -ESTALE;
	return count ? count : -ENODATA;
}

/* With the lock. */
static ssize_t give(struct reading *reading, void *buffer, size_t size)
{
	size_t left = (size_t)reading->count - reading->given;
	size_t length = left < size ? left : size;
	memcpy(buffer, reading->bytes + reading->given, length);
	reading->given += length;
	if (length == left) {
		reading->count = 0;
		free(steal(reading->bytes));
	}
	return (ssize_t)length;
}

/* What the pool has read; 0: nothing. */
static ssize_t take(struct reading *reading, void *buffer, size_t size)
{
	SCOPED_LOCK(&reading->readers->lock);
	if (reading->readers->closing)
		return -ECANCELED;
	return reading->count > 0 ? give(reading, buffer, size) : reading->count;
}

static ssize_t have_read(struct reading *reading, uint64_t offset, size_t size)
{
	struct readers *readers = reading->readers;
	SCOPED_LOCK(&readers->lock);
	if (readers->closing)
		return -ECANCELED;
	reading->offset = offset;
	reading->length = size;
	reading->given = 0;
	reading->queued = reading->suspended = true;
	reading->references++;
	reading->waiter.suspend(reading->waiter.waiter);
	list_append(
		reading->may_hang ? &readers->waiting_to_hang : &readers->waiting, &reading->node);
	pthread_cond_signal(&readers->submitted);
	return 0;
}

ssize_t reading_read(struct reading *reading, uint64_t offset, void *buffer, size_t size)
{
	ssize_t count = take(reading, buffer, size);
	if (count)
		return count;
	if (!reading->may_hang) {
		count = reading_fetch(reading, buffer, size, offset, FILE_IO_NOWAIT);
		if (count != -EAGAIN && count != -EOPNOTSUPP)
			return count;
		reading->may_hang = count == -EOPNOTSUPP;
	}
	return have_read(reading, offset, size);
}

void reading_wake(struct reading *reading)
{
	if (!reading->suspended)
		return;
	reading->suspended = false;
	reading->waiter.resume(reading->waiter.waiter);
}

bool reading_unref(struct reading *reading)
{
	return !--reading->references;
}

void reading_free(struct reading *reading)
{
	const struct file_io *io = reading->readers->io;
	io->close(io, reading->fd);
	free(reading->bytes);
	free(reading);
}

void reading_release(struct reading *reading)
{
	pthread_mutex_t *lock = &reading->readers->lock;
	pthread_mutex_lock(lock);
	bool last = reading_unref(reading);
	pthread_mutex_unlock(lock);
	if (last)
		reading_free(reading);
}
