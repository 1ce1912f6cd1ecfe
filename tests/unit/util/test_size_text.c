/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "util/size_text.h"

static void assert_parsed(const char *text, long long expected)
{
	long long bytes = -1;
	if (!size_read(text, &bytes) || bytes != expected)
		fail_msg("\"%s\" is %lld, not %lld", text, bytes, expected);
}

static void sizes_are_read(void **state)
{
	assert_parsed("0", 0);
	assert_parsed("4096", 4096);
	assert_parsed("4096B", 4096);
	assert_parsed("100GB", 100000000000);
	assert_parsed("100 gb", 100000000000);
	assert_parsed("100GiB", 107374182400);
	assert_parsed("12TB", 12000000000000);
	assert_parsed("1.5TB", 1500000000000);
	assert_parsed("2.5T", 2500000000000);
	assert_parsed("1.5KiB", 1536);
	assert_parsed("0.125kB", 125);
	assert_parsed("2.5 TiB", 2748779069440);
	assert_parsed("1PiB", 1125899906842624);
	assert_parsed("9EB", 9000000000000000000);
	assert_parsed("9223372036854775807", INT64_MAX);
}

static void what_is_no_size_is_not_read(void **state)
{
	static const char *const wrong[] = {"", "GB", "-1", "+1", " 1GB", "1GB ", "100X", "1XB",
		"1GBB", "0x10", "1e9", "1.5", "1.5B", "1.GB", ".5GB", "1.2345GB", "1,5GB", "10EB",
		"9223372036854775808", "99999999999999999999", "8EiB", "many", "1 2GB", "1iB"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		long long bytes = -1;
		if (size_read(wrong[i], &bytes))
			fail_msg("\"%s\" is read as %lld", wrong[i], bytes);
		assert_int_equal(bytes, -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_read),
		cmocka_unit_test(what_is_no_size_is_not_read),
	};
	return cmocka_run_group_tests_name("util/size_text", tests, NULL, NULL);
}
