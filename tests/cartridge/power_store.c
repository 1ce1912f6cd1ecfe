/* SPDX-License-Identifier: Apache-2.0 */
#include "power_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct power_store *store_of(const struct file_store *store)
{
	return (struct power_store *)(uintptr_t)store;
}

void power_store_resize(struct power_store *s, uint64_t size)
{
	if (size > s->room) {
		uint64_t room = size + size / 2 + 65536;
		uint8_t *bytes = realloc(s->bytes, room);
		if (!bytes)
			abort();
		memset(bytes + s->room, 0, room - s->room);
		s->bytes = bytes;
		s->room = room;
	}
	if (size < s->size)
		memset(s->bytes + size, 0, s->size - size);
	s->size = size;
}

void power_store_apply(
	struct power_store *s, const struct power_write *write, size_t from, size_t to)
{
	uint64_t end = write->offset + to;
	if (from >= to)
		return;
	if (!write->data) {
		/* A hole does not make the file longer. */
		if (end > s->size)
			end = s->size;
		if (write->offset + from < end)
			memset(s->bytes + write->offset + from, 0, end - write->offset - from);
		return;
	}
	if (end > s->size)
		power_store_resize(s, end);
	memcpy(s->bytes + write->offset + from, write->data + from, to - from);
}

static struct power_write *remember(struct power_store *s)
{
	if (s->write_count == s->write_room) {
		s->write_room = s->write_room * 2 + 64;
		s->writes = realloc(s->writes, s->write_room * sizeof *s->writes);
		if (!s->writes)
			abort();
	}
	return &s->writes[s->write_count++];
}

/* A write that a broken program did too early goes before those of this epoch. */
static void move_early(struct power_store *s, struct power_write write)
{
	size_t at = s->write_count;
	if (s->epoch == 0)
		return;
	while (at > 0 && s->writes[at - 1].epoch == s->epoch)
		at--;
	memmove(&s->writes[at + 1], &s->writes[at], (s->write_count - 1 - at) * sizeof *s->writes);
	write.epoch--;
	s->writes[at] = write;
}

static void record(struct power_store *s, const struct power_write *write)
{
	power_store_apply(s, write, 0, write->length);
	if (!s->recording) {
		free(write->data);
		return;
	}
	*remember(s) = *write;
	if (write->offset >= s->early_from && write->offset < s->early_to)
		move_early(s, *write);
}

/* ---- struct file_store ----------------------------------------------------------------------- */

static int power_open(const struct file_store *store, const char *path, bool writable)
{
	struct power_store *s = store_of(store);
	if (!s->exists)
		return -ENOENT;
	if (s->open)
		return -EBUSY;
	if (writable && s->read_only)
		return -EROFS;
	s->open = true;
	return 0;
}

static int power_create(const struct file_store *store, const char *path)
{
	struct power_store *s = store_of(store);
	if (s->exists)
		return -EEXIST;
	s->exists = s->open = true;
	return 0;
}

static ssize_t power_preadv(const struct file_store *store, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset, unsigned flags)
{
	struct power_store *s = store_of(store);
	size_t total = 0;
	for (int i = 0; i < iov_count && offset < s->size; i++) {
		uint64_t left = s->size - offset;
		size_t n = iov[i].iov_len < left ? iov[i].iov_len : (size_t)left;
		if (s->read_error && offset <= s->bad_offset && s->bad_offset < offset + n)
			return s->read_error;
		memcpy(iov[i].iov_base, s->bytes + offset, n);
		offset += n;
		total += n;
	}
	return (ssize_t)total;
}

static int64_t power_size(const struct file_store *store, int fd)
{
	return (int64_t)store_of(store)->size;
}

static bool write_fails(struct power_store *s)
{
	if (!s->write_error || (s->write_countdown > 0 && s->write_countdown-- > 0))
		return false;
	return true;
}

static int power_pwritev(const struct file_store *store, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset)
{
	struct power_store *s = store_of(store);
	struct power_write write = {.offset = offset, .epoch = s->epoch};
	for (int i = 0; i < iov_count; i++)
		write.length += iov[i].iov_len;
	write.data = malloc(write.length + 1);
	size_t at = 0;
	for (int i = 0; i < iov_count; at += iov[i++].iov_len)
		memcpy(write.data + at, iov[i].iov_base, iov[i].iov_len);
	int error = write_fails(s) ? s->write_error : 0;
	if (error && write.length > s->partial)
		write.length = s->partial;
	if (error && !s->error_lasts)
		s->write_error = 0;
	record(s, &write);
	return error;
}

/* What it changes, a disk may do at any time: every subset of the writes is looked at anyway. */
static void power_begin_writing_back(
	const struct file_store *store, int fd, uint64_t offset, uint64_t length)
{
}

static int power_sync(const struct file_store *store, int fd)
{
	struct power_store *s = store_of(store);
	int error = s->sync_error;
	s->sync_error = 0;
	s->syncs++;
	for (size_t i = s->write_count; error && i-- > 0 && s->writes[i].epoch == s->epoch;)
		s->writes[i].epoch = POWER_NEVER;
	if (!error && s->syncs != s->lie_at)
		s->epoch++;
	return error;
}

static int power_sync_directory(const struct file_store *store, const char *path)
{
	return 0;
}

static void power_punch(const struct file_store *store, int fd, uint64_t offset, uint64_t length)
{
	struct power_store *s = store_of(store);
	struct power_write write = {.offset = offset, .length = length, .epoch = s->epoch};
	s->punched += length;
	record(s, &write);
}

static void power_close(const struct file_store *store, int fd)
{
	store_of(store)->open = false;
}

/* ---- making them ----------------------------------------------------------------------------- */

void power_store_init(struct power_store *s)
{
	*s = (struct power_store){
		.store =
			{
				.open = power_open,
				.create = power_create,
				.preadv = power_preadv,
				.size = power_size,
				.pwritev = power_pwritev,
				.begin_writing_back = power_begin_writing_back,
				.sync = power_sync,
				.sync_directory = power_sync_directory,
				.punch = power_punch,
				.close = power_close,
			},
	};
}

void power_store_forget(struct power_store *s)
{
	for (size_t i = 0; i < s->write_count; i++)
		free(s->writes[i].data);
	s->write_count = 0;
	s->epoch = 0;
}

void power_store_finish(struct power_store *s)
{
	power_store_forget(s);
	free(s->writes);
	free(s->bytes);
}

void power_store_copy(struct power_store *ret, const struct power_store *from)
{
	power_store_init(ret);
	power_store_resize(ret, from->size);
	if (from->size)
		memcpy(ret->bytes, from->bytes, from->size);
	ret->exists = from->exists;
}

uint64_t power_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}
