/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apart.h"
#include "util/cleanup.h"

struct place {
	char directory[32], target[64], lock[80], fifo[80], begun[80];
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof *place);
	strcpy(place->directory, "/tmp/apart-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->target, sizeof place->target, "%s/target", place->directory);
	snprintf(place->lock, sizeof place->lock, "%s/lock", place->directory);
	snprintf(place->fifo, sizeof place->fifo, "%s/fifo", place->target);
	snprintf(place->begun, sizeof place->begun, "%s/begun", place->target);
	assert_int_equal(mkdir(place->target, 0700), 0);
	assert_int_equal(mkfifo(place->fifo, 0600), 0);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	unlink(place->lock);
	unlink(place->fifo);
	rmdir(place->begun);
	rmdir(place->target);
	rmdir(place->directory);
	free(place);
	return 0;
}

static int refuse(const char *to, const char *path)
{
	return -EBUSY;
}

static int succeed(const char *to, const char *path)
{
	return strcmp(to, "to") || strcmp(path, "path") ? -EINVAL : 0;
}

static void its_result_comes_back(void **state)
{
	assert_int_equal(apart(succeed, "to", "path"), 0);
	assert_int_equal(apart(refuse, NULL, "path"), -EBUSY);
}

static void whoever_ignores_children_is_told_too(void **state)
{
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(apart(refuse, NULL, "path"), -EBUSY);
	signal(SIGCHLD, SIG_DFL);
}

/* As a link whose INQUIRY nobody answers: until somebody opens the other end. */
static int wait_for_answer(const char *begun, const char *fifo)
{
	int fd = mkdir(begun, 0700) < 0 ? -1 : open(fifo, O_RDONLY);
	return fd < 0 ? -errno : 0;
}

static _Noreturn void be_a_daemon(const struct place *place)
{
	int lock = open(place->lock, O_RDWR | O_CREAT, 0600);
	if (lock >= 0 && flock(lock, LOCK_EX) == 0)
		apart(wait_for_answer, place->begun, place->fifo);
	_exit(1);
}

static pid_t start_a_daemon(const struct place *place)
{
	pid_t daemon = fork();
	if (daemon == 0)
		be_a_daemon(place);
	while (access(place->begun, F_OK) < 0)
		usleep(1000);
	return daemon;
}

static void a_daemon_that_is_killed_ends_before_its_change(void **state)
{
	struct place *place = *state;
	int status;
	pid_t daemon = start_a_daemon(place);
	_cleanup_close_ int lock = open(place->lock, O_RDWR);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), -1);
	kill(daemon, SIGKILL);
	assert_int_equal(waitpid(daemon, &status, 0), daemon);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(flock(lock, LOCK_EX), 0); /* nobody has it open any more */
	_cleanup_close_ int answer = open(place->fifo, O_WRONLY);
	assert_true(answer >= 0);
}

static void the_next_one_waits_for_what_it_changes(void **state)
{
	struct place *place = *state;
	assert_true(apart_await_others(place->fifo, 0));
	pid_t daemon = start_a_daemon(place);
	assert_false(apart_await_others(place->fifo, 50));
	kill(daemon, SIGKILL);
	assert_int_equal(waitpid(daemon, NULL, 0), daemon);
	assert_false(apart_await_others(place->fifo, 50));
	_cleanup_close_ int answer = open(place->fifo, O_WRONLY);
	assert_true(answer >= 0);
	assert_true(apart_await_others(place->fifo, 60000));
}

static void a_stranger_who_keeps_the_tree_holds_up_nobody(void **state)
{
	struct place *place = *state;
	_cleanup_close_ int tree = open(place->target, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(tree, LOCK_EX), 0);
	assert_int_equal(apart(refuse, NULL, place->fifo), -EBUSY);
	assert_false(apart_await_others(place->fifo, 50));
}

static void where_there_is_no_tree_nobody_is_waited_for(void **state)
{
	assert_true(apart_await_others("path", 0));
	assert_true(apart_await_others("/nowhere/target/core", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_result_comes_back),
		cmocka_unit_test(whoever_ignores_children_is_told_too),
		cmocka_unit_test_setup_teardown(
			a_daemon_that_is_killed_ends_before_its_change, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_next_one_waits_for_what_it_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_stranger_who_keeps_the_tree_holds_up_nobody, setup, teardown),
		cmocka_unit_test(where_there_is_no_tree_nobody_is_waited_for),
	};
	return cmocka_run_group_tests_name("tcmu/apart", tests, NULL, NULL);
}
