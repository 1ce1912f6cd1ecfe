/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon is replaced by another: a told record that matches makes that invisible, another
 * medium is a swap, and a host the record does not know is new.
 */
#include "optical.h"
#include "util/bytes.h"

enum { SLOW = 1411 }; /* 1000 bytes a second: eight times */

struct record {
	uint8_t bytes[SCSI_TOLD_MAX];
	size_t length;
};

static struct record written(struct fake_drive *fake)
{
	struct record record;
	scsi_lu_lock(fake->lu);
	record.length = scsi_told_encode(fake->lu, record.bytes, sizeof record.bytes);
	scsi_lu_unlock(fake->lu);
	assert_true(record.length > 0);
	return record;
}

/* A disc that has an identity, as one from a file. */
static struct disc *pressing(uint64_t inode)
{
	struct disc *disc = fake_disc(10, PROFILE_DVD_ROM);
	disc->identity = (struct file_identity){.device = 1, .inode = inode, .size = 20480};
	return disc;
}

static struct fake_drive *daemon_with(uint64_t inode, bool tray_open)
{
	struct fake_drive *fake = fake_optical_create(NULL);
	struct disc *disc = inode ? pressing(inode) : NULL;
	mmc_drive_restore(fake->drive, disc, tray_open);
	disc_put(disc);
	return fake;
}

struct second {
	struct fake_drive *fake;
	struct scsi_nexus *host;
	bool matches;
};

static unsigned speed_of(struct scsi_nexus *host)
{
	const struct fake_answer *answer = EXPECT_GOOD(
		SEND(host, 64, 0x5a, 0x08, 0x2a, 0, 0, 0, 0, 0, 64)); /* MODE SENSE(10) */
	return get_be16(answer->data + 8 + 14);
}

/* A first daemon in which the host has seen everything and slowed the drive down, then a second one
 * with its record. */
static struct second after_restart(uint64_t first, uint64_t then, bool tray_open)
{
	struct fake_drive *old = daemon_with(first, false);
	struct scsi_nexus *before = fake_nexus(old, "host");
	settle(before);
	PREVENT(before, 1);
	EXPECT_GOOD(
		SEND(before, 0, 0xbb, 0, SLOW >> 8, SLOW & 0xff, 0xff, 0xff)); /* SET CD SPEED */
	struct record record = written(old);
	fake_drive_destroy(old);

	struct second second = {.fake = daemon_with(then, tray_open)};
	second.host = fake_nexus(second.fake, "host");
	scsi_lu_lock(second.fake->lu);
	assert_true(scsi_told_decode(second.fake->lu, record.bytes, record.length));
	scsi_lu_unlock(second.fake->lu);
	second.matches = mmc_drive_told_matches(second.fake->drive);
	return second;
}

static void the_same_medium_is_silent(void **state)
{
	struct second second = after_restart(7, 7, false);
	assert_true(second.matches);
	EXPECT_GOOD(TEST_UNIT_READY(second.host));
	EXPECT_MEDIA(GET_EVENTS(second.host, MEDIA), NO_CHANGE, 0x02);
	EXPECT_SENSE(EJECT(second.host), SENSE_REMOVAL_PREVENTED);
	assert_int_equal(speed_of(second.host), SLOW);
	fake_drive_destroy(second.fake);
}

static void an_empty_drive_is_silent_too(void **state)
{
	struct second second = after_restart(0, 0, false);
	assert_true(second.matches);
	EXPECT_SENSE(TEST_UNIT_READY(second.host), SENSE_NO_MEDIUM_TRAY_CLOSED);
	fake_drive_destroy(second.fake);
}

static void another_medium_is_a_swap(void **state)
{
	struct second second = after_restart(7, 8, false);
	assert_false(second.matches);
	EXPECT_SENSE(TEST_UNIT_READY(second.host), SENSE_NO_MEDIUM_TRAY_OPEN);
	fake_sleep_ms(second.fake, MMC_DWELL_MS_DEFAULT);
	EXPECT_SENSE(TEST_UNIT_READY(second.host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(second.host));
	assert_int_not_equal(speed_of(second.host), SLOW);
	fake_drive_destroy(second.fake);
}

static void a_medium_that_is_gone_is_a_removal(void **state)
{
	struct second second = after_restart(7, 0, false);
	assert_false(second.matches);
	EXPECT_MEDIA(GET_EVENTS(second.host, MEDIA), MEDIA_REMOVAL, 0x00);
	EXPECT_SENSE(TEST_UNIT_READY(second.host), SENSE_NO_MEDIUM_TRAY_CLOSED);
	fake_drive_destroy(second.fake);
}

static void a_tray_that_is_open_now_is_a_removal(void **state)
{
	struct second second = after_restart(7, 7, true);
	assert_false(second.matches);
	EXPECT_SENSE(TEST_UNIT_READY(second.host), SENSE_NO_MEDIUM_TRAY_OPEN);
	fake_drive_destroy(second.fake);
}

static void a_medium_that_came_meanwhile_is_one_attention(void **state)
{
	struct second second = after_restart(0, 7, false);
	assert_false(second.matches);
	EXPECT_SENSE(TEST_UNIT_READY(second.host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(second.host));
	fake_drive_destroy(second.fake);
}

static void a_swap_that_was_going_on_goes_on(void **state)
{
	struct fake_drive *old = daemon_with(7, false);
	struct scsi_nexus *before = fake_nexus(old, "host");
	settle(before);
	struct disc *disc = pressing(8);
	mmc_drive_publish(old->drive, disc, false);
	disc_put(disc);
	EXPECT_SENSE(TEST_UNIT_READY(before), SENSE_NO_MEDIUM_TRAY_OPEN);
	struct record record = written(old);
	uint64_t now_ns = old->now_ns;
	fake_drive_destroy(old);

	struct fake_drive *fake = daemon_with(8, false);
	fake->now_ns = now_ns;
	struct scsi_nexus *host = fake_nexus(fake, "host");
	assert_true(scsi_told_decode(fake->lu, record.bytes, record.length));
	assert_true(mmc_drive_told_matches(fake->drive));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	fake_sleep_ms(fake, MMC_DWELL_MS_DEFAULT);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	fake_drive_destroy(fake);
}

static void a_host_that_is_not_in_the_record_is_new(void **state)
{
	struct second second = after_restart(7, 7, false);
	struct scsi_nexus *other = fake_nexus(second.fake, "other");
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_POWER_ON);
	EXPECT_GOOD(TEST_UNIT_READY(other));
	fake_drive_destroy(second.fake);
}

static void a_cut_record_leaves_the_hosts_new(void **state)
{
	struct fake_drive *old = daemon_with(7, false);
	settle(fake_nexus(old, "host"));
	struct record record = written(old);
	fake_drive_destroy(old);
	for (size_t length = 0; length < record.length; length++) {
		struct fake_drive *fake = daemon_with(0, false);
		struct scsi_nexus *host = fake_nexus(fake, "host");
		assert_false(scsi_told_decode(fake->lu, record.bytes, length));
		settle(host);
		EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_CLOSED);
		fake_drive_destroy(fake);
	}
}

static void without_a_record_nothing_matches(void **state)
{
	assert_false(mmc_drive_told_matches(BENCH(state).fake->drive));
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_same_medium_is_silent),
	cmocka_unit_test(an_empty_drive_is_silent_too),
	cmocka_unit_test(another_medium_is_a_swap),
	cmocka_unit_test(a_medium_that_is_gone_is_a_removal),
	cmocka_unit_test(a_tray_that_is_open_now_is_a_removal),
	cmocka_unit_test(a_medium_that_came_meanwhile_is_one_attention),
	cmocka_unit_test(a_swap_that_was_going_on_goes_on),
	cmocka_unit_test(a_host_that_is_not_in_the_record_is_new),
	cmocka_unit_test(a_cut_record_leaves_the_hosts_new),
	ON_DVD(without_a_record_nothing_matches),
};
CONFORMANCE_SUITE("restart", tests)
