/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are there whole or not at all. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "new_file.h"

static char directory[32], path[64], temporary[72];

static int setup(void **state)
{
	strcpy(directory, "/tmp/carousel-new-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/a", directory);
	snprintf(temporary, sizeof temporary, "%s.tmp", path);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	unlink(temporary);
	return rmdir(directory);
}

#define FILE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static void make(const char *name, const char *text)
{
	FILE *file = fopen(name, "wx");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void assert_file(const char *name, const char *expected)
{
	char text[16] = "";
	FILE *file = fopen(name, "r");
	assert_int_equal(!!file, !!expected);
	if (!file)
		return;
	assert_non_null(fgets(text, sizeof text, file));
	assert_string_equal(text, expected);
	fclose(file);
}

static void it_gets_its_name_at_the_end(void **state)
{
	struct new_file file;
	struct error error = {0};
	assert_true(new_file_begin(&file, path, &error));
	assert_string_equal(file.temporary, temporary);
	make(file.temporary, "new");
	new_file_made(&file, true, &error);
	assert_file(path, NULL);
	assert_true(new_file_keep(&file, &error));
	assert_file(path, "new");
	assert_file(temporary, NULL);
	new_file_discard(&file);
	assert_file(path, "new");
}

static void what_is_discarded_is_gone(void **state)
{
	struct new_file file;
	struct error error = {.code = ERROR_PERMISSION};
	for (unsigned ok = 0; ok < 2; ok++) { /* a part of it may be there when making it failed */
		assert_true(new_file_begin(&file, path, &error));
		make(file.temporary, "new");
		new_file_made(&file, ok, &error);
		new_file_discard(&file);
		assert_file(temporary, NULL);
	}
}

static void what_somebody_else_made_stays(void **state)
{
	struct new_file file;
	struct error error = {.code = ERROR_EXISTS};
	assert_true(new_file_begin(&file, path, &error));
	make(file.temporary, "theirs");
	new_file_made(&file, false, &error);
	new_file_discard(&file);
	assert_file(temporary, "theirs");
}

static void nothing_is_written_over(void **state)
{
	struct new_file file;
	struct error error = {0};
	assert_true(new_file_begin(&file, path, &error));
	make(file.temporary, "new");
	new_file_made(&file, true, &error);
	make(path, "old");
	assert_false(new_file_keep(&file, &error));
	assert_int_equal(error.code, ERROR_EXISTS);
	assert_file(path, "old");
	assert_file(temporary, NULL);
	assert_false(new_file_begin(&file, path, &error));
	assert_int_equal(error.code, ERROR_EXISTS);
}

/* A link that leads nowhere is there, too. */
static void a_dangling_link_is_not_written_through(void **state)
{
	struct new_file file;
	struct error error = {0};
	assert_int_equal(symlink("/no/such/file", path), 0);
	assert_false(new_file_begin(&file, path, &error));
	assert_int_equal(error.code, ERROR_EXISTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(it_gets_its_name_at_the_end),
		FILE_TEST(what_is_discarded_is_gone),
		FILE_TEST(what_somebody_else_made_stays),
		FILE_TEST(nothing_is_written_over),
		FILE_TEST(a_dangling_link_is_not_written_through),
	};
	return cmocka_run_group_tests_name("ctl/new-file", tests, NULL, NULL);
}
