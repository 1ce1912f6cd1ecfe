/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake_kernel.h"
#include "foreign.h"

#define LONG "a123456789b123456789c123456789d123456789e123456789f123456789g123"
#define A    FAKE_TARGET "/core/user_7/a"

static struct error error;
static struct tcmu_foreign foreign;
static struct backstore backstore;

static int setup(void **state)
{
	error = (struct error){0};
	foreign = (struct tcmu_foreign){.hba = 7, .device = "a"};
	return fake_setup(state);
}

/* One that can be served as it is, but for what LIO gives every device. */
static void put_good(void)
{
	fake_put_backstore("user_7", "a", "carousel/dvd0", true);
	fake_put(A "/attrib/dev_size", "1048576");
	fake_put(A "/attrib/max_data_area_mb", "8");
	fake_put(A "/attrib/nl_reply_supported", "-1");
}

/* ---- names ----------------------------------------------------------------------------------- */

static void a_name_says_which_drive(void **state)
{
	assert_true(tcmu_foreign_parse("tcm-user/7/disk one/carousel/dvd0", &foreign));
	assert_int_equal(foreign.problem.code, ERROR_KERNEL_TARGET);
	assert_non_null(strstr(foreign.problem.sentence, "user_7/disk?one"));
	assert_true(tcmu_foreign_parse("tcm-user/7/disk1/carousel/dvd0", &foreign));
	assert_int_equal(foreign.problem.code, ERROR_NONE);
	assert_int_equal(foreign.hba, 7);
	assert_string_equal(foreign.device, "disk1");
	assert_string_equal(foreign.drive, "dvd0");
	assert_string_equal(foreign.nexus, "7/disk1");
}

static void a_name_may_say_which_nexus(void **state)
{
	assert_true(tcmu_foreign_parse("tcm-user/4294967295/a/carousel/dvd0/Host.1:x", &foreign));
	assert_int_equal(foreign.problem.code, ERROR_NONE);
	assert_string_equal(foreign.nexus, "Host.1:x");
}

static void other_names_are_none_of_ours(void **state)
{
	static const char *const names[] = {"", "tcm-user", "tcm-user/", "tcm-user/7",
		"tcm-user/7/", "tcm-user/7/a", "tcm-user/7/a/", "tcm-user/7/a/carousel",
		"tcm-user/7/a/carouselx/b", "tcm-user/7/a/qcow/x", "tcm-user//a/carousel/b",
		"tcm-user/7//carousel/b", "tcm-user/-1/a/carousel/b", "tcm-user/+1/a/carousel/b",
		"tcm-user/ 1/a/carousel/b", "tcm-user/4294967296/a/carousel/b",
		"tcm-user/99999999999999999999999/a/carousel/b", "tcm-user/7x/a/carousel/b",
		"xtcm-user/7/a/carousel/b", "uio_pci_generic"};
	struct tcmu_foreign untouched = foreign;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_false(tcmu_foreign_parse(names[i], &foreign));
	assert_memory_equal(&foreign, &untouched, sizeof foreign);
}

static void names_that_cannot_be_served_say_why(void **state)
{
	static const char *const names[] = {"tcm-user/7/a/carousel/", "tcm-user/7/a/carousel/DVD0",
		"tcm-user/7/a/carousel/../x", "tcm-user/7/a/carousel/dvd0/",
		"tcm-user/7/a/carousel/dvd0/x/y", "tcm-user/7/a/carousel/dvd0/x y",
		"tcm-user/7/a/carousel/dvd0/\x1b[2J", "tcm-user/7/\x1b[2J/carousel/dvd0/x",
		("tcm-user/7/a/carousel/" LONG)};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_true(tcmu_foreign_parse(names[i], &foreign));
		if (foreign.problem.code != ERROR_KERNEL_TARGET)
			fail_msg("%s has no problem", names[i]);
		assert_non_null(strstr(foreign.problem.remedy, "dev_config=carousel/DRIVE"));
		assert_null(strchr(foreign.problem.sentence, '\x1b'));
	}
}

/* ---- what is there --------------------------------------------------------------------------- */

static void count(void *context, const struct tcmu_foreign *one)
{
	char *seen = context;
	snprintf(seen + strlen(seen), 64 - strlen(seen), "%s ", one->device);
}

static void those_with_our_mark_are_not_foreign(void **state)
{
	char seen[64] = "";
	fake_put_backstore("user_0", "qcow", "qcow/x", true);
	fake_put_backstore("user_1", "b", "carousel/dvd0", true);
	fake_put_ours("user_100", "dvd0", "carousel/dvd0", true);
	fake_put_backstore("user_2", "a", "carousel/dvd1", true);
	fake_put_backstore("user_3", "c", "carousel/dvd1", false);
	foreign_each(&fake, count, seen);
	assert_string_equal(seen, "b a ");
	assert_int_equal(fake_count(), 0);
}

/* ---- how it must be -------------------------------------------------------------------------- */

static void what_can_be_mended_is(void **state)
{
	put_good();
	fake_put(A "/attrib/nl_reply_supported", "1");
	assert_true(foreign_prepare(&fake, &foreign, &backstore, &error));
	assert_string_equal(backstore.config, "carousel/dvd0");
	fake_assert_file(A "/attrib/cmd_time_out", "0");
	fake_assert_file(A "/attrib/tmr_notification", "1");
	fake_assert_file(A "/attrib/pgr_support", "0");
	fake_assert_file(A "/attrib/nl_reply_supported", "-1");
	assert_int_equal(fake_count(), 4);
}

static void what_is_right_is_not_written(void **state)
{
	put_good();
	assert_true(foreign_prepare(&fake, &foreign, &backstore, &error));
	fake_forget();
	assert_true(foreign_prepare(&fake, &foreign, &backstore, &error));
	assert_int_equal(fake_count(), 0);
}

static void what_cannot_be_mended_is_told_with_the_command(void **state)
{
	static const char *const files[] = {
		"cmd_time_out", "tmr_notification", "pgr_support", "nl_reply_supported"};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char note[64];
		put_good();
		fake_put(A "/attrib/nl_reply_supported", "1");
		snprintf(note, sizeof note, "write core/user_7/a/attrib/%s", files[i]);
		fake_fail(note, EINVAL);
		assert_false(foreign_prepare(&fake, &foreign, &backstore, &error));
		assert_int_equal(error.code, ERROR_KERNEL_TARGET);
		assert_non_null(strstr(error.sentence, files[i]));
		assert_non_null(strstr(error.remedy, ">core/user_7/a/attrib/"));
		assert_non_null(strstr(error.remedy, "systemctl reload"));
		/* printf takes -1 for an option. */
		assert_null(strstr(error.remedy, "printf -1"));
	}
}

static void sizes_that_cannot_be_are_refused_before_anything_is_changed(void **state)
{
	put_good();
	fake_put(A "/attrib/dev_size", "0");
	assert_false(foreign_prepare(&fake, &foreign, &backstore, &error));
	assert_non_null(strstr(error.sentence, "dev_size is 0"));
	put_good();
	fake_put(A "/attrib/max_data_area_mb", "1");
	assert_false(foreign_prepare(&fake, &foreign, &backstore, &error));
	assert_non_null(strstr(error.sentence, "max_data_area_mb 1"));
	assert_int_equal(fake_count(), 0);
}

static void note_enabled(void *context, const struct tcmu_foreign *one)
{
	*(bool *)context = one->enabled;
}

static void whether_it_is_enabled_is_seen_at_each_look(void **state)
{
	bool enabled = false;
	put_good();
	foreign_each(&fake, note_enabled, &enabled);
	assert_true(enabled);
	fake_put(A "/enable", "0");
	foreign_each(&fake, note_enabled, &enabled);
	assert_false(enabled);
}

static void one_that_is_not_enabled_is_not_waited_for(void **state)
{
	fake_put_backstore("user_7", "a", "carousel/dvd0", false);
	assert_false(foreign_prepare(&fake, &foreign, &backstore, &error));
	assert_non_null(strstr(error.sentence, "announced and is not enabled"));
	assert_int_equal(fake_count(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_says_which_drive),
		TEST(a_name_may_say_which_nexus),
		TEST(other_names_are_none_of_ours),
		TEST(names_that_cannot_be_served_say_why),
		TEST(those_with_our_mark_are_not_foreign),
		TEST(what_can_be_mended_is),
		TEST(what_is_right_is_not_written),
		TEST(what_cannot_be_mended_is_told_with_the_command),
		TEST(sizes_that_cannot_be_are_refused_before_anything_is_changed),
		TEST(whether_it_is_enabled_is_seen_at_each_look),
		TEST(one_that_is_not_enabled_is_not_waited_for),
	};
	return cmocka_run_group_tests_name("tcmu/foreign", tests, NULL, NULL);
}
