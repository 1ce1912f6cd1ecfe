/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "util/error.h"

struct capture {
	int fds[2];
	char text[2 * LOG_LINE_MAX];
};

static int setup(void **state)
{
	static struct capture capture;
	assert_int_equal(pipe(capture.fds), 0);
	log_start(capture.fds[1], false);
	log_set_level(LOG_LEVEL_INFO);
	*state = &capture;
	return 0;
}

static int teardown(void **state)
{
	struct capture *capture = *state;
	log_start(STDERR_FILENO, false);
	close(capture->fds[0]);
	if (capture->fds[1] >= 0)
		close(capture->fds[1]);
	return 0;
}

/* Everything that was logged so far. */
static const char *logged(void **state)
{
	struct capture *capture = *state;
	close(capture->fds[1]);
	capture->fds[1] = -1;
	ssize_t length = read(capture->fds[0], capture->text, sizeof capture->text - 1);
	capture->text[length > 0 ? length : 0] = 0;
	return capture->text;
}

static void a_message_is_a_line(void **state)
{
	log_info("drive %s is served", "dvd0");
	log_warning("slow");
	assert_string_equal(logged(state), "drive dvd0 is served\nwarning: slow\n");
}

static void lines_for_the_journal_begin_with_a_priority(void **state)
{
	struct capture *capture = *state;
	log_start(capture->fds[1], true);
	log_set_level(LOG_LEVEL_DEBUG);
	log_error("a");
	log_warning("b");
	log_info("c");
	log_debug("d");
	assert_string_equal(logged(state), "<3>a\n<4>b\n<6>c\n<7>d\n");
}

static void what_is_above_the_level_is_dropped(void **state)
{
	log_debug("dropped");
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("dropped");
	log_error("kept");
	assert_string_equal(logged(state), "error: kept\n");
}

static void nobody_can_steer_a_terminal(void **state)
{
	log_info(
		"name %s", "\xc2\x9b[2J\xc3\xa9\xc2\xa9\xc2"); /* CSI; and é, © and half a letter */
	assert_string_equal(logged(state), "name ??[2J\xc3\xa9\xc2\xa9?\n");
}

/* The name of a file is any bytes. */
static void what_is_no_utf8_is_replaced(void **state)
{
	log_message(LOG_LEVEL_INFO, "\x9b[31m");
	log_message(LOG_LEVEL_INFO, "\xff\xfe\xc0\xaf");
	log_message(LOG_LEVEL_INFO, "\xe0\x80\x9b \xed\xa0\x80");
	log_message(LOG_LEVEL_INFO, "\xe2\x82");
	log_message(LOG_LEVEL_INFO, "\xe2\x82\xac \xf0\x9f\x93\x80 \xf4\x90\x80\x80");
	assert_string_equal(
		logged(state), "?[31m\n????\n??? ???\n??\n\xe2\x82\xac \xf0\x9f\x93\x80 ????\n");
}

static void nobody_can_forge_a_line(void **state)
{
	log_info("volume %s", "A\n<3>disk is on fire\x1b[2J\x7f");
	assert_string_equal(logged(state), "volume A?<3>disk is on fire?[2J?\n");
}

static void a_long_message_is_cut_and_still_a_line(void **state)
{
	char text[2 * LOG_LINE_MAX];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	log_warning("%s", text);
	const char *line = logged(state);
	assert_true(strlen(line) < LOG_LINE_MAX);
	assert_int_equal(line[strlen(line) - 1], '\n');
}

static void a_failure_tells_cause_and_remedy(void **state)
{
	struct error error;
	error_set(&error, ERROR_FILE_MISSING, "Check the path.", "there is no file x");
	log_failure(LOG_LEVEL_ERROR, "drive dvd0", &error);
	assert_string_equal(
		logged(state), "error: drive dvd0: there is no file x. Check the path.\n");
}

static void levels_have_names(void **state)
{
	enum log_level level = LOG_LEVEL_INFO;
	assert_true(log_level_from_name("debug", &level));
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_false(log_level_from_name("verbose", &level));
	assert_int_equal(level, LOG_LEVEL_DEBUG);
}

static void the_journal_is_known_by_its_stream(void **state)
{
	struct capture *capture = *state;
	struct stat st;
	char stream[64];
	unsetenv("JOURNAL_STREAM");
	assert_false(log_is_journal(capture->fds[1]));
	assert_int_equal(fstat(capture->fds[1], &st), 0);
	snprintf(stream, sizeof stream, "%lu:%lu", (unsigned long)st.st_dev,
		(unsigned long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_true(log_is_journal(capture->fds[1]));
	setenv("JOURNAL_STREAM", "8:1", 1);
	assert_false(log_is_journal(capture->fds[1]));
	setenv("JOURNAL_STREAM", "nonsense", 1);
	assert_false(log_is_journal(capture->fds[1]));
	unsetenv("JOURNAL_STREAM");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_a_line),
		TEST(lines_for_the_journal_begin_with_a_priority),
		TEST(what_is_above_the_level_is_dropped),
		TEST(nobody_can_forge_a_line),
		TEST(nobody_can_steer_a_terminal),
		TEST(what_is_no_utf8_is_replaced),
		TEST(a_long_message_is_cut_and_still_a_line),
		TEST(a_failure_tells_cause_and_remedy),
		TEST(levels_have_names),
		TEST(the_journal_is_known_by_its_stream),
	};
	return cmocka_run_group_tests_name("daemon/log", tests, NULL, NULL);
}
