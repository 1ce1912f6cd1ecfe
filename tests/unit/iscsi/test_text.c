/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "text.h"

static struct text_reader read_text(const char *text, size_t length)
{
	struct text_reader reader;
	text_reader_init(&reader, text, length);
	return reader;
}

#define READER(text) read_text(text, sizeof(text) - 1)

static void pairs_come_one_by_one(void **state)
{
	struct text_reader reader = READER("One=1\0Two=2=2\0X-a.b=\0");
	struct text_pair pair;
	assert_true(text_next(&reader, &pair));
	assert_string_equal(pair.key, "One");
	assert_string_equal(pair.value, "1");
	assert_true(text_next(&reader, &pair));
	assert_string_equal(pair.value, "2=2");
	assert_true(text_next(&reader, &pair));
	assert_string_equal(pair.key, "X-a.b");
	assert_string_equal(pair.value, "");
	assert_false(text_next(&reader, &pair));
	assert_false(reader.malformed);
}

static void padding_that_was_counted_is_skipped(void **state)
{
	struct text_reader reader = READER("\0\0A=1\0\0\0");
	struct text_pair pair;
	assert_true(text_next(&reader, &pair));
	assert_string_equal(pair.key, "A");
	assert_false(text_next(&reader, &pair));
	assert_false(reader.malformed);
}

static void expect_malformed(const char *text, size_t length)
{
	struct text_reader reader = read_text(text, length);
	struct text_pair pair;
	assert_false(text_next(&reader, &pair));
	assert_true(reader.malformed);
}

static void what_is_no_pair_is_malformed(void **state)
{
	char long_key[80];
	memset(long_key, 'k', 64);
	memcpy(long_key + 64, "=v", 3);
	expect_malformed("A=1", 3); /* no NUL */
	expect_malformed("A\0", 2);
	expect_malformed("=1\0", 3);
	expect_malformed("A b=1\0", 6);
	expect_malformed(long_key, 67);
	long_key[1] = '=';
	struct text_reader reader = read_text(long_key, 67);
	struct text_pair pair;
	assert_true(text_next(&reader, &pair));
}

static void numbers_are_decimal_or_hexadecimal(void **state)
{
	uint32_t number;
	assert_true(text_number("262144", &number));
	assert_int_equal(number, 262144);
	assert_true(text_number("0xFfff", &number));
	assert_int_equal(number, 65535);
	assert_true(text_number("4294967295", &number));
	static const char *const wrong[] = {"", "0x", "1 ", "-1", "0xg", "4294967296",
		"0x100000000", "99999999999999999999999999"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(text_number(wrong[i], &number));
}

static void bytes_are_hexadecimal_or_base64(void **state)
{
	uint8_t bytes[4];
	assert_int_equal(text_bytes("0x0aFf", bytes, 4), 2);
	assert_memory_equal(bytes, "\x0a\xff", 2);
	assert_int_equal(text_bytes("0xabc", bytes, 4), 2);
	assert_memory_equal(bytes, "\x0a\xbc", 2);
	assert_int_equal(text_bytes("0bAQIDBA==", bytes, 4), 4);
	assert_memory_equal(bytes, "\1\2\3\4", 4);
	static const char *const wrong[] = {"", "0", "0x", "0b", "12", "0xzz", "0x0102030405",
		"0bAQIDBAU=", "0bA", "0b====", "0b!AAA"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(text_bytes(wrong[i], bytes, 4), 0);
}

static void items_of_a_list_are_found_whole(void **state)
{
	assert_true(text_list_has("None", "None"));
	assert_true(text_list_has("CRC32C,None", "None"));
	assert_false(text_list_has("CRC32C,Nonesuch", "None"));
	assert_false(text_list_has("", "None"));
	assert_false(text_list_has("Non", "None"));
}

static void a_writer_never_writes_past_its_buffer(void **state)
{
	char buffer[12];
	struct text_writer writer;
	memset(buffer, 'z', sizeof buffer);
	text_writer_init(&writer, buffer, 8);
	text_put(&writer, "A", "1");
	assert_false(writer.overflowed);
	text_put(&writer, "B", "123");
	assert_true(writer.overflowed);
	assert_int_equal(writer.length, 4);
	assert_memory_equal(buffer, "A=1\0zzzz", 8);
}

static void bytes_are_written_as_they_are_read(void **state)
{
	char buffer[32];
	uint8_t back[4];
	struct text_writer writer;
	text_writer_init(&writer, buffer, sizeof buffer);
	text_put_bytes(&writer, "K", (const uint8_t *)"\x00\x9f\xff", 3);
	assert_string_equal(buffer, "K=0x009fff");
	assert_int_equal(text_bytes(buffer + 2, back, 4), 3);
	assert_memory_equal(back, "\x00\x9f\xff", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_come_one_by_one),
		cmocka_unit_test(padding_that_was_counted_is_skipped),
		cmocka_unit_test(what_is_no_pair_is_malformed),
		cmocka_unit_test(numbers_are_decimal_or_hexadecimal),
		cmocka_unit_test(bytes_are_hexadecimal_or_base64),
		cmocka_unit_test(items_of_a_list_are_found_whole),
		cmocka_unit_test(a_writer_never_writes_past_its_buffer),
		cmocka_unit_test(bytes_are_written_as_they_are_read),
	};
	return cmocka_run_group_tests_name("iscsi/text", tests, NULL, NULL);
}
