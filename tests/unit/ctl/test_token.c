/* SPDX-License-Identifier: Apache-2.0 */
/* carousel token, and what a token opens to the program. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli_fixture.h"

/* A file with the token that was made last on stdout. */
static void keep_token(const struct ran *ran, char ret_path[32])
{
	strcpy(ret_path, "/tmp/carousel-token-XXXXXX");
	int fd = mkstemp(ret_path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, ran->out, strlen(ran->out)), strlen(ran->out));
	close(fd);
}

static void a_token_that_was_made_lets_in(void **state)
{
	const struct fixture *fixture = *state;
	char path[32], arguments[256];
	struct ran ran;
	run_carousel(fixture, "", "token create ci --scope load --expires 30d", &ran);
	assert_int_equal(ran.exit, 0);
	assert_int_equal(strncmp(ran.out, "csl_", 4), 0);
	assert_string_equal(ran.err, "token ci (load, until 2026-01-31T00:00:00Z) was made; it is "
				     "not shown again\n");
	keep_token(&ran, path);
	snprintf(arguments, sizeof arguments,
		"--url http://127.0.0.1:%u --token-file %s eject dvd0", fixture->port, path);
	run_bare("CAROUSEL_TOKEN=wrong", arguments, &ran);
	assert_int_equal(ran.exit, 0);
	snprintf(arguments, sizeof arguments,
		"--url http://127.0.0.1:%u --token-file %s drive rm dvd1", fixture->port, path);
	run_bare("", arguments, &ran);
	assert_int_equal(ran.exit, 5);
	assert_string_equal(ran.err, "carousel: this needs the scope admin, and token:ci has load\n"
				     "          Ask somebody with the scope admin for another "
				     "token.\n");
	run_carousel(fixture, "", "token rm ci", &ran);
	assert_string_equal(ran.err, "token ci opens nothing any more\n");
	unlink(path);
}

static void tokens_are_listed_without_their_texts(void **state)
{
	struct ran ran;
	run_carousel(*state, "", "token ls", &ran);
	assert_string_equal(ran.err, "There are no tokens. carousel token create makes one.\n");
	run_carousel(*state, "", "token create ci", &ran);
	run_carousel(*state, "", "token ls", &ran);
	assert_non_null(strstr(ran.out, "TOKEN  SCOPE  BY"));
	assert_non_null(strstr(ran.out, "ci     read   uid:"));
	run_carousel(*state, "", "token ls -o wide", &ran);
	assert_non_null(strstr(ran.out, "TOKEN  SCOPE  CREATED"));
	assert_non_null(strstr(ran.out, "ci     read   2026-01-01T00:00:00Z"));
	run_carousel(*state, "", "-o json token ls", &ran);
	assert_null(strstr(ran.out, "csl_"));
}

static void what_is_no_token_is_said(void **state)
{
	static const char *const times[] = {
		"", "30", "d", "0d", "-1d", "1x", "1dd", "99999999999w"};
	struct ran ran;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		char arguments[64];
		snprintf(arguments, sizeof arguments, "token create x --expires '%s'", times[i]);
		run_carousel(*state, "", arguments, &ran);
		assert_int_equal(ran.exit, 2);
		assert_non_null(strstr(ran.err, "Use a number and s, m, h, d or w"));
	}
	run_carousel(*state, "", "--token=csl_secret token ls", &ran);
	assert_int_equal(ran.exit, 2);
	assert_null(strstr(ran.err, "csl_secret"));
	run_carousel(*state, "", "--token-file /nowhere token ls", &ran);
	assert_int_equal(ran.exit, 3);
	run_carousel(*state, "", "token rm x", &ran);
	assert_int_equal(ran.exit, 3);
}

#define CLI_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLI_TEST(a_token_that_was_made_lets_in),
		CLI_TEST(tokens_are_listed_without_their_texts),
		CLI_TEST(what_is_no_token_is_said),
	};
	return cmocka_run_group_tests_name("ctl/token", tests, NULL, NULL);
}
