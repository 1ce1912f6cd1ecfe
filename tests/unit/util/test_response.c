/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "util/response.h"

static void fields_are_big_endian(void **state)
{
	uint8_t buffer[10];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	response_u8(&r, 0x01);
	response_be16(&r, 0x0203);
	response_be24(&r, 0x040506);
	response_be32(&r, 0x0708090a);
	assert_false(r.overflowed);
	assert_int_equal(r.length, 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(buffer[i], i + 1);
}

static void nothing_is_written_past_the_end(void **state)
{
	uint8_t buffer[4] = {0xee, 0xee, 0xee, 0xee};
	struct response r;
	response_init(&r, buffer, 3);
	response_be16(&r, 0x0102);
	response_be16(&r, 0x0304);
	assert_true(r.overflowed);
	assert_int_equal(r.length, 2);
	assert_int_equal(buffer[2], 0xee);
	assert_int_equal(buffer[3], 0xee);
}

static void a_length_field_counts_what_follows_it(void **state)
{
	uint8_t buffer[16];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	size_t at = response_length_open(&r, 2);
	response_zero(&r, 5);
	response_length_close(&r, at, 2, 2);
	assert_int_equal(buffer[0], 0);
	assert_int_equal(buffer[1], 7);
}

static void text_is_padded_with_spaces_and_cut(void **state)
{
	uint8_t buffer[8];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	response_ascii(&r, "ab", 4);
	response_ascii(&r, "longer", 4);
	assert_memory_equal(buffer, "ab  long", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_big_endian),
		cmocka_unit_test(nothing_is_written_past_the_end),
		cmocka_unit_test(a_length_field_counts_what_follows_it),
		cmocka_unit_test(text_is_padded_with_spaces_and_cut),
	};
	return cmocka_run_group_tests_name("util/response", tests, NULL, NULL);
}
