/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of udev's cdrom_id (systemd 252), in its order and with its lengths. */
#include "optical.h"

static void with_a_medium(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_LENGTH(SEND(host, 36, 0x12, 0, 0, 0, 36), 36);
	const struct fake_answer *features = SEND(host, 8, 0x46, 0, 0, 0, 0, 0, 0, 0, 8);
	EXPECT_LENGTH(features, 8);
	unsigned length = (unsigned)features->data[2] << 8 | features->data[3];
	EXPECT_LENGTH(
		SEND(host, length, 0x46, 0, 0, 0, 0, 0, 0, length >> 8, length & 0xff), length);
	EXPECT_LENGTH(SEND(host, 12, 0x43, 0, 0, 0, 0, 0, 1, 0, 12, 0), 12);
	EXPECT_LENGTH(SEND(host, 20, 0x43, 0, 0, 0, 0, 0, 1, 0, 20, 0), 20);
	EXPECT_LENGTH(SEND(host, 12, 0x43, 0, 1, 0, 0, 0, 0, 0, 12, 0), 12);
	const struct fake_answer *disc = SEND(host, 32, 0x51, 0, 0, 0, 0, 0, 0, 0, 32);
	EXPECT_LENGTH(disc, 32);
	EXPECT_U8(disc, 2, 0x0e);
	EXPECT_GOOD(PREVENT(host, 1));
}

static void without_a_medium(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_LENGTH(SEND(host, 36, 0x12, 0, 0, 0, 36), 36);
	EXPECT_BE16(SEND(host, 8, 0x46, 0, 0, 0, 0, 0, 0, 0, 8), 6, 0);
	EXPECT_SENSE(SEND(host, 12, 0x43, 0, 0, 0, 0, 0, 1, 0, 12, 0), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(with_a_medium),
	ON_EMPTY(without_a_medium),
};
CONFORMANCE_SUITE("host-udev-cdrom-id", tests)
