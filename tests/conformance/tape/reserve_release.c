/* SPDX-License-Identifier: Apache-2.0 */
/* SPC-2 reservations between two hosts, which backup programs share a drive by. */
#include "tape_bench.h"

static const uint8_t reserve[] = {0x16, 0x56}, release[] = {0x17, 0x57};

static void a_reserved_drive_is_not_for_others(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	EXPECT_GOOD(write_block(host, 100, 1));
	for (size_t i = 0; i < 2; i++) {
		EXPECT_GOOD(SEND(host, 0, reserve[i]));
		EXPECT_CONFLICT(TEST_UNIT_READY(other));
		EXPECT_CONFLICT(REWIND(other));
		EXPECT_CONFLICT(write_block(other, 100, 2));
		EXPECT_CONFLICT(write_marks(other, 1, 0));
		EXPECT_CONFLICT(read_block(other, 100, 0));
		EXPECT_CONFLICT(space_6(other, BLOCKS, -1));
		EXPECT_CONFLICT(locate(other, 0));
		EXPECT_CONFLICT(ERASE(other));
		EXPECT_CONFLICT(UNLOAD(other));
		EXPECT_CONFLICT(PREVENT(other, 1));
		EXPECT_CONFLICT(SEND(other, 12, 0x1a, 0, 0, 0, 12));
		EXPECT_CONFLICT(SEND(other, 0, reserve[i]));
		EXPECT_POSITION(host, 1);
		EXPECT_GOOD(SEND(host, 0, release[i]));
		EXPECT_GOOD(TEST_UNIT_READY(other));
	}
}

/* SPC-2 5.5.1, table 10. */
static void what_only_looks_is_allowed(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	EXPECT_GOOD(SEND(host, 0, 0x16));
	EXPECT_GOOD(SEND(other, 36, 0x12, 0, 0, 0, 36));
	EXPECT_GOOD(SEND(other, 18, 0x03, 0, 0, 0, 18));
	EXPECT_GOOD(SEND(other, 16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16));
	EXPECT_GOOD(SEND(other, 64, 0x4d, 0, 0x40, 0, 0, 0, 0, 0, 64));
	EXPECT_GOOD(SEND(other, 0, 0x17));
	EXPECT_CONFLICT(TEST_UNIT_READY(other)); /* that released nothing */
}

static void it_goes_with_its_host(void **state)
{
	struct scsi_nexus *guest = fake_enter(BENCH(state).fake, "iqn.guest");
	settle(guest);
	EXPECT_GOOD(SEND(guest, 0, 0x16));
	EXPECT_CONFLICT(TEST_UNIT_READY(BENCH(state).host));
	fake_leave(guest);
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

static void a_reset_releases(void **state)
{
	struct scsi_nexus *other = other_host(state);
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x16));
	scsi_lu_reset(BENCH(state).fake->lu, NULL);
	settle(other);
	EXPECT_GOOD(TEST_UNIT_READY(other));
}

/* It is the drive's, not the cartridge's. */
static void it_outlives_the_cartridge(void **state)
{
	struct scsi_nexus *other = other_host(state);
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x16));
	fake_tape_unload(BENCH(state).fake);
	fake_tape_load(BENCH(state).fake, false);
	settle(other);
	EXPECT_CONFLICT(TEST_UNIT_READY(other));
}

static void third_parties_are_refused(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, reserve[i], 0x10), 1, 4);
		EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, release[i], 0x10), 1, 4);
	}
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(a_reserved_drive_is_not_for_others),
	ON_BLANK(what_only_looks_is_allowed),
	ON_BLANK(it_goes_with_its_host),
	ON_BLANK(a_reset_releases),
	ON_BLANK(it_outlives_the_cartridge),
	ON_BLANK(third_parties_are_refused),
};
CONFORMANCE_SUITE("reserve-release", tests)
