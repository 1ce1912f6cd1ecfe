/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "directory.h"
#include "util/error.h"

/* DIRECTORY/pool holds a.iso; DIRECTORY/pool2 and DIRECTORY/outside are no pools. */
static int setup(void **state)
{
	directory_setup(state);
	mkdir(in_directory(state, "pool"), 0755);
	mkdir(in_directory(state, "pool/below"), 0755);
	mkdir(in_directory(state, "pool2"), 0755);
	write_file(in_directory(state, "pool/a.iso"), "a");
	write_file(in_directory(state, "pool/below/b.iso"), "b");
	write_file(in_directory(state, "pool2/c.iso"), "c");
	return 0;
}

static bool check_in(
	void **state, const char *pool, const char *path, char *ret_real, struct error *error)
{
	char pool_path[PATH_MAX];
	char *pools[] = {(char[]){"/nonexistent"}, pool_path};
	struct config config = {.pools = pools, .pool_count = 2};
	snprintf(pool_path, sizeof pool_path, "%s", in_directory(state, pool));
	return config_path_in_pools(&config, path, ret_real, error);
}

static void assert_inside(void **state, const char *path, const char *real)
{
	char found[PATH_MAX];
	assert_true(check_in(state, "pool", in_directory(state, path), found, NULL));
	assert_string_equal(found, in_directory(state, real));
}

static void assert_refused(void **state, const char *path, enum error_code code)
{
	char found[PATH_MAX] = "untouched";
	struct error error;
	assert_false(check_in(state, "pool", path, found, &error));
	assert_int_equal(error.code, code);
	assert_string_equal(found, "untouched");
}

static void files_in_and_below_a_pool_are_inside(void **state)
{
	assert_inside(state, "pool/a.iso", "pool/a.iso");
	assert_inside(state, "pool/below/b.iso", "pool/below/b.iso");
	assert_inside(state, "pool", "pool");
}

static void a_detour_that_ends_inside_is_inside(void **state)
{
	assert_inside(state, "pool/below/../a.iso", "pool/a.iso");
	assert_inside(state, "pool2/../pool/./a.iso", "pool/a.iso");
	assert_int_equal(symlink("../pool/a.iso", in_directory(state, "pool2/link")), 0);
	assert_inside(state, "pool2/link", "pool/a.iso");
}

static void a_name_that_begins_like_a_pool_is_outside(void **state)
{
	assert_refused(state, in_directory(state, "pool2/c.iso"), ERROR_FILE_OUTSIDE_POOLS);
	assert_refused(state, in_directory(state, "."), ERROR_FILE_OUTSIDE_POOLS);
}

static void dots_do_not_lead_out(void **state)
{
	assert_refused(state, in_directory(state, "pool/../pool2/c.iso"), ERROR_FILE_OUTSIDE_POOLS);
	assert_refused(
		state, in_directory(state, "pool/../../../etc/passwd"), ERROR_FILE_OUTSIDE_POOLS);
}

static void symbolic_links_do_not_lead_out(void **state)
{
	assert_int_equal(symlink("/etc/passwd", in_directory(state, "pool/link")), 0);
	assert_refused(state, in_directory(state, "pool/link"), ERROR_FILE_OUTSIDE_POOLS);
	assert_int_equal(symlink("../pool2", in_directory(state, "pool/dir")), 0);
	assert_refused(state, in_directory(state, "pool/dir/c.iso"), ERROR_FILE_OUTSIDE_POOLS);
}

static void a_pool_may_be_a_symbolic_link(void **state)
{
	char found[PATH_MAX];
	assert_int_equal(symlink("pool", in_directory(state, "alias")), 0);
	assert_true(check_in(state, "alias", in_directory(state, "alias/a.iso"), found, NULL));
	assert_string_equal(found, in_directory(state, "pool/a.iso"));
}

static void the_root_can_be_a_pool(void **state)
{
	char *pools[] = {(char[]){"/"}}, found[PATH_MAX];
	struct config config = {.pools = pools, .pool_count = 1};
	assert_true(config_path_in_pools(&config, "/etc/passwd", found, NULL));
}

static void what_is_not_there_is_missing(void **state)
{
	assert_refused(state, in_directory(state, "pool/x.iso"), ERROR_FILE_MISSING);
	assert_refused(state, in_directory(state, "pool/a.iso/x"), ERROR_FILE_MISSING);
	assert_refused(state, "relative", ERROR_INVALID);
	assert_refused(state, "", ERROR_INVALID);
}

static void a_loop_of_links_cannot_be_read(void **state)
{
	assert_int_equal(symlink("loop", in_directory(state, "pool/loop")), 0);
	assert_refused(state, in_directory(state, "pool/loop"), ERROR_FILE_UNREADABLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, directory_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_in_and_below_a_pool_are_inside),
		TEST(a_detour_that_ends_inside_is_inside),
		TEST(a_name_that_begins_like_a_pool_is_outside),
		TEST(dots_do_not_lead_out),
		TEST(symbolic_links_do_not_lead_out),
		TEST(a_pool_may_be_a_symbolic_link),
		cmocka_unit_test(the_root_can_be_a_pool),
		TEST(what_is_not_there_is_missing),
		TEST(a_loop_of_links_cannot_be_read),
	};
	return cmocka_run_group_tests_name("daemon/config_pools", tests, NULL, NULL);
}
