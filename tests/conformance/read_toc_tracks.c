/* SPDX-License-Identifier: Apache-2.0 */
/* READ TOC/PMA/ATIP, format 0000b: the tracks and the lead-out. */
#include "optical.h"

#define TOC(nexus, msf, track, length)                                                             \
	SEND(nexus, 512, 0x43, (msf) << 1, 0, 0, 0, 0, (track), 0, (length), 0)

static void one_data_track_and_the_lead_out(void **state)
{
	EXPECT_DATA(TOC(BENCH(state).host, 0, 0, 255), 0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0,
		0x14, 0xaa, 0, 0, 0, 0x03, 0xe8);
}

static void track_one_is_the_same(void **state)
{
	EXPECT_LENGTH(TOC(BENCH(state).host, 0, 1, 255), 20);
}

/* Block 0 is 00:02:00; block 1000 is 1150 frames after the start, 00:15:25. */
static void addresses_as_minutes_seconds_frames(void **state)
{
	EXPECT_DATA(TOC(BENCH(state).host, 1, 0, 255), 0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 2, 0, 0,
		0x14, 0xaa, 0, 0, 0, 15, 25);
}

static void the_lead_out_alone(void **state)
{
	EXPECT_DATA(TOC(BENCH(state).host, 0, 0xaa, 255), 0, 10, 1, 1, 0, 0x14, 0xaa, 0, 0, 0, 0x03,
		0xe8);
}

static void a_track_behind_the_last_is_refused(void **state)
{
	EXPECT_INVALID_CDB(TOC(BENCH(state).host, 0, 2, 255), 6, 7);
	EXPECT_INVALID_CDB(TOC(BENCH(state).host, 0, 0xab, 255), 6, 7);
}

/* Linux counts the tracks of every disc with MSF=1, also of a DVD far beyond minute 255. */
static void what_msf_cannot_say_is_shown_as_the_largest(void **state)
{
	struct fake_drive *fake = fake_optical_create(NULL);
	struct disc *disc = fake_disc(16, PROFILE_DVD_ROM);
	disc->lead_out = 2000000;
	mmc_drive_restore(fake->drive, disc, false);
	disc_put(disc);
	struct scsi_nexus *host = fake_nexus(fake, "host");
	settle(host);
	EXPECT_BE32(TOC(host, 1, 0xaa, 255), 8, 255 << 16 | 59 << 8 | 74);
	fake_drive_destroy(fake);
}

static void the_header_alone_tells_the_whole_length(void **state)
{
	EXPECT_DATA(TOC(BENCH(state).host, 0, 0, 4), 0, 18, 1, 1);
	EXPECT_LENGTH(TOC(BENCH(state).host, 0, 0, 0), 0);
}

static void an_empty_drive_has_no_tracks(void **state)
{
	EXPECT_SENSE(TOC(BENCH(state).host, 0, 0, 255), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static const struct CMUnitTest tests[] = {
	ON_CD(one_data_track_and_the_lead_out),
	ON_DVD(track_one_is_the_same),
	ON_CD(addresses_as_minutes_seconds_frames),
	ON_CD(the_lead_out_alone),
	ON_CD(a_track_behind_the_last_is_refused),
	ON_CD(what_msf_cannot_say_is_shown_as_the_largest),
	ON_CD(the_header_alone_tells_the_whole_length),
	ON_EMPTY(an_empty_drive_has_no_tracks),
};
CONFORMANCE_SUITE("read-toc-tracks", tests)
