/* SPDX-License-Identifier: Apache-2.0 */
/* Page 2Ah: without it Linux takes the drive for "scsi-1" and masks DVD. */
#include "optical.h"

static const struct fake_answer *page_2a(struct scsi_nexus *nexus)
{
	return SEND(nexus, 255, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 255);
}

enum { PAGE = 8 };

static void a_dvd_drive_reads_dvd_and_writes_nothing(void **state)
{
	const struct fake_answer *answer = page_2a(BENCH(state).host);
	EXPECT_U8(answer, PAGE + 2, 0x08);
	EXPECT_U8(answer, PAGE + 3, 0x00);
}

static void a_cd_drive_does_not_read_dvd(void **state)
{
	struct fake_drive *fake =
		fake_optical_create(&(struct fake_optical_setup){.personality = "cd-rom"});
	struct scsi_nexus *host = fake_nexus(fake, "host");
	settle(host);
	EXPECT_U8(page_2a(host), PAGE + 2, 0x00);
	fake_drive_destroy(fake);
}

static void a_tray_that_ejects_and_locks(void **state)
{
	EXPECT_U8(page_2a(BENCH(state).host), PAGE + 6, 0x29);
}

static void the_lock_state_follows_prevent(void **state)
{
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	EXPECT_U8(page_2a(BENCH(state).host), PAGE + 6, 0x2b);
	EXPECT_GOOD(PREVENT(BENCH(state).host, 0));
	EXPECT_U8(page_2a(BENCH(state).host), PAGE + 6, 0x29);
}

static void it_does_not_play_audio(void **state)
{
	EXPECT_U8(page_2a(BENCH(state).host), PAGE + 5, 0x10); /* C2 pointers; no CD-DA */
}

static void the_speed_is_that_of_the_medium(void **state)
{
	EXPECT_BE16(page_2a(BENCH(state).host), PAGE + 8, 22160);
	EXPECT_BE16(page_2a(BENCH(state).host), PAGE + 14, 22160);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(a_dvd_drive_reads_dvd_and_writes_nothing),
	ON_DVD(a_cd_drive_does_not_read_dvd),
	ON_DVD(a_tray_that_ejects_and_locks),
	ON_DVD(the_lock_state_follows_prevent),
	ON_DVD(it_does_not_play_audio),
	ON_DVD(the_speed_is_that_of_the_medium),
};
CONFORMANCE_SUITE("mode-page-2a", tests)
