/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>

#include "backstore.h"
#include "fake_kernel.h"

#define DVD0 FAKE_TARGET "/core/user_100/dvd0"

static const struct backstore_config dvd0 = {
	.name = "dvd0",
	.serial = "CAROUSEL0001",
	.data_area_mb = 16,
};
static struct error error;
static struct backstore backstore;

static int setup(void **state)
{
	error = (struct error){0};
	return fake_setup(state);
}

static void it_gets_all_it_needs(void **state)
{
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	fake_assert_file(DVD0 "/control",
		"dev_config=carousel/dvd0,dev_size=1048576,hw_block_size=512,hw_max_sectors=2048,"
		"max_data_area_mb=16,cmd_ring_size_mb=1,nl_reply_supported=-1");
	fake_assert_file(DVD0 "/wwn/vpd_unit_serial", "CAROUSEL0001");
	fake_assert_file(DVD0 "/attrib/cmd_time_out", "0");
	fake_assert_file(DVD0 "/attrib/tmr_notification", "1");
	fake_assert_file(DVD0 "/attrib/pgr_support", "0");
	fake_assert_file(DVD0 "/enable", "1");
}

static void it_is_enabled_last(void **state)
{
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	assert_int_equal(fake_when("write core/user_100/dvd0/enable 1"), fake_count() - 1);
}

static void it_takes_the_first_free_number(void **state)
{
	fake_put_backstore("user_0", "disk", "qcow/x", true);
	fake_put_backstore("user_100", "other", "carousel/other", true);
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	assert_int_equal(backstore.hba, 101);
	assert_true(fake_has(FAKE_TARGET "/core/user_101/dvd0"));
}

static void an_empty_number_that_a_killed_daemon_left_is_used(void **state)
{
	fake_put(FAKE_TARGET "/core/user_100/hba_mode", "0");
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	assert_int_equal(backstore.hba, 100);
	assert_true(backstore_remove(&fake, &backstore, &error));
	assert_false(fake_has(FAKE_TARGET "/core/user_100"));
}

static void an_older_kernel_has_fewer_attributes(void **state)
{
	fake_fail("write core/user_100/dvd0/attrib/tmr_notification", ENOENT);
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	assert_int_equal(backstore_remove(&fake, &backstore, &error), true);
	fake_fail("write core/user_100/dvd0/attrib/pgr_support", ENOENT);
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
}

static void a_failure_at_any_step_leaves_nothing(void **state)
{
	static const char *const steps[] = {
		"make core/user_100",
		"make core/user_100/dvd0",
		"write core/user_100/dvd0/alias",
		"write core/user_100/dvd0/control",
		"write core/user_100/dvd0/wwn/vpd_unit_serial",
		"write core/user_100/dvd0/attrib/cmd_time_out",
		"write core/user_100/dvd0/attrib/pgr_support",
		"write core/user_100/dvd0/enable",
	};
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		error.code = ERROR_NONE;
		fake_fail(steps[i], EIO);
		assert_false(backstore_create(&fake, &dvd0, &backstore, &error));
		assert_int_equal(error.code, ERROR_KERNEL_TARGET);
		assert_false(fake_has(FAKE_TARGET "/core/user_100"));
	}
}

static void names_that_would_lead_elsewhere_are_refused(void **state)
{
	static const char *const names[] = {"", ".", "..", "../x", "a/b", "a b", "a:b", "a,b",
		"DVD",
		("a123456789b123456789c123456789d123456789e123456789f123456789g123"
		 "4567890")};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct backstore_config config = {names[i], "S", 16};
		assert_false(backstore_create(&fake, &config, &backstore, &error));
		assert_int_equal(error.code, ERROR_CONFIGURATION);
		assert_int_equal(fake_count(), 0);
	}
}

static void all_our_rings_fit_into_the_global_limit(void **state)
{
	fake_put("sys/module/target_core_user/parameters/global_max_data_area_mb", "40");
	fake_put_ours("user_100", "a", "carousel/a", true);
	fake_put(FAKE_TARGET "/core/user_100/a/attrib/max_data_area_mb", "24");
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	const struct backstore_config one_more = {"b", "S", 1};
	assert_false(backstore_create(&fake, &one_more, &backstore, &error));
	assert_non_null(strstr(error.sentence, "40 MiB of the 40 MiB"));
	assert_non_null(strstr(error.remedy, "global_max_data_area_mb"));
}

static void rings_of_others_are_not_counted(void **state)
{
	fake_put("sys/module/target_core_user/parameters/global_max_data_area_mb", "16");
	fake_put_backstore("user_1", "disk", "qcow/x", true);
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
}

static void an_absurd_data_area_is_refused(void **state)
{
	const struct backstore_config none = {"a", "S", 0}, huge = {"a", "S", UINT32_MAX};
	assert_false(backstore_create(&fake, &none, &backstore, &error));
	assert_false(backstore_create(&fake, &huge, &backstore, &error));
	assert_int_equal(fake_count(), 0);
}

static void ours_is_found_under_any_number(void **state)
{
	bool found = false;
	fake_put_ours("user_7", "dvd0", "carousel/dvd0", true);
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_true(found);
	assert_int_equal(backstore.hba, 7);
	assert_string_equal(backstore.config, "carousel/dvd0");
	assert_int_equal(fake_count(), 0);
}

/*
 * The kernel keeps `alias` apart from `enable`, and gives back what was written: so in
 * drivers/target /target_core_configfs.c from Linux 2.6.38 (target_core_store_dev_alias) to 6.x
 * (target_dev_alias_store), and in the out-of-tree LIO of 2.6.31. tests/system sees it.
 */
static void the_mark_is_written_before_anything_else(void **state)
{
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	assert_int_equal(fake_when("write "), fake_when("write core/user_100/dvd0/alias"));
	fake_assert_file(DVD0 "/alias", BACKSTORE_MARK);
}

static void one_that_another_program_made_for_our_drive_is_not_adopted(void **state)
{
	bool found = true;
	fake_put_backstore("user_100", "dvd0", "carousel/dvd0", true);
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_false(found);
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	assert_int_equal(backstore.hba, 101);
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_true(found);
	assert_int_equal(backstore.hba, 101);
	assert_true(fake_has(DVD0));
}

static void one_that_another_program_has_only_begun_stays(void **state)
{
	bool found = true;
	fake_put_backstore("user_0", "dvd0", "", false);
	fake_put_backstore("user_100", "dvd0", "carousel/dvd0", false);
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_false(found);
	assert_int_equal(fake_count(), 0);
}

static void a_mark_that_only_begins_like_ours_is_not_ours(void **state)
{
	bool found = true;
	fake_put_backstore("user_0", "dvd0", "carousel/dvd0", true);
	fake_put(FAKE_TARGET "/core/user_0/dvd0/alias", BACKSTORE_MARK "'s friend");
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_false(found);
}

static void what_is_not_there_is_not_found(void **state)
{
	bool found = true;
	fake_put_backstore("user_7", "dvd1", "carousel/dvd1", true);
	fake_put_backstore("user_x", "dvd0", "carousel/dvd0", true);
	fake_put_backstore("fileio_0", "dvd0", "carousel/dvd0", false);
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_false(found);
}

static void a_name_of_another_program_is_refused(void **state)
{
	bool found = false;
	fake_put_backstore("user_0", "dvd0", "carouselx/dvd0", true);
	assert_false(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_int_equal(error.code, ERROR_EXISTS);
	assert_non_null(strstr(error.sentence, "user_0/dvd0 (carouselx/dvd0)"));
	assert_true(fake_has(FAKE_TARGET "/core/user_0/dvd0"));
}

static void a_half_made_one_is_cleared_away(void **state)
{
	bool found = true;
	fake_put_backstore("user_100", "dvd0", "", false);
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_false(found);
	assert_false(fake_has(FAKE_TARGET "/core/user_100"));
	fake_put_ours("user_100", "dvd0", "carousel/dvd0", false);
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_false(found);
	assert_false(fake_has(FAKE_TARGET "/core/user_100"));
}

static void a_half_made_one_of_another_program_stays(void **state)
{
	bool found = false;
	fake_put_backstore("user_0", "dvd0", "qcow/x", false);
	assert_false(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_true(fake_has(FAKE_TARGET "/core/user_0/dvd0"));
}

static void removing_keeps_what_others_put_beside_it(void **state)
{
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	fake_put_backstore("user_100", "other", "qcow/x", true);
	assert_true(backstore_remove(&fake, &backstore, &error));
	assert_false(fake_has(DVD0));
	assert_true(fake_has(FAKE_TARGET "/core/user_100/other"));
}

static void the_serial_is_read_with_and_without_its_label(void **state)
{
	bool found;
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	assert_string_equal(backstore.serial, "CAROUSEL0001");
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_string_equal(backstore.serial, "CAROUSEL0001");
	fake_put(DVD0 "/wwn/vpd_unit_serial", "T10 VPD Unit Serial Number: XYZ");
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_string_equal(backstore.serial, "XYZ");
}

static void no_serial_is_no_serial(void **state)
{
	bool found;
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	fake_put(DVD0 "/wwn/vpd_unit_serial", "T10 VPD Unit Serial Number: ");
	assert_true(backstore_find(&fake, "dvd0", &backstore, &found, &error));
	assert_string_equal(backstore.serial, "");
}

static void its_ring_is_found_by_name(void **state)
{
	char uio[32];
	fake_put_backstore("user_1000", "dvd0", "carousel/dvd0", true);
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	assert_true(backstore_uio(&fake, &backstore, uio, sizeof uio, &error));
	assert_string_equal(uio, "uio1");
}

static void a_missing_ring_is_told(void **state)
{
	char uio[32];
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	backstore.hba = 5;
	assert_false(backstore_uio(&fake, &backstore, uio, sizeof uio, &error));
	assert_non_null(strstr(error.sentence, "tcm-user/5/dvd0/carousel/dvd0"));
}

static void its_commands_can_be_blocked_and_ended(void **state)
{
	assert_true(backstore_create(&fake, &dvd0, &backstore, &error));
	assert_true(backstore_block(&fake, &backstore, true, &error));
	fake_assert_file(DVD0 "/action/block_dev", "1");
	assert_true(backstore_reset(&fake, &backstore, 2, &error));
	fake_assert_file(DVD0 "/action/reset_ring", "2");
	assert_true(backstore_block(&fake, &backstore, false, &error));
	fake_assert_file(DVD0 "/action/block_dev", "0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_gets_all_it_needs),
		TEST(it_is_enabled_last),
		TEST(it_takes_the_first_free_number),
		TEST(an_empty_number_that_a_killed_daemon_left_is_used),
		TEST(an_older_kernel_has_fewer_attributes),
		TEST(a_failure_at_any_step_leaves_nothing),
		TEST(names_that_would_lead_elsewhere_are_refused),
		TEST(all_our_rings_fit_into_the_global_limit),
		TEST(rings_of_others_are_not_counted),
		TEST(an_absurd_data_area_is_refused),
		TEST(ours_is_found_under_any_number),
		TEST(the_mark_is_written_before_anything_else),
		TEST(one_that_another_program_made_for_our_drive_is_not_adopted),
		TEST(one_that_another_program_has_only_begun_stays),
		TEST(a_mark_that_only_begins_like_ours_is_not_ours),
		TEST(what_is_not_there_is_not_found),
		TEST(a_name_of_another_program_is_refused),
		TEST(a_half_made_one_is_cleared_away),
		TEST(a_half_made_one_of_another_program_stays),
		TEST(removing_keeps_what_others_put_beside_it),
		TEST(the_serial_is_read_with_and_without_its_label),
		TEST(no_serial_is_no_serial),
		TEST(its_ring_is_found_by_name),
		TEST(a_missing_ring_is_told),
		TEST(its_commands_can_be_blocked_and_ended),
	};
	return cmocka_run_group_tests_name("tcmu/backstore", tests, NULL, NULL);
}
