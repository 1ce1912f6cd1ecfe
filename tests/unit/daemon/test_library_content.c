/* SPDX-License-Identifier: Apache-2.0 */
/* The files of discs, opened for those who fetch them. */
#include "support.h"

#include <stdio.h>
#include <unistd.h>

#include "library_lab.h"

static const struct library_result *open_content(struct lab *lab, const char *id)
{
	return answer_of(begin_content(lab, id));
}

/* The file is closed after the answer. */
static void await_open_files(struct lab *lab, unsigned count)
{
	for (unsigned i = 0; lab_open_files(lab) != count; i++) {
		assert_true(i < LAB_PATIENCE_S * 200);
		sleep_ms(5);
	}
}

static void a_disc_is_opened_and_closed_again(void **state)
{
	struct lab *lab = *state;
	unsigned before = lab_open_files(lab);
	assert_ok(open_content(lab, "a"));
	await_open_files(lab, before);
	assert_error(open_content(lab, "nothing"), ERROR_MEDIUM_NOT_FOUND);
}

static void another_file_than_was_added(void **state)
{
	struct lab *lab = *state;
	char path[4096], other[4096];
	unsigned before = lab_open_files(lab);
	snprintf(path, sizeof path, "%s", see_medium(lab, "a").path);
	snprintf(other, sizeof other, "%s", see_medium(lab, "b").path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(link(other, path), 0);
	assert_error(open_content(lab, "a"), ERROR_FILE_CHANGED);
	await_open_files(lab, before);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_false(open_content(lab, "a")->ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(a_disc_is_opened_and_closed_again),
		IN_LAB(another_file_than_was_added),
	};
	return cmocka_run_group_tests_name("daemon/library_content", tests, NULL, NULL);
}
