/* SPDX-License-Identifier: Apache-2.0 */
/* Both ways of opening without links do the same. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file_open.h"

typedef int opener(const char *path, int flags, mode_t mode);
static opener *const openers[] = {file_open_resolved, file_open_walking};

static char directory[PATH_MAX];

static const char *at(const char *name)
{
	static char path[2 * PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

static int make_tree(void **state)
{
	char template[] = "/tmp/carousel-open-XXXXXX", link[2 * PATH_MAX];
	assert_non_null(mkdtemp(template));
	assert_non_null(realpath(template, directory));
	assert_int_equal(mkdir(at("below"), 0700), 0);
	int fd = open(at("below/file"), O_CREAT | O_WRONLY, 0600);
	assert_int_equal(write(fd, "inside", 6), 6);
	close(fd);
	assert_int_equal(symlink("file", at("below/link")), 0);
	assert_int_equal(symlink("below", at("other")), 0);
	snprintf(link, sizeof link, "%s", at("below/file"));
	assert_int_equal(symlink(link, at("absolute")), 0);
	assert_int_equal(symlink("nowhere", at("dangling")), 0);
	return 0;
}

static int remove_tree(void **state)
{
	static const char *const files[] = {
		"made", "below/file", "below/link", "other", "absolute", "dangling"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlink(at(files[i]));
	return rmdir(at("below")) || rmdir(directory);
}

static void assert_opens(const char *path)
{
	for (unsigned i = 0; i < 2; i++) {
		char text[8] = "";
		int fd = openers[i](path, O_RDONLY, 0);
		if (fd < 0)
			fail_msg("%s, way %u: %s", path, i, strerror(-fd));
		assert_int_equal(read(fd, text, 7), 6);
		assert_string_equal(text, "inside");
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
	}
}

static void assert_refused(const char *path, int flags, int expected)
{
	for (unsigned i = 0; i < 2; i++) {
		int result = openers[i](path, flags, 0600);
		if (result != -expected)
			fail_msg("%s, way %u: %s", path, i,
				result < 0 ? strerror(-result) : "was opened");
	}
}

static void a_path_without_links_is_opened(void **state)
{
	assert_opens(at("below/file"));
	assert_opens(at("below//./file"));
	assert_opens(at("below/../below/file"));
}

static void a_link_is_not_followed_wherever_it_is(void **state)
{
	assert_refused(at("below/link"), O_RDONLY, ELOOP);
	assert_refused(at("absolute"), O_RDONLY, ELOOP);
	assert_refused(at("other/file"), O_RDONLY, ELOOP);
	assert_refused(at("other"), O_RDONLY | O_DIRECTORY, ELOOP);
	assert_refused(at("dangling"), O_WRONLY | O_CREAT, ELOOP);
	assert_refused("/proc/self/root/etc/passwd", O_RDONLY, ELOOP);
}

static void what_is_not_there_is_said_to_be_so(void **state)
{
	char name[NAME_MAX + 2];
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_refused(at("none"), O_RDONLY, ENOENT);
	assert_refused(at("none/file"), O_RDONLY, ENOENT);
	assert_refused(at("below/file/x"), O_RDONLY, ENOTDIR);
	assert_refused(at("below/file"), O_RDONLY | O_DIRECTORY, ENOTDIR);
	assert_refused(at(name), O_RDONLY, ENAMETOOLONG);
}

static void directories_and_new_files_are_opened(void **state)
{
	for (unsigned i = 0; i < 2; i++) {
		struct stat st;
		int fd = openers[i](at("below"), O_RDONLY | O_DIRECTORY, 0);
		assert_true(fd >= 0);
		close(fd);
		fd = openers[i](at("made"), O_WRONLY | O_CREAT | O_EXCL, 0600);
		assert_true(fd >= 0 && fstat(fd, &st) == 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		close(fd);
		unlink(at("made"));
		fd = openers[i]("/", O_RDONLY | O_DIRECTORY, 0);
		assert_true(fd >= 0);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_without_links_is_opened),
		cmocka_unit_test(a_link_is_not_followed_wherever_it_is),
		cmocka_unit_test(what_is_not_there_is_said_to_be_so),
		cmocka_unit_test(directories_and_new_files_are_opened),
	};
	return cmocka_run_group_tests_name("util/file_open", tests, make_tree, remove_tree);
}
