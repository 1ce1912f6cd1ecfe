/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unit attentions are each nexus' own, and told once (SAM-5 5.14). Linux st fails with EIO until a
 * rewind after a 29h, and begins a new session at a 28h (st.c, st_chk_result and test_ready; the
 * mid-level counts both): one too few is data written over, one too many is a failed backup.
 */
#include "tape_bench.h"

static void power_on_is_told_once_to_each_host(void **state)
{
	struct scsi_nexus *one = fake_nexus(BENCH(state).fake, "one");
	struct scsi_nexus *two = fake_nexus(BENCH(state).fake, "two");
	EXPECT_SENSE(TEST_UNIT_READY(one), SENSE_POWER_ON);
	EXPECT_GOOD(TEST_UNIT_READY(one));
	EXPECT_SENSE(TEST_UNIT_READY(two), SENSE_POWER_ON);
	EXPECT_GOOD(TEST_UNIT_READY(two));
}

static void swap(void **state)
{
	fake_tape_unload(BENCH(state).fake);
	fake_tape_load(BENCH(state).fake, false);
}

static void a_load_is_told_once_to_each_host(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	swap(state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(host));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(other));
}

static void every_load_is_told_again(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned i = 0; i < 3; i++) {
		swap(state);
		EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
		EXPECT_GOOD(TEST_UNIT_READY(host));
	}
}

static void two_loads_that_nobody_saw_are_one(void **state)
{
	swap(state);
	swap(state);
	EXPECT_SENSE(TEST_UNIT_READY(BENCH(state).host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

/* SAM-5 5.14: what says more comes first. */
static void power_on_comes_before_a_load(void **state)
{
	struct scsi_nexus *late = fake_nexus(BENCH(state).fake, "late");
	swap(state);
	EXPECT_SENSE(TEST_UNIT_READY(late), SENSE_POWER_ON);
	EXPECT_SENSE(TEST_UNIT_READY(late), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(late));
}

static void a_write_to_another_tape_than_was_thought_is_not_done(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 100, 1));
	swap(state);
	EXPECT_SENSE(write_block(host, 100, 2), SENSE_MEDIUM_CHANGED);
	EXPECT_POSITION(host, 0);
	EXPECT_BLOCK(read_block(host, 100, 0), 100, 1);
	EXPECT_END(read_block(host, 100, 0), SENSE_END_OF_DATA, 0, 100);
}

/* SPC-4 6.6, 6.33, SAM-5 5.14. */
static void inquiry_and_report_luns_leave_it(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap(state);
	EXPECT_U8(SEND(host, 36, 0x12, 0, 0, 0, 36), 0, 0x01);
	EXPECT_BE32(SEND(host, 16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16), 0, 8);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
}

/* SPC-4 6.39: GOOD, the attention as its data, and it is gone. */
static void request_sense_takes_it(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	swap(state);
	const struct fake_answer *answer = SEND(host, 18, 0x03, 0, 0, 0, 18);
	EXPECT_U8(answer, 2, 0x06);
	EXPECT_BE16(answer, 12, 0x2800);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

static void a_reset_is_told_to_all(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	scsi_lu_reset(BENCH(state).fake->lu, NULL);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_DEVICE_RESET);
	EXPECT_GOOD(TEST_UNIT_READY(host));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_DEVICE_RESET);
	EXPECT_GOOD(TEST_UNIT_READY(other));
}

/* Unlike an optical drive: who comes back must know that others may have moved the tape. */
static void an_initiator_that_returns_is_told_so(void **state)
{
	struct scsi_nexus *guest = fake_enter(BENCH(state).fake, "iqn.guest");
	settle(guest);
	fake_leave(guest);
	guest = fake_enter(BENCH(state).fake, "iqn.guest");
	EXPECT_SENSE(TEST_UNIT_READY(guest), SENSE_NEXUS_LOSS);
	EXPECT_GOOD(TEST_UNIT_READY(guest));
}

static void an_initiator_that_returns_hears_of_a_load_meanwhile(void **state)
{
	struct scsi_nexus *guest = fake_enter(BENCH(state).fake, "iqn.guest");
	settle(guest);
	fake_leave(guest);
	swap(state);
	guest = fake_enter(BENCH(state).fake, "iqn.guest");
	EXPECT_SENSE(TEST_UNIT_READY(guest), SENSE_NEXUS_LOSS);
	EXPECT_SENSE(TEST_UNIT_READY(guest), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(guest));
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(power_on_is_told_once_to_each_host),
	ON_BLANK(a_load_is_told_once_to_each_host),
	ON_BLANK(every_load_is_told_again),
	ON_BLANK(two_loads_that_nobody_saw_are_one),
	ON_BLANK(power_on_comes_before_a_load),
	ON_BLANK(a_write_to_another_tape_than_was_thought_is_not_done),
	ON_BLANK(inquiry_and_report_luns_leave_it),
	ON_BLANK(request_sense_takes_it),
	ON_BLANK(a_reset_is_told_to_all),
	ON_BLANK(an_initiator_that_returns_is_told_so),
	ON_BLANK(an_initiator_that_returns_hears_of_a_load_meanwhile),
};
CONFORMANCE_SUITE("unit-attention", tests)
