/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory.h"
#include "token.h"
#include "util/error.h"

static const char digits[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void assert_refused(const char *path, enum error_code code)
{
	char token[TOKEN_LENGTH + 1] = "untouched";
	struct error error;
	assert_false(token_load(path, token, &error));
	assert_int_equal(error.code, code);
	assert_non_null(strstr(error.sentence, path));
	assert_string_equal(token, "untouched");
}

static void the_first_start_makes_a_private_token(void **state)
{
	char token[TOKEN_LENGTH + 1];
	struct stat st;
	const char *path = in_directory(state, "token");
	assert_true(token_load(path, token, NULL));
	assert_int_equal(strlen(token), TOKEN_LENGTH);
	for (unsigned i = 0; i < TOKEN_LENGTH; i++)
		assert_true(isxdigit((unsigned char)token[i]));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void the_next_start_reads_it(void **state)
{
	char first[TOKEN_LENGTH + 1], second[TOKEN_LENGTH + 1];
	assert_true(token_load(in_directory(state, "token"), first, NULL));
	assert_true(token_load(in_directory(state, "token"), second, NULL));
	assert_string_equal(first, second);
}

static void no_two_tokens_are_alike(void **state)
{
	char first[TOKEN_LENGTH + 1], second[TOKEN_LENGTH + 1];
	assert_true(token_load(in_directory(state, "a"), first, NULL));
	assert_true(token_load(in_directory(state, "b"), second, NULL));
	assert_string_not_equal(first, second);
}

static void a_token_that_others_can_read_is_refused(void **state)
{
	char token[TOKEN_LENGTH + 1];
	const char *path = in_directory(state, "token");
	assert_true(token_load(path, token, NULL));
	assert_int_equal(chmod(path, 0640), 0);
	assert_refused(path, ERROR_CONFIGURATION);
}

static void assert_text_refused(void **state, const char *text)
{
	const char *path = in_directory(state, "token");
	write_file(path, text);
	assert_int_equal(chmod(path, 0600), 0);
	assert_refused(path, ERROR_CONFIGURATION);
}

static void what_is_not_one_token_is_refused(void **state)
{
	char text[80];
	assert_text_refused(state, "");
	assert_text_refused(state, "secret\n");
	assert_text_refused(state, digits); /* the end of the line is missing, or more */
	snprintf(text, sizeof text, "%s0\n", digits);
	assert_text_refused(state, text);
	snprintf(text, sizeof text, "%.63sX\n", digits);
	assert_text_refused(state, text);
}

static void a_symbolic_link_is_refused(void **state)
{
	char token[TOKEN_LENGTH + 1];
	const char *path = in_directory(state, "link");
	assert_true(token_load(in_directory(state, "token"), token, NULL));
	assert_int_equal(symlink("token", path), 0);
	assert_refused(path, ERROR_PERMISSION);
}

static void a_directory_that_is_not_there_is_refused(void **state)
{
	assert_refused(in_directory(state, "missing/token"), ERROR_PERMISSION);
}

static void only_the_whole_token_matches(void **state)
{
	char given[2 * TOKEN_LENGTH + 1];
	assert_true(token_matches(digits, digits));
	assert_false(token_matches(digits, ""));
	assert_false(token_matches(digits, "0123456789abcdef"));
	for (unsigned i = 0; i < TOKEN_LENGTH; i++) {
		strcpy(given, digits);
		given[i] = 'x';
		assert_false(token_matches(digits, given));
	}
	strcat(strcpy(given, digits), digits);
	assert_false(token_matches(digits, given));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(the_first_start_makes_a_private_token),
		IN_DIRECTORY(the_next_start_reads_it),
		IN_DIRECTORY(no_two_tokens_are_alike),
		IN_DIRECTORY(a_token_that_others_can_read_is_refused),
		IN_DIRECTORY(what_is_not_one_token_is_refused),
		IN_DIRECTORY(a_symbolic_link_is_refused),
		IN_DIRECTORY(a_directory_that_is_not_there_is_refused),
		cmocka_unit_test(only_the_whole_token_matches),
	};
	return cmocka_run_group_tests_name("daemon/token", tests, NULL, NULL);
}
