/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hosts impose on an optical drive, rule by rule; every test says where the rule comes from.
 */
#include "optical.h"

/* Windows' cdrom.sys subtracts 2 and takes less than 4 for a protocol error; dvd+rw-tools read 2
 * as "no event". QEMU and tcmu-runner send 4 and fail here. */
static void rule_1_the_event_data_length_is_six_or_two(void **state)
{
	EXPECT_BE16(GET_EVENTS(BENCH(state).host, MEDIA), 0, 6);
	EXPECT_BE16(GET_EVENTS(BENCH(state).host, 0x40), 0, 2);
}

/* Linux' sr_cd_check codes the format in byte 9, udev's cdrom_id in byte 2, on the same host. */
static void rule_2_read_toc_knows_both_encodings(void **state)
{
	EXPECT_BE16(SEND(BENCH(state).host, 12, 0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0x40), 0, 10);
	EXPECT_BE16(SEND(BENCH(state).host, 12, 0x43, 0, 1, 0, 0, 0, 0, 0, 12, 0), 0, 10);
	EXPECT_BE16(SEND(BENCH(state).host, 12, 0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0), 0, 18);
}

/* Linux' sr_check_events: after more than 8 GESN changes that TEST UNIT READY does not confirm,
 * GESN is ignored for good. So every reported change comes with a change of what TUR says. */
static void rule_3_events_and_readiness_agree(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned mismatches = 0;
	for (unsigned round = 0; round < 20; round++) {
		bool present = TEST_UNIT_READY(host)->status == SCSI_STATUS_GOOD;
		fake_load(BENCH(state).fake, 10 + round, PROFILE_DVD_ROM);
		for (unsigned poll = 0; poll < 4; poll++) {
			const struct fake_answer *events = GET_EVENTS(host, MEDIA);
			bool said =
				events->data[4] == NEW_MEDIA || events->data[4] == MEDIA_REMOVAL;
			const struct fake_answer *ready = TEST_UNIT_READY(host);
			bool attention = ready->sense.code == SENSE_MEDIUM_CHANGED &&
					 ready->status == SCSI_STATUS_CHECK_CONDITION;
			bool now = attention || ready->status == SCSI_STATUS_GOOD;
			mismatches += said && !attention && now == present;
			present = now;
			wait_dwell(*state);
		}
	}
	assert_int_equal(mismatches, 0);
}

/* Linux' scsi_io_completion: a unit attention on a READ is EIO, then all I/O is refused. */
static void rule_4_no_spurious_attention(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	settle(other);
	EXPECT_GOOD(PREVENT(other, 1));
	mmc_drive_request_eject(BENCH(state).fake->drive);
	mmc_drive_begin_change(BENCH(state).fake->drive);
	mmc_drive_cancel_change(BENCH(state).fake->drive);
	EXPECT_LENGTH(READ_10(host, 0, 1, 2048), 2048);
	scsi_nexus_lost(other);
	EXPECT_LENGTH(READ_10(host, 0, 1, 2048), 2048);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

/* systemd's 60-cdrom_id.rules: PREVENT stays set while there is a medium; on EjectRequest udev
 * allows and ejects. Microsoft (T10 reflector 2007-07) wants the request in the locked state. */
static void rule_5_a_locked_drive_reports_the_eject_request(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(PREVENT(host, 1));
	mmc_drive_request_eject(BENCH(state).fake->drive);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), EJECT_REQUEST, 0x02);
	EXPECT_GOOD(PREVENT(host, 0));
	EXPECT_GOOD(EJECT(host));
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), MEDIA_REMOVAL, 0x01);
}

/* ZuluIDE pull request 272, a bus trace of a real drive: Windows 7 and Linux refresh only so. */
static void rule_6_every_eject_is_a_media_removal(void **state)
{
	EXPECT_GOOD(EJECT(BENCH(state).host));
	EXPECT_MEDIA(GET_EVENTS(BENCH(state).host, MEDIA), MEDIA_REMOVAL, 0x01);
	EXPECT_MEDIA(GET_EVENTS(BENCH(state).host, MEDIA), NO_CHANGE, 0x01);
}

/* 86Box 4805: XP ignores "may have changed" unless it saw "not ready"; usbode 40: Explorer. */
static void rule_7_a_swap_is_never_instant(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(host));
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), MEDIA_REMOVAL, 0x02);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NEW_MEDIA, 0x02);
}

/* Linux' open_for_data: door open, so START STOP 03h; the disc that lies on the tray comes back. */
static void rule_8_a_blocking_open_pulls_the_disc_in_again(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(EJECT(host));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	EXPECT_U8(GET_EVENTS(host, MEDIA), 5, 0x01);
	EXPECT_GOOD(LOAD(host));
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(host));
	EXPECT_BE32(SEND(host, 8, 0x25), 0, DISC_BLOCKS - 1);
}

/* Linux' cdrom_get_last_written: start + size of the last track, or what READ CAPACITY says. */
static void rule_9_every_capacity_is_the_same(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct fake_answer *disc = SEND(host, 34, 0x51, 0, 0, 0, 0, 0, 0, 0, 34);
	EXPECT_U8(disc, 6, 1);
	const struct fake_answer *track = SEND(host, 48, 0x52, 1, 0, 0, 0, 1, 0, 0, 48);
	EXPECT_BE32(track, 8, 0);
	EXPECT_BE32(track, 24, DISC_BLOCKS);
	EXPECT_BE32(SEND(host, 8, 0x25), 0, DISC_BLOCKS - 1);
	EXPECT_BE32(SEND(host, 12, 0x43, 0, 0, 0, 0, 0, 0xaa, 0, 12), 8, DISC_BLOCKS);
}

/* Linux' cdrom_open_write and sr's get_capabilities: a reader shows nothing that lets them write.
 */
static void rule_10_nothing_says_writable(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_LENGTH(SEND(host, 64, 0x46, 2, 0, 0x20, 0, 0, 0, 0, 64), 8);
	EXPECT_U8(SEND(host, 64, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 64), 8 + 3, 0);
	EXPECT_U8(SEND(host, 34, 0x51, 0, 0, 0, 0, 0, 0, 0, 34), 2, 0x0e);
	EXPECT_SENSE(SEND(host, 0, 0x2a), SENSE_INVALID_OPCODE);
}

/* Linux' sr_done: the bad block is taken from INFORMATION, only when VALID (read_errors.c has the
 * medium errors). */
static void rule_11_an_address_error_has_information(void **state)
{
	uint8_t encoded[SCSI_SENSE_MAX];
	const struct fake_answer *answer = READ_10(BENCH(state).host, DISC_BLOCKS - 1, 2, 4096);
	EXPECT_SENSE(answer, SENSE_LBA_OUT_OF_RANGE);
	scsi_sense_encode(&answer->sense, false, encoded);
	assert_int_equal(encoded[0], 0xf0);
	assert_int_equal(encoded[5] << 8 | encoded[6], DISC_BLOCKS);
}

/* udisks 849: what is on the medium has changed only if there is an event. Nothing burns here; the
 * one way contents change is a new medium, of the same image too. */
static void rule_12_new_contents_are_an_event(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fake_load(BENCH(state).fake, DISC_BLOCKS, PROFILE_DVD_ROM);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), MEDIA_REMOVAL, 0x01);
	wait_dwell(*state);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NEW_MEDIA, 0x02);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(rule_1_the_event_data_length_is_six_or_two),
	ON_DVD(rule_2_read_toc_knows_both_encodings),
	ON_DVD(rule_3_events_and_readiness_agree),
	ON_DVD(rule_4_no_spurious_attention),
	ON_DVD(rule_5_a_locked_drive_reports_the_eject_request),
	ON_DVD(rule_6_every_eject_is_a_media_removal),
	ON_DVD(rule_7_a_swap_is_never_instant),
	ON_DVD(rule_8_a_blocking_open_pulls_the_disc_in_again),
	ON_DVD(rule_9_every_capacity_is_the_same),
	ON_DVD(rule_10_nothing_says_writable),
	ON_DVD(rule_11_an_address_error_has_information),
	ON_DVD(rule_12_new_contents_are_an_event),
};
CONFORMANCE_SUITE("twelve-rules", tests)
