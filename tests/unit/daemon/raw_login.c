/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "raw_login.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/bytes.h"

enum {
	LOGIN_REQUEST = 0x43, /* immediate */
	LOGIN_RESPONSE = 0x23,
	HEADER = 48,
	DATA_LENGTH_AT = 5,
	ISID_AT = 8,
	STATUS_AT = 36,
	PATIENCE_S = 60,
};

static int try_connect(int fd, const char *address)
{
	char host[64];
	const char *colon = strrchr(address, ':');
	assert_non_null(colon);
	snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
	assert_int_equal(inet_pton(AF_INET, host, &to.sin_addr), 1);
	return connect(fd, (const struct sockaddr *)&to, sizeof to);
}

int raw_connect(const char *address)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	assert_int_equal(try_connect(fd, address), 0);
	return fd;
}

bool raw_is_refused(const char *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	bool refused = try_connect(fd, address) < 0 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

/* An answer, with its text thrown away. */
static unsigned receive_status(int fd)
{
	uint8_t header[HEADER], text[8192];
	if (recv(fd, header, sizeof header, MSG_WAITALL) != sizeof header)
		return RAW_CLOSED;
	assert_int_equal(header[0], LOGIN_RESPONSE);
	size_t length = (get_be24(header + DATA_LENGTH_AT) + 3u) & ~3u;
	assert_true(length <= sizeof text);
	if (length > 0)
		assert_int_equal(recv(fd, text, length, MSG_WAITALL), length);
	return get_be16(header + STATUS_AT);
}

unsigned raw_request(int fd, uint8_t flags, const char *keys, size_t length)
{
	static const uint8_t isid[6] = {0x40, 0x00, 0x12, 0x67, 0x00, 0x01};
	uint8_t pdu[HEADER + 1024] = {LOGIN_REQUEST, flags};
	size_t padded = (length + 3) & ~(size_t)3;
	assert_true(padded <= sizeof pdu - HEADER);
	put_be24(pdu + DATA_LENGTH_AT, (uint32_t)length);
	memcpy(pdu + ISID_AT, isid, sizeof isid);
	memcpy(pdu + HEADER, keys, length);
	if (send(fd, pdu, HEADER + padded, MSG_NOSIGNAL) < 0)
		return RAW_CLOSED;
	return receive_status(fd);
}

unsigned raw_introduce(int fd, uint8_t flags, const char *initiator, const char *target)
{
	char keys[1024];
	int length = snprintf(keys, sizeof keys,
		"InitiatorName=%s%cTargetName=%s%cSessionType=Normal%cAuthMethod=None", initiator,
		0, target, 0, 0);
	assert_true(length > 0 && (size_t)length < sizeof keys);
	return raw_request(fd, flags, keys, (size_t)length + 1);
}
