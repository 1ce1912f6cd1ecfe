/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mincore(2) is one cheap call, but since Linux 5.2 it says yes to everything when the file is
 * neither the caller's nor writable. Then single bytes are read with RWF_NOWAIT, which is true for
 * everybody and takes several times as long. (cachestat(2) counts pages whose read has only begun.)
 */
#include "util/residency.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGES_AT_ONCE = 256 };

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

void residency_open(struct residency *residency, int fd, uint64_t size)
{
	struct stat st;
	*residency = (struct residency){.fd = fd, .size = size};
	if (size == 0 || size > SIZE_MAX || fstat(fd, &st) < 0 || st.st_uid != geteuid())
		return;
	void *map = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		residency->map = map;
}

void residency_close(struct residency *residency)
{
	if (residency->map)
		munmap(residency->map, (size_t)residency->size);
	residency->map = NULL;
}

static bool by_mincore(const struct residency *residency, uint64_t offset, uint64_t end)
{
	uint64_t page = page_size(), at = offset - offset % page;
	while (at < end) {
		unsigned char there[PAGES_AT_ONCE];
		uint64_t part = end - at < PAGES_AT_ONCE * page ? end - at : PAGES_AT_ONCE * page;
		if (mincore((uint8_t *)residency->map + at, (size_t)part, there) < 0)
			return false;
		for (uint64_t i = 0; i * page < part; i++)
			if (!(there[i] & 1))
				return false;
		at += part;
	}
	return true;
}

/* Two bytes where two pages meet tell of both, so every second border does. */
static bool by_reading(const struct residency *residency, uint64_t offset, uint64_t end)
{
	uint64_t page = page_size();
	while (offset < end) {
		uint8_t bytes[2];
		uint64_t border = offset - offset % page + page;
		uint64_t at = border < end ? border - 1 : end - 1;
		struct iovec iov = {bytes, end - at < 2 ? 1 : 2};
		if (preadv2(residency->fd, &iov, 1, (off_t)at, RWF_NOWAIT) != (ssize_t)iov.iov_len)
			return false;
		offset = border + page;
	}
	return true;
}

bool residency_of(const struct residency *residency, uint64_t offset, uint64_t length)
{
	if (offset > residency->size || length > residency->size - offset)
		return false;
	return residency->map ? by_mincore(residency, offset, offset + length)
			      : by_reading(residency, offset, offset + length);
}
