/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <stdio.h>

#include "fake_kernel.h"
#include "loopback.h"

#define LOOPBACK       FAKE_TARGET "/loopback"
#define TARGET_OF_0001 "naa.5001405b297e9592"

static struct error error;
static struct backstore dvd0, dvd1;

static int setup(void **state)
{
	const struct backstore_config first = {"dvd0", "CAROUSEL0001", 16};
	const struct backstore_config second = {"dvd1", "CAROUSEL0002", 16};
	error = (struct error){0};
	if (fake_setup(state) != 0)
		return -1;
	assert_true(backstore_create(&fake, &first, &dvd0, &error));
	assert_true(backstore_create(&fake, &second, &dvd1, &error));
	fake_forget();
	return 0;
}

static void a_serial_number_always_gives_the_same_names(void **state)
{
	char target[LOOPBACK_NAME_MAX], initiator[LOOPBACK_NAME_MAX];
	loopback_names("CAROUSEL0001", target, initiator);
	assert_string_equal(target, TARGET_OF_0001);
	assert_string_equal(initiator, "naa.5001405b297e9593");
}

static void every_serial_number_has_names_of_its_own(void **state)
{
	static char names[2000][LOOPBACK_NAME_MAX];
	for (int i = 0; i < 2000; i++) {
		char serial[32], initiator[LOOPBACK_NAME_MAX];
		snprintf(serial, sizeof serial, "CAROUSEL%04d", i);
		loopback_names(serial, names[i], initiator);
		assert_string_not_equal(names[i], initiator);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
}

static void the_lun_is_linked_when_all_else_is_there(void **state)
{
	static const char base[] = "loopback/" TARGET_OF_0001;
	char expected[6][256];
	snprintf(expected[0], sizeof expected[0], "make loopback");
	snprintf(expected[1], sizeof expected[1], "make %s", base);
	snprintf(expected[2], sizeof expected[2], "make %s/tpgt_1", base);
	snprintf(expected[3], sizeof expected[3], "write %s/tpgt_1/nexus naa.5001405b297e9593",
		base);
	snprintf(expected[4], sizeof expected[4], "make %s/tpgt_1/lun/lun_0", base);
	snprintf(expected[5], sizeof expected[5], "link %s/tpgt_1/lun/lun_0/dvd0", base);
	assert_true(loopback_export(&fake, &dvd0, &error));
	assert_int_equal(fake_count(), 6);
	for (int i = 0; i < 6; i++)
		assert_string_equal(fake_note(i), expected[i]);
}

static void what_is_shown_is_not_touched(void **state)
{
	assert_true(loopback_export(&fake, &dvd0, &error));
	fake_forget();
	assert_true(loopback_export(&fake, &dvd0, &error));
	assert_int_equal(fake_count(), 0);
}

static void a_nexus_that_is_there_is_kept(void **state)
{
	fake_fail("write loopback/" TARGET_OF_0001 "/tpgt_1/nexus", EEXIST);
	assert_true(loopback_export(&fake, &dvd0, &error));
}

static const char *const steps[] = {
	"make loopback",
	"make loopback/" TARGET_OF_0001,
	"make loopback/" TARGET_OF_0001 "/tpgt_1",
	"write loopback/" TARGET_OF_0001 "/tpgt_1/nexus",
	"make loopback/" TARGET_OF_0001 "/tpgt_1/lun",
	"link loopback/" TARGET_OF_0001 "/tpgt_1/lun/lun_0/dvd0",
};

static void an_interrupted_export_goes_on(void **state)
{
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		fake_fail(steps[i], EIO);
		assert_false(loopback_export(&fake, &dvd0, &error));
		assert_int_equal(error.code, ERROR_KERNEL_TARGET);
		fake_fail(NULL, 0);
		assert_true(loopback_export(&fake, &dvd0, &error));
		assert_true(loopback_unexport(&fake, &dvd0, &error));
	}
}

static void an_interrupted_export_can_be_removed(void **state)
{
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		fake_fail(steps[i], EIO);
		assert_false(loopback_export(&fake, &dvd0, &error));
		fake_fail(NULL, 0);
		assert_true(loopback_unexport(&fake, &dvd0, &error));
		assert_false(fake_has(LOOPBACK));
	}
}

static void it_is_taken_down_from_the_inside(void **state)
{
	assert_true(loopback_export(&fake, &dvd0, &error));
	fake_forget();
	assert_true(loopback_unexport(&fake, &dvd0, &error));
	int unlinked = fake_when("unlink loopback/" TARGET_OF_0001 "/tpgt_1/lun/lun_0/dvd0");
	int lun = fake_when("remove loopback/" TARGET_OF_0001 "/tpgt_1/lun/lun_0");
	int nexus = fake_when("write loopback/" TARGET_OF_0001 "/tpgt_1/nexus NULL");
	assert_true(0 <= unlinked && unlinked < lun && lun < nexus);
	assert_false(fake_has(LOOPBACK));
}

static void other_targets_stay(void **state)
{
	assert_true(loopback_export(&fake, &dvd0, &error));
	assert_true(loopback_export(&fake, &dvd1, &error));
	assert_true(loopback_unexport(&fake, &dvd0, &error));
	char address[32];
	assert_false(loopback_address(&fake, &dvd0, address, sizeof address));
	assert_true(loopback_address(&fake, &dvd1, address, sizeof address));
}

static void it_is_taken_down_even_when_the_backstore_is_gone(void **state)
{
	assert_true(loopback_export(&fake, &dvd0, &error));
	char link[CONFIGFS_PATH_MAX];
	configfs_path(link, "%s/loopback/" TARGET_OF_0001 "/tpgt_1/lun/lun_0/dvd0", fake.target);
	assert_true(configfs_unlink(&fake, link, &error));
	assert_true(backstore_remove(&fake, &dvd0, &error));
	assert_true(loopback_unexport(&fake, &dvd0, &error));
	assert_false(fake_has(LOOPBACK));
}

static void what_is_not_shown_need_not_be_hidden(void **state)
{
	assert_true(loopback_unexport(&fake, &dvd0, &error));
}

static void a_nexus_in_use_is_told(void **state)
{
	assert_true(loopback_export(&fake, &dvd0, &error));
	fake_fail("write loopback/" TARGET_OF_0001 "/tpgt_1/nexus NULL", EBUSY);
	assert_false(loopback_unexport(&fake, &dvd0, &error));
	assert_non_null(strstr(error.sentence, "\"NULL\""));
	fake_fail(NULL, 0);
	assert_true(loopback_unexport(&fake, &dvd0, &error));
}

static void a_nexus_that_is_gone_does_not_matter(void **state)
{
	assert_true(loopback_export(&fake, &dvd0, &error));
	fake_fail("write loopback/" TARGET_OF_0001 "/tpgt_1/nexus NULL", ENODEV);
	assert_true(loopback_unexport(&fake, &dvd0, &error));
}

static void a_link_to_another_backstore_is_refused(void **state)
{
	assert_true(loopback_export(&fake, &dvd0, &error));
	struct backstore twin = dvd0;
	configfs_path(twin.path, "%s/core/user_200/dvd0", fake.target);
	assert_false(loopback_export(&fake, &twin, &error));
	assert_int_equal(error.code, ERROR_EXISTS);
}

static void without_a_serial_number_it_cannot_be_named(void **state)
{
	dvd0.serial[0] = '\0';
	assert_false(loopback_export(&fake, &dvd0, &error));
	assert_int_equal(fake_count(), 0);
	assert_non_null(strstr(error.sentence, "serial number"));
}

static void a_shown_backstore_cannot_be_removed(void **state)
{
	assert_true(loopback_export(&fake, &dvd0, &error));
	assert_false(backstore_remove(&fake, &dvd0, &error));
	assert_non_null(strstr(error.remedy, "every LUN"));
}

static void the_address_is_that_of_the_only_lun(void **state)
{
	char address[32];
	assert_false(loopback_address(&fake, &dvd0, address, sizeof address));
	assert_true(loopback_export(&fake, &dvd0, &error));
	assert_true(loopback_address(&fake, &dvd0, address, sizeof address));
	assert_string_equal(address, "3:0:1:0");
}

static void the_block_device_is_named_once_it_is_there(void **state)
{
	char address[32];
	assert_true(loopback_export(&fake, &dvd0, &error));
	fake_put("sys/bus/scsi/devices/3:0:1:0/block/sr0/size", "0");
	assert_true(loopback_address(&fake, &dvd0, address, sizeof address));
	assert_string_equal(address, "3:0:1:0 sr0");
}

static void an_address_that_does_not_fit_is_none(void **state)
{
	char address[7];
	assert_true(loopback_export(&fake, &dvd0, &error));
	assert_false(loopback_address(&fake, &dvd0, address, sizeof address));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_serial_number_always_gives_the_same_names),
		TEST(every_serial_number_has_names_of_its_own),
		TEST(the_lun_is_linked_when_all_else_is_there),
		TEST(what_is_shown_is_not_touched),
		TEST(a_nexus_that_is_there_is_kept),
		TEST(an_interrupted_export_goes_on),
		TEST(an_interrupted_export_can_be_removed),
		TEST(it_is_taken_down_from_the_inside),
		TEST(other_targets_stay),
		TEST(it_is_taken_down_even_when_the_backstore_is_gone),
		TEST(what_is_not_shown_need_not_be_hidden),
		TEST(a_nexus_in_use_is_told),
		TEST(a_nexus_that_is_gone_does_not_matter),
		TEST(a_link_to_another_backstore_is_refused),
		TEST(without_a_serial_number_it_cannot_be_named),
		TEST(a_shown_backstore_cannot_be_removed),
		TEST(the_address_is_that_of_the_only_lun),
		TEST(the_block_device_is_named_once_it_is_there),
		TEST(an_address_that_does_not_fit_is_none),
	};
	return cmocka_run_group_tests_name("tcmu/loopback", tests, NULL, NULL);
}
