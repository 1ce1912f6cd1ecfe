/* SPDX-License-Identifier: Apache-2.0 */
/* A medium is exchanged: absent until told and a dwell has passed, then one 28/00 and one event. */
#include "optical.h"

static void swap_in(void **state)
{
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
}

static void absent_then_one_attention_then_ready(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap_in(state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(host));
	EXPECT_GOOD(TEST_UNIT_READY(host));
	EXPECT_BE32(SEND(host, 8, 0x25), 0, 9);
}

static void the_dwell_counts_from_the_telling(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap_in(state);
	fake_sleep_ms(BENCH(state).fake, 60 * 60 * 1000);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	fake_sleep_ms(BENCH(state).fake, MMC_DWELL_MS_DEFAULT - 1);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	fake_sleep_ms(BENCH(state).fake, 1);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
}

static void a_read_tells_as_well(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap_in(state);
	EXPECT_SENSE(READ_10(host, 0, 1, 2048), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_SENSE(READ_10(host, 0, 1, 2048), SENSE_MEDIUM_CHANGED);
	EXPECT_LENGTH(READ_10(host, 0, 1, 2048), 2048);
}

static void an_event_tells_as_well(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap_in(state);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), MEDIA_REMOVAL, 0x01);
	wait_dwell(*state);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NEW_MEDIA, 0x02);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

static void inquiry_and_configuration_do_not_tell(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap_in(state);
	EXPECT_GOOD(SEND(host, 36, 0x12, 0, 0, 0, 36));
	EXPECT_BE16(SEND(host, 8, 0x46, 0, 0, 0, 0, 0, 0, 0, 8), 6, 0);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
}

static void the_door_counts_as_open_meanwhile(void **state)
{
	swap_in(state);
	EXPECT_U8(SEND(BENCH(state).host, 8, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8), 1, 0x10);
	EXPECT_MEDIA(GET_EVENTS(BENCH(state).host, MEDIA), MEDIA_REMOVAL, 0x01);
}

/* Any blocking open(2) on Linux answers "tray open" with a load. */
static void a_load_meanwhile_is_good_and_cancels_nothing(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap_in(state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	EXPECT_GOOD(LOAD(host));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	assert_int_equal(BENCH(state).fake->requests, 0);
}

/* A slow host's answer to an eject request must not throw out the new medium. */
static void an_eject_meanwhile_is_good_and_ejects_nothing(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap_in(state);
	EXPECT_GOOD(EJECT(host));
	assert_int_equal(BENCH(state).fake->requests, 0);
}

static void who_knew_of_the_absence_sees_the_medium_at_once(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_CLOSED);
	wait_dwell(*state);
	swap_in(state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

static void a_second_swap_before_anybody_looked_is_one(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap_in(state);
	fake_load(BENCH(state).fake, 20, PROFILE_DVD_ROM);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_BE32(SEND(host, 8, 0x25), 0, 19);
}

static void a_change_that_is_cancelled_is_no_event(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	mmc_drive_begin_change(BENCH(state).fake->drive);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_BECOMING_READY);
	mmc_drive_cancel_change(BENCH(state).fake->drive);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NO_CHANGE, 0x02);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

static void nobody_sees_a_medium_that_is_about_to_go(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap_in(state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	mmc_drive_begin_change(BENCH(state).fake->drive);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	mmc_drive_publish(BENCH(state).fake->drive, NULL, false);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void taking_out_leaves_a_closed_empty_drive(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	mmc_drive_publish(BENCH(state).fake->drive, NULL, false);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), MEDIA_REMOVAL, 0x00);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void reads_of_the_old_medium_are_waited_for(void **state)
{
	assert_true(mmc_drive_begin_change(BENCH(state).fake->drive));
}

static const struct CMUnitTest tests[] = {
	ON_DVD(absent_then_one_attention_then_ready),
	ON_DVD(the_dwell_counts_from_the_telling),
	ON_DVD(a_read_tells_as_well),
	ON_DVD(an_event_tells_as_well),
	ON_DVD(inquiry_and_configuration_do_not_tell),
	ON_DVD(the_door_counts_as_open_meanwhile),
	ON_DVD(a_load_meanwhile_is_good_and_cancels_nothing),
	ON_DVD(an_eject_meanwhile_is_good_and_ejects_nothing),
	ON_EMPTY(who_knew_of_the_absence_sees_the_medium_at_once),
	ON_DVD(a_second_swap_before_anybody_looked_is_one),
	ON_DVD(a_change_that_is_cancelled_is_no_event),
	ON_DVD(nobody_sees_a_medium_that_is_about_to_go),
	ON_DVD(taking_out_leaves_a_closed_empty_drive),
	ON_DVD(reads_of_the_old_medium_are_waited_for),
};
CONFORMANCE_SUITE("swap", tests)
