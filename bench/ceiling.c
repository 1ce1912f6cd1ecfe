/* SPDX-License-Identifier: Apache-2.0 */
#include "ceiling.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/bytes.h"

enum { WINDOW = 128 };

static uint32_t stat_sn;

bool ceiling_send(int fd, struct iovec *iov, int count, int flags)
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

void ceiling_begin(uint8_t *answer, const uint8_t *request, uint8_t opcode, uint8_t flags)
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

void ceiling_begin_data(uint8_t *answer, const uint8_t *request, size_t length)
{
	ceiling_begin(answer, request, DATA_IN, 0x81);
	put_be24(answer + 5, (uint32_t)length);
}

static void login_header(uint8_t *answer, const uint8_t *request)
{
	ceiling_begin(answer, request, LOGIN_RESPONSE, request[1] & 0x8f);
	memcpy(answer + 8, request + 8, 8); /* ISID, TSIH */
	answer[15] = 1;
	memset(answer + 20, 0, 4);
	put_be32(answer + 28, get_be32(request + 24));
	put_be32(answer + 32, get_be32(request + 24) + WINDOW);
}

bool ceiling_answer(int fd, const uint8_t *request, uint8_t opcode, uint8_t flags)
{
	uint8_t answer[BHS];
	ceiling_begin(answer, request, opcode, flags);
	struct iovec iov = {answer, BHS};
	return ceiling_send(fd, &iov, 1, 0);
}

/* Agrees to go where the initiator wants to go, and takes as much unasked as the portal does. */
static bool answer_login(int fd, const uint8_t *request)
{
	static const char keys[] = "MaxRecvDataSegmentLength=262144\0FirstBurstLength=262144\0"
				   "MaxBurstLength=1048576\0InitialR2T=No\0ImmediateData=Yes\0";
	_Static_assert(sizeof keys % 4 == 0, "no padding");
	uint8_t answer[BHS];
	bool operational = (request[1] & 0x0c) == 0x04;
	uint32_t length = operational ? sizeof keys : 0;
	login_header(answer, request);
	put_be24(answer + 5, length);
	struct iovec iov[] = {{answer, BHS}, {(void *)(uintptr_t)keys, length}};
	return ceiling_send(fd, iov, operational ? 2 : 1, 0);
}

bool ceiling_answer_session(int fd, const uint8_t *request)
{
	switch (request[0] & 0x3f) {
	case LOGIN:
		return answer_login(fd, request);
	case LOGOUT:
		return ceiling_answer(fd, request, LOGOUT_RESPONSE, 0x80);
	default:
		return false;
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

void ceiling_serve(void (*connection)(int fd))
{
	int one = 1, listener = listen_somewhere();
	while (listener >= 0) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		stat_sn = 1;
		connection(fd);
		close(fd);
	}
}
