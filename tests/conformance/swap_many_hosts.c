/* SPDX-License-Identifier: Apache-2.0 */
/* What one host sees and does leaves what the others see alone. */
#include "optical.h"

struct two {
	struct scsi_nexus *a, *b;
};

static struct two two(void **state)
{
	struct two hosts = {BENCH(state).host, fake_nexus(BENCH(state).fake, "other")};
	settle(hosts.b);
	return hosts;
}

static struct mmc_drive_status look(void **state)
{
	struct mmc_drive_status status;
	mmc_drive_status(BENCH(state).fake->drive, &status);
	disc_put(status.disc);
	return status;
}

static void each_is_told_by_itself(void **state)
{
	struct two hosts = two(state);
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	EXPECT_SENSE(TEST_UNIT_READY(hosts.a), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(hosts.a), SENSE_MEDIUM_CHANGED);
	EXPECT_SENSE(TEST_UNIT_READY(hosts.b), SENSE_NO_MEDIUM_TRAY_OPEN);
	EXPECT_GOOD(TEST_UNIT_READY(hosts.a));
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(hosts.b), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(hosts.b));
}

static void the_status_says_who_has_been_told(void **state)
{
	struct two hosts = two(state);
	assert_true(look(state).all_told);
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	assert_false(look(state).all_told);
	TEST_UNIT_READY(hosts.a);
	TEST_UNIT_READY(hosts.b);
	wait_dwell(*state);
	TEST_UNIT_READY(hosts.a);
	assert_true(look(state).nexuses[0].told);
	assert_false(look(state).nexuses[1].told);
	assert_false(look(state).all_told);
	TEST_UNIT_READY(hosts.b);
	assert_true(look(state).all_told);
}

static void the_library_hears_of_every_telling(void **state)
{
	struct two hosts = two(state);
	unsigned before = BENCH(state).fake->told_events;
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	TEST_UNIT_READY(hosts.a);
	TEST_UNIT_READY(hosts.a);
	assert_int_equal(BENCH(state).fake->told_events, before + 1);
	wait_dwell(*state);
	TEST_UNIT_READY(hosts.a);
	assert_int_equal(BENCH(state).fake->told_events, before + 2);
}

static void the_host_that_ejects_gets_no_attention_for_it(void **state)
{
	struct two hosts = two(state);
	EXPECT_GOOD(EJECT(hosts.a));
	EXPECT_SENSE(TEST_UNIT_READY(hosts.a), SENSE_NO_MEDIUM_TRAY_OPEN);
	EXPECT_SENSE(TEST_UNIT_READY(hosts.b), SENSE_NO_MEDIUM_TRAY_OPEN);
	assert_int_equal(hosts.a->attentions, 0);
}

static void after_a_load_every_host_gets_one_attention(void **state)
{
	struct two hosts = two(state);
	EXPECT_GOOD(EJECT(hosts.a));
	TEST_UNIT_READY(hosts.a);
	TEST_UNIT_READY(hosts.b);
	wait_dwell(*state);
	EXPECT_GOOD(LOAD(hosts.b));
	EXPECT_SENSE(TEST_UNIT_READY(hosts.a), SENSE_MEDIUM_CHANGED);
	EXPECT_SENSE(TEST_UNIT_READY(hosts.b), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(hosts.a));
	EXPECT_GOOD(TEST_UNIT_READY(hosts.b));
}

static void a_nexus_that_is_lost_keeps_what_it_believes(void **state)
{
	struct two hosts = two(state);
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	scsi_nexus_lost(hosts.a);
	EXPECT_SENSE(TEST_UNIT_READY(hosts.a), SENSE_NEXUS_LOSS);
	EXPECT_SENSE(TEST_UNIT_READY(hosts.a), SENSE_NO_MEDIUM_TRAY_OPEN);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(each_is_told_by_itself),
	ON_DVD(the_status_says_who_has_been_told),
	ON_DVD(the_library_hears_of_every_telling),
	ON_DVD(the_host_that_ejects_gets_no_attention_for_it),
	ON_DVD(after_a_load_every_host_gets_one_attention),
	ON_DVD(a_nexus_that_is_lost_keeps_what_it_believes),
};
CONFORMANCE_SUITE("swap-many-hosts", tests)
