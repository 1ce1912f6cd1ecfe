/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ceiling of bench/tape: what an iSCSI target that does nothing can do for a tape. WRITE(6) is
 * received and written behind what was written last, READ(6) read and sent from there, in one
 * thread; REWIND goes to the beginning, WRITE FILEMARKS waits for the disk. Everything else is
 * GOOD. No SCSI, no checks, no checksums, nothing that would find a block again.
 *
 *	tape-ceiling FILE
 *
 * Prints "address pid".
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ceiling.h"
#include "util/bytes.h"

enum {
	REWIND = 0x01,
	READ_6 = 0x08,
	WRITE_6 = 0x0a,
	WRITE_FILEMARKS_6 = 0x10,
	DATA_OUT = 0x05,
	R2T = 0x31,
	FINAL = 0x80,
	ANSWER_LAST = 0x81,
	BURST = 1 << 20,
	SEGMENT = 262144, /* what libiscsi says it takes */
	BLOCK_MAX = 8 << 20,
};

static int file;
static off_t position;
static uint8_t buffer[BLOCK_MAX];

static bool receive(int fd, void *to, size_t length)
{
	return length == 0 || recv(fd, to, length, MSG_WAITALL) == (ssize_t)length;
}

/* Data of a PDU, with its padding, to `to`. */
static bool receive_data(int fd, const uint8_t *bhs, uint8_t *to)
{
	uint8_t padding[4];
	uint32_t length = get_be24(bhs + 5);
	return receive(fd, to, length) && receive(fd, padding, -length & 3u);
}

static bool ask_for(int fd, const uint8_t *request, uint32_t offset, uint32_t length)
{
	uint8_t answer[BHS];
	struct iovec iov = {answer, sizeof answer};
	ceiling_begin(answer, request, R2T, FINAL);
	put_be32(answer + 20, 1);
	put_be32(answer + 40, offset);
	put_be32(answer + 44, length);
	return ceiling_send(fd, &iov, 1, 0);
}

/* Bursts until all `expected` bytes are there; with `more`, the first comes unasked. */
static bool receive_rest(
	int fd, const uint8_t *request, uint32_t have, uint32_t expected, bool more)
{
	uint8_t bhs[BHS];
	while (more || have < expected) {
		uint32_t burst = expected - have < BURST ? expected - have : BURST;
		if (!more && !ask_for(fd, request, have, burst))
			return false;
		do {
			if (!receive(fd, bhs, BHS) || (bhs[0] & 0x3f) != DATA_OUT ||
				get_be24(bhs + 5) > expected - have ||
				!receive_data(fd, bhs, buffer + have))
				return false;
			have += get_be24(bhs + 5);
		} while (!(bhs[1] & FINAL));
		more = false;
	}
	return true;
}

static bool answer_write(int fd, const uint8_t *request)
{
	uint32_t expected = get_be32(request + 20), have = get_be24(request + 5);
	if (expected > BLOCK_MAX || have > expected || !receive_data(fd, request, buffer) ||
		!receive_rest(fd, request, have, expected, !(request[1] & FINAL)) ||
		pwrite(file, buffer, expected, position) != (ssize_t)expected)
		return false;
	position += (off_t)expected;
	return ceiling_answer(fd, request, SCSI_RESPONSE, FINAL);
}

static bool answer_read(int fd, const uint8_t *request)
{
	uint8_t answer[BHS];
	size_t length = get_be24(request + CDB_AT + 2);
	if (length > BLOCK_MAX || pread(file, buffer, length, position) != (ssize_t)length)
		return false;
	position += (off_t)length;
	for (size_t at = 0, part; at < length; at += part) {
		part = length - at < SEGMENT ? length - at : SEGMENT;
		struct iovec iov[] = {{answer, BHS}, {buffer + at, part}};
		bool last = at + part == length;
		ceiling_begin_data(answer, request, part);
		answer[1] = last ? ANSWER_LAST : at + part == BURST ? FINAL : 0;
		put_be32(answer + 36, (uint32_t)(at / SEGMENT));
		put_be32(answer + 40, (uint32_t)at);
		if (!ceiling_send(fd, iov, 2, 0))
			return false;
	}
	return true;
}

static bool answer_command(int fd, const uint8_t *request)
{
	uint8_t opcode = request[CDB_AT];
	if (opcode == WRITE_6)
		return answer_write(fd, request);
	if (opcode == READ_6)
		return answer_read(fd, request);
	if (opcode == REWIND)
		position = 0;
	if (opcode == WRITE_FILEMARKS_6)
		fdatasync(file);
	return receive_data(fd, request, buffer) &&
	       ceiling_answer(fd, request, SCSI_RESPONSE, FINAL);
}

static bool answer(int fd, const uint8_t *request)
{
	if ((request[0] & 0x3f) == SCSI_COMMAND)
		return answer_command(fd, request);
	return receive_data(fd, request, buffer) && ceiling_answer_session(fd, request);
}

static void serve(int fd)
{
	uint8_t bhs[BHS];
	while (receive(fd, bhs, BHS) && answer(fd, bhs))
		;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: tape-ceiling FILE\n");
		return 2;
	}
	file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file >= 0)
		ceiling_serve(serve);
	perror("tape-ceiling");
	return 1;
}
