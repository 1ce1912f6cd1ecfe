/* SPDX-License-Identifier: Apache-2.0 */
/* The progress line: what is on it, and what is left out where there is no room. */
#include "support.h"

#include "progress.h"

static const uint64_t total = 2700000000;

/* 450 MB of 2.7 GB after two seconds. */
static struct progress some(void)
{
	struct progress progress = {.started = 10, .met = 10};
	progress_advance(&progress, 450000000, 12);
	return progress;
}

static void assert_line(const struct progress *progress, unsigned columns, const char *expected)
{
	char line[PROGRESS_LINE_MAX];
	assert_string_equal(progress_line(progress, total, columns, line), expected);
}

static void on_a_wide_terminal_all_is_said(void **state)
{
	struct progress progress = some();
	assert_line(&progress, 80,
		" 16 %  [=====>                         ]  450 MB of 2.7 GB  225 MB/s  11 s left");
	assert_line(&progress, 200,
		" 16 %  [======>                                 ]  450 MB of 2.7 GB  225 MB/s  11 "
		"s "
		"left");
}

static void what_is_least_worth_is_left_out_first(void **state)
{
	struct progress progress = some();
	assert_line(&progress, 50, " 16 %  450 MB of 2.7 GB  225 MB/s  11 s left");
	assert_line(&progress, 44, " 16 %  450 MB of 2.7 GB  225 MB/s");
	assert_line(&progress, 30, " 16 %  450 MB of 2.7 GB");
	assert_line(&progress, 23, " 16 %  225 MB/s");
	assert_line(&progress, 6, " 16 %");
	assert_line(&progress, 5, "");
	assert_line(&progress, 0, "");
}

/* The last column stays free: some terminals go to the next line there. */
static void it_is_always_shorter_than_the_terminal(void **state)
{
	struct progress progress = some();
	char line[PROGRESS_LINE_MAX];
	for (unsigned columns = 1; columns < 400; columns++)
		assert_true(strlen(progress_line(&progress, total, columns, line)) < columns);
	progress = (struct progress){.unit = "objects", .done = UINT64_MAX / 2, .rate = 1e-9};
	for (unsigned columns = 1; columns < 400; columns++) {
		progress_line(&progress, UINT64_MAX, columns, line);
		assert_true(strlen(line) < columns);
	}
	assert_non_null(strstr(line, "9223372036854775807 of 18446744073709551615 objects"));
}

static void objects_are_counted_as_such(void **state)
{
	struct progress progress = {.unit = "objects"};
	char line[PROGRESS_LINE_MAX];
	progress_advance(&progress, 500, 1);
	assert_string_equal(progress_line(&progress, 1000, 50, line),
		" 50 %  500 of 1000 objects  500/s  2 s left");
}

static void the_end_is_a_full_bar(void **state)
{
	struct progress progress = {.unit = "objects", .done = 3};
	char line[PROGRESS_LINE_MAX];
	assert_string_equal(
		progress_line(&progress, 3, 38, line), "100 %  [============]  3 of 3 objects");
}

static void without_a_total_nothing_is_said(void **state)
{
	struct progress progress = some();
	char line[PROGRESS_LINE_MAX];
	assert_string_equal(progress_line(&progress, 0, 80, line), "");
	assert_string_equal(progress_line(&progress, 1, 80, line), ""); /* a file that grew */
}

/* Stalls do not let the rate jump, and what was long ago is forgotten. */
static void the_rate_is_that_of_the_last_seconds(void **state)
{
	struct progress progress = {0};
	double now = 0;
	for (uint64_t done = 100; done <= 10000; done += 100)
		progress_advance(&progress, done, now += 0.1);
	assert_in_range((uint64_t)progress.rate, 999, 1001);
	progress_advance(&progress, 10000, now += 0.1);
	assert_in_range((uint64_t)progress.rate, 950, 990);
	for (unsigned i = 0; i < 300; i++)
		progress_advance(&progress, progress.done + 10, now += 0.1);
	assert_in_range((uint64_t)progress.rate, 95, 105);
	progress_advance(&progress, progress.done + 5, now); /* the clock stands */
	assert_in_range((uint64_t)progress.rate, 95, 105);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_a_wide_terminal_all_is_said),
		cmocka_unit_test(what_is_least_worth_is_left_out_first),
		cmocka_unit_test(it_is_always_shorter_than_the_terminal),
		cmocka_unit_test(objects_are_counted_as_such),
		cmocka_unit_test(the_end_is_a_full_bar),
		cmocka_unit_test(without_a_total_nothing_is_said),
		cmocka_unit_test(the_rate_is_that_of_the_last_seconds),
	};
	return cmocka_run_group_tests_name("ctl/progress", tests, NULL, NULL);
}
