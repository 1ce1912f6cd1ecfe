/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon starts again. After a clean stop the drive goes on where it was and says nothing;
 * after a crash it is as after power on, and says so: who took its position for granted would write
 * over data (Linux st does not, after a 29h).
 */
#include "tape_bench.h"

struct restarted {
	struct fake_drive *fake;
	struct scsi_nexus *host;
};

/* What hosts were told: written at a clean stop. */
struct record {
	uint8_t bytes[SCSI_TOLD_MAX];
	size_t length;
};

static struct record written(void **state)
{
	struct record record;
	struct scsi_lu *lu = BENCH(state).fake->lu;
	scsi_lu_lock(lu);
	record.length = scsi_told_encode(lu, record.bytes, sizeof record.bytes);
	scsi_lu_unlock(lu);
	return record;
}

/* NULL: the daemon died. */
static struct restarted restart(void **state, const struct record *record)
{
	struct restarted after = {.fake = fake_tape_restarted(BENCH(state).fake)};
	after.host = fake_nexus(after.fake, "host");
	if (!record)
		return after;
	scsi_lu_lock(after.fake->lu);
	assert_true(scsi_told_decode(after.fake->lu, record->bytes, record->length));
	scsi_lu_unlock(after.fake->lu);
	return after;
}

static void after_a_clean_stop_it_goes_on_where_it_was(void **state)
{
	write_files(BENCH(state).host);
	EXPECT_GOOD(locate(BENCH(state).host, 6));
	struct record record = written(state);
	struct restarted after = restart(state, &record);
	assert_true(ssc_drive_told_matches(after.fake->tape->drive));
	EXPECT_BLOCK(read_block(after.host, FILES_BLOCK, 0), FILES_BLOCK, 6);
	EXPECT_POSITION(after.host, 7);
	fake_drive_destroy(after.fake);
}

static void the_mode_and_prevent_are_kept(void **state)
{
	set_block_length(BENCH(state).host, 512);
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	struct record record = written(state);
	struct restarted after = restart(state, &record);
	assert_true(ssc_drive_told_matches(after.fake->tape->drive));
	EXPECT_GOOD(write_fixed(after.host, 2, 512, 1));
	EXPECT_SENSE(UNLOAD(after.host), SENSE_REMOVAL_PREVENTED);
	fake_drive_destroy(after.fake);
}

/* The filemark of close(2) comes to the new daemon. */
static void who_does_not_know_where_the_tape_is_still_writes_nothing(void **state)
{
	write_files(BENCH(state).host);
	fake_tape_unload(BENCH(state).fake);
	fake_tape_load(BENCH(state).fake, false);
	EXPECT_SENSE(write_block(BENCH(state).host, 100, 1), SENSE_MEDIUM_CHANGED);
	struct record record = written(state);
	struct restarted after = restart(state, &record);
	assert_true(ssc_drive_told_matches(after.fake->tape->drive));
	EXPECT_SENSE(write_marks(after.host, 1, 0), SENSE_COMMAND_SEQUENCE_ERROR);
	EXPECT_GOOD(space_6(after.host, TO_EOD, 0));
	EXPECT_POSITION(after.host, FILES_EOD);
	EXPECT_GOOD(write_marks(after.host, 1, 0));
	fake_drive_destroy(after.fake);
}

/* It was away and was written to: the same, with another end. */
static void a_cartridge_that_was_changed_meanwhile_is_told(void **state)
{
	EXPECT_GOOD(write_block(BENCH(state).host, 100, 1));
	struct record record = written(state);
	EXPECT_GOOD(write_block(BENCH(state).host, 100, 2));
	struct restarted after = restart(state, &record);
	assert_false(ssc_drive_told_matches(after.fake->tape->drive));
	EXPECT_SENSE(read_block(after.host, 100, 0), SENSE_MEDIUM_CHANGED);
	EXPECT_BLOCK(read_block(after.host, 100, 0), 100, 1);
	fake_drive_destroy(after.fake);
}

static void after_a_crash_it_is_as_after_power_on(void **state)
{
	write_files(BENCH(state).host);
	EXPECT_GOOD(locate(BENCH(state).host, 6));
	struct restarted after = restart(state, NULL);
	EXPECT_SENSE(read_block(after.host, FILES_BLOCK, 0), SENSE_POWER_ON);
	EXPECT_POSITION(after.host, 0);
	EXPECT_BLOCK(read_block(after.host, FILES_BLOCK, 0), FILES_BLOCK, 0);
	fake_drive_destroy(after.fake);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(after_a_clean_stop_it_goes_on_where_it_was),
	ON_BLANK(the_mode_and_prevent_are_kept),
	ON_BLANK(who_does_not_know_where_the_tape_is_still_writes_nothing),
	ON_BLANK(a_cartridge_that_was_changed_meanwhile_is_told),
	ON_BLANK(after_a_crash_it_is_as_after_power_on),
};
CONFORMANCE_SUITE("restart", tests)
