/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

static bool prevented(struct bench *bench)
{
	struct mmc_drive_status status;
	mmc_drive_status(bench->fake->drive, &status);
	disc_put(status.disc);
	return status.removal_prevented;
}

static void prevent_and_allow(void **state)
{
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	assert_true(prevented(*state));
	EXPECT_GOOD(PREVENT(BENCH(state).host, 0));
	assert_false(prevented(*state));
	assert_int_equal(BENCH(state).fake->allowed_events, 1);
}

static void persistent_prevent_has_its_own_state(void **state)
{
	EXPECT_GOOD(PREVENT(BENCH(state).host, 3));
	EXPECT_GOOD(PREVENT(BENCH(state).host, 0));
	assert_true(prevented(*state));
	EXPECT_GOOD(PREVENT(BENCH(state).host, 2));
	assert_false(prevented(*state));
}

static void each_host_holds_its_own(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	settle(other);
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	EXPECT_GOOD(PREVENT(other, 1));
	EXPECT_GOOD(PREVENT(BENCH(state).host, 0));
	assert_true(prevented(*state));
	EXPECT_GOOD(PREVENT(other, 0));
	assert_false(prevented(*state));
}

static void works_without_medium(void **state)
{
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	EXPECT_GOOD(PREVENT(BENCH(state).host, 0));
}

static void a_lost_nexus_and_a_reset_allow(void **state)
{
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	scsi_nexus_lost(BENCH(state).host);
	assert_false(prevented(*state));
	settle(BENCH(state).host);
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	scsi_lu_reset(BENCH(state).fake->lu, NULL);
	assert_false(prevented(*state));
}

static void reserved_bits_are_refused(void **state)
{
	EXPECT_INVALID_CDB(PREVENT(BENCH(state).host, 4), 4, 2);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(prevent_and_allow),
	ON_DVD(persistent_prevent_has_its_own_state),
	ON_DVD(each_host_holds_its_own),
	ON_EMPTY(works_without_medium),
	ON_DVD(a_lost_nexus_and_a_reset_allow),
	ON_DVD(reserved_bits_are_refused),
};
CONFORMANCE_SUITE("prevent-allow", tests)
