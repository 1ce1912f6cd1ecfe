/* SPDX-License-Identifier: Apache-2.0 */
/* The tab of the cartridge: 7/27/00, and WP of the mode parameter header. */
#include "tape_bench.h"

#define WP_BIT 0x80

static void protect(void **state, bool tab)
{
	fake_tape_unload(BENCH(state).fake);
	fake_tape_load(BENCH(state).fake, tab);
	settle(BENCH(state).host);
}

static unsigned header_byte(struct scsi_nexus *host)
{
	const struct fake_answer *answer = SEND(host, 12, 0x1a, 0, 0, 0, 12);
	EXPECT_LENGTH(answer, 12);
	return answer->data[2];
}

static void what_writes_is_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	protect(state, true);
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_WRITE_PROTECTED);
	EXPECT_SENSE(write_marks(host, 1, 0), SENSE_WRITE_PROTECTED);
	EXPECT_SENSE(ERASE(host), SENSE_WRITE_PROTECTED);
	EXPECT_POSITION(host, 0);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_POSITION(host, FILES_EOD);
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_WRITE_PROTECTED);
	EXPECT_POSITION(host, FILES_EOD);
}

static void what_reads_and_moves_works(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	protect(state, true);
	EXPECT_BLOCK(read_block(host, FILES_BLOCK, 0), FILES_BLOCK, 0);
	EXPECT_GOOD(space_6(host, MARKS, 2));
	EXPECT_GOOD(locate(host, 6));
	EXPECT_BLOCK(read_block(host, FILES_BLOCK, 0), FILES_BLOCK, 6);
	EXPECT_GOOD(REWIND(host));
}

static void the_mode_header_says_so(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	assert_int_equal(header_byte(host) & WP_BIT, 0);
	protect(state, true);
	assert_int_equal(header_byte(host) & WP_BIT, WP_BIT);
	EXPECT_U8(SEND(host, 16, 0x5a, 0, 0, 0, 0, 0, 0, 0, 16), 3, WP_BIT | 0x10);
}

static void the_tab_is_the_cartridges(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	protect(state, true);
	EXPECT_SENSE(write_block(host, 100, 1), SENSE_WRITE_PROTECTED);
	protect(state, false);
	EXPECT_GOOD(write_block(host, 100, 1));
	assert_int_equal(header_byte(host) & WP_BIT, 0);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(what_writes_is_refused),
	ON_BLANK(what_reads_and_moves_works),
	ON_BLANK(the_mode_header_says_so),
	ON_BLANK(the_tab_is_the_cartridges),
};
CONFORMANCE_SUITE("write-protect", tests)
