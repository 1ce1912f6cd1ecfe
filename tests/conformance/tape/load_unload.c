/* SPDX-License-Identifier: Apache-2.0 */
/* LOAD UNLOAD and PREVENT ALLOW MEDIUM REMOVAL, by one host and between two. */
#include "tape_bench.h"

enum { HOLD = 0x08, EOT = 0x04, LOAD_BIT = 0x01 };
#define LOAD_UNLOAD(nexus, bits) SEND(nexus, 0, 0x1b, 0, 0, 0, (bits))

static void an_unloaded_tape_is_not_ready_and_comes_back(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 100, 1));
	EXPECT_GOOD(UNLOAD(host));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_SENSE(read_block(host, 100, 0), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_GOOD(LOAD(host));
	settle(host);
	EXPECT_POSITION(host, 0);
	EXPECT_BLOCK(read_block(host, 100, 0), 100, 1);
}

static void a_load_is_told_once_to_the_other(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	EXPECT_GOOD(UNLOAD(host));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_GOOD(LOAD(host));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(other));
}

/* How some programs rewind: nobody has to begin a new session for that. */
static void a_load_of_a_loaded_tape_rewinds_it(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	write_files(host);
	EXPECT_GOOD(locate(host, 4));
	EXPECT_GOOD(LOAD(host));
	EXPECT_POSITION(host, 0);
	EXPECT_GOOD(TEST_UNIT_READY(other));
}

static void what_was_written_lasts_when_it_is_unloaded(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct crash_store *store = &BENCH(state).fake->tape->store;
	EXPECT_GOOD(write_block(host, 1000, 1));
	unsigned before = store->syncs;
	EXPECT_GOOD(UNLOAD(host));
	assert_true(store->syncs > before);
	assert_int_equal(store->write_count, 0);
}

/* HOLD keeps the cartridge in the drive, not threaded, its memory at hand (HP's LTO-4 manual). */
static void a_held_tape_is_not_ready_and_can_be_loaded(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 100, 1));
	EXPECT_GOOD(LOAD_UNLOAD(host, HOLD));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_AUXILIARY_MEMORY_ACCESSIBLE);
	EXPECT_SENSE(read_block(host, 100, 0), SENSE_AUXILIARY_MEMORY_ACCESSIBLE);
	EXPECT_GOOD(SEND(host, 64, 0x8c, [13] = 64));
	EXPECT_GOOD(LOAD_UNLOAD(host, HOLD | LOAD_BIT));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_AUXILIARY_MEMORY_ACCESSIBLE);
	EXPECT_GOOD(LOAD(host));
	settle(host);
	EXPECT_BLOCK(read_block(host, 100, 0), 100, 1);
}

/* SSC-4: EOT together with LOAD; mhVTL refuses it likewise. */
static void a_load_to_the_end_of_the_tape_is_refused(void **state)
{
	EXPECT_INVALID_CDB(LOAD_UNLOAD(BENCH(state).host, EOT | LOAD_BIT), 4, 2);
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

static void with_immed_it_is_done_too(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(SEND(host, 0, 0x1b, 0x01));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_GOOD(SEND(host, 0, 0x1b, 0x01, 0, 0, 0x01));
	settle(host);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

static void without_a_cartridge_there_is_nothing_to_load(void **state)
{
	EXPECT_SENSE(LOAD(BENCH(state).host), SENSE_MEDIUM_NOT_PRESENT);
}

/* ---- PREVENT (SPC-4 6.16, for each nexus; tgt keeps it so too) ----------------------------------
 */

static void who_prevents_stops_everybody(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	EXPECT_GOOD(write_block(host, 100, 1));
	EXPECT_GOOD(PREVENT(other, 1));
	EXPECT_SENSE(UNLOAD(host), SENSE_REMOVAL_PREVENTED);
	EXPECT_SENSE(UNLOAD(other), SENSE_REMOVAL_PREVENTED);
	EXPECT_POSITION(host, 1); /* it has not even been rewound */
	EXPECT_GOOD(PREVENT(other, 0));
	EXPECT_GOOD(UNLOAD(host));
}

static void one_cannot_allow_for_another(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	EXPECT_GOOD(PREVENT(host, 1));
	EXPECT_GOOD(PREVENT(other, 1));
	EXPECT_GOOD(PREVENT(host, 0));
	EXPECT_SENSE(UNLOAD(host), SENSE_REMOVAL_PREVENTED);
	EXPECT_GOOD(PREVENT(other, 0));
	EXPECT_GOOD(UNLOAD(host));
}

static void who_leaves_allows(void **state)
{
	struct scsi_nexus *guest = fake_enter(BENCH(state).fake, "iqn.guest");
	settle(guest);
	EXPECT_GOOD(PREVENT(guest, 1));
	EXPECT_SENSE(UNLOAD(BENCH(state).host), SENSE_REMOVAL_PREVENTED);
	fake_leave(guest);
	EXPECT_GOOD(UNLOAD(BENCH(state).host));
}

static void a_reset_allows(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(PREVENT(host, 1));
	scsi_lu_reset(BENCH(state).fake->lu, NULL);
	settle(host);
	EXPECT_GOOD(UNLOAD(host));
}

/* A rewind by LOAD takes nothing out. */
static void a_load_is_not_prevented(void **state)
{
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	EXPECT_GOOD(LOAD(BENCH(state).host));
	EXPECT_GOOD(REWIND(BENCH(state).host));
}

static void operators_see_it(void **state)
{
	struct ssc_drive_status status;
	struct ssc_drive *drive = BENCH(state).fake->tape->drive;
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	ssc_drive_status(drive, &status);
	assert_true(status.removal_prevented);
	EXPECT_GOOD(PREVENT(BENCH(state).host, 0));
	ssc_drive_status(drive, &status);
	assert_false(status.removal_prevented);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(an_unloaded_tape_is_not_ready_and_comes_back),
	ON_BLANK(a_load_is_told_once_to_the_other),
	ON_BLANK(a_load_of_a_loaded_tape_rewinds_it),
	ON_BLANK(what_was_written_lasts_when_it_is_unloaded),
	ON_BLANK(a_held_tape_is_not_ready_and_can_be_loaded),
	ON_BLANK(a_load_to_the_end_of_the_tape_is_refused),
	ON_BLANK(with_immed_it_is_done_too),
	ON_NO_TAPE(without_a_cartridge_there_is_nothing_to_load),
	ON_BLANK(who_prevents_stops_everybody),
	ON_BLANK(one_cannot_allow_for_another),
	ON_BLANK(who_leaves_allows),
	ON_BLANK(a_reset_allows),
	ON_BLANK(a_load_is_not_prevented),
	ON_BLANK(operators_see_it),
};
CONFORMANCE_SUITE("load-unload", tests)
