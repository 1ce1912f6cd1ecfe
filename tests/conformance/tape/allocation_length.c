/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ALLOCATION LENGTH (SPC-4 4.2.5.6): every length from 0 to what there is cuts the data and nothing
 * else, above all not the length fields in it.
 */
#include "tape_bench.h"
#include "util/bytes.h"

/* A command, where its ALLOCATION LENGTH is, and the least that it takes. */
static const struct {
	uint8_t cdb[16];
	uint8_t at, width;
	uint8_t least;
} rows[] = {
	{{0x03}, 4, 1},
	{{0x12}, 3, 2},
	{{0x12, 0x01, 0x83}, 3, 2},
	{{0x1a, 0, 0x3f}, 4, 1},
	{{0x1c, 0x01}, 3, 2},
	{{0x34, 0x08}, 7, 2},
	{{0x44}, 7, 2},
	{{0x44, 0x02}, 7, 2},
	{{0x4d, 0, 0x4c}, 7, 2},
	{{0x5a, 0, 0x3f, 0xff}, 7, 2},
	{{0x8c, 0x00}, 10, 4},
	{{0x8c, 0x01}, 10, 4},
	{{0xa0}, 6, 4, 16},
	{{0xa3, 0x0c}, 6, 4},
	{{0xa3, 0x0c, 0x01, 0x08}, 6, 4},
	{{0xa3, 0x0d, 0x80}, 6, 4, 4},
	{{0xa3, 0x0f}, 6, 4},
};

static const struct fake_answer *send(
	struct scsi_nexus *host, unsigned i, uint32_t allocation, size_t expected)
{
	uint8_t cdb[16], field[4];
	memcpy(cdb, rows[i].cdb, sizeof cdb);
	put_be32(field, allocation);
	memcpy(cdb + rows[i].at, field + 4 - rows[i].width, rows[i].width);
	return &fake_send(host, cdb, sizeof cdb, expected)->answer;
}

static void every_length_is_respected(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint32_t most = rows[i].width == 1 ? 255 : 2048;
		const struct fake_answer *whole = send(host, i, most, most);
		EXPECT_GOOD(whole);
		assert_in_range(whole->length, 5, most - 1);
		for (uint32_t length = rows[i].least; length <= whole->length;
			length += 1 + length / 8) {
			const struct fake_answer *part = send(host, i, length, 2048);
			EXPECT_LENGTH(part, length);
			assert_memory_equal(part->data, whole->data, length);
		}
	}
}

/* The host's own buffer is shorter than what it says. */
static void a_shorter_buffer_gets_what_fits(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct fake_answer *answer = send(host, i, 255, 5);
		EXPECT_LENGTH(answer, 5);
		assert_memory_equal(answer->data, send(host, i, 255, 255)->data, 5);
	}
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(every_length_is_respected),
	ON_BLANK(a_shorter_buffer_gets_what_fits),
};
CONFORMANCE_SUITE("allocation-length", tests)
