/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "human.h"
#include "shell.h"

static void assert_size(long long bytes, const char *expected)
{
	char text[32];
	assert_string_equal(human_size(bytes, text, sizeof text), expected);
}

static void sizes(void **state)
{
	assert_size(0, "0 B");
	assert_size(999, "999 B");
	assert_size(1000, "1.0 kB");
	assert_size(9949, "9.9 kB");
	assert_size(9950, "10 kB");
	assert_size(661651456, "662 MB");
	assert_size(999600000, "1.0 GB");
	assert_size(4700372992, "4.7 GB");
	assert_size(INT64_MAX, "9.2 EB");
}

static void assert_percent(long long part, long long whole, const char *expected)
{
	char text[32];
	assert_string_equal(human_percent(part, whole, text, sizeof text), expected);
}

static void percents(void **state)
{
	assert_percent(0, 100, "0 %");
	assert_percent(1, 1000, "<1 %");
	assert_percent(37, 100, "37 %");
	assert_percent(999, 1000, ">99 %");
	assert_percent(1000, 1000, "100 %");
	assert_percent(0, 0, "0 %");
	assert_percent(INT64_MAX, INT64_MAX, "100 %");
}

static void assert_duration(long long seconds, const char *expected)
{
	char text[32];
	assert_string_equal(human_duration(seconds, text, sizeof text), expected);
}

static void durations(void **state)
{
	assert_duration(0, "0 s");
	assert_duration(59, "59 s");
	assert_duration(60, "1 min");
	assert_duration(11520, "3 h 12 min");
	assert_duration(90000, "1 d 1 h");
}

static void microseconds(void **state)
{
	char text[32];
	assert_string_equal(human_microseconds(35, text, sizeof text), "35 us");
	assert_string_equal(human_microseconds(1480, text, sizeof text), "1.5 ms");
	assert_string_equal(human_microseconds(2500000, text, sizeof text), "2.5 s");
}

static void control_characters_become_question_marks(void **state)
{
	char *clean = human_printable("a\033[2J\x7f\n\xc2\x9b"
				      "31m\xc3\xa9");
	assert_string_equal(clean, "a?[2J???31m\xc3\xa9");
	assert_int_equal(human_width(clean), 12);
	free(clean);
}

static void what_turns_text_around_becomes_question_marks(void **state)
{
	char *clean = human_printable("a\u202egpj.iso\u2066\u200f\u2028\u2020\u2010\xe2");
	assert_string_equal(clean, "a?gpj.iso???\u2020\u2010\xe2");
	free(clean);
}

static void a_device_is_found_by_its_address(void **state)
{
	char directory[] = "/tmp/carousel-sys-XXXXXX", line[256], text[64];
	assert_non_null(mkdtemp(directory));
	snprintf(line, sizeof line, "mkdir -p %s/bus/scsi/devices/3:0:1:0/block/sr7", directory);
	assert_int_equal(system(line), 0);
	assert_string_equal(device_of(directory, "3:0:1:0", text, sizeof text), "/dev/sr7");
	assert_string_equal(device_of(directory, "3:0:2:0", text, sizeof text), "3:0:2:0");
	snprintf(line, sizeof line,
		"cd %s/bus/scsi/devices && mkdir -p 3:0:4:0/scsi_tape && cd 3:0:4:0/scsi_tape && "
		"mkdir st12 st12a nst12a nst12l",
		directory);
	assert_int_equal(system(line), 0);
	assert_string_equal(device_of(directory, "3:0:4:0", text, sizeof text), "/dev/nst12");
	assert_string_equal(device_of(directory, "../x", text, sizeof text), "../x");
	assert_string_equal(device_of(directory, "", text, sizeof text), "");
	snprintf(line, sizeof line, "rm -r %s", directory);
	assert_int_equal(system(line), 0);
}

static void words_are_quoted_for_a_shell(void **state)
{
	char text[64];
	assert_string_equal(shell_quote("iqn.x:y/0", text, sizeof text), "iqn.x:y/0");
	assert_string_equal(shell_quote("", text, sizeof text), "''");
	assert_string_equal(shell_quote("a b", text, sizeof text), "'a b'");
	assert_string_equal(shell_quote("it's", text, sizeof text), "'it'\\''s'");
	assert_string_equal(shell_quote("$(rm)`;&|*?~#!", text, sizeof text), "'$(rm)`;&|*?~#!'");
	assert_string_equal(shell_quote("[::1]:3260", text, sizeof text), "'[::1]:3260'");
	assert_string_equal(shell_quote("a 345678", text, 8), "'a'");
}

static void commas_are_doubled_for_qemu(void **state)
{
	char text[16];
	assert_string_equal(qemu_value("a,b,", text, sizeof text), "a,,b,,");
	assert_string_equal(qemu_value("abcdefg,", text, 9), "abcdefg");
}

static void url_parts_are_escaped(void **state)
{
	char text[32];
	assert_string_equal(url_part("iqn.2026-01.x:y_~", text, sizeof text), "iqn.2026-01.x:y_~");
	assert_string_equal(url_part("a/b%c@\xc3\xa9", text, sizeof text), "a%2Fb%25c%40%C3%A9");
	assert_string_equal(url_part("abc/", text, 6), "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(percents),
		cmocka_unit_test(durations),
		cmocka_unit_test(microseconds),
		cmocka_unit_test(control_characters_become_question_marks),
		cmocka_unit_test(what_turns_text_around_becomes_question_marks),
		cmocka_unit_test(words_are_quoted_for_a_shell),
		cmocka_unit_test(commas_are_doubled_for_qemu),
		cmocka_unit_test(url_parts_are_escaped),
		cmocka_unit_test(a_device_is_found_by_its_address),
	};
	return cmocka_run_group_tests_name("ctl/human", tests, NULL, NULL);
}
