/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "util/volume_text.h"

static char text[32];

static const char *from_8(const char *bytes, size_t length)
{
	volume_text_8((const uint8_t *)bytes, length, text, sizeof text);
	return text;
}

static const char *from_16(const char *bytes, size_t length)
{
	volume_text_16((const uint8_t *)bytes, length, text, sizeof text);
	return text;
}

static const char *from_dstring(const char *field, size_t width)
{
	volume_text_dstring((const uint8_t *)field, width, text, sizeof text);
	return text;
}

static void trailing_spaces_go_and_inner_ones_stay(void **state)
{
	assert_string_equal(from_8("A  B    ", 8), "A  B");
	assert_string_equal(from_8("        ", 8), "");
}

static void control_characters_are_not_let_through(void **state)
{
	assert_string_equal(from_8("a\nb\x1b[1m\x7f", 8), "a?b?[1m?");
}

static void a_zero_ends_the_text(void **state)
{
	assert_string_equal(from_8("ab\0cd", 5), "ab");
}

static void latin_1_becomes_utf_8(void **state)
{
	assert_string_equal(from_8("\xdcmlaut", 6), "\xc3\x9cmlaut");
}

static void sixteen_bit_characters_become_utf_8(void **state)
{
	assert_string_equal(from_16("\0D\0V\0D\x20\xac\0 ", 10), "DVD\xe2\x82\xac");
	assert_string_equal(from_16("\xd8\x3d\xde\x00", 4), "\xf0\x9f\x98\x80");
	assert_string_equal(from_16("\xd8\x3d\0x", 4), "?x");
	assert_string_equal(from_16("\0a\0", 3), "a");
}

static void no_character_is_cut_in_the_middle(void **state)
{
	char small[5];
	volume_text_8((const uint8_t *)"\xdc\xdc\xdc", 3, small, sizeof small);
	assert_string_equal(small, "\xc3\x9c\xc3\x9c");
	volume_text_8((const uint8_t *)"a\xdc\xdc", 3, small, 4);
	assert_string_equal(small, "a\xc3\x9c");
}

static void a_dstring_counts_its_bytes_at_its_end(void **state)
{
	assert_string_equal(from_dstring("\x08"
					 "abc\0\0\0\x03",
				    8),
		"ab");
	assert_string_equal(from_dstring("\x10\0a\0b\0\0\x05", 8), "ab");
	assert_string_equal(from_dstring("\x08"
					 "abc\0\0\0\0",
				    8),
		"");
	assert_string_equal(from_dstring("\x08"
					 "abc\0\0\0\x08",
				    8),
		"");
	assert_string_equal(from_dstring("\x07"
					 "abc\0\0\0\x03",
				    8),
		"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trailing_spaces_go_and_inner_ones_stay),
		cmocka_unit_test(control_characters_are_not_let_through),
		cmocka_unit_test(a_zero_ends_the_text),
		cmocka_unit_test(latin_1_becomes_utf_8),
		cmocka_unit_test(sixteen_bit_characters_become_utf_8),
		cmocka_unit_test(no_character_is_cut_in_the_middle),
		cmocka_unit_test(a_dstring_counts_its_bytes_at_its_end),
	};
	return cmocka_run_group_tests_name("util/volume_text", tests, NULL, NULL);
}
