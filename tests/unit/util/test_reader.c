/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "util/reader.h"

static void fields_are_big_endian(void **state)
{
	const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7};
	struct reader r;
	reader_init(&r, data, sizeof data);
	assert_int_equal(reader_u8(&r), 1);
	assert_int_equal(reader_be16(&r), 0x0203);
	assert_int_equal(reader_be32(&r), 0x04050607);
	assert_false(r.failed);
	assert_int_equal(r.left, 0);
}

static void reading_past_the_end_yields_zero_and_is_remembered(void **state)
{
	const uint8_t data[] = {1, 2, 3};
	struct reader r;
	reader_init(&r, data, sizeof data);
	assert_int_equal(reader_be32(&r), 0);
	assert_true(r.failed);
	assert_int_equal(reader_u8(&r), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_big_endian),
		cmocka_unit_test(reading_past_the_end_yields_zero_and_is_remembered),
	};
	return cmocka_run_group_tests_name("util/reader", tests, NULL, NULL);
}
