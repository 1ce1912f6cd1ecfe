/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <unistd.h>

#include "available.h"
#include "fake_kernel.h"

static struct error error;

static int setup(void **state)
{
	error = (struct error){0};
	return fake_setup(state);
}

static void remove_from_root(const char *path)
{
	char absolute[CONFIGFS_PATH_MAX];
	configfs_path(absolute, "%s/%s", fake.root, path);
	assert_int_equal(remove(absolute), 0);
}

static void unload_tcm_loop(void)
{
	remove_from_root("sys/module/tcm_loop/note");
	remove_from_root("sys/module/tcm_loop");
}

static void loaded_modules_and_a_tree_are_enough(void **state)
{
	assert_true(available_check(&fake, &error));
}

static void a_missing_module_is_loaded(void **state)
{
	unload_tcm_loop();
	fake.modprobe = "true";
	assert_true(available_check(&fake, &error));
}

static void a_module_that_cannot_be_loaded_is_named(void **state)
{
	unload_tcm_loop();
	assert_false(available_check(&fake, &error));
	assert_int_equal(error.code, geteuid() == 0 ? ERROR_KERNEL_TARGET : ERROR_PERMISSION);
	assert_non_null(strstr(error.sentence, "tcm_loop"));
}

static void without_modprobe_nothing_is_loaded(void **state)
{
	unload_tcm_loop();
	fake.modprobe = "/nonexistent/modprobe";
	assert_false(available_check(&fake, &error));
	assert_non_null(strstr(error.sentence, "tcm_loop"));
}

static void an_unmounted_configfs_says_how_to_mount_it(void **state)
{
	remove_from_root(FAKE_TARGET "/core/alua/note");
	remove_from_root(FAKE_TARGET "/core/alua");
	remove_from_root(FAKE_TARGET "/core");
	assert_false(available_check(&fake, &error));
	assert_int_equal(error.code, ERROR_KERNEL_TARGET);
	assert_non_null(strstr(error.sentence, "configfs is not mounted at"));
	assert_non_null(strstr(error.remedy, "mount -t configfs configfs /sys/kernel/config"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loaded_modules_and_a_tree_are_enough),
		TEST(a_missing_module_is_loaded),
		TEST(a_module_that_cannot_be_loaded_is_named),
		TEST(without_modprobe_nothing_is_loaded),
		TEST(an_unmounted_configfs_says_how_to_mount_it),
	};
	return cmocka_run_group_tests_name("tcmu/available", tests, NULL, NULL);
}
