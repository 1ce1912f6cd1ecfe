/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disc of two sessions and three tracks whose blocks lie in two sources: session 1 holds tracks 1
 * (blocks 0 to 99) and 2 (100 to 149), session 2 track 3 (150 to 199).
 */
#include "cd_check.h"
#include "optical.h"

static const struct disc_track tracks[] = {
	{.number = 1, .session = 1, .control = 4, .data_mode = 1, .first_lba = 0, .blocks = 100},
	{.number = 2, .session = 1, .control = 4, .data_mode = 1, .first_lba = 100, .blocks = 50},
	{.number = 3, .session = 2, .control = 4, .data_mode = 1, .first_lba = 150, .blocks = 50},
};

static struct disc *parts[2];
static struct disc_extent extents[2];
static struct disc disc;

static void not_counted(struct disc *gone)
{
}

static int begin(void **state)
{
	if (bench_cd(state) != 0)
		return -1;
	for (unsigned i = 0; i < 2; i++) {
		parts[i] = fake_disc(120, PROFILE_CD_ROM);
		extents[i] = (struct disc_extent){.first_lba = 110 * i,
			.blocks = i ? 90 : 110,
			.source = parts[i]->extents[0].source,
			.offset = 10 * 2048};
	}
	disc = (struct disc){.profile = PROFILE_CD_ROM,
		.session_count = 2,
		.track_count = 3,
		.tracks = tracks,
		.extent_count = 2,
		.extents = extents,
		.lead_out = 200,
		.layers = 1,
		.destroy = not_counted};
	atomic_init(&disc.references, 1);
	mmc_drive_restore(BENCH(state).fake->drive, &disc, false);
	settle(BENCH(state).host);
	return 0;
}

static int end(void **state)
{
	bench_end(state);
	disc_put(parts[0]);
	disc_put(parts[1]);
	return 0;
}

static void the_toc_lists_every_track(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 255, 0x43, 0, 0, 0, 0, 0, 2, 0, 255), 0, 26, 1, 3, 0,
		0x14, 2, 0, 0, 0, 0, 100, 0, 0x14, 3, 0, 0, 0, 0, 150, 0, 0x14, 0xaa, 0, 0, 0, 0,
		200);
}

/* Linux mounts what this points to. */
static void session_information_points_to_the_last_session(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 12, 0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0x40), 0, 10, 1, 2,
		0, 0x14, 3, 0, 0, 0, 0, 150);
}

static void the_raw_toc_has_each_session(void **state)
{
	const struct fake_answer *all =
		SEND(BENCH(state).host, 255, 0x43, 0, 2, 0, 0, 0, 1, 0, 255);
	EXPECT_LENGTH(all, 4 + 9 * 11);
	EXPECT_U8(all, 4 + 2 * 11 + 3, 0xa2);
	EXPECT_BE24(all, 4 + 2 * 11 + 8, 4 << 8); /* block 150: 00:04:00 */
	const struct fake_answer *second =
		SEND(BENCH(state).host, 255, 0x43, 0, 2, 0, 0, 0, 2, 0, 255);
	EXPECT_LENGTH(second, 4 + 4 * 11);
	EXPECT_U8(second, 4, 2);
	EXPECT_U8(second, 4 + 8, 3);
}

static void disc_information_counts_them(void **state)
{
	const struct fake_answer *answer =
		SEND(BENCH(state).host, 34, 0x51, 0, 0, 0, 0, 0, 0, 0, 34);
	EXPECT_BE32(answer, 3, 0x01020303);
}

static void track_information_finds_each(void **state)
{
	EXPECT_U8(SEND(BENCH(state).host, 48, 0x52, 0, 0, 0, 0, 149, 0, 0, 48), 2, 2);
	EXPECT_U8(SEND(BENCH(state).host, 48, 0x52, 0, 0, 0, 0, 150, 0, 0, 48), 2, 3);
	EXPECT_U8(SEND(BENCH(state).host, 48, 0x52, 2, 0, 0, 0, 2, 0, 0, 48), 2, 3);
	const struct fake_answer *third =
		SEND(BENCH(state).host, 48, 0x52, 1, 0, 0, 0, 3, 0, 0, 48);
	EXPECT_U8(third, 3, 2);
	EXPECT_BE32(third, 8, 150);
	EXPECT_BE32(third, 24, 50);
}

static void a_read_across_two_sources_is_seamless(void **state)
{
	const struct fake_answer *answer = READ_10(BENCH(state).host, 108, 4, 4 * 2048);
	EXPECT_LENGTH(answer, 4 * 2048);
	EXPECT_BE32(answer, 0, 118);
	EXPECT_BE32(answer, 2048, 119);
	EXPECT_BE32(answer, 2 * 2048, 10);
	EXPECT_BE32(answer, 3 * 2048, 11);
}

/* Sectors are made of the blocks of either source, with addresses that go on. */
static void raw_sectors_across_two_sources(void **state)
{
	const struct fake_answer *answer =
		SEND(BENCH(state).host, 4 * 2352, 0xbe, 0, 0, 0, 0, 108, 0, 0, 4, 0xf8, 0, 0);
	static const uint8_t blocks[] = {118, 119, 10, 11};
	EXPECT_LENGTH(answer, 4 * 2352);
	for (unsigned i = 0; i < 4; i++) {
		cd_check_sector(answer->data + i * 2352);
		EXPECT_BE32(answer, i * 2352 + 16, blocks[i]);
	}
	EXPECT_BE32(answer, 12, 0x00033301);
	EXPECT_BE32(answer, 3 * 2352 + 12, 0x00033601);
}

static void the_q_sub_channel_knows_the_tracks(void **state)
{
	const struct fake_answer *answer =
		SEND(BENCH(state).host, 2 * 16, 0xbe, 0, 0, 0, 0, 99, 0, 0, 2, 0, 2, 0);
	EXPECT_LENGTH(answer, 2 * 16);
	EXPECT_BE24(answer, 0, 0x410101);
	EXPECT_BE24(answer, 3, 0x000124);
	EXPECT_BE24(answer, 7, 0x000324);
	EXPECT_BE24(answer, 16, 0x410201);
	EXPECT_BE24(answer, 16 + 3, 0x000000);
	EXPECT_BE24(answer, 16 + 7, 0x000325);
}

static void the_position_is_in_the_track_that_was_read(void **state)
{
	EXPECT_GOOD(READ_10(BENCH(state).host, 150, 3, 3 * 2048));
	EXPECT_DATA(SEND(BENCH(state).host, 255, 0x42, 0, 0x40, 1, 0, 0, 0, 0, 255), 0, 0x15, 0, 12,
		1, 0x14, 3, 1, 0, 0, 0, 152, 0, 0, 0, 2);
	EXPECT_DATA(SEND(BENCH(state).host, 255, 0x42, 0, 0x40, 3, 0, 0, 3, 0, 255), 0, 0x15, 0, 20,
		3, 0x14, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 255, 0x42, 0, 0x40, 3, 0, 0, 4, 0, 255), 6, 7);
}

/*
 * Between the sessions of a real disc lie a lead-out and a lead-in. Here blocks 110 to 149 are
 * gone, and track 2 is shorter for it.
 */
static int begin_with_gap(void **state)
{
	static struct disc_track gap_tracks[3];
	if (begin(state) != 0)
		return -1;
	memcpy(gap_tracks, tracks, sizeof gap_tracks);
	gap_tracks[1].blocks = 10;
	extents[1] = (struct disc_extent){.first_lba = 150,
		.blocks = 50,
		.source = parts[1]->extents[0].source,
		.offset = 10 * 2048};
	disc.tracks = gap_tracks;
	return 0;
}

static void expect_gap(const struct fake_answer *answer, uint64_t first)
{
	EXPECT_SENSE(answer, SENSE_LBA_OUT_OF_RANGE);
	assert_true(answer->sense.information_valid);
	assert_int_equal(answer->sense.information, first);
	assert_int_equal(answer->length, 0);
}

static void no_block_of_a_gap_is_read(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	expect_gap(READ_10(host, 109, 2, 4096), 110);
	expect_gap(READ_10(host, 149, 2, 4096), 149);
	expect_gap(READ_10(host, 100, 60, 60 * 2048), 110);
	expect_gap(SEND(host, 4096, 0xbe, 0, 0, 0, 0, 109, 0, 0, 2, 0xf8, 0, 0), 110);
	expect_gap(SEND(host, 4096, 0xbe, 0, 0, 0, 0, 120, 0, 0, 1, 0, 2, 0), 120);
	expect_gap(SEND(host, 8, 0x44, 0, 0, 0, 0, 120, 0, 0, 8), 120);
	expect_gap(SEND(host, 0, 0x2b, 0, 0, 0, 0, 120), 120);
	expect_gap(SEND_OUT(host, "", 0, 0x2f, 0, 0, 0, 0, 109, 0, 0, 2), 110);
	EXPECT_BE32(READ_10(host, 109, 1, 2048), 0, 119);
	EXPECT_BE32(READ_10(host, 150, 1, 2048), 0, 10);
}

/* Every session's lead-out is where its last track ends. */
static void the_raw_toc_has_two_lead_outs(void **state)
{
	const struct fake_answer *all =
		SEND(BENCH(state).host, 255, 0x43, 0, 2, 0, 0, 0, 1, 0, 255);
	EXPECT_U8(all, 4 + 2 * 11 + 3, 0xa2);
	EXPECT_BE24(all, 4 + 2 * 11 + 8, 0x000323); /* 110: 0 min, 3 s, 35 frames */
	EXPECT_U8(all, 4 + 7 * 11 + 3, 0xa2);
	EXPECT_BE24(all, 4 + 7 * 11 + 8, 0x000432); /* 200: 0 min, 4 s, 50 frames */
}

#define ON_TWO_SESSIONS(test) cmocka_unit_test_setup_teardown(test, begin, end)
#define WITH_GAP(test)        cmocka_unit_test_setup_teardown(test, begin_with_gap, end)

static const struct CMUnitTest tests[] = {
	ON_TWO_SESSIONS(the_toc_lists_every_track),
	ON_TWO_SESSIONS(session_information_points_to_the_last_session),
	ON_TWO_SESSIONS(the_raw_toc_has_each_session),
	ON_TWO_SESSIONS(disc_information_counts_them),
	ON_TWO_SESSIONS(track_information_finds_each),
	ON_TWO_SESSIONS(a_read_across_two_sources_is_seamless),
	ON_TWO_SESSIONS(raw_sectors_across_two_sources),
	ON_TWO_SESSIONS(the_q_sub_channel_knows_the_tracks),
	ON_TWO_SESSIONS(the_position_is_in_the_track_that_was_read),
	WITH_GAP(no_block_of_a_gap_is_read),
	WITH_GAP(the_raw_toc_has_two_lead_outs),
};
CONFORMANCE_SUITE("multi-session", tests)
