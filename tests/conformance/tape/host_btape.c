/* SPDX-License-Identifier: Apache-2.0 */
/* What btape of Bareos and Bacula does in "test": its blocks of 64448 bytes, through st. */
#include "tape_bench.h"

enum { BTAPE_BLOCK = 64448 };

/* Files of 1, 1, 4 and 1 blocks: its scan wants files=4 blocks=7 bytes=451136. */
static const unsigned files[] = {1, 1, 4, 1};

static void write_them(struct scsi_nexus *host)
{
	uint32_t seed = 0;
	for (unsigned file = 0; file < 4; file++) {
		for (unsigned i = 0; i < files[file]; i++)
			EXPECT_GOOD(write_block(host, BTAPE_BLOCK, seed++));
		EXPECT_GOOD(write_marks(host, 1, 0));
	}
}

static void scan_counts_what_there_is(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned found = 0, blocks = 0;
	uint64_t bytes = 0;
	write_them(host);
	EXPECT_GOOD(REWIND(host));
	for (;;) {
		const struct fake_answer *answer = read_block(host, BLOCK_MAX, 0);
		if (answer->sense.code == SENSE_END_OF_DATA)
			break;
		found += answer->sense.filemark;
		blocks += !answer->sense.filemark;
		bytes += answer->length;
	}
	assert_int_equal(found, 4);
	assert_int_equal(blocks, 7);
	assert_int_equal(bytes, 451136);
}

/* Write, rewind, read, one way or the other. */
static void blocks_are_found_by_file_and_record(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_them(host);
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(space_6(host, MARKS, 2));
	EXPECT_GOOD(space_6(host, BLOCKS, 3));
	EXPECT_BLOCK(read_block(host, BTAPE_BLOCK, 0), BTAPE_BLOCK, 5);
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(space_6(host, MARKS, 3));
	EXPECT_BLOCK(read_block(host, BTAPE_BLOCK, 0), BTAPE_BLOCK, 6);
}

/* Its append test: to the end of data and over the last filemark back and forth, then on. */
static void appending_at_the_end(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_them(host);
	EXPECT_GOOD(REWIND(host));
	EXPECT_SENSE(space_6(host, MARKS, 0x7fffff), SENSE_END_OF_DATA);
	EXPECT_GOOD(space_6(host, MARKS, -1));
	EXPECT_GOOD(space_6(host, MARKS, 1));
	EXPECT_GOOD(write_block(host, BTAPE_BLOCK, 100));
	EXPECT_GOOD(write_marks(host, 1, 0));
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(space_6(host, MARKS, 4));
	EXPECT_BLOCK(read_block(host, BTAPE_BLOCK, 0), BTAPE_BLOCK, 100);
	EXPECT_END(read_block(host, BTAPE_BLOCK, 0), SENSE_FILEMARK, FILEMARK, BTAPE_BLOCK);
}

/* At the end of the tape it writes two filemarks, goes back over them, and reads its last block. */
static void the_last_block_is_read_again(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned last = write_to_early_warning(host);
	EXPECT_SENSE(write_marks(host, 1, 0), SENSE_EARLY_WARNING);
	EXPECT_SENSE(write_marks(host, 1, 0), SENSE_EARLY_WARNING);
	EXPECT_GOOD(space_6(host, MARKS, -2));
	EXPECT_GOOD(space_6(host, BLOCKS, -1));
	EXPECT_BLOCK(read_block(host, SHORT_BLOCK, 0), SHORT_BLOCK, last);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(scan_counts_what_there_is),
	ON_BLANK(blocks_are_found_by_file_and_record),
	ON_BLANK(appending_at_the_end),
	ON_SHORT(the_last_block_is_read_again),
};
CONFORMANCE_SUITE("host-btape", tests)
