/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "text.h"

static char text[32];

static const char *utf8(const char *bytes, size_t length)
{
	text_utf8(bytes, length, text, sizeof text);
	return text;
}

static const char *identifier(const char *field, size_t width)
{
	text_identifier((const uint8_t *)field, width, text, sizeof text);
	return text;
}

static void good_text_stays(void **state)
{
	assert_string_equal(
		utf8("caf\xc3\xa9 \xf0\x9f\x98\x80", 10), "caf\xc3\xa9 \xf0\x9f\x98\x80");
	assert_string_equal(utf8("  two  words \r\n", 15), "two  words");
}

static void what_controls_a_terminal_does_not(void **state)
{
	assert_string_equal(utf8("a\x1b[2J\x7f\xc2\x9b", 8), "a?[2J??");
}

static void what_is_no_utf_8_is_marked(void **state)
{
	assert_string_equal(utf8("\xc0\xaf", 2), "??");
	assert_string_equal(utf8("\xe0\x80\xaf", 3), "???");
	assert_string_equal(utf8("\xed\xa0\x80", 3), "???");
	assert_string_equal(utf8("\xf4\x90\x80\x80", 4), "????");
	assert_string_equal(utf8("ab\xe2\x82", 4), "ab??");
}

static void a_zero_ends_it(void **state)
{
	assert_string_equal(utf8("ab\0cd", 5), "ab");
}

static void no_character_is_cut_in_two(void **state)
{
	char small[5];
	text_utf8("abc\xc3\xa9", 5, small, sizeof small);
	assert_string_equal(small, "abc");
	text_copy(small, sizeof small, "abc\xc3\xa9");
	assert_string_equal(small, "abc");
	text_copy(small, sizeof small, "ab\xc3\xa9");
	assert_string_equal(small, "ab\xc3\xa9");
}

/* xorriso writes what its terminal has; older tools wrote Latin-1. */
static void identifiers_are_utf_8_or_else_latin_1(void **state)
{
	assert_string_equal(identifier("\xc3\x9c"
				       "BUNG   ",
				    9),
		"\xc3\x9c"
		"BUNG");
	assert_string_equal(identifier("\xdc"
				       "BUNG   ",
				    8),
		"\xc3\x9c"
		"BUNG");
}

static void white_space_at_both_ends_goes(void **state)
{
	assert_string_equal(identifier("  A B   ", 8), "A B");
	assert_string_equal(identifier("  \xdc     ", 8), "\xc3\x9c");
	text_utf16((const uint8_t *)"\0 \0A\0 ", 6, text, sizeof text);
	assert_string_equal(text, "A");
	assert_string_equal(utf8("   ", 3), "");
}

static void names_are_the_same_in_capitals(void **state)
{
	assert_true(text_same("bootX64.efi", 11, "BOOTX64.EFI", 11));
	assert_false(text_same("bootx64.ef", 10, "BOOTX64.EFI", 11));
	assert_false(text_same("[", 1, "{", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_text_stays),
		cmocka_unit_test(what_controls_a_terminal_does_not),
		cmocka_unit_test(what_is_no_utf_8_is_marked),
		cmocka_unit_test(a_zero_ends_it),
		cmocka_unit_test(no_character_is_cut_in_two),
		cmocka_unit_test(identifiers_are_utf_8_or_else_latin_1),
		cmocka_unit_test(white_space_at_both_ends_goes),
		cmocka_unit_test(names_are_the_same_in_capitals),
	};
	return cmocka_run_group_tests_name("inspect/text", tests, NULL, NULL);
}
