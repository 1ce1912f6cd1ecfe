/* SPDX-License-Identifier: Apache-2.0 */
/* ERASE(6): from here on there is nothing, whether LONG or not. */
#include "tape_bench.h"

static void expect_end_here(struct scsi_nexus *host, unsigned object)
{
	EXPECT_POSITION(host, object);
	EXPECT_END(read_block(host, 100, 0), SENSE_END_OF_DATA, 0, 100);
}

static void the_tape_ends_here(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned bits = 0; bits < 4; bits++) { /* LONG and IMMED */
		EXPECT_GOOD(REWIND(host));
		write_files(host);
		EXPECT_GOOD(locate(host, 4));
		EXPECT_GOOD(SEND(host, 0, 0x19, bits));
		expect_end_here(host, 4);
		EXPECT_GOOD(locate(host, 3));
		EXPECT_BLOCK(read_block(host, FILES_BLOCK, 0), FILES_BLOCK, 3);
	}
}

static void all_of_it_can_go(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(SEND(host, 0, 0x19, 0x01));
	expect_end_here(host, 0);
	EXPECT_GOOD(write_block(host, 100, 9));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BLOCK(read_block(host, 100, 0), 100, 9);
}

static void it_lasts(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(ERASE(host));
	assert_int_equal(BENCH(state).fake->tape->store.write_count, 0);
	fake_tape_unload(BENCH(state).fake);
	fake_tape_load(BENCH(state).fake, false);
	settle(host);
	expect_end_here(host, 0);
}

static void at_the_end_of_data_it_changes_nothing(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_GOOD(ERASE(host));
	expect_end_here(host, FILES_EOD);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(the_tape_ends_here),
	ON_BLANK(all_of_it_can_go),
	ON_BLANK(it_lasts),
	ON_BLANK(at_the_end_of_data_it_changes_nothing),
};
CONFORMANCE_SUITE("erase", tests)
