/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of Linux' sr and cdrom drivers (6.1): probe, poll, open, mount. */
#include "optical.h"

static void probe(void **state)
{
	struct scsi_nexus *host = fake_nexus(BENCH(state).fake, "sr0");
	EXPECT_LENGTH(SEND(host, 36, 0x12, 0, 0, 0, 36), 36);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_POWER_ON);
	EXPECT_GOOD(TEST_UNIT_READY(host));
	const struct fake_answer *page = SEND(host, 128, 0x1a, 0x08, 0x2a, 0, 128);
	EXPECT_U8(page, 4, 0x2a);
	EXPECT_U8(page, 3, 0);
	EXPECT_U8(page, 4 + 6, 0x29);
	EXPECT_LENGTH(SEND(host, 16, 0x46, 2, 0, 0x20, 0, 0, 0, 0, 16), 8);
	EXPECT_BE32(SEND(host, 8, 0x25), 4, 2048);
}

static void poll_every_two_seconds(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned i = 0; i < 30; i++) {
		EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NO_CHANGE, 0x02);
		EXPECT_GOOD(TEST_UNIT_READY(host));
		fake_sleep_ms(BENCH(state).fake, 2000);
	}
}

/* cdrom_count_tracks, cdrom_mmc3_profile, sr_cd_check, cdrom_get_last_written. */
static void open_and_mount(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(TEST_UNIT_READY(host));
	EXPECT_DATA(SEND(host, 12, 0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0), 0, 18, 1, 1, 0, 0x14, 1, 0, 0,
		0, 0, 0);
	EXPECT_U8(SEND(host, 12, 0x43, 2, 0, 0, 0, 0, 1, 0, 12, 0), 5, 0x14);
	EXPECT_BE16(SEND(host, 32, 0x46, 0, 0, 0, 0, 0, 0, 0, 32), 6, PROFILE_DVD_ROM);
	EXPECT_GOOD(PREVENT(host, 1));
	EXPECT_BE32(SEND(host, 12, 0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0x40), 8, 0);
	EXPECT_BE16(SEND(host, 2, 0x51, 0, 0, 0, 0, 0, 0, 0, 2), 0, 32);
	EXPECT_BE16(SEND(host, 8, 0x52, 1, 0, 0, 0, 1, 0, 0, 8), 0, 46);
	EXPECT_LENGTH(READ_10(host, 16, 1, 2048), 2048);
}

/* eject(1): a poll afterwards finds the change, another open pulls the disc in again. */
static void eject_and_open_again(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(PREVENT(host, 0));
	EXPECT_GOOD(EJECT(host));
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), MEDIA_REMOVAL, 0x01);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	fake_sleep_ms(BENCH(state).fake, 2000);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NO_CHANGE, 0x01);
	EXPECT_GOOD(LOAD(host));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

static const struct CMUnitTest tests[] = {
	ON_DVD(probe),
	ON_DVD(poll_every_two_seconds),
	ON_DVD(open_and_mount),
	ON_DVD(eject_and_open_again),
};
CONFORMANCE_SUITE("host-linux-sr", tests)
