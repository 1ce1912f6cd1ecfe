/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "clean_stop.h"
#include "directory.h"
#include "util/error.h"

static void without_a_marker_the_stop_was_not_clean(void **state)
{
	assert_false(clean_stop_take(*state));
}

static void a_marker_is_good_for_one_start(void **state)
{
	assert_true(clean_stop_mark(*state, NULL));
	assert_true(clean_stop_mark(*state, NULL));
	assert_true(clean_stop_take(*state));
	assert_false(clean_stop_take(*state));
}

static void a_marker_that_cannot_be_made_is_an_error(void **state)
{
	struct error error;
	assert_false(clean_stop_mark(in_directory(state, "missing"), &error));
	assert_int_equal(error.code, ERROR_PERMISSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(without_a_marker_the_stop_was_not_clean),
		IN_DIRECTORY(a_marker_is_good_for_one_start),
		IN_DIRECTORY(a_marker_that_cannot_be_made_is_an_error),
	};
	return cmocka_run_group_tests_name("daemon/clean_stop", tests, NULL, NULL);
}
