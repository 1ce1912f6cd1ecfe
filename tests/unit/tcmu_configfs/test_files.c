/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <unistd.h>

#include "fake_kernel.h"

static struct error error;

static int setup(void **state)
{
	error = (struct error){0};
	return fake_setup(state);
}

static void a_refused_value_is_told_with_its_file_and_cause(void **state)
{
	fake_fail("write core", EINVAL);
	assert_false(configfs_write(&fake, fake.target, "core/x", "a=b", &error));
	assert_int_equal(error.code, ERROR_KERNEL_TARGET);
	assert_non_null(strstr(error.sentence, "cannot write \"a=b\" to "));
	assert_non_null(strstr(error.sentence, "/core/x: Invalid argument"));
	assert_non_null(strstr(error.remedy, "dmesg"));
}

static void a_missing_attribute_is_told(void **state)
{
	assert_false(configfs_write(&fake, fake.target, "core/x", "1", &error));
	assert_non_null(strstr(error.sentence, "No such file"));
	assert_non_null(strstr(error.remedy, "kernel is too old"));
}

static void a_missing_attribute_may_be_fine(void **state)
{
	assert_true(configfs_write_or(-ENOENT, &fake, fake.target, "core/x", "1", &error));
}

static void no_permission_is_its_own_error(void **state)
{
	static const int failures[] = {EACCES, EPERM, EROFS};
	for (int i = 0; i < 3; i++) {
		error.code = ERROR_NONE;
		fake_fail("make", failures[i]);
		assert_false(configfs_make(&fake, fake.target, &error));
		assert_int_equal(error.code, ERROR_PERMISSION);
	}
}

static void a_busy_directory_says_what_to_remove_first(void **state)
{
	fake_fail("remove", EBUSY);
	assert_false(configfs_remove(&fake, fake.target, &error));
	assert_non_null(strstr(error.remedy, "every LUN"));
}

static void what_is_there_is_not_made_again(void **state)
{
	char path[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/core", fake.target);
	assert_true(configfs_make(&fake, path, &error));
}

static void what_is_gone_is_not_removed_again(void **state)
{
	char path[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/nothing", fake.target);
	assert_true(configfs_remove(&fake, path, &error));
	assert_true(configfs_unlink(&fake, path, &error));
}

static void a_short_write_is_an_error(void **state)
{
	assert_int_equal(configfs_posix.write("/dev/full", "1"), -ENOSPC);
	assert_int_equal(configfs_posix.write("/dev/null", "1"), 0);
}

static void links_and_directories_come_and_go_by(const struct configfs_ops *ops)
{
	char directory[CONFIGFS_PATH_MAX], link[CONFIGFS_PATH_MAX], found[CONFIGFS_PATH_MAX] = "";
	configfs_path(directory, "%s/directory", fake.root);
	configfs_path(link, "%s/link", fake.root);
	assert_int_equal(ops->make(directory), 0);
	assert_int_equal(ops->make(directory), -EEXIST);
	assert_int_equal(ops->link(directory, link), 0);
	assert_int_equal(ops->link(directory, link), -EEXIST);
	assert_true(readlink(link, found, sizeof found - 1) > 0);
	assert_string_equal(found, directory);
	assert_int_equal(ops->unlink(link), 0);
	assert_int_equal(ops->unlink(link), -ENOENT);
	assert_int_equal(ops->remove(directory), 0);
	assert_int_equal(ops->remove(directory), -ENOENT);
}

static void links_and_directories_come_and_go(void **state)
{
	links_and_directories_come_and_go_by(&configfs_posix);
	links_and_directories_come_and_go_by(&configfs_kernel);
}

static void only_the_first_line_is_read(void **state)
{
	char text[16];
	fake_put("file", "one\ntwo");
	assert_int_equal(configfs_read(fake.root, "file", text, sizeof text), 0);
	assert_string_equal(text, "one");
	assert_int_equal(configfs_read(fake.root, "nothing", text, sizeof text), -ENOENT);
}

static void a_number_is_a_number_or_the_default(void **state)
{
	fake_put("number", "17");
	fake_put("words", "17 and more");
	assert_int_equal(configfs_read_number(fake.root, "number", 5), 17);
	assert_int_equal(configfs_read_number(fake.root, "words", 5), 5);
	assert_int_equal(configfs_read_number(fake.root, "nothing", 5), 5);
}

static void a_long_root_is_refused(void **state)
{
	char root[300];
	struct configfs fs;
	memset(root, 'x', sizeof root - 1);
	root[sizeof root - 1] = '\0';
	assert_false(configfs_init(&fs, root, NULL, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_refused_value_is_told_with_its_file_and_cause),
		TEST(a_missing_attribute_is_told),
		TEST(a_missing_attribute_may_be_fine),
		TEST(no_permission_is_its_own_error),
		TEST(a_busy_directory_says_what_to_remove_first),
		TEST(what_is_there_is_not_made_again),
		TEST(what_is_gone_is_not_removed_again),
		TEST(a_short_write_is_an_error),
		TEST(links_and_directories_come_and_go),
		TEST(only_the_first_line_is_read),
		TEST(a_number_is_a_number_or_the_default),
		TEST(a_long_root_is_refused),
	};
	return cmocka_run_group_tests_name("tcmu/configfs", tests, NULL, NULL);
}
