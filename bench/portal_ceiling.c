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
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "util/bytes.h"

enum {
	BHS = 48,
	BLOCK = 2048,
	PAGE = 4096,
	READ_MAX = 1 << 20,
	INPUT = 16384,
	WINDOW = 128,
	LOGIN = 0x03,
	LOGOUT = 0x06,
	SCSI_COMMAND = 0x01,
	READ_CAPACITY = 0x25,
	READ_10 = 0x28,
};

static int image;
static uint64_t size;
static void *mapping;
static uint8_t buffer[READ_MAX];
static uint32_t stat_sn;

static bool send_all(int fd, struct iovec *iov, int count, int flags)
{
	while (count > 0) {
		struct msghdr message = {.msg_iov = iov, .msg_iovlen = (size_t)count};
		ssize_t n = sendmsg(fd, &message, flags | MSG_NOSIGNAL);
		if (n < 0)
			return false;
		for (; count > 0 && (size_t)n >= iov->iov_len; iov++, count--)
			n -= (ssize_t)iov->iov_len;
		if (count > 0) {
			iov->iov_base = (uint8_t *)iov->iov_base + n;
			iov->iov_len -= (size_t)n;
		}
	}
	return true;
}

/* ---- the ways ---------------------------------------------------------------------------------
 */

static bool by_sendfile(int fd, uint8_t *header, off_t offset, size_t length)
{
	struct iovec iov = {header, BHS};
	if (!send_all(fd, &iov, 1, MSG_MORE))
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
	return send_all(fd, iov, 2, 0);
}

static const struct way {
	const char *name;
	bool (*send)(int fd, uint8_t *header, off_t offset, size_t length);
} ways[] = {{"sendfile", by_sendfile}, {"mincore", by_mincore}, {"nowait", by_nowait},
	{"copy", by_copy}};

static const struct way *way;

/* ---- PDUs (RFC 7143 11) -----------------------------------------------------------------------
 */

static void begin(uint8_t *answer, const uint8_t *request, uint8_t opcode, uint8_t flags)
{
	uint32_t cmd_sn = get_be32(request + 24) + !(request[0] & 0x40);
	memset(answer, 0, BHS);
	answer[0] = opcode;
	answer[1] = flags;
	memcpy(answer + 16, request + 16, 4); /* initiator task tag */
	memset(answer + 20, 0xff, 4);
	put_be32(answer + 24, stat_sn++);
	put_be32(answer + 28, cmd_sn);
	put_be32(answer + 32, cmd_sn + WINDOW - 1);
}

/* Data-In with the status. */
static void begin_data(uint8_t *answer, const uint8_t *request, size_t length)
{
	begin(answer, request, 0x25, 0x81);
	put_be24(answer + 5, (uint32_t)length);
}

static bool answer_capacity(int fd, const uint8_t *request)
{
	uint8_t answer[BHS + 8];
	begin_data(answer, request, 8);
	put_be32(answer + BHS, (uint32_t)(size / BLOCK - 1));
	put_be32(answer + BHS + 4, BLOCK);
	struct iovec iov = {answer, sizeof answer};
	return send_all(fd, &iov, 1, 0);
}

static bool answer_read(int fd, const uint8_t *request)
{
	uint8_t answer[BHS];
	uint64_t offset = (uint64_t)get_be32(request + 32 + 2) * BLOCK;
	size_t length = get_be16(request + 32 + 7) * (size_t)BLOCK;
	if (length > READ_MAX || offset + length > size)
		return false;
	begin_data(answer, request, length);
	return way->send(fd, answer, (off_t)offset, length);
}

static bool answer_plainly(int fd, const uint8_t *request, uint8_t opcode, uint8_t flags)
{
	uint8_t answer[BHS];
	begin(answer, request, opcode, flags);
	if (opcode == 0x23) {
		memcpy(answer + 8, request + 8, 8); /* ISID, TSIH */
		answer[15] = 1;
		memset(answer + 20, 0, 4);
		put_be32(answer + 28, get_be32(request + 24));
		put_be32(answer + 32, get_be32(request + 24) + WINDOW);
	}
	struct iovec iov = {answer, BHS};
	return send_all(fd, &iov, 1, 0);
}

static bool answer(int fd, const uint8_t *request)
{
	switch (request[0] & 0x3f) {
	case LOGIN: /* agrees to go where the initiator wants to go */
		return answer_plainly(fd, request, 0x23, request[1] & 0x8f);
	case SCSI_COMMAND:
		if (request[32] == READ_10)
			return answer_read(fd, request);
		if (request[32] == READ_CAPACITY)
			return answer_capacity(fd, request);
		return answer_plainly(fd, request, 0x21, 0x80);
	case LOGOUT:
		return answer_plainly(fd, request, 0x26, 0x80);
	default:
		return false;
	}
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
	stat_sn = 1;
	while ((n = recv(fd, input + have, sizeof input - have, 0)) > 0) {
		have += (size_t)n;
		used = answer_all(fd, input, have);
		if (used == SIZE_MAX)
			return;
		memmove(input, input + used, have - used);
		have -= used;
	}
}

static int listen_somewhere(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
		listen(fd, 1) < 0 || getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return -1;
	printf("127.0.0.1:%u %d\n", ntohs(address.sin_port), getpid());
	fflush(stdout);
	return fd;
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
	int one = 1;
	for (size_t i = 0; argc == 3 && i < sizeof ways / sizeof ways[0]; i++)
		if (!strcmp(argv[2], ways[i].name))
			way = &ways[i];
	if (!way) {
		fprintf(stderr, "usage: portal-ceiling IMAGE sendfile|mincore|nowait|copy\n");
		return 2;
	}
	int listener = open_image(argv[1]) ? listen_somewhere() : -1;
	if (listener < 0) {
		perror("portal-ceiling");
		return 1;
	}
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		serve(fd);
		close(fd);
	}
}
