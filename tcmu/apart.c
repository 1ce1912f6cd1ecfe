/* SPDX-License-Identifier: Apache-2.0 */
#include "apart.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/deadline.h"

enum { POLL_NS = 5000000, LOCK_MS = 100 };

/*
 * The top of the tree that `path` is in, ".../target", which is locked as long as something below
 * it is changed; -1 when there is none. A lock goes on in a process that inherited it.
 */
static int open_tree(const char *path)
{
	static const char top[] = "/target/";
	char directory[PATH_MAX];
	const char *at = strstr(path, top);
	if (!at)
		return -1;
	int length = (int)(at - path) + (int)strlen(top);
	int n = snprintf(directory, sizeof directory, "%.*s", length, path);
	if (n < 0 || (size_t)n >= sizeof directory)
		return -1;
	return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* False: others keep it longer, which anybody can who may read it. */
static bool lock(int tree, int operation, unsigned milliseconds)
{
	static const struct timespec pause = {.tv_nsec = POLL_NS};
	const struct timespec end = deadline_in_ms(milliseconds);
	while (flock(tree, operation | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		if (deadline_is_over(&end))
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

static _Noreturn void child(int answer, int tree, int (*change)(const char *to, const char *path),
	const char *to, const char *path)
{
	unsigned kept = tree < 0 ? 1 : 2;
	if (dup2(answer, 0) == 0 && (tree < 0 || dup2(tree, 1) == 1) &&
		close_range(kept, UINT_MAX, 0) == 0) {
		int result = change(to, path);
		(void)!write(0, &result, sizeof result);
	}
	_exit(0);
}

/* False: the process could not be made, or could not do without what is open here. */
static bool await_answer(int fd, pid_t process, int *ret)
{
	ssize_t n;
	do
		n = read(fd, ret, sizeof *ret);
	while (n < 0 && errno == EINTR);
	while (waitpid(process, NULL, 0) < 0 && errno == EINTR)
		;
	return n == (ssize_t)sizeof *ret;
}

int apart(int (*change)(const char *to, const char *path), const char *to, const char *path)
{
	int ends[2], result;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return change(to, path);
	_cleanup_close_ int answer = ends[0];
	_cleanup_close_ int tree = open_tree(path);
	if (tree >= 0)
		(void)lock(tree, LOCK_SH, LOCK_MS);
	pid_t process = fork();
	if (process == 0)
		child(ends[1], tree, change, to, path);
	close(ends[1]);
	return process > 0 && await_answer(answer, process, &result) ? result : change(to, path);
}

bool apart_await_others(const char *path, unsigned milliseconds)
{
	_cleanup_close_ int tree = open_tree(path);
	return tree < 0 || lock(tree, LOCK_EX, milliseconds);
}
