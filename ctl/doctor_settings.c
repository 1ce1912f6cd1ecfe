/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor_settings.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ARGUMENTS_MAX = 4096, SHOWN_MAX = 1 << 18 };

/* ---- asking -------------------------------------------------------------------------------------
 */

/* Starts it with both streams in a pipe; the end to read from, or -1. */
static int start(const struct program *program, const char *option, pid_t *ret_pid)
{
	const char *file = program->configuration;
	const char *const arguments[] = {
		program->path, option, file ? "--config" : NULL, file, NULL};
	int ends[2];
	posix_spawn_file_actions_t actions;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	int failure = posix_spawnp(ret_pid, program->path, &actions, NULL,
		(char *const *)(uintptr_t)arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (failure == 0)
		return ends[0];
	close(ends[0]);
	return -1;
}

int program_ask(const struct program *program, const char *option, char *ret, size_t size)
{
	pid_t pid;
	int status, fd = start(program, option, &pid);
	*ret = '\0';
	if (fd < 0)
		return -1;
	_cleanup_file_ FILE *file = fdopen(fd, "r");
	if (file)
		ret[fread(ret, 1, size - 1, file)] = '\0';
	else
		close(fd);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- settings -----------------------------------------------------------------------------------
 */

static void take_pool(struct settings *settings, const char *path)
{
	if (*path && settings->pool_count < SETTINGS_LIST_MAX &&
		(settings->pools[settings->pool_count] = strdup(path)))
		settings->pool_count++;
}

static void take_port(struct settings *settings, const char *section, const char *address)
{
	if (!*address || settings->port_count == SETTINGS_LIST_MAX)
		return;
	struct settings_port *port = &settings->ports[settings->port_count++];
	snprintf(port->section, sizeof port->section, "%s", section);
	snprintf(port->address, sizeof port->address, "%s", address);
}

static void take(
	struct settings *settings, const char *section, const char *name, const char *value)
{
	if (!strcmp(name, "listen"))
		take_port(settings, section, value);
	else if (!strcmp(name, "pools"))
		take_pool(settings, value);
	else if (!strcmp(name, "state_dir"))
		snprintf(settings->state_dir, sizeof settings->state_dir, "%s", value);
	else if (!strcmp(name, "tape_dir"))
		snprintf(settings->tape_dir, sizeof settings->tape_dir, "%s", value);
	else if (!strcmp(name, "socket"))
		snprintf(settings->socket, sizeof settings->socket, "%s", value);
	else if (!strcmp(name, "kernel_target"))
		snprintf(settings->kernel_target, sizeof settings->kernel_target, "%s", value);
	else if (!strcmp(name, "sessions"))
		settings->sessions = (unsigned)strtoul(value, NULL, 10);
}

void settings_parse(char *text, struct settings *ret)
{
	char section[16] = "";
	*ret = (struct settings){0};
	for (char *line; (line = strsep(&text, "\n"));) {
		char *equals = strstr(line, " = ");
		if (*line == '[')
			snprintf(section, sizeof section, "%.*s", (int)strcspn(line + 1, "]"),
				line + 1);
		else if (equals) {
			*equals = '\0';
			take(ret, section, line, equals + 3);
		}
	}
}

bool settings_read(const struct program *program, struct settings *ret)
{
	_cleanup_free_ char *shown = malloc(SHOWN_MAX);
	*ret = (struct settings){0};
	if (!shown || program_ask(program, "--show-config", shown, SHOWN_MAX) != 0)
		return false;
	settings_parse(shown, ret);
	return true;
}

void settings_finish(struct settings *settings)
{
	for (unsigned i = 0; i < settings->pool_count; i++)
		free(settings->pools[i]);
	*settings = (struct settings){0};
}

/* ---- of a daemon that runs ----------------------------------------------------------------------
 */

/* The value of -c or --config in NUL-terminated arguments; the last one counts. */
static const char *configuration_in(const char *arguments, size_t length)
{
	const char *file = NULL, *end = arguments + length;
	for (const char *word = arguments; word < end; word += strlen(word) + 1) {
		const char *next = word + strlen(word) + 1;
		if ((!strcmp(word, "-c") || !strcmp(word, "--config")) && next < end)
			file = word = next;
		else if (!strncmp(word, "--config=", 9))
			file = word + 9;
		else if (!strncmp(word, "-c", 2) && word[2])
			file = word + 2;
	}
	return file;
}

/* A path that began where the process was started; "" when we may not know where. */
static void complete(
	const struct machine *machine, long process, const char *given, char *ret, size_t size)
{
	char path[MACHINE_PATH_MAX], directory[SETTINGS_PATH_MAX];
	machine_path(path, machine, "/proc/%ld/cwd", process);
	ssize_t length = readlink(path, directory, sizeof directory);
	if (length > 0 && (size_t)length < sizeof directory)
		snprintf(ret, size, "%.*s/%s", (int)length, directory, given);
}

void settings_file_of(const struct machine *machine, long process, char *ret, size_t size)
{
	char arguments[ARGUMENTS_MAX + 1], path[64], full[MACHINE_PATH_MAX];
	snprintf(path, sizeof path, "/proc/%ld/cmdline", process);
	*ret = '\0';
	_cleanup_file_ FILE *file = fopen(machine_path(full, machine, "%s", path), "re");
	size_t length = file ? fread(arguments, 1, ARGUMENTS_MAX, file) : 0;
	arguments[length] = '\0';
	const char *given = configuration_in(arguments, length);
	if (given && *given == '/')
		snprintf(ret, size, "%s", given);
	else if (given)
		complete(machine, process, given, ret, size);
}
