/* SPDX-License-Identifier: Apache-2.0 */
/* WRITE(6): what is refused is refused before a byte of it is on the tape. */
#include "tape_bench.h"

static void expect_nothing_written(struct scsi_nexus *host)
{
	EXPECT_POSITION(host, 0);
	EXPECT_END(read_block(host, 100, 0), SENSE_END_OF_DATA, 0, 100);
}

static uint64_t bytes_written(void **state)
{
	struct ssc_drive_status status;
	ssc_drive_status(BENCH(state).fake->tape->drive, &status);
	return status.bytes_written;
}

/* 24/00 with a pointer to the length (SSC-4, READ BLOCK LIMITS and WRITE(6)). */
static void a_block_above_the_limit_is_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(write_block(host, BLOCK_MAX + 1, 1), 2, 7);
	EXPECT_INVALID_CDB(write_block(host, 2 * BLOCK_MAX, 1), 2, 7);
	EXPECT_INVALID_CDB(SEND_OUT(host, "x", 1, 0x0a, 0, 0xff, 0xff, 0xff), 2, 7);
	expect_nothing_written(host);
	assert_int_equal(bytes_written(state), 0);
}

/* A cartridge says at its making how long its blocks are at most, whatever path and drive can. */
static void a_block_above_the_limit_of_the_cartridge_is_refused(void **state)
{
	BENCH(state).fake->transfer_max = 0;
	struct scsi_nexus *unlimited = other_host(state);
	EXPECT_INVALID_CDB(write_block(unlimited, BLOCK_MAX + 1, 1), 2, 7);
	EXPECT_GOOD(write_block(unlimited, BLOCK_MAX, 1));
}

static void and_does_not_cut_the_tape(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_INVALID_CDB(write_block(host, BLOCK_MAX + 1, 1), 2, 7);
	EXPECT_BLOCK(read_block(host, FILES_BLOCK, 0), FILES_BLOCK, 0);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_POSITION(host, FILES_EOD);
}

static void the_limit_itself_is_written(void **state)
{
	EXPECT_GOOD(write_block(BENCH(state).host, BLOCK_MAX, 1));
	assert_int_equal(bytes_written(state), BLOCK_MAX);
}

static void a_length_of_zero_writes_and_moves_nothing(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 0, 1));
	set_block_length(host, 512);
	EXPECT_GOOD(write_fixed(host, 0, 512, 1));
	expect_nothing_written(host);
}

static void a_length_of_zero_does_not_cut_the_tape(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(write_block(host, 0, 1));
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_POSITION(host, FILES_EOD);
}

/* Half a block is never written for a whole one. */
static void less_data_than_the_cdb_says_is_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_SENSE(SEND_OUT(host, "short", 5, 0x0a, 0, 0, 0, 100), SENSE_INVALID_FIELD_IN_CDB);
	expect_nothing_written(host);
	set_block_length(host, 512);
	EXPECT_SENSE(SEND_OUT(host, "short", 5, 0x0a, FIXED, 0, 0, 1), SENSE_INVALID_FIELD_IN_CDB);
	expect_nothing_written(host);
}

static void of_more_data_than_the_cdb_says_only_that_is_written(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint8_t data[300];
	block_fill(data, sizeof data, 1);
	EXPECT_GOOD(SEND_OUT(host, data, sizeof data, 0x0a, 0, 0, 0, 100));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BYTES(
		EXPECT_END(read_block(host, 300, 0), SENSE_INCORRECT_LENGTH, ILI, 200), 100, 1);
}

/* SSC-4, WRITE(6). */
static void fixed_needs_a_block_length(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(write_fixed(host, 1, 512, 1), 1, 0);
	expect_nothing_written(host);
}

static void writing_ends_the_tape_there(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(locate(host, 3));
	EXPECT_GOOD(write_block(host, 200, 99));
	EXPECT_END(read_block(host, 100, 0), SENSE_END_OF_DATA, 0, 100);
	EXPECT_POSITION(host, 4);
	EXPECT_GOOD(locate(host, 3));
	EXPECT_BLOCK(read_block(host, 200, 0), 200, 99);
}

static void appending_goes_on_at_the_end_of_data(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_GOOD(write_block(host, 200, 99));
	EXPECT_POSITION(host, FILES_EOD + 1);
	EXPECT_GOOD(REWIND(host));
	EXPECT_BLOCK(read_block(host, FILES_BLOCK, 0), FILES_BLOCK, 0);
}

/* BUFFERED MODE 0: GOOD means that it is on the disk (SSC-4, mode parameter header). */
static void without_buffering_every_write_waits_for_the_disk(void **state)
{
	static const uint8_t unbuffered[4] = {0};
	struct scsi_nexus *host = BENCH(state).host;
	const struct crash_store *store = &BENCH(state).fake->tape->store;
	EXPECT_GOOD(SEND_OUT(host, unbuffered, 4, 0x15, 0x10, 0, 0, 4));
	unsigned before = store->syncs;
	EXPECT_GOOD(write_block(host, 1000, 1));
	assert_true(store->syncs > before);
	assert_int_equal(store->write_count, 0);
}

static void with_buffering_a_write_does_not_wait(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct crash_store *store = &BENCH(state).fake->tape->store;
	EXPECT_GOOD(write_block(host, 1000, 1));
	unsigned before = store->syncs;
	EXPECT_GOOD(write_block(host, 1000, 2));
	assert_int_equal(store->syncs, before);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(a_block_above_the_limit_is_refused),
	ON_BLANK(a_block_above_the_limit_of_the_cartridge_is_refused),
	ON_BLANK(and_does_not_cut_the_tape),
	ON_BLANK(the_limit_itself_is_written),
	ON_BLANK(a_length_of_zero_writes_and_moves_nothing),
	ON_BLANK(a_length_of_zero_does_not_cut_the_tape),
	ON_BLANK(less_data_than_the_cdb_says_is_refused),
	ON_BLANK(of_more_data_than_the_cdb_says_only_that_is_written),
	ON_BLANK(fixed_needs_a_block_length),
	ON_BLANK(writing_ends_the_tape_there),
	ON_BLANK(appending_goes_on_at_the_end_of_data),
	ON_BLANK(without_buffering_every_write_waits_for_the_disk),
	ON_BLANK(with_buffering_a_write_does_not_wait),
};
CONFORMANCE_SUITE("write", tests)
