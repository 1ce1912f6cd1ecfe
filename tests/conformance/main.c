/* SPDX-License-Identifier: Apache-2.0 */
/* Runs every suite, or those named on the command line; then asks what nobody has tested. */
#include <stdio.h>

#include "conformance.h"
#include "coverage.h"

static struct suite *suites;

/* In the order of their names, whatever order the constructors run in. */
void suite_register(struct suite *suite)
{
	struct suite **at = &suites;
	while (*at && strcmp((*at)->name, suite->name) < 0)
		at = &(*at)->next;
	suite->next = *at;
	*at = suite;
}

static bool is_wanted(const struct suite *suite, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(suite->name, argv[i]) == 0)
			return true;
	return argc == 1;
}

static void every_operation_code_is_seen_to_work_and_to_refuse(void **state)
{
	assert_int_equal(coverage_gaps(), 0);
}

static int check_coverage(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_code_is_seen_to_work_and_to_refuse),
	};
	return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	int failed = 0;
	for (struct suite *s = suites; s; s = s->next)
		if (is_wanted(s, argc, argv))
			failed += _cmocka_run_group_tests(s->name, s->tests, s->count, NULL, NULL);
	if (argc == 1)
		failed += check_coverage();
	return failed != 0;
}
