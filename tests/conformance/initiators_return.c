/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An initiator whose session ended returns, by a new connection or to a new daemon: it finds
 * exactly what it missed. Nothing, when the medium did not change; Linux fails a mounted disc at
 * any unit attention.
 */
#include "optical.h"

static struct scsi_nexus *enter(void **state, const char *name)
{
	struct scsi_nexus *nexus = fake_enter(BENCH(state).fake, name);
	assert_non_null(nexus);
	return nexus;
}

/* One that has looked at the disc and left. */
static void was_here(void **state)
{
	struct scsi_nexus *nexus = enter(state, "iqn.host");
	EXPECT_SENSE(TEST_UNIT_READY(nexus), SENSE_POWER_ON);
	settle(nexus);
	EXPECT_GOOD(TEST_UNIT_READY(nexus));
	fake_leave(nexus);
}

static struct mmc_drive_status look(void **state)
{
	struct mmc_drive_status status;
	mmc_drive_status(BENCH(state).fake->drive, &status);
	disc_put(status.disc);
	return status;
}

static void an_unchanged_medium_is_silent(void **state)
{
	was_here(state);
	struct scsi_nexus *nexus = enter(state, "iqn.host");
	EXPECT_GOOD(READ_10(nexus, 0, 1, 2048));
	EXPECT_MEDIA(GET_EVENTS(nexus, MEDIA), NO_CHANGE, 0x02);
}

static void a_swap_meanwhile_is_told_in_full(void **state)
{
	was_here(state);
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	struct scsi_nexus *nexus = enter(state, "iqn.host");
	EXPECT_SENSE(READ_10(nexus, 0, 1, 2048), SENSE_NO_MEDIUM_TRAY_OPEN);
	EXPECT_MEDIA(GET_EVENTS(nexus, MEDIA), MEDIA_REMOVAL, 0x01);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(nexus), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(nexus));
	EXPECT_MEDIA(GET_EVENTS(nexus, MEDIA), NEW_MEDIA, 0x02);
	EXPECT_MEDIA(GET_EVENTS(nexus, MEDIA), NO_CHANGE, 0x02);
}

static void a_disc_that_was_out_meanwhile_is_a_swap_too(void **state)
{
	was_here(state);
	mmc_drive_move_tray(BENCH(state).fake->drive, true);
	mmc_drive_move_tray(BENCH(state).fake->drive, false);
	struct scsi_nexus *nexus = enter(state, "iqn.host");
	EXPECT_SENSE(TEST_UNIT_READY(nexus), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(nexus), SENSE_MEDIUM_CHANGED);
}

static void an_unknown_initiator_is_new(void **state)
{
	was_here(state);
	struct scsi_nexus *nexus = enter(state, "iqn.other");
	EXPECT_SENSE(TEST_UNIT_READY(nexus), SENSE_POWER_ON);
	EXPECT_GOOD(TEST_UNIT_READY(nexus));
}

static void nobody_waits_for_who_is_away(void **state)
{
	was_here(state);
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	TEST_UNIT_READY(BENCH(state).host);
	wait_dwell(*state);
	TEST_UNIT_READY(BENCH(state).host);
	struct mmc_drive_status status = look(state);
	assert_true(status.all_told);
	assert_int_equal(status.nexus_count, 1);
}

static void who_leaves_in_mid_swap_is_not_waited_for(void **state)
{
	struct scsi_nexus *nexus = enter(state, "iqn.host");
	settle(nexus);
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	TEST_UNIT_READY(BENCH(state).host);
	wait_dwell(*state);
	TEST_UNIT_READY(BENCH(state).host);
	assert_false(look(state).all_told);
	unsigned before = BENCH(state).fake->told_events;
	fake_leave(nexus);
	assert_true(look(state).all_told);
	assert_int_equal(BENCH(state).fake->told_events, before + 1);
}

static void a_lock_goes_with_its_session(void **state)
{
	struct scsi_nexus *nexus = enter(state, "iqn.host");
	settle(nexus);
	EXPECT_GOOD(PREVENT(nexus, 1));
	EXPECT_SENSE(EJECT(BENCH(state).host), SENSE_REMOVAL_PREVENTED);
	unsigned before = BENCH(state).fake->allowed_events;
	fake_leave(nexus);
	assert_int_equal(BENCH(state).fake->allowed_events, before + 1);
	assert_false(look(state).removal_prevented);
	EXPECT_GOOD(EJECT(BENCH(state).host));
}

static void an_eject_request_is_not_kept_for_who_is_away(void **state)
{
	was_here(state);
	mmc_drive_request_eject(BENCH(state).fake->drive);
	EXPECT_MEDIA(GET_EVENTS(BENCH(state).host, MEDIA), EJECT_REQUEST, 0x02);
	struct scsi_nexus *nexus = enter(state, "iqn.host");
	EXPECT_MEDIA(GET_EVENTS(nexus, MEDIA), NO_CHANGE, 0x02);
}

static void a_reset_meanwhile_is_silent(void **state)
{
	was_here(state);
	scsi_lu_reset(BENCH(state).fake->lu, NULL);
	struct scsi_nexus *nexus = enter(state, "iqn.host");
	EXPECT_GOOD(TEST_UNIT_READY(nexus));
}

/* ---- a new daemon ---------------------------------------------------------------------------- */

/* The drive of a daemon that has just started, and has the old one's record. */
static struct fake_drive *new_daemon(void **state, uint64_t inode)
{
	static uint8_t record[SCSI_TOLD_MAX];
	struct fake_drive *old = BENCH(state).fake, *fake = fake_optical_create(NULL);
	scsi_lu_lock(old->lu);
	size_t length = scsi_told_encode(old->lu, record, sizeof record);
	scsi_lu_unlock(old->lu);
	struct disc *disc = fake_disc(DISC_BLOCKS, PROFILE_DVD_ROM);
	disc->identity.inode = inode;
	mmc_drive_restore(fake->drive, disc, false);
	disc_put(disc);
	scsi_lu_lock(fake->lu);
	assert_true(scsi_told_decode(fake->lu, record, length));
	scsi_lu_unlock(fake->lu);
	assert_int_equal(mmc_drive_told_matches(fake->drive), inode == 0);
	return fake;
}

static void a_killed_daemon_and_the_same_medium_are_silent(void **state)
{
	struct scsi_nexus *nexus = enter(state, "iqn.host");
	settle(nexus);
	EXPECT_GOOD(TEST_UNIT_READY(nexus));
	struct fake_drive *fake = new_daemon(state, 0);
	nexus = fake_enter(fake, "iqn.host");
	EXPECT_GOOD(READ_10(nexus, 0, 1, 2048));
	fake_drive_destroy(fake);
}

static void a_killed_daemon_and_another_medium_are_a_swap(void **state)
{
	was_here(state);
	struct fake_drive *fake = new_daemon(state, 4711);
	struct scsi_nexus *nexus = fake_enter(fake, "iqn.host");
	EXPECT_SENSE(TEST_UNIT_READY(nexus), SENSE_NO_MEDIUM_TRAY_OPEN);
	fake_sleep_ms(fake, MMC_DWELL_MS_DEFAULT);
	EXPECT_SENSE(TEST_UNIT_READY(nexus), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(nexus));
	fake_drive_destroy(fake);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(an_unchanged_medium_is_silent),
	ON_DVD(a_swap_meanwhile_is_told_in_full),
	ON_DVD(a_disc_that_was_out_meanwhile_is_a_swap_too),
	ON_DVD(an_unknown_initiator_is_new),
	ON_DVD(nobody_waits_for_who_is_away),
	ON_DVD(who_leaves_in_mid_swap_is_not_waited_for),
	ON_DVD(a_lock_goes_with_its_session),
	ON_DVD(an_eject_request_is_not_kept_for_who_is_away),
	ON_DVD(a_reset_meanwhile_is_silent),
	ON_DVD(a_killed_daemon_and_the_same_medium_are_silent),
	ON_DVD(a_killed_daemon_and_another_medium_are_a_swap),
};
CONFORMANCE_SUITE("initiators-return", tests)
