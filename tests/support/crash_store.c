/* SPDX-License-Identifier: Apache-2.0 */
#include "crash_store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DESCRIPTOR = 4711 };

static struct crash_store *store_of(const struct file_store *store)
{
	return (struct crash_store *)(uintptr_t)store;
}

static void make_room(struct crash_store *s, size_t size)
{
	if (size > s->room) {
		size_t room = s->room ? s->room : 65536;
		while (room < size)
			room *= 2;
		s->now = realloc(s->now, room);
		s->durable = realloc(s->durable, room);
		if (!s->now || !s->durable)
			abort();
		memset(s->now + s->room, 0, room - s->room);
		memset(s->durable + s->room, 0, room - s->room);
		s->room = room;
	}
	if (size > s->size)
		s->size = size;
}

static int crash_open(const struct file_store *store, const char *path, bool writable)
{
	struct crash_store *s = store_of(store);
	if (!s->exists)
		return -ENOENT;
	if (s->open)
		return -EBUSY;
	s->open = true;
	return DESCRIPTOR;
}

static int crash_create(const struct file_store *store, const char *path)
{
	struct crash_store *s = store_of(store);
	if (s->exists)
		return -EEXIST;
	s->exists = s->open = true;
	return DESCRIPTOR;
}

static ssize_t crash_preadv(const struct file_store *store, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset, unsigned flags)
{
	struct crash_store *s = store_of(store);
	size_t done = 0;
	if (flags & FILE_STORE_NOWAIT && s->nothing_at_hand)
		return -EAGAIN;
	for (int i = 0; i < iov_count; i++) {
		uint64_t at = offset + done;
		size_t part = at >= s->size ? 0 : s->size - (size_t)at;
		part = part < iov[i].iov_len ? part : iov[i].iov_len;
		if (part > 0)
			memcpy(iov[i].iov_base, s->now + at, part);
		done += part;
		if (part < iov[i].iov_len)
			break;
	}
	return (ssize_t)done;
}

static int64_t crash_size(const struct file_store *store, int fd)
{
	return (int64_t)store_of(store)->size;
}

static void note_write(struct crash_store *s, uint64_t offset, const uint8_t *bytes, size_t length)
{
	if (s->write_count == s->write_room) {
		s->write_room = s->write_room ? 2 * s->write_room : 64;
		s->writes = reallocarray(s->writes, s->write_room, sizeof *s->writes);
		if (!s->writes)
			abort();
	}
	struct crash_write *write = &s->writes[s->write_count++];
	*write = (struct crash_write){offset, length, malloc(length ? length : 1)};
	if (!write->bytes)
		abort();
	memcpy(write->bytes, bytes, length);
}

static int crash_pwritev(const struct file_store *store, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset)
{
	struct crash_store *s = store_of(store);
	size_t length = 0, done = 0;
	for (int i = 0; i < iov_count; i++)
		length += iov[i].iov_len;
	if (s->write_error)
		return s->write_error;
	uint8_t *all = malloc(length ? length : 1);
	if (!all)
		abort();
	for (int i = 0; i < iov_count; i++) {
		memcpy(all + done, iov[i].iov_base, iov[i].iov_len);
		done += iov[i].iov_len;
	}
	size_t written = length < s->write_room_left ? length : s->write_room_left;
	if (s->write_room_left != SIZE_MAX)
		s->write_room_left -= written;
	make_room(s, (size_t)offset + written);
	memcpy(s->now + offset, all, written);
	note_write(s, offset, all, written);
	free(all);
	return written == length ? 0 : -ENOSPC;
}

static void forget_writes(struct crash_store *s)
{
	for (unsigned i = 0; i < s->write_count; i++)
		free(s->writes[i].bytes);
	s->write_count = 0;
}

static void crash_begin_writing_back(
	const struct file_store *store, int fd, uint64_t offset, uint64_t length)
{
	struct crash_store *s = store_of(store);
	assert(length > 0 && offset + length <= s->size);
	s->begun_bytes += length;
}

static int crash_sync(const struct file_store *store, int fd)
{
	struct crash_store *s = store_of(store);
	s->syncs++;
	if (s->on_sync)
		s->on_sync(s, s->context);
	if (s->sync_error)
		return s->sync_error;
	if (s->forgets_writes_at_sync)
		return 0;
	if (s->size > 0)
		memcpy(s->durable, s->now, s->size);
	s->durable_size = s->size;
	forget_writes(s);
	return 0;
}

static int crash_sync_directory(const struct file_store *store, const char *path)
{
	return 0;
}

/* As if it had been written with zeros. */
static void crash_punch(const struct file_store *store, int fd, uint64_t offset, uint64_t length)
{
	struct crash_store *s = store_of(store);
	if (offset >= s->size)
		return;
	size_t part = s->size - (size_t)offset;
	part = part < length ? part : (size_t)length;
	memset(s->now + offset, 0, part);
	note_write(s, offset, s->now + offset, part);
}

static void crash_close(const struct file_store *store, int fd)
{
	store_of(store)->open = false;
}

void crash_store_init(struct crash_store *store)
{
	*store = (struct crash_store){
		.store = {.open = crash_open,
			.create = crash_create,
			.preadv = crash_preadv,
			.size = crash_size,
			.pwritev = crash_pwritev,
			.begin_writing_back = crash_begin_writing_back,
			.sync = crash_sync,
			.sync_directory = crash_sync_directory,
			.punch = crash_punch,
			.close = crash_close},
		.write_room_left = SIZE_MAX,
	};
}

void crash_store_finish(struct crash_store *store)
{
	forget_writes(store);
	free(store->writes);
	free(store->now);
	free(store->durable);
}

void crash_store_cut_power(struct crash_store *store)
{
	forget_writes(store);
	memcpy(store->now, store->durable, store->room);
	store->size = store->durable_size;
	store->open = false;
}

void crash_store_set(struct crash_store *store, const void *bytes, size_t size)
{
	store->size = 0;
	make_room(store, size > 0 ? size : 1);
	store->size = size;
	memset(store->now, 0, store->room);
	if (size > 0)
		memcpy(store->now, bytes, size);
	memcpy(store->durable, store->now, store->room);
	store->durable_size = size;
	store->exists = true;
	store->open = false;
	forget_writes(store);
}
