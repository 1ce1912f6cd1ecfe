/* SPDX-License-Identifier: Apache-2.0 */
/* WRITE FILEMARKS(6): IMMED 0 is the moment from which everything before it lasts. */
#include "tape_bench.h"

static const struct crash_store *store(void **state)
{
	return &BENCH(state).fake->tape->store;
}

static void filemarks_are_objects(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_marks(host, 3, 0));
	EXPECT_POSITION(host, 3);
	EXPECT_GOOD(REWIND(host));
	for (unsigned i = 1; i <= 3; i++) {
		EXPECT_END(read_block(host, 100, 0), SENSE_FILEMARK, FILEMARK, 100);
		EXPECT_POSITION(host, i);
	}
	EXPECT_END(read_block(host, 100, 0), SENSE_END_OF_DATA, 0, 100);
}

static void without_immed_it_waits_for_the_disk(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 1000, 1));
	unsigned before = store(state)->syncs;
	EXPECT_GOOD(write_marks(host, 1, 0));
	assert_true(store(state)->syncs > before);
	assert_int_equal(store(state)->write_count, 0);
}

static void with_immed_it_does_not(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 1000, 1));
	unsigned before = store(state)->syncs;
	EXPECT_GOOD(write_marks(host, 1, IMMED));
	assert_int_equal(store(state)->syncs, before);
	EXPECT_POSITION(host, 2);
}

/* How hosts flush: no filemark, and what was written before lasts (SSC-4, WRITE FILEMARKS(6)). */
static void a_count_of_zero_is_a_flush(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 1000, 1));
	unsigned before = store(state)->syncs;
	EXPECT_GOOD(write_marks(host, 0, 0));
	assert_true(store(state)->syncs > before);
	assert_int_equal(store(state)->write_count, 0);
	EXPECT_POSITION(host, 1);
}

static void a_count_of_zero_does_not_cut_the_tape(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(write_marks(host, 0, 0));
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_POSITION(host, FILES_EOD);
}

static void they_end_the_tape_there(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(locate(host, 1));
	EXPECT_GOOD(write_marks(host, 1, 0));
	EXPECT_END(read_block(host, 100, 0), SENSE_END_OF_DATA, 0, 100);
	EXPECT_POSITION(host, 2);
}

/* LTO has no setmarks: WSMK is reserved. */
static void setmarks_are_refused(void **state)
{
	EXPECT_INVALID_CDB(write_marks(BENCH(state).host, 1, 0x02), 1, 1);
	EXPECT_POSITION(BENCH(state).host, 0);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(filemarks_are_objects),
	ON_BLANK(without_immed_it_waits_for_the_disk),
	ON_BLANK(with_immed_it_does_not),
	ON_BLANK(a_count_of_zero_is_a_flush),
	ON_BLANK(a_count_of_zero_does_not_cut_the_tape),
	ON_BLANK(they_end_the_tape_there),
	ON_BLANK(setmarks_are_refused),
};
CONFORMANCE_SUITE("write-filemarks", tests)
