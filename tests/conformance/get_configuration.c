/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define GET_CONFIGURATION(nexus, type, start, length)                                              \
	SEND(nexus, 512, 0x46, (type), (start) >> 8, (start)&0xff, 0, 0, 0, (length) >> 8,         \
		(length)&0xff)

/* The feature descriptors in an answer; returns how many. */
static unsigned collect(const struct fake_answer *answer, uint16_t *codes, bool *current)
{
	unsigned count = 0;
	EXPECT_BE32(answer, 0, (uint32_t)answer->length - 4);
	for (size_t at = 8; at < answer->length; at += 4u + answer->data[at + 3]) {
		assert_true(at + 4 + answer->data[at + 3] <= answer->length);
		assert_int_equal(answer->data[at + 3] % 4, 0);
		codes[count] = (uint16_t)(answer->data[at] << 8 | answer->data[at + 1]);
		current[count++] = answer->data[at + 2] & 1;
	}
	return count;
}

static void all_features_ascend(void **state)
{
	uint16_t codes[64];
	bool current[64];
	unsigned count = collect(GET_CONFIGURATION(BENCH(state).host, 0, 0, 512), codes, current);
	assert_true(count > 8);
	for (unsigned i = 1; i < count; i++)
		assert_true(codes[i - 1] < codes[i]);
}

static void the_current_profile_is_that_of_the_medium(void **state)
{
	EXPECT_BE16(GET_CONFIGURATION(BENCH(state).host, 0, 0, 512), 6, PROFILE_DVD_ROM);
}

static void without_medium_there_is_no_profile(void **state)
{
	EXPECT_BE16(GET_CONFIGURATION(BENCH(state).host, 0, 0, 512), 6, 0);
}

static void only_current_ones_on_demand(void **state)
{
	uint16_t codes[64];
	bool current[64];
	unsigned all = collect(GET_CONFIGURATION(BENCH(state).host, 0, 0, 512), codes, current);
	unsigned some = collect(GET_CONFIGURATION(BENCH(state).host, 1, 0, 512), codes, current);
	assert_true(some < all);
	for (unsigned i = 0; i < some; i++)
		assert_true(current[i]);
}

static void one_feature_on_demand(void **state)
{
	uint16_t codes[64];
	bool current[64];
	assert_int_equal(
		collect(GET_CONFIGURATION(BENCH(state).host, 2, 0x1f, 512), codes, current), 1);
	assert_int_equal(codes[0], 0x1f);
	assert_true(current[0]);
}

static void a_feature_that_is_not_there_is_only_a_header(void **state)
{
	EXPECT_DATA(GET_CONFIGURATION(BENCH(state).host, 2, 0x20, 512), 0, 0, 0, 4, 0, 0, 0, 0x10);
}

/* MakeMKV starts where it likes; a virtual drive that refuses that is of no use to it. */
static void any_starting_feature_will_do(void **state)
{
	uint16_t codes[64];
	bool current[64];
	for (unsigned start = 0; start <= 0x200; start++) {
		unsigned count = collect(
			GET_CONFIGURATION(BENCH(state).host, 0, start, 512), codes, current);
		assert_true(count == 0 || codes[0] >= start);
	}
	EXPECT_LENGTH(GET_CONFIGURATION(BENCH(state).host, 0, 0xffff, 512), 8);
}

static void a_short_reply_still_tells_the_whole_length(void **state)
{
	uint64_t whole = GET_CONFIGURATION(BENCH(state).host, 0, 0, 512)->length;
	for (unsigned length = 0; length <= 32; length++) {
		const struct fake_answer *answer =
			GET_CONFIGURATION(BENCH(state).host, 0, 0, length);
		EXPECT_LENGTH(answer, length);
		if (length >= 4)
			EXPECT_BE32(answer, 0, (uint32_t)whole - 4);
	}
}

static void request_type_3_is_refused(void **state)
{
	EXPECT_INVALID_CDB(GET_CONFIGURATION(BENCH(state).host, 3, 0, 512), 1, 1);
}

static void neither_reports_nor_clears_a_unit_attention(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	EXPECT_GOOD(GET_CONFIGURATION(other, 0, 0, 512));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_POWER_ON);
}

static void the_serial_number_feature_agrees_with_page_80h(void **state)
{
	const struct fake_answer *answer = GET_CONFIGURATION(BENCH(state).host, 2, 0x108, 512);
	EXPECT_U8(answer, 11, 12);
	assert_memory_equal(answer->data + 12, "CRSL00000001", 12);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(all_features_ascend),
	ON_DVD(the_current_profile_is_that_of_the_medium),
	ON_EMPTY(without_medium_there_is_no_profile),
	ON_DVD(only_current_ones_on_demand),
	ON_DVD(one_feature_on_demand),
	ON_DVD(a_feature_that_is_not_there_is_only_a_header),
	ON_DVD(any_starting_feature_will_do),
	ON_DVD(a_short_reply_still_tells_the_whole_length),
	ON_DVD(request_type_3_is_refused),
	ON_DVD(neither_reports_nor_clears_a_unit_attention),
	ON_DVD(the_serial_number_feature_agrees_with_page_80h),
};
CONFORMANCE_SUITE("get-configuration", tests)
