/* SPDX-License-Identifier: Apache-2.0 */
/* Date and time of volume descriptors (ECMA-119 8.4.26.1). */
#include "support.h"

#include <time.h>

#include "inspect/details.h"
#include "iso_time.h"

static int64_t time_of(const char *digits, int quarters)
{
	uint8_t field[ISO_TIME_LENGTH];
	memcpy(field, digits, 16);
	field[16] = (uint8_t)quarters;
	return iso_time(field);
}

static void the_epoch_is_zero(void **state)
{
	assert_int_equal(time_of("1970010100000000", 0), 0);
	assert_int_equal(time_of("1969123123595900", 0), -1);
}

/* The C library counts days as well; every 11th day of five centuries, and 29 February. */
static void days_are_counted_as_the_c_library_does(void **state)
{
	for (int64_t t = -86400LL * 365 * 100; t < 86400LL * 365 * 400; t += 86400 * 11 + 3661) {
		time_t moment = (time_t)t;
		struct tm tm;
		char digits[32];
		gmtime_r(&moment, &tm);
		strftime(digits, sizeof digits, "%Y%m%d%H%M%S00", &tm);
		assert_int_equal(time_of(digits, 0), t);
	}
	assert_int_equal(time_of("2000022912000000", 0), 951825600);
}

/* 15 minutes each, east of Greenwich positive. */
static void the_offset_from_gmt_counts(void **state)
{
	assert_int_equal(time_of("2024110912300000", 4), 1731151800);
	assert_int_equal(time_of("2024110906000000", -22), 1731151800);
	assert_int_equal(time_of("2024110911300000", 0), 1731151800);
}

static void what_is_no_time_is_absent(void **state)
{
	static const char *const bad[] = {"0000000000000000", "2024133100000000",
		"2024023000000000", "2023022900000000", "1900022900000000", "2024010124000000",
		"2024010100600000", "2024010100006000", "20240101        ", "2024-01-01000000",
		"2024000100000000", "2024010000000000"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_true(time_of(bad[i], 0) == DETAILS_NO_TIME);
	assert_true(time_of("2024110912300000", 53) == DETAILS_NO_TIME);
	assert_true(time_of("2024110912300000", -49) == DETAILS_NO_TIME);
	assert_true(time_of("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0) == DETAILS_NO_TIME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_epoch_is_zero),
		cmocka_unit_test(days_are_counted_as_the_c_library_does),
		cmocka_unit_test(the_offset_from_gmt_counts),
		cmocka_unit_test(what_is_no_time_is_absent),
	};
	return cmocka_run_group_tests_name("inspect/iso_time", tests, NULL, NULL);
}
