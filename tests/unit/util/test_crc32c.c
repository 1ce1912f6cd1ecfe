/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of RFC 7143 Appendix A.4. */
#include "support.h"

#include "util/crc32c.h"

static void expect(const uint8_t *data, size_t length, uint32_t wanted)
{
	assert_int_equal(crc32c(0, data, length), wanted);
	assert_int_equal(crc32c_table(0, data, length), wanted);
}

static void examples_of_the_standard(void **state)
{
	uint8_t data[32];
	memset(data, 0, sizeof data);
	expect(data, sizeof data, 0x8a9136aa);
	memset(data, 0xff, sizeof data);
	expect(data, sizeof data, 0x62a8ab43);
	for (unsigned i = 0; i < 32; i++)
		data[i] = (uint8_t)i;
	expect(data, sizeof data, 0x46dd794e);
	for (unsigned i = 0; i < 32; i++)
		data[i] = (uint8_t)(31 - i);
	expect(data, sizeof data, 0x113fdb5c);
}

static void pieces_of_any_length_are_the_whole(void **state)
{
	uint8_t data[100];
	for (unsigned i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 37);
	uint32_t whole = crc32c(0, data, sizeof data);
	for (size_t cut = 0; cut <= sizeof data; cut++) {
		uint32_t crc = crc32c(0, data, cut);
		assert_int_equal(crc32c(crc, data + cut, sizeof data - cut), whole);
		assert_int_equal(crc32c_table(crc, data + cut, sizeof data - cut), whole);
	}
}

/* The instruction's lanes begin and end somewhere in these lengths. */
static void both_ways_agree_about_long_data(void **state)
{
	static uint8_t data[10000];
	uint32_t random = 1;
	for (unsigned i = 0; i < sizeof data; i++) {
		random = random * 1664525 + 1013904223;
		data[i] = (uint8_t)(random >> 24);
	}
	for (size_t length = 0; length + 3 <= sizeof data; length += length < 4700 ? 1 : 97) {
		const uint8_t *from = data + length % 4;
		assert_int_equal(crc32c(random, from, length), crc32c_table(random, from, length));
	}
}

static void a_digest_is_sent_least_significant_byte_first(void **state)
{
	uint8_t digest[4];
	crc32c_put(digest, 0x8a9136aa);
	assert_memory_equal(digest, "\xaa\x36\x91\x8a", 4);
	assert_int_equal(crc32c_get(digest), 0x8a9136aa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_the_standard),
		cmocka_unit_test(pieces_of_any_length_are_the_whole),
		cmocka_unit_test(both_ways_agree_about_long_data),
		cmocka_unit_test(a_digest_is_sent_least_significant_byte_first),
	};
	return cmocka_run_group_tests_name("iscsi/crc32c", tests, NULL, NULL);
}
