/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define SENSE_6(nexus, page, length)  SEND(nexus, 255, 0x1a, 0x08, (page), 0, (length))
#define SENSE_10(nexus, page, length) SEND(nexus, 512, 0x5a, 0, (page), 0, 0, 0, 0, 0, (length))

enum { CHANGEABLE = 0x40, DEFAULT = 0x80, SAVED = 0xc0 };

static const uint8_t page_lengths[][2] = {
	{0x01, 12}, {0x08, 12}, {0x0a, 12}, {0x0e, 16}, {0x1a, 12}, {0x1d, 10}, {0x2a, 32}};

/* With PS where the page can be saved. */
static uint8_t page_byte(size_t i)
{
	uint8_t page = page_lengths[i][0];
	return page == 0x01 || page == 0x1a ? page | 0x80 : page;
}

static void every_page_by_six_bytes(void **state)
{
	for (size_t i = 0; i < sizeof page_lengths / 2; i++) {
		const struct fake_answer *answer =
			SENSE_6(BENCH(state).host, page_lengths[i][0], 255);
		EXPECT_LENGTH(answer, 4u + page_lengths[i][1]);
		EXPECT_U8(answer, 0, 3u + page_lengths[i][1]);
		EXPECT_U8(answer, 3, 0);
		EXPECT_U8(answer, 4, page_byte(i));
		EXPECT_U8(answer, 5, page_lengths[i][1] - 2u);
	}
}

static void every_page_by_ten_bytes(void **state)
{
	for (size_t i = 0; i < sizeof page_lengths / 2; i++) {
		const struct fake_answer *answer =
			SENSE_10(BENCH(state).host, page_lengths[i][0], 255);
		EXPECT_LENGTH(answer, 8u + page_lengths[i][1]);
		EXPECT_BE16(answer, 0, 6u + page_lengths[i][1]);
		EXPECT_BE16(answer, 6, 0);
		EXPECT_U8(answer, 8, page_byte(i));
	}
}

static void all_pages_come_in_ascending_order(void **state)
{
	const struct fake_answer *answer = SENSE_10(BENCH(state).host, 0x3f, 255);
	size_t at = 8;
	for (size_t i = 0; i < sizeof page_lengths / 2; i++) {
		EXPECT_U8(answer, at, page_byte(i));
		at += page_lengths[i][1];
	}
	EXPECT_LENGTH(answer, at);
}

static void changeable_values_are_masks(void **state)
{
	const struct fake_answer *answer = SENSE_10(BENCH(state).host, CHANGEABLE | 0x1a, 255);
	EXPECT_U8(answer, 8, 0x9a);
	EXPECT_U8(answer, 9, 0x0a);
	EXPECT_U8(answer, 10, 0x00);
	EXPECT_U8(answer, 11, 0x03);
	EXPECT_BE32(answer, 12, 0xffffffff);
}

static void defaults_stay_when_current_values_change(void **state)
{
	static const uint8_t list[] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 0x0a, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0};
	EXPECT_GOOD(SEND_OUT(
		BENCH(state).host, list, sizeof list, 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof list));
	EXPECT_U8(SENSE_10(BENCH(state).host, 0x1a, 255), 11, 1);
	EXPECT_U8(SENSE_10(BENCH(state).host, DEFAULT | 0x1a, 255), 11, 0);
}

static void what_cannot_be_saved_has_no_saved_values(void **state)
{
	EXPECT_SENSE(SENSE_10(BENCH(state).host, SAVED | 0x08, 255), SENSE_SAVING_NOT_SUPPORTED);
}

static void saved_values_are_those_of_the_last_save(void **state)
{
	static const uint8_t list[] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 0x0a, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0};
	EXPECT_GOOD(SEND_OUT(
		BENCH(state).host, list, sizeof list, 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof list));
	EXPECT_U8(SENSE_10(BENCH(state).host, SAVED | 0x1a, 255), 11, 0);
}

static void an_unknown_page_or_subpage_is_refused(void **state)
{
	EXPECT_INVALID_CDB(SENSE_10(BENCH(state).host, 0x05, 255), 2, 5);
	EXPECT_INVALID_CDB(SENSE_6(BENCH(state).host, 0x05, 255), 2, 5);
	EXPECT_INVALID_CDB(
		SEND(BENCH(state).host, 255, 0x5a, 0, 0x01, 0x01, 0, 0, 0, 0, 255), 3, 7);
}

static void works_without_medium(void **state)
{
	EXPECT_LENGTH(SENSE_10(BENCH(state).host, 0x2a, 255), 40);
}

static void a_short_allocation_length_leaves_the_length_field_alone(void **state)
{
	const struct fake_answer *answer = SENSE_10(BENCH(state).host, 0x2a, 8);
	EXPECT_LENGTH(answer, 8);
	EXPECT_BE16(answer, 0, 38);
	EXPECT_LENGTH(SENSE_10(BENCH(state).host, 0x2a, 0), 0);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(every_page_by_six_bytes),
	ON_DVD(every_page_by_ten_bytes),
	ON_DVD(all_pages_come_in_ascending_order),
	ON_DVD(changeable_values_are_masks),
	ON_DVD(defaults_stay_when_current_values_change),
	ON_DVD(what_cannot_be_saved_has_no_saved_values),
	ON_DVD(saved_values_are_those_of_the_last_save),
	ON_DVD(an_unknown_page_or_subpage_is_refused),
	ON_EMPTY(works_without_medium),
	ON_DVD(a_short_allocation_length_leaves_the_length_field_alone),
};
CONFORMANCE_SUITE("mode-sense", tests)
