/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

static const uint8_t timers_10[] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 0x0a, 0, 0x02, 0, 0, 0, 1, 0, 0, 0, 2};
static const uint8_t timers_6[] = {0, 0, 0, 0, 0x1a, 0x0a, 0, 0x02, 0, 0, 0, 1, 0, 0, 0, 2};

#define SELECT_10(nexus, data, length)                                                             \
	SEND_OUT(nexus, data, length, 0x55, 0x10, 0, 0, 0, 0, 0, 0, (length))
#define SELECT_6(nexus, data, length) SEND_OUT(nexus, data, length, 0x15, 0x10, 0, 0, (length))
#define IDLE_BIT(nexus)               SEND(nexus, 255, 0x5a, 0, 0x1a, 0, 0, 0, 0, 0, 255)

static void a_change_is_taken_by_both_forms(void **state)
{
	EXPECT_GOOD(SELECT_10(BENCH(state).host, timers_10, sizeof timers_10));
	EXPECT_U8(IDLE_BIT(BENCH(state).host), 11, 0x02);
	EXPECT_GOOD(SELECT_6(BENCH(state).host, timers_6, sizeof timers_6));
	EXPECT_U8(IDLE_BIT(BENCH(state).host), 11, 0x02);
}

static void a_change_is_a_unit_attention_for_the_others(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	settle(other);
	EXPECT_GOOD(SELECT_10(BENCH(state).host, timers_10, sizeof timers_10));
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_MODE_PARAMETERS_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(other));
}

static void the_same_values_again_are_no_change(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	EXPECT_GOOD(SELECT_10(BENCH(state).host, timers_10, sizeof timers_10));
	settle(other);
	EXPECT_GOOD(SELECT_10(BENCH(state).host, timers_10, sizeof timers_10));
	EXPECT_GOOD(TEST_UNIT_READY(other));
}

static void capabilities_cannot_be_changed(void **state)
{
	uint8_t list[40] = {[8] = 0x2a, [9] = 0x1e, [11] = 0x20};
	const struct fake_answer *answer = SELECT_10(BENCH(state).host, list, sizeof list);
	EXPECT_SENSE(answer, SENSE_INVALID_FIELD_IN_PARAMETERS);
	assert_false(answer->sense.field_in_cdb);
	assert_int_equal(answer->sense.field, 10);
}

static void an_unknown_page_is_refused(void **state)
{
	static const uint8_t list[] = {0, 0, 0, 0, 0x05, 0x00};
	EXPECT_SENSE(
		SELECT_6(BENCH(state).host, list, sizeof list), SENSE_INVALID_FIELD_IN_PARAMETERS);
}

static void a_cut_list_is_refused_and_changes_nothing(void **state)
{
	EXPECT_SENSE(SELECT_10(BENCH(state).host, timers_10, sizeof timers_10 - 1),
		SENSE_PARAMETER_LIST_LENGTH);
	EXPECT_U8(IDLE_BIT(BENCH(state).host), 11, 0x00);
}

#define SAVE_10(nexus, data, length)                                                               \
	SEND_OUT(nexus, data, length, 0x55, 0x11, 0, 0, 0, 0, 0, 0, (length))

static void saving_goes_through_the_library(void **state)
{
	struct fake_drive *fake = BENCH(state).fake;
	EXPECT_GOOD(SAVE_10(BENCH(state).host, timers_10, sizeof timers_10));
	assert_int_equal(fake->requests, 1);
	EXPECT_U8(IDLE_BIT(BENCH(state).host), 11, 0x02);
}

static void a_page_that_cannot_be_saved_is_refused(void **state)
{
	static const uint8_t list[] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0x1d, 0x08, 0, 0, 0, 0, 0, 6, 0, 0x3c};
	EXPECT_INVALID_CDB(SAVE_10(BENCH(state).host, list, sizeof list), 1, 0);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(a_change_is_taken_by_both_forms),
	ON_DVD(a_change_is_a_unit_attention_for_the_others),
	ON_DVD(the_same_values_again_are_no_change),
	ON_DVD(capabilities_cannot_be_changed),
	ON_DVD(an_unknown_page_is_refused),
	ON_DVD(a_cut_list_is_refused_and_changes_nothing),
	ON_DVD(saving_goes_through_the_library),
	ON_DVD(a_page_that_cannot_be_saved_is_refused),
};
CONFORMANCE_SUITE("mode-select", tests)
