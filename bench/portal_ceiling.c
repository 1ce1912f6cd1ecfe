/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ceiling of bench/portal: what an iSCSI target that does nothing can serve. It lets anybody
 *in, answers READ CAPACITY and READ(10) and says GOOD to everything else; no SCSI, no checks, one
 * connection at a time.
 *
 *	portal-ceiling IMAGE sendfile|mincore|nowait|copy
 *
 * How the data of a read gets from the page cache to the socket:
 *
 *	sendfile  header, then sendfile(2); blocks when the page cache does not hold it
 *	mincore   the same, after a look whether the range is there, in a mapping
 *	nowait    the same, after a look at one byte a page by preadv2(2) with RWF_NOWAIT
 *	copy      preadv2(2) with RWF_NOWAIT into a buffer, then header and buffer in one sendmsg(2)
 *
 * What is not there is waited for.
 *
 * Prints "address pid".
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ceiling.h"
#include "util/bytes.h"

enum {
	BLOCK = 2048,
	PAGE = 4096,
	READ_MAX = 1 << 20,
	INPUT = 16384,
	READ_CAPACITY = 0x25,
	READ_10 = 0x28,
};

static int image;
static uint64_t size;
static void *mapping;
static uint8_t buffer[READ_MAX];

/* ---- the ways ---------------------------------------------------------------------------------
 */

static bool by_sendfile(int fd, uint8_t *header, off_t offset, size_t length)
{
	struct iovec iov = {header, BHS};
	if (!ceiling_send(fd, &iov, 1, MSG_MORE))
		return false;
	while (length > 0) {
		ssize_t n = sendfile(fd, image, &offset, length);
		if (n <= 0)
			return false;
		length -= (size_t)n;
	}
	return true;
}

static bool by_mincore(int fd, uint8_t *header, off_t offset, size_t length)
{
	unsigned char resident[READ_MAX / PAGE + 1];
	off_t start = offset & ~(off_t)(PAGE - 1);
	size_t whole = (size_t)(offset - start) + length;
	if (mincore((uint8_t *)mapping + start, whole, resident) < 0)
		return false;
	size_t there = 0;
	while (there < (whole + PAGE - 1) / PAGE && resident[there] & 1)
		there++;
	return by_sendfile(fd, header, offset, length);
}

static bool by_nowait(int fd, uint8_t *header, off_t offset, size_t length)
{
	for (size_t at = 0; at < length; at += PAGE) {
		uint8_t byte;
		struct iovec iov = {&byte, 1};
		if (preadv2(image, &iov, 1, offset + (off_t)at, RWF_NOWAIT) != 1)
			break;
	}
	return by_sendfile(fd, header, offset, length);
}

static bool by_copy(int fd, uint8_t *header, off_t offset, size_t length)
{
	struct iovec read = {buffer, length};
	if (preadv2(image, &read, 1, offset, RWF_NOWAIT) != (ssize_t)length &&
		preadv(image, &read, 1, offset) != (ssize_t)length)
		return false;
	struct iovec iov[] = {{header, BHS}, {buffer, length}};
	return ceiling_send(fd, iov, 2, 0);
}

static const struct way {
	const char *name;
	bool (*send)(int fd, uint8_t *header, off_t offset, size_t length);
} ways[] = {{"sendfile", by_sendfile}, {"mincore", by_mincore}, {"nowait", by_nowait},
	{"copy", by_copy}};

static const struct way *way;

/* ---- PDUs (RFC 7143 11) -----------------------------------------------------------------------
 */

static bool answer_capacity(int fd, const uint8_t *request)
{
	uint8_t answer[BHS + 8];
	ceiling_begin_data(answer, request, 8);
	put_be32(answer + BHS, (uint32_t)(size / BLOCK - 1));
	put_be32(answer + BHS + 4, BLOCK);
	struct iovec iov = {answer, sizeof answer};
	return ceiling_send(fd, &iov, 1, 0);
}

static bool answer_read(int fd, const uint8_t *request)
{
	uint8_t answer[BHS];
	uint64_t offset = (uint64_t)get_be32(request + CDB_AT + 2) * BLOCK;
	size_t length = get_be16(request + CDB_AT + 7) * (size_t)BLOCK;
	if (length > READ_MAX || offset + length > size)
		return false;
	ceiling_begin_data(answer, request, length);
	return way->send(fd, answer, (off_t)offset, length);
}

static bool answer(int fd, const uint8_t *request)
{
	if ((request[0] & 0x3f) != SCSI_COMMAND)
		return ceiling_answer_session(fd, request);
	if (request[CDB_AT] == READ_10)
		return answer_read(fd, request);
	if (request[CDB_AT] == READ_CAPACITY)
		return answer_capacity(fd, request);
	return ceiling_answer(fd, request, SCSI_RESPONSE, 0x80);
}

/* ---- the connection ---------------------------------------------------------------------------
 */

/* Answers what is whole; returns its length, 0 when something is wrong. */
static size_t answer_all(int fd, const uint8_t *input, size_t have)
{
	size_t used = 0;
	while (have - used >= BHS) {
		size_t length = BHS + ((get_be24(input + used + 5) + 3u) & ~3u);
		if (have - used < length)
			break;
		if (!answer(fd, input + used))
			return SIZE_MAX;
		used += length;
	}
	return used;
}

static void serve(int fd)
{
	uint8_t input[INPUT];
	size_t have = 0, used;
	ssize_t n;
	while ((n = recv(fd, input + have, sizeof input - have, 0)) > 0) {
		have += (size_t)n;
		used = answer_all(fd, input, have);
		if (used == SIZE_MAX)
			return;
		memmove(input, input + used, have - used);
		have -= used;
	}
}

static bool open_image(const char *path)
{
	struct stat st;
	image = open(path, O_RDONLY | O_CLOEXEC);
	if (image < 0 || fstat(image, &st) < 0)
		return false;
	size = (uint64_t)st.st_size;
	mapping = mmap(NULL, size, PROT_READ, MAP_SHARED, image, 0);
	return mapping != MAP_FAILED;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < sizeof ways / sizeof ways[0]; i++)
		if (!strcmp(argv[2], ways[i].name))
			way = &ways[i];
	if (!way) {
		fprintf(stderr, "usage: portal-ceiling IMAGE sendfile|mincore|nowait|copy\n");
		return 2;
	}
	if (open_image(argv[1]))
		ceiling_serve(serve);
	perror("portal-ceiling");
	return 1;
}
