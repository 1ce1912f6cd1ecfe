/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

static const uint8_t reserve[] = {0x16, 0x56}, release[] = {0x17, 0x57};

static struct scsi_nexus *other_nexus(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	settle(other);
	return other;
}

static void a_reserved_drive_is_not_for_others(void **state)
{
	struct scsi_nexus *other = other_nexus(state);
	for (size_t i = 0; i < 2; i++) {
		EXPECT_GOOD(SEND(BENCH(state).host, 0, reserve[i]));
		EXPECT_CONFLICT(TEST_UNIT_READY(other));
		EXPECT_CONFLICT(READ_10(other, 0, 1, 2048));
		EXPECT_CONFLICT(SEND(other, 0, reserve[i]));
		EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
		EXPECT_GOOD(SEND(BENCH(state).host, 0, release[i]));
		EXPECT_GOOD(TEST_UNIT_READY(other));
	}
}

static void what_only_looks_is_allowed(void **state)
{
	struct scsi_nexus *other = other_nexus(state);
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x16));
	EXPECT_GOOD(SEND(other, 36, 0x12, 0, 0, 0, 36));
	EXPECT_GOOD(SEND(other, 18, 0x03, 0, 0, 0, 18));
	EXPECT_GOOD(SEND(other, 16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16));
	EXPECT_GOOD(SEND(other, 8, 0x46, 0, 0, 0, 0, 0, 0, 0, 8));
	EXPECT_GOOD(GET_EVENTS(other, MEDIA));
}

static void others_may_allow_removal(void **state)
{
	struct scsi_nexus *other = other_nexus(state);
	EXPECT_GOOD(PREVENT(other, 1));
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x16));
	EXPECT_CONFLICT(PREVENT(other, 1));
	EXPECT_GOOD(PREVENT(other, 0));
	EXPECT_GOOD(PREVENT(BENCH(state).host, 0));
}

static void a_release_by_others_does_nothing(void **state)
{
	struct scsi_nexus *other = other_nexus(state);
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x16));
	EXPECT_GOOD(SEND(other, 0, 0x17));
	EXPECT_CONFLICT(TEST_UNIT_READY(other));
}

static void a_reset_and_a_lost_nexus_release(void **state)
{
	struct scsi_nexus *other = other_nexus(state);
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x56));
	scsi_nexus_lost(BENCH(state).host);
	EXPECT_GOOD(TEST_UNIT_READY(other));
	settle(BENCH(state).host);
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x56));
	scsi_lu_reset(BENCH(state).fake->lu, NULL);
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_DEVICE_RESET);
	EXPECT_GOOD(TEST_UNIT_READY(other));
}

static void third_parties_are_refused(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, reserve[i], 0x10), 1, 4);
		EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, release[i], 0x10), 1, 4);
	}
}

static const struct CMUnitTest tests[] = {
	ON_DVD(a_reserved_drive_is_not_for_others),
	ON_DVD(what_only_looks_is_allowed),
	ON_DVD(others_may_allow_removal),
	ON_DVD(a_release_by_others_does_nothing),
	ON_DVD(a_reset_and_a_lost_nexus_release),
	ON_DVD(third_parties_are_refused),
};
CONFORMANCE_SUITE("reserve-release", tests)
