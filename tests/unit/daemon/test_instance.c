/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "directory.h"
#include "instance.h"
#include "path.h"
#include "util/error.h"

static bool start(void **state, struct instance *instance, struct error *error)
{
	return instance_start(
		instance, in_directory(state, "state"), in_directory(state, "run"), error);
}

static void assert_mode(const char *path, mode_t mode)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 07777, mode);
}

static void directories_are_made_with_their_modes(void **state)
{
	struct instance instance;
	umask(022);
	assert_true(start(state, &instance, NULL));
	assert_mode(in_directory(state, "state"), 0750);
	assert_mode(in_directory(state, "run"), 0755);
	assert_mode(in_directory(state, "run/told"), 0700);
	instance_finish(&instance);
}

static void the_next_start_takes_the_same_directories(void **state)
{
	struct instance instance;
	assert_true(start(state, &instance, NULL));
	instance_finish(&instance);
	assert_true(start(state, &instance, NULL));
	instance_finish(&instance);
}

static void a_second_one_is_told_who_is_there(void **state)
{
	struct instance first, second;
	struct error error;
	char process[32];
	assert_true(start(state, &first, NULL));
	assert_false(start(state, &second, &error));
	assert_int_equal(error.code, ERROR_STATE_IN_USE);
	snprintf(process, sizeof process, "process %d,", (int)getpid());
	assert_non_null(strstr(error.sentence, process));
	assert_true(error.remedy[0]);
	instance_finish(&first);
}

static void a_runtime_directory_is_not_shared_either(void **state)
{
	struct instance first, second;
	struct error error;
	assert_true(start(state, &first, NULL));
	assert_false(instance_start(
		&second, in_directory(state, "other-state"), in_directory(state, "run"), &error));
	assert_int_equal(error.code, ERROR_STATE_IN_USE);
	/* The failed one let go of what it had. */
	assert_true(instance_start(&second, in_directory(state, "other-state"),
		in_directory(state, "other-run"), NULL));
	instance_finish(&second);
	instance_finish(&first);
}

static void a_lock_ends_with_its_process(void **state)
{
	struct instance instance;
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		bool ok = start(state, &instance, NULL);
		if (write(ready[1], ok ? "y" : "n", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	assert_false(start(state, &instance, NULL));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_true(start(state, &instance, NULL));
	instance_finish(&instance);
	close(ready[0]);
	close(ready[1]);
}

static void assert_not_permitted(void **state)
{
	struct instance instance;
	struct error error;
	assert_false(start(state, &instance, &error));
	assert_int_equal(error.code, ERROR_PERMISSION);
	assert_int_equal(instance.state_lock, -1);
}

static void a_directory_others_can_write_to_is_refused(void **state)
{
	assert_int_equal(mkdir(in_directory(state, "state"), 0755), 0);
	assert_int_equal(chmod(in_directory(state, "state"), 0777), 0);
	assert_not_permitted(state);
}

static void a_file_in_the_place_of_a_directory_is_refused(void **state)
{
	write_file(in_directory(state, "state"), "");
	assert_not_permitted(state);
}

static void a_symbolic_link_in_the_place_of_the_lock_is_refused(void **state)
{
	assert_int_equal(mkdir(in_directory(state, "state"), 0755), 0);
	assert_int_equal(symlink("/dev/null", in_directory(state, "state/lock")), 0);
	assert_not_permitted(state);
}

static void a_missing_parent_is_refused(void **state)
{
	struct instance instance;
	struct error error;
	assert_false(instance_start(
		&instance, in_directory(state, "a/b"), in_directory(state, "run"), &error));
	assert_int_equal(error.code, ERROR_PERMISSION);
}

static void names_stay_in_their_directory(void **state)
{
	static const char *const bad[] = {"", ".", "..", "../x", "a/b", "/x", ".hidden"};
	char path[PATH_MAX] = "untouched";
	struct error error;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(path_in("/run", bad[i], path, &error));
		assert_int_equal(error.code, ERROR_INVALID);
	}
	assert_string_equal(path, "untouched");
	assert_true(path_in("/run", "dvd0", path, NULL));
	assert_string_equal(path, "/run/dvd0");
}

static void a_path_that_is_too_long_is_refused(void **state)
{
	char path[PATH_MAX] = "untouched", directory[PATH_MAX];
	memset(directory, 'x', sizeof directory - 1);
	directory[sizeof directory - 1] = 0;
	assert_false(path_in(directory, "dvd0", path, NULL));
	assert_string_equal(path, "untouched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(directories_are_made_with_their_modes),
		IN_DIRECTORY(the_next_start_takes_the_same_directories),
		IN_DIRECTORY(a_second_one_is_told_who_is_there),
		IN_DIRECTORY(a_runtime_directory_is_not_shared_either),
		IN_DIRECTORY(a_lock_ends_with_its_process),
		IN_DIRECTORY(a_directory_others_can_write_to_is_refused),
		IN_DIRECTORY(a_file_in_the_place_of_a_directory_is_refused),
		IN_DIRECTORY(a_symbolic_link_in_the_place_of_the_lock_is_refused),
		IN_DIRECTORY(a_missing_parent_is_refused),
		cmocka_unit_test(names_stay_in_their_directory),
		cmocka_unit_test(a_path_that_is_too_long_is_refused),
	};
	return cmocka_run_group_tests_name("daemon/instance", tests, NULL, NULL);
}
