/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's own opinion of its configuration. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"
#include "util/cleanup.h"

extern char **environ;

/* Starts it with its stderr in a pipe; the end to read from, or -1. */
static int start(const char *program, pid_t *ret_pid)
{
	char *arguments[] = {
		(char *)(uintptr_t)program, (char *)(uintptr_t) "--check-config", NULL};
	int ends[2];
	posix_spawn_file_actions_t actions;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	int failure = posix_spawnp(ret_pid, program, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (failure == 0)
		return ends[0];
	close(ends[0]);
	return -1;
}

/* Two lines: what is wrong, and what to do about it. */
static void take_apart(char *said, char **ret_what, char **ret_remedy)
{
	char *end = strchr(said, '\n');
	*ret_what = said;
	*ret_remedy = NULL;
	if (!end)
		return;
	*end = '\0';
	*ret_remedy = end + 1 + strspn(end + 1, " ");
	(*ret_remedy)[strcspn(*ret_remedy, "\n")] = '\0';
}

void doctor_configuration(struct findings *findings, const char *program)
{
	char said[1024] = "", *what, *remedy;
	pid_t pid;
	int status, fd = start(program, &pid);
	if (fd < 0) {
		found(findings, DOCTOR_NOTE, "carouseld", "Install carouseld, or add it to PATH.",
			"it is not installed here");
		return;
	}
	_cleanup_file_ FILE *file = fdopen(fd, "r");
	if (file)
		said[fread(said, 1, sizeof said - 1, file)] = '\0';
	else
		close(fd);
	if (waitpid(pid, &status, 0) != pid || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return;
	take_apart(said, &what, &remedy);
	found(findings, DOCTOR_PROBLEM, "configuration", remedy, "%s",
		*what ? what : "carouseld does not start");
}
