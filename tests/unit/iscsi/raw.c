/* SPDX-License-Identifier: Apache-2.0 */
#include "raw.h"

#include "support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/crc32c.h"

enum { PATIENCE_MS = 60000, SILENCE_MS = 100 };

struct raw *raw_adopt(int fd)
{
	struct raw *raw = calloc(1, sizeof *raw);
	assert_non_null(raw);
	raw->fd = fd;
	raw->cmd_sn = 100;
	raw->next_tag = 1;
	return raw;
}

struct raw *raw_connect(struct fake_portal *fake)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	to.sin_port = htons((uint16_t)atoi(strrchr(fake->address, ':') + 1));
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return raw_adopt(fd);
}

void raw_close(struct raw *raw)
{
	close(raw->fd);
	free(raw);
}

/* ---- bytes ------------------------------------------------------------------------------------
 */

/* The portal may close in the middle: that is seen when receiving. */
void raw_send_bytes(struct raw *raw, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	while (length > 0) {
		ssize_t n = send(raw->fd, at, length, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		at += n;
		length -= (size_t)n;
	}
}

static bool receive_bytes(struct raw *raw, uint8_t *ret, size_t length)
{
	while (length > 0) {
		struct pollfd fd = {.fd = raw->fd, .events = POLLIN};
		assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
		ssize_t n = recv(raw->fd, ret, length, 0);
		if (n <= 0)
			return false;
		ret += n;
		length -= (size_t)n;
	}
	return true;
}

void raw_send(struct raw *raw, uint8_t *bhs, const void *data, uint32_t length)
{
	uint8_t tail[3 + DIGEST_LENGTH] = {0}, digest[DIGEST_LENGTH];
	uint32_t padding = pdu_padding(length);
	put_be24(bhs + BHS_DATA_LENGTH, length);
	raw_send_bytes(raw, bhs, BHS_LENGTH);
	if (raw->header_digest) {
		crc32c_put(digest, crc32c(0, bhs, BHS_LENGTH) ^ raw->spoil_header_digest);
		raw_send_bytes(raw, digest, sizeof digest);
	}
	raw_send_bytes(raw, data, length);
	if (raw->data_digest && length > 0) {
		uint32_t crc = crc32c(crc32c(0, data, length), tail, padding);
		crc32c_put(tail + padding, crc ^ raw->spoil_data_digest);
		padding += DIGEST_LENGTH;
	}
	raw_send_bytes(raw, tail, padding);
}

bool raw_receive(struct raw *raw)
{
	uint8_t digest[DIGEST_LENGTH], tail[3];
	if (!receive_bytes(raw, raw->bhs, BHS_LENGTH))
		return false;
	if (raw->header_digest) {
		assert_true(receive_bytes(raw, digest, sizeof digest));
		assert_int_equal(crc32c_get(digest), crc32c(0, raw->bhs, BHS_LENGTH));
	}
	raw->length = pdu_data_length(raw->bhs);
	assert_true(raw->length <= sizeof raw->data);
	if (raw->length == 0)
		return true;
	uint32_t padding = pdu_padding(raw->length);
	assert_true(receive_bytes(raw, raw->data, raw->length));
	assert_true(receive_bytes(raw, tail, padding));
	if (raw->data_digest) {
		uint32_t crc = crc32c(crc32c(0, raw->data, raw->length), tail, padding);
		assert_true(receive_bytes(raw, digest, sizeof digest));
		assert_int_equal(crc32c_get(digest), crc);
	}
	return true;
}

bool raw_silent(struct raw *raw)
{
	struct pollfd fd = {.fd = raw->fd, .events = POLLIN};
	return poll(&fd, 1, SILENCE_MS) == 0;
}

void raw_expect(struct raw *raw, enum pdu_opcode opcode)
{
	assert_true(raw_receive(raw));
	assert_int_equal(raw->bhs[BHS_OPCODE], opcode);
}

void raw_expect_reject(struct raw *raw, enum pdu_reject reason)
{
	raw_expect(raw, PDU_REJECT);
	assert_int_equal(raw->bhs[BHS_RESPONSE], reason);
	assert_int_equal(raw->length, BHS_LENGTH);
}

void raw_expect_closed(struct raw *raw)
{
	assert_false(raw_receive(raw));
}

/* ---- requests ---------------------------------------------------------------------------------
 */

void raw_login_request(struct raw *raw, const char *keys, size_t length)
{
	static uint16_t port;
	uint8_t bhs[BHS_LENGTH] = {PDU_LOGIN | PDU_IMMEDIATE, 0x87};
	bhs[BHS_ISID] = 0x80;
	put_be16(bhs + BHS_ISID + 4, ++port);
	put_be32(bhs + BHS_ITT, raw->next_tag++);
	put_be32(bhs + BHS_CMD_SN, raw->cmd_sn);
	raw_send(raw, bhs, keys, (uint32_t)length);
}

struct raw *raw_login_to(
	struct fake_portal *fake, const char *target, const char *keys, size_t length)
{
	static const char initiator[] = "InitiatorName=" INITIATOR;
	char text[2048];
	struct raw *raw = raw_connect(fake);
	size_t names = sizeof initiator;
	memcpy(text, initiator, sizeof initiator);
	names += (size_t)snprintf(text + names, 256, "TargetName=%s", target) + 1;
	assert_true(names + length <= sizeof text);
	memcpy(text + names, keys, length);
	raw_login_request(raw, text, names + length);
	raw_expect(raw, PDU_LOGIN_RESPONSE);
	assert_int_equal(get_be16(raw->bhs + BHS_LOGIN_STATUS), 0);
	assert_int_equal(raw->bhs[BHS_FLAGS], 0x87);
	return raw;
}

struct raw *raw_login_with(struct fake_portal *fake, const char *keys, size_t length)
{
	return raw_login_to(fake, TARGET_ONE, keys, length);
}

struct raw *raw_login(struct fake_portal *fake)
{
	return raw_login_with(fake, "", 0);
}

void raw_begin(struct raw *raw, uint8_t *bhs, enum pdu_opcode opcode)
{
	pdu_begin(bhs, opcode, raw->next_tag++);
	put_be32(bhs + BHS_CMD_SN, raw->cmd_sn++);
	put_be32(bhs + BHS_EXP_STAT_SN, raw->exp_stat_sn);
}

uint32_t raw_command(struct raw *raw, uint8_t flags, uint16_t lun, const uint8_t *cdb,
	uint32_t expected, const void *data, uint32_t length)
{
	uint8_t bhs[BHS_LENGTH];
	raw_begin(raw, bhs, PDU_SCSI_COMMAND);
	bhs[BHS_FLAGS] |= flags;
	pdu_put_lun(bhs + BHS_LUN, lun);
	put_be32(bhs + BHS_EXPECTED_LENGTH, expected);
	memcpy(bhs + BHS_CDB, cdb, 16);
	raw_send(raw, bhs, data, length);
	return pdu_tag(bhs);
}

uint32_t raw_read(struct raw *raw, uint32_t lba, uint16_t blocks)
{
	uint8_t cdb[16] = {0x28};
	put_be32(cdb + 2, lba);
	put_be16(cdb + 7, blocks);
	return raw_command(raw, FLAG_READ, 0, cdb, (uint32_t)blocks * LIBRARY_BLOCK, NULL, 0);
}

uint32_t raw_manage(struct raw *raw, uint8_t function, uint16_t lun, uint32_t referenced)
{
	uint8_t bhs[BHS_LENGTH];
	pdu_begin(bhs, PDU_TASK_MANAGEMENT | PDU_IMMEDIATE, raw->next_tag++);
	bhs[BHS_FLAGS] |= function;
	pdu_put_lun(bhs + BHS_LUN, lun);
	put_be32(bhs + BHS_REFERENCED_TAG, referenced);
	put_be32(bhs + BHS_CMD_SN, raw->cmd_sn);
	raw_send(raw, bhs, NULL, 0);
	return pdu_tag(bhs);
}

void raw_expect_managed(struct raw *raw, uint8_t response)
{
	raw_expect(raw, PDU_TASK_MANAGEMENT_RESPONSE);
	assert_int_equal(raw->bhs[BHS_RESPONSE], response);
}

void raw_data_out(struct raw *raw, uint32_t tag, uint32_t ttt, uint32_t data_sn, uint32_t offset,
	uint8_t flags, uint32_t length)
{
	static const uint8_t zeros[RAW_DATA_MAX];
	raw_data_out_of(raw, tag, ttt, data_sn, offset, flags, zeros, length);
}

void raw_data_out_of(struct raw *raw, uint32_t tag, uint32_t ttt, uint32_t data_sn, uint32_t offset,
	uint8_t flags, const void *data, uint32_t length)
{
	uint8_t bhs[BHS_LENGTH];
	pdu_begin(bhs, PDU_DATA_OUT, tag);
	bhs[BHS_FLAGS] = flags;
	put_be32(bhs + BHS_TTT, ttt);
	put_be32(bhs + BHS_DATA_SN, data_sn);
	put_be32(bhs + BHS_BUFFER_OFFSET, offset);
	raw_send(raw, bhs, data, length);
}

void raw_settle(struct raw *raw)
{
	static const uint8_t test_unit_ready[16] = {0};
	do {
		raw_command(raw, 0, 0, test_unit_ready, 0, NULL, 0);
		raw_expect(raw, PDU_SCSI_RESPONSE);
	} while (raw->bhs[BHS_STATUS] != 0);
}
