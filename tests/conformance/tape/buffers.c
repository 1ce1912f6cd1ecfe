/* SPDX-License-Identifier: Apache-2.0 */
/* READ BUFFER and WRITE BUFFER (SPC-4 6.18, 6.49): LTFS reads until an answer comes. */
#include "tape_bench.h"
#include "util/bytes.h"

enum { DATA = 0x02, DESCRIPTOR = 0x03, ECHO = 0x0a, ECHO_DESCRIPTOR = 0x0b };

static const struct fake_answer *write_buffer(
	struct scsi_nexus *host, unsigned mode, uint32_t offset, const void *data, uint32_t length)
{
	return SEND_OUT(host, data, length, 0x3b, mode, 0, offset >> 16, offset >> 8 & 0xff,
		offset & 0xff, length >> 16, length >> 8 & 0xff, length & 0xff);
}

static const struct fake_answer *read_buffer(
	struct scsi_nexus *host, unsigned mode, uint32_t offset, uint32_t length)
{
	return SEND(host, length, 0x3c, mode, 0, offset >> 16, offset >> 8 & 0xff, offset & 0xff,
		length >> 16, length >> 8 & 0xff, length & 0xff);
}

/* CAPACITY of the buffer's or the echo buffer's descriptor. */
static uint32_t capacity(struct scsi_nexus *host, unsigned mode)
{
	const struct fake_answer *answer = read_buffer(host, mode, 0, 4);
	EXPECT_LENGTH(answer, 4);
	return get_be24(answer->data + 1);
}

static void data_come_back_from_where_they_were_put(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint8_t data[256];
	block_fill(data, sizeof data, 7);
	assert_true(capacity(host, DESCRIPTOR) >= sizeof data);
	EXPECT_GOOD(write_buffer(host, DATA, 16, data, 100));
	EXPECT_BLOCK(read_buffer(host, DATA, 16, 100), 100, 7);
}

static void nothing_goes_beyond_the_buffer(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint8_t data[8] = {0};
	uint32_t end = capacity(host, DESCRIPTOR);
	EXPECT_GOOD(write_buffer(host, DATA, end - 8, data, 8));
	EXPECT_INVALID_CDB(write_buffer(host, DATA, end - 7, data, 8), 6, 7);
	EXPECT_INVALID_CDB(write_buffer(host, DATA, end + 1, data, 8), 3, 7);
	EXPECT_INVALID_CDB(read_buffer(host, DATA, end + 1, 8), 3, 7);
	EXPECT_LENGTH(read_buffer(host, DATA, end - 8, 64), 8);
}

/* Less data than the CDB says, and a buffer that is not there. */
static void what_does_not_go_together_is_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(SEND_OUT(host, "1234", 4, 0x3b, DATA, 0, 0, 0, 0, 0, 0, 8), 6, 7);
	EXPECT_INVALID_CDB(SEND_OUT(host, "1234", 4, 0x3b, DATA, 1, 0, 0, 0, 0, 0, 4), 2, 7);
	EXPECT_INVALID_CDB(SEND(host, 4, 0x3c, DATA, 1, 0, 0, 0, 0, 0, 4), 2, 7);
	EXPECT_INVALID_CDB(read_buffer(host, 0x1c, 0, 4), 1, 4);
	EXPECT_INVALID_CDB(write_buffer(host, 0x05, 0, "1234", 4), 1, 4); /* microcode */
}

/* SPC-4 6.18.9: what this host has written, and what no other has. */
static void an_echo_is_each_hosts_own(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	assert_true(capacity(host, ECHO_DESCRIPTOR) >= 8);
	EXPECT_SENSE(read_buffer(host, ECHO, 0, 8), SENSE_COMMAND_SEQUENCE_ERROR);
	EXPECT_GOOD(write_buffer(host, ECHO, 0, "mine....", 8));
	EXPECT_SENSE(read_buffer(other, ECHO, 0, 8), SENSE_COMMAND_SEQUENCE_ERROR);
	EXPECT_GOOD(write_buffer(other, ECHO, 0, "theirs..", 8));
	EXPECT_DATA(read_buffer(host, ECHO, 0, 8), 'm', 'i', 'n', 'e', '.', '.', '.', '.');
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(data_come_back_from_where_they_were_put),
	ON_BLANK(nothing_goes_beyond_the_buffer),
	ON_BLANK(what_does_not_go_together_is_refused),
	ON_NO_TAPE(an_echo_is_each_hosts_own),
};
CONFORMANCE_SUITE("buffers", tests)
