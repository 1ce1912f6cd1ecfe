/* SPDX-License-Identifier: Apache-2.0 */
/*
 * READ CD and READ CD MSF: every selection of the main channel with every C2 field and every
 * sub-channel. What they return is held against one whole sector and its sub-channels, which
 * read_cd.c looks at closely.
 */
#include "optical.h"

enum { SECTOR = 2352, LBA = 40, BLOCKS = 2, PARTS_MAX = SECTOR + 296 + 96 };

/*
 * What every selection of a mode 1 sector returns (MMC-6 6.20, "number of bytes returned"; CDEmu
 * and libcdio agree on the lengths). 0: it is illegal. A sub-header is not there.
 */
static const struct selection {
	uint8_t fields;
	bool legal;
	uint16_t length, from;
} selections[] = {
	{0x00, true, 0, 0},
	{0x08, false, 0, 0},
	{0x10, true, 2048, 16},
	{0x18, true, 2336, 16},
	{0x20, true, 4, 12},
	{0x28, false, 0, 0},
	{0x30, true, 2052, 12},
	{0x38, true, 2340, 12},
	{0x40, true, 0, 0},
	{0x48, false, 0, 0},
	{0x50, true, 2048, 16},
	{0x58, true, 2336, 16},
	{0x60, true, 4, 12},
	{0x68, false, 0, 0},
	{0x70, true, 2052, 12},
	{0x78, true, 2340, 12},
	{0x80, true, 12, 0},
	{0x88, false, 0, 0},
	{0x90, false, 0, 0},
	{0x98, false, 0, 0},
	{0xa0, true, 16, 0},
	{0xa8, false, 0, 0},
	{0xb0, true, 2064, 0},
	{0xb8, true, 2352, 0},
	{0xc0, false, 0, 0},
	{0xc8, false, 0, 0},
	{0xd0, false, 0, 0},
	{0xd8, false, 0, 0},
	{0xe0, true, 16, 0},
	{0xe8, false, 0, 0},
	{0xf0, true, 2064, 0},
	{0xf8, true, 2352, 0},
};

enum { SELECTIONS = sizeof selections / sizeof selections[0] };

/* The parts of LBA and the block behind it, each read alone. */
struct parts {
	uint8_t main[BLOCKS * SECTOR];
	uint8_t sub[BLOCKS * 96];
	unsigned sub_length;
};

static const struct fake_answer *read_cd(struct scsi_nexus *host, unsigned fields, unsigned sub)
{
	return SEND(host, BLOCKS * PARTS_MAX, 0xbe, 0, 0, 0, 0, LBA, 0, 0, BLOCKS, fields, sub, 0);
}

/* LBA 40 is 00:02:40. */
static const struct fake_answer *read_cd_msf(struct scsi_nexus *host, unsigned fields, unsigned sub)
{
	return SEND(host, BLOCKS * PARTS_MAX, 0xb9, 0, 0, 0, 2, LBA, 0, 2, LBA + BLOCKS, fields,
		sub, 0);
}

static void read_parts(struct scsi_nexus *host, unsigned sub, struct parts *ret)
{
	const struct fake_answer *main = read_cd(host, 0xf8, 0);
	EXPECT_LENGTH(main, sizeof ret->main);
	memcpy(ret->main, main->data, sizeof ret->main);
	ret->sub_length = sub == 0 ? 0 : sub == 2 ? 16 : 96;
	const struct fake_answer *alone = read_cd(host, 0, sub);
	EXPECT_LENGTH(alone, BLOCKS * ret->sub_length);
	memcpy(ret->sub, alone->data, BLOCKS * ret->sub_length);
}

/* Main channel, C2 error pointers, sub-channel; block by block. */
static void expect_parts(const struct fake_answer *answer, const struct parts *parts,
	const struct selection *selection, unsigned c2_length)
{
	static const uint8_t no_errors[296];
	unsigned block_length = selection->length + c2_length + parts->sub_length;
	EXPECT_LENGTH(answer, BLOCKS * block_length);
	for (unsigned i = 0; i < BLOCKS; i++) {
		const uint8_t *block = answer->data + i * block_length;
		assert_memory_equal(
			block, parts->main + i * SECTOR + selection->from, selection->length);
		block += selection->length;
		assert_memory_equal(block, no_errors, c2_length);
		assert_memory_equal(
			block + c2_length, parts->sub + i * parts->sub_length, parts->sub_length);
	}
}

static void expect_every_selection_with(struct scsi_nexus *host, unsigned sub)
{
	static const uint16_t c2_lengths[] = {0, 294, 296};
	struct parts parts;
	read_parts(host, sub, &parts);
	for (unsigned i = 0; i < SELECTIONS; i++)
		for (unsigned c2 = 0; c2 < 3 && selections[i].legal; c2++) {
			unsigned fields = selections[i].fields | c2 << 1;
			expect_parts(
				read_cd(host, fields, sub), &parts, &selections[i], c2_lengths[c2]);
			expect_parts(read_cd_msf(host, fields, sub), &parts, &selections[i],
				c2_lengths[c2]);
		}
}

static void without_a_sub_channel(void **state)
{
	expect_every_selection_with(BENCH(state).host, 0);
}

static void with_raw_sub_channels(void **state)
{
	expect_every_selection_with(BENCH(state).host, 1);
}

static void with_q(void **state)
{
	expect_every_selection_with(BENCH(state).host, 2);
}

static void with_r_to_w(void **state)
{
	expect_every_selection_with(BENCH(state).host, 4);
}

static void illegal_selections_are_refused_whatever_comes_with_them(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned i = 0; i < SELECTIONS; i++)
		for (unsigned c2 = 0; c2 < 4 && !selections[i].legal; c2++) {
			unsigned fields = selections[i].fields | c2 << 1;
			EXPECT_INVALID_CDB(read_cd(host, fields, c2), 9, 7);
			EXPECT_INVALID_CDB(read_cd_msf(host, fields, c2), 9, 7);
		}
}

static void a_reserved_c2_field_is_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned i = 0; i < SELECTIONS; i++) {
		if (!selections[i].legal)
			continue;
		EXPECT_INVALID_CDB(read_cd(host, selections[i].fields | 0x06, 0), 9, 2);
		EXPECT_INVALID_CDB(read_cd_msf(host, selections[i].fields | 0x06, 2), 9, 2);
	}
}

static void reserved_sub_channels_are_refused(void **state)
{
	static const uint8_t reserved[] = {3, 5, 6, 7};
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned i = 0; i < sizeof reserved; i++) {
		EXPECT_INVALID_CDB(read_cd(host, 0xf8, reserved[i]), 10, 2);
		EXPECT_INVALID_CDB(read_cd(host, 0x00, reserved[i]), 10, 2);
		EXPECT_INVALID_CDB(read_cd_msf(host, 0x12, reserved[i]), 10, 2);
	}
}

static const struct CMUnitTest tests[] = {
	ON_CD(without_a_sub_channel),
	ON_CD(with_raw_sub_channels),
	ON_CD(with_q),
	ON_CD(with_r_to_w),
	ON_CD(illegal_selections_are_refused_whatever_comes_with_them),
	ON_CD(a_reserved_c2_field_is_refused),
	ON_CD(reserved_sub_channels_are_refused),
};
CONFORMANCE_SUITE("read-cd-fields", tests)
