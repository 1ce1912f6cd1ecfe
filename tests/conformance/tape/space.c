/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPACE(6) and (16), which do the same (SSC-4; HP's LTO-5 manual p. 221-222): blocks stop at
 * filemarks, the residue is always positive, behind a filemark forward and before it backward.
 */
#include "tape_bench.h"

static const struct {
	uint64_t from;
	unsigned code;
	int32_t count;
	enum scsi_sense_code sense; /* SENSE_NONE: GOOD */
	unsigned flags;
	int32_t residue;
	uint64_t to;
} rows[] = {
	{0, BLOCKS, 2, SENSE_NONE, 0, 0, 2}, {0, BLOCKS, 3, SENSE_FILEMARK, FILEMARK, 1, 3},
	{0, BLOCKS, 9, SENSE_FILEMARK, FILEMARK, 7, 3}, {6, BLOCKS, 2, SENSE_NONE, 0, 0, 8},
	{6, BLOCKS, 5, SENSE_END_OF_DATA, 0, 3, 8}, {8, BLOCKS, 1, SENSE_END_OF_DATA, 0, 1, 8},
	{2, BLOCKS, -2, SENSE_NONE, 0, 0, 0}, {2, BLOCKS, -3, SENSE_BEGINNING, EOM, 1, 0},
	{0, BLOCKS, -1, SENSE_BEGINNING, EOM, 1, 0}, {8, BLOCKS, -2, SENSE_NONE, 0, 0, 6},
	{8, BLOCKS, -4, SENSE_FILEMARK, FILEMARK, 2, 5},
	{4, BLOCKS, -2, SENSE_FILEMARK, FILEMARK, 1, 2},
	{3, BLOCKS, -1, SENSE_FILEMARK, FILEMARK, 1, 2}, /* Proxmox: SPACE -1 across a filemark */
	{5, BLOCKS, 0, SENSE_NONE, 0, 0, 5}, {0, MARKS, 1, SENSE_NONE, 0, 0, 3},
	{0, MARKS, 3, SENSE_NONE, 0, 0, 6}, {0, MARKS, 4, SENSE_END_OF_DATA, 0, 1, 8},
	{8, MARKS, 2, SENSE_END_OF_DATA, 0, 2, 8}, {5, MARKS, 1, SENSE_NONE, 0, 0, 6},
	{8, MARKS, -1, SENSE_NONE, 0, 0, 5}, {8, MARKS, -3, SENSE_NONE, 0, 0, 2},
	{8, MARKS, -4, SENSE_BEGINNING, EOM, 1, 0}, {0, MARKS, -2, SENSE_BEGINNING, EOM, 2, 0},
	{6, MARKS, -1, SENSE_NONE, 0, 0, 5}, {5, MARKS, -1, SENSE_NONE, 0, 0, 4},
	{5, MARKS, 0, SENSE_NONE, 0, 0, 5}, {0, TO_EOD, 0, SENSE_NONE, 0, 0, 8},
	{8, TO_EOD, 0, SENSE_NONE, 0, 0, 8},
	{3, TO_EOD, 77, SENSE_NONE, 0, 0, 8}, /* the count is ignored */
};

static void expect_row(const struct fake_answer *answer, unsigned i)
{
	if (rows[i].sense == SENSE_NONE)
		EXPECT_GOOD(answer);
	else
		EXPECT_END(answer, rows[i].sense, rows[i].flags, rows[i].residue);
}

static void the_short_form(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		EXPECT_GOOD(locate(host, rows[i].from));
		expect_row(space_6(host, rows[i].code, rows[i].count), i);
		EXPECT_POSITION(host, rows[i].to);
	}
}

static void the_long_form(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		EXPECT_GOOD(locate(host, rows[i].from));
		expect_row(space_16(host, rows[i].code, rows[i].count), i);
		EXPECT_POSITION(host, rows[i].to);
	}
}

/* A residue that fixed sense has no room for: no VALID (SPC-4 4.5.3). */
static void a_count_of_more_than_32_bits(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_SENSE(space_16(host, BLOCKS, INT64_MAX), SENSE_END_OF_DATA);
	EXPECT_POSITION(host, FILES_EOD);
	EXPECT_SENSE(space_16(host, MARKS, INT64_MIN), SENSE_BEGINNING);
	EXPECT_POSITION(host, 0);
	EXPECT_SENSE(space_16(host, BLOCKS, INT64_MIN), SENSE_BEGINNING);
	EXPECT_POSITION(host, 0);
}

/* HP's LTO-5 manual p. 221: nothing but 0, 1 and 3. LTO has no setmarks. */
static void sequential_filemarks_and_setmarks_are_refused(void **state)
{
	static const unsigned codes[] = {2, 4, 5, 6, 7};
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	for (unsigned i = 0; i < 5; i++) {
		EXPECT_INVALID_CDB(space_6(host, codes[i], 1), 1, 2);
		EXPECT_INVALID_CDB(space_16(host, codes[i], 1), 1, 3);
	}
	EXPECT_POSITION(host, 0);
}

static void on_a_blank_tape(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_END(space_6(host, BLOCKS, 1), SENSE_END_OF_DATA, 0, 1);
	EXPECT_END(space_6(host, MARKS, 1), SENSE_END_OF_DATA, 0, 1);
	EXPECT_END(space_6(host, BLOCKS, -1), SENSE_BEGINNING, EOM, 1);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_POSITION(host, 0);
}

/* HP's LTO-5 manual p. 221: a count of 0 does not even flush. */
static void what_was_written_lasts_before_the_tape_moves(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct crash_store *store = &BENCH(state).fake->tape->store;
	EXPECT_GOOD(write_block(host, 1000, 1));
	unsigned before = store->syncs;
	EXPECT_GOOD(space_6(host, BLOCKS, 0));
	assert_int_equal(store->syncs, before);
	EXPECT_GOOD(space_6(host, BLOCKS, -1));
	assert_true(store->syncs > before);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(the_short_form),
	ON_BLANK(the_long_form),
	ON_BLANK(a_count_of_more_than_32_bits),
	ON_BLANK(sequential_filemarks_and_setmarks_are_refused),
	ON_BLANK(on_a_blank_tape),
	ON_BLANK(what_was_written_lasts_before_the_tape_moves),
};
CONFORMANCE_SUITE("space", tests)
