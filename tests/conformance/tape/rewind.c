/* SPDX-License-Identifier: Apache-2.0 */
#include "tape_bench.h"

static void it_goes_to_the_beginning(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(locate(host, 5));
	EXPECT_GOOD(REWIND(host));
	EXPECT_POSITION(host, 0);
	EXPECT_GOOD(locate(host, 5));
	EXPECT_GOOD(SEND(host, 0, 0x01, IMMED));
	EXPECT_POSITION(host, 0);
}

static void what_was_written_lasts(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct crash_store *store = &BENCH(state).fake->tape->store;
	EXPECT_GOOD(write_block(host, 1000, 1));
	unsigned before = store->syncs;
	EXPECT_GOOD(REWIND(host));
	assert_true(store->syncs > before);
	assert_int_equal(store->write_count, 0);
}

/* The position is the drive's: hosts share it. */
static void hosts_share_one_position(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	write_files(host);
	EXPECT_GOOD(locate(host, 5));
	EXPECT_POSITION(other, 5);
	EXPECT_GOOD(REWIND(other));
	EXPECT_POSITION(host, 0);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(it_goes_to_the_beginning),
	ON_BLANK(what_was_written_lasts),
	ON_BLANK(hosts_share_one_position),
};
CONFORMANCE_SUITE("rewind", tests)
