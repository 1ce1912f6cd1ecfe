/* SPDX-License-Identifier: Apache-2.0 */
/* Types of cartridges by their names. */
#include "support.h"

#include "ssc/medium.h"

static void an_lto_8_cartridge_is_known_in_either_case(void **state)
{
	struct native_create create;
	struct error error = {0};
	assert_true(medium_describe("lto-8", &create, &error));
	assert_true(medium_describe("LTO-8", &create, &error));
	assert_string_equal(create.medium, "LTO-8");
	assert_string_equal(create.barcode, "");
	assert_int_equal(create.density, 0x5e);
	assert_int_equal(create.medium_type, 0x88);
	assert_int_equal(create.capacity, 12000000000000);
	assert_int_equal(create.block_max, 8 << 20);
}

static void another_type_is_refused_with_those_there_are(void **state)
{
	struct native_create create;
	struct error error = {0};
	assert_false(medium_describe("DDS-4", &create, &error));
	assert_int_equal(error.code, ERROR_INVALID);
	assert_string_equal(error.sentence, "there is no type of cartridge \"DDS-4\"");
	assert_string_equal(error.remedy, "There is LTO-8.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_lto_8_cartridge_is_known_in_either_case),
		cmocka_unit_test(another_type_is_refused_with_those_there_are),
	};
	return cmocka_run_group_tests_name("ssc/medium", tests, NULL, NULL);
}
