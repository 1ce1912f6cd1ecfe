/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "util/error.h"

static void an_error_names_cause_and_remedy(void **state)
{
	struct error error = {0};
	assert_false(
		error_set(&error, ERROR_DRIVE_FULL, "Eject it first.", "drive %s is full", "dvd0"));
	assert_int_equal(error.code, ERROR_DRIVE_FULL);
	assert_string_equal(error.sentence, "drive dvd0 is full");
	assert_string_equal(error.remedy, "Eject it first.");
	assert_string_equal(error_code_name(error.code), "drive_full");
	assert_int_equal(error_http_status(error.code), 409);
}

static void nobody_needs_to_listen(void **state)
{
	assert_false(error_set(NULL, ERROR_INTERNAL, "", "nobody listens"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_names_cause_and_remedy),
		cmocka_unit_test(nobody_needs_to_listen),
	};
	return cmocka_run_group_tests_name("util/error", tests, NULL, NULL);
}
