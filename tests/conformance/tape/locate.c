/* SPDX-License-Identifier: Apache-2.0 */
/* LOCATE(10) and (16): by object, by file, to the end of data. */
#include "tape_bench.h"

#define LOCATE_10(nexus, object) SEND(nexus, 0, 0x2b, 0, 0, 0, 0, 0, (object))
/* DEST_TYPE 001b: file n begins behind the n-th filemark. */
#define LOCATE_FILE(nexus, file) SEND(nexus, 0, 0x92, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, (file))
#define LOCATE_EOD(nexus)        SEND(nexus, 0, 0x92, 0x18)

static void every_object_is_found(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	for (unsigned i = 0; i <= FILES_EOD; i++) {
		unsigned object = (5 * i) % (FILES_EOD + 1);
		EXPECT_GOOD(LOCATE_10(host, object));
		EXPECT_POSITION(host, object);
		EXPECT_GOOD(locate(host, FILES_EOD - object));
		EXPECT_POSITION(host, FILES_EOD - object);
	}
	EXPECT_GOOD(LOCATE_10(host, 6));
	EXPECT_BLOCK(read_block(host, FILES_BLOCK, 0), FILES_BLOCK, 6);
}

/* Proxmox goes to files by this. */
static void every_file_is_found(void **state)
{
	static const uint64_t begins[] = {0, 3, 5, 6};
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	for (unsigned i = 0; i <= FILES_MARKS; i++) {
		unsigned file = FILES_MARKS - i;
		EXPECT_GOOD(LOCATE_FILE(host, file));
		EXPECT_POSITION(host, begins[file]);
	}
}

static void the_end_of_data_is_found(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(LOCATE_EOD(host));
	EXPECT_POSITION(host, FILES_EOD);
	EXPECT_GOOD(write_block(host, 100, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(LOCATE_EOD(host));
	EXPECT_POSITION(host, FILES_EOD + 1);
}

static void behind_the_end_of_data_is_nothing(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_SENSE(LOCATE_10(host, FILES_EOD + 1), SENSE_END_OF_DATA);
	EXPECT_POSITION(host, FILES_EOD);
	EXPECT_GOOD(REWIND(host));
	EXPECT_SENSE(locate(host, UINT64_MAX), SENSE_END_OF_DATA);
	EXPECT_POSITION(host, FILES_EOD);
	EXPECT_GOOD(REWIND(host));
	EXPECT_SENSE(LOCATE_FILE(host, FILES_MARKS + 1), SENSE_END_OF_DATA);
	EXPECT_POSITION(host, FILES_EOD);
}

/* CP asks for a partition, of which there is one. BT 1 (Linux st, unless told otherwise) is the
 * same. */
static void there_is_partition_0(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(SEND(host, 0, 0x92, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4));
	EXPECT_POSITION(host, 4);
	EXPECT_GOOD(SEND(host, 0, 0x2b, 0x02, 0, 0, 0, 0, 5, 0, 0));
	EXPECT_POSITION(host, 5);
	EXPECT_GOOD(SEND(host, 0, 0x2b, 0x04, 0, 0, 0, 0, 6));
	EXPECT_POSITION(host, 6);
	EXPECT_INVALID_CDB(SEND(host, 0, 0x92, 0x02, 0, 1), 3, 7);
	EXPECT_INVALID_CDB(SEND(host, 0, 0x2b, 0x02, 0, 0, 0, 0, 0, 0, 1), 8, 7);
	EXPECT_POSITION(host, 6);
}

static void other_destinations_are_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(SEND(host, 0, 0x92, 0x10), 1, 5);
	EXPECT_INVALID_CDB(SEND(host, 0, 0x92, 0x20), 1, 5);
	EXPECT_INVALID_CDB(SEND(host, 0, 0x92, 0x38), 1, 5);
}

static void with_immed_it_gets_there_too(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(SEND(host, 0, 0x2b, 0x01, 0, 0, 0, 0, 4));
	EXPECT_POSITION(host, 4);
	EXPECT_GOOD(SEND(host, 0, 0x92, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6));
	EXPECT_POSITION(host, 6);
}

static void what_was_written_lasts_before_the_tape_moves(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct crash_store *store = &BENCH(state).fake->tape->store;
	EXPECT_GOOD(write_block(host, 1000, 1));
	unsigned before = store->syncs;
	EXPECT_GOOD(LOCATE_10(host, 0));
	assert_true(store->syncs > before);
	assert_int_equal(store->write_count, 0);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(every_object_is_found),
	ON_BLANK(every_file_is_found),
	ON_BLANK(the_end_of_data_is_found),
	ON_BLANK(behind_the_end_of_data_is_nothing),
	ON_BLANK(there_is_partition_0),
	ON_BLANK(other_destinations_are_refused),
	ON_BLANK(with_immed_it_gets_there_too),
	ON_BLANK(what_was_written_lasts_before_the_tape_moves),
};
CONFORMANCE_SUITE("locate", tests)
