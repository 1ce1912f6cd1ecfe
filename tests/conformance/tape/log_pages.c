/* SPDX-License-Identifier: Apache-2.0 */
/* LOG SENSE and LOG SELECT (SPC-4 6.7, 6.8, 7.3; SSC-4 8.2): live counters, and TapeAlert. */
#include "tape_bench.h"
#include "util/bytes.h"

#define LOG_SENSE(nexus, page, subpage, pointer, length)                                           \
	SEND(nexus, (length), 0x4d, 0, 0x40 | (page), (subpage), 0, (pointer) >> 8,                \
		(pointer)&0xff, (length) >> 8, (length)&0xff)

enum { WRITE_ERRORS = 0x02, READ_ERRORS = 0x03, SEQUENTIAL = 0x0c, TAPE_ALERT = 0x2e };

/* The value of a parameter, which must be there. */
static uint64_t parameter(struct scsi_nexus *host, unsigned page, unsigned code)
{
	const struct fake_answer *answer = LOG_SENSE(host, page, 0, 0, 512);
	EXPECT_U8(answer, 0, page);
	EXPECT_BE16(answer, 2, (unsigned)answer->length - 4);
	for (size_t at = 4; at + 4 <= answer->length; at += 4u + answer->data[at + 3]) {
		uint64_t value = 0;
		if (get_be16(answer->data + at) != code)
			continue;
		for (unsigned i = 0; i < answer->data[at + 3]; i++)
			value = value << 8 | answer->data[at + 4 + i];
		return value;
	}
	fail_msg("page %02x has no parameter %04x", page, code);
	return 0;
}

static void the_list_of_pages(void **state)
{
	EXPECT_DATA(LOG_SENSE(BENCH(state).host, 0, 0, 0, 64), 0, 0, 0, 5, 0x00, 0x02, 0x03, 0x0c,
		0x2e);
}

static void the_list_of_pages_and_subpages(void **state)
{
	EXPECT_DATA(LOG_SENSE(BENCH(state).host, 0, 0xff, 0, 64), 0x40, 0xff, 0, 12, 0x00, 0x00,
		0x00, 0xff, 0x02, 0x00, 0x03, 0x00, 0x0c, 0x00, 0x2e, 0x00);
}

/* SSC-4 8.2.3: bytes from hosts and to the tape, from the tape and to hosts. */
static void sequential_access_counts_what_is_done(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned code = 0; code < 4; code++)
		assert_int_equal(parameter(host, SEQUENTIAL, code), 0);
	EXPECT_GOOD(write_block(host, 10000, 1));
	assert_int_equal(parameter(host, SEQUENTIAL, 0), 10000);
	assert_true(parameter(host, SEQUENTIAL, 1) >= 10000); /* random bytes do not shrink */
	EXPECT_GOOD(REWIND(host));
	EXPECT_BLOCK(read_block(host, 10000, SILI), 10000, 1);
	EXPECT_GOOD(REWIND(host));
	EXPECT_BLOCK(read_block(host, 10000, SILI), 10000, 1);
	assert_int_equal(parameter(host, SEQUENTIAL, 3), 20000);
	assert_int_equal(parameter(host, SEQUENTIAL, 0), 10000);
	assert_int_equal(parameter(host, SEQUENTIAL, 0x100), 0);
}

static void what_was_not_done_is_not_counted(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(write_block(host, BLOCK_MAX + 1, 1), 2, 7);
	EXPECT_END(read_block(host, 100, 0), SENSE_END_OF_DATA, 0, 100);
	BENCH(state).fake->tape->store.write_room_left = 0;
	EXPECT_END(write_block(host, 100, 1), SENSE_WRITE_ERROR, 0, 100);
	BENCH(state).fake->tape->store.write_room_left = SIZE_MAX;
	for (unsigned code = 0; code < 4; code++)
		assert_int_equal(parameter(host, SEQUENTIAL, code), 0);
}

static void capacities_are_in_megabytes(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint64_t to_warning = parameter(host, SEQUENTIAL, 5);
	assert_in_range(to_warning, CAPACITY / 2 / 1000000, CAPACITY / 1000000 - 1);
	assert_in_range(to_warning + parameter(host, SEQUENTIAL, 6), CAPACITY / 1000000 - 1,
		CAPACITY / 1000000);
	assert_int_equal(parameter(host, SEQUENTIAL, 4), 0);
	for (uint32_t i = 0; i < 8; i++)
		EXPECT_GOOD(write_block(host, BLOCK_MAX, i));
	assert_int_equal(parameter(host, SEQUENTIAL, 4), 8 * BLOCK_MAX / 1000000);
	assert_int_equal(parameter(host, SEQUENTIAL, 7), 8 * BLOCK_MAX / 1000000);
	EXPECT_GOOD(REWIND(host));
	assert_int_equal(parameter(host, SEQUENTIAL, 4), 8 * BLOCK_MAX / 1000000);
	assert_int_equal(parameter(host, SEQUENTIAL, 7), 0);
}

static void error_counters_have_the_bytes(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 5000, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BLOCK(read_block(host, 5000, 0), 5000, 1);
	assert_int_equal(parameter(host, WRITE_ERRORS, 5), 5000);
	assert_int_equal(parameter(host, READ_ERRORS, 5), 5000);
	assert_int_equal(parameter(host, WRITE_ERRORS, 6), 0);
	assert_int_equal(parameter(host, READ_ERRORS, 6), 0);
}

/* SSC-4 4.2.20: 64 flags of a byte each, none of them set on a healthy tape. */
static void tape_alert_has_64_flags(void **state)
{
	const struct fake_answer *answer = LOG_SENSE(BENCH(state).host, TAPE_ALERT, 0, 0, 512);
	EXPECT_LENGTH(answer, 4 + 64 * 5);
	for (unsigned i = 0; i < 64; i++) {
		EXPECT_BE16(answer, 4 + i * 5, i + 1);
		EXPECT_U8(answer, 4 + i * 5 + 3, 1);
		EXPECT_U8(answer, 4 + i * 5 + 4, 0);
	}
}

/* PARAMETER POINTER: from there on. */
static void a_pointer_leaves_out_what_is_below(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_BE16(LOG_SENSE(host, SEQUENTIAL, 0, 3, 512), 4, 3);
	EXPECT_BE16(LOG_SENSE(host, SEQUENTIAL, 0, 8, 512), 4, 0x100);
	EXPECT_INVALID_CDB(LOG_SENSE(host, SEQUENTIAL, 0, 0x101, 512), 5, 7);
}

static void unknown_pages_are_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(LOG_SENSE(host, 0x3f, 0, 0, 64), 2, 5);
	EXPECT_INVALID_CDB(LOG_SENSE(host, SEQUENTIAL, 0x05, 0, 64), 3, 7);
	EXPECT_INVALID_CDB(SEND(host, 64, 0x4d, 0x01, 0x40, 0, 0, 0, 0, 0, 64), 1, 0);
	EXPECT_INVALID_CDB(SEND(host, 64, 0x4d, 0, 0x00, 0, 0, 0, 0, 0, 64), 2, 7);
}

static void without_a_cartridge_they_are_there(void **state)
{
	assert_int_equal(parameter(BENCH(state).host, SEQUENTIAL, 5), 0);
	assert_int_equal(parameter(BENCH(state).host, WRITE_ERRORS, 5), 0);
}

/* ---- LOG SELECT -------------------------------------------------------------------------------
 */

/* PCR without a list. */
static void counters_begin_anew(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 5000, 1));
	EXPECT_GOOD(SEND(host, 0, 0x4c, 0x02, 0x40 | WRITE_ERRORS));
	assert_int_equal(parameter(host, WRITE_ERRORS, 5), 0);
	EXPECT_GOOD(write_block(host, 100, 1));
	assert_int_equal(parameter(host, WRITE_ERRORS, 5), 100);
}

static void nothing_else_can_be_set(void **state)
{
	static const uint8_t list[12] = {0x02, 0, 0, 8, 0, 5, 0, 4};
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(SEND_OUT(host, list, 12, 0x4c, 0, 0x40, 0, 0, 0, 0, 0, 12), 7, 7);
	EXPECT_INVALID_CDB(SEND(host, 0, 0x4c, 0x02, 0x40 | 0x3f), 2, 5);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(the_list_of_pages),
	ON_BLANK(the_list_of_pages_and_subpages),
	ON_BLANK(sequential_access_counts_what_is_done),
	ON_BLANK(what_was_not_done_is_not_counted),
	ON_BLANK(capacities_are_in_megabytes),
	ON_BLANK(error_counters_have_the_bytes),
	ON_BLANK(tape_alert_has_64_flags),
	ON_BLANK(a_pointer_leaves_out_what_is_below),
	ON_BLANK(unknown_pages_are_refused),
	ON_NO_TAPE(without_a_cartridge_they_are_there),
	ON_BLANK(counters_begin_anew),
	ON_BLANK(nothing_else_can_be_set),
};
CONFORMANCE_SUITE("log-pages", tests)
