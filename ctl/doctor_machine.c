/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor_machine.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 4 << 20, PROCESS_DIGITS = 9 };

/* ---- files --------------------------------------------------------------------------------------
 */

const char *machine_path(
	char ret[MACHINE_PATH_MAX], const struct machine *machine, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = snprintf(ret, MACHINE_PATH_MAX, "%s", machine->root);
	if (length < MACHINE_PATH_MAX)
		vsnprintf(ret + length, MACHINE_PATH_MAX - (size_t)length, format, arguments);
	va_end(arguments);
	return ret;
}

bool machine_has(const struct machine *machine, const char *path)
{
	char full[MACHINE_PATH_MAX];
	return access(machine_path(full, machine, "%s", path), F_OK) == 0;
}

char *machine_text(const struct machine *machine, const char *path)
{
	char full[MACHINE_PATH_MAX];
	_cleanup_file_ FILE *file = fopen(machine_path(full, machine, "%s", path), "re");
	char *text = file ? malloc(FILE_MAX + 1) : NULL;
	if (!text)
		return NULL;
	text[fread(text, 1, FILE_MAX, file)] = '\0';
	return text;
}

void machine_line(const struct machine *machine, const char *path, char *ret, size_t size)
{
	char full[MACHINE_PATH_MAX];
	_cleanup_file_ FILE *file = fopen(machine_path(full, machine, "%s", path), "re");
	if (!file || !fgets(ret, (int)size, file))
		*ret = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

bool machine_contains(const struct machine *machine, const char *path, const char *what)
{
	_cleanup_free_ char *text = machine_text(machine, path);
	return text && strstr(text, what);
}

DIR *machine_directory(const struct machine *machine, const char *path)
{
	char full[MACHINE_PATH_MAX];
	return opendir(machine_path(full, machine, "%s", path));
}

const char *machine_entry(DIR *directory)
{
	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (entry->d_name[0] != '.')
			return entry->d_name;
	return NULL;
}

/* ---- processes ----------------------------------------------------------------------------------
 */

long machine_process(DIR *proc)
{
	for (const char *name; (name = machine_entry(proc));)
		if (strspn(name, "0123456789") == strlen(name) && strlen(name) <= PROCESS_DIGITS)
			return strtol(name, NULL, 10);
	return 0;
}

void machine_process_name(const struct machine *machine, long process, char *ret, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%ld/comm", process);
	machine_line(machine, path, ret, size);
}

long machine_find_process(const struct machine *machine, const char *name)
{
	char comm[64];
	_cleanup_directory_ DIR *proc = machine_directory(machine, "/proc");
	for (long process; (process = machine_process(proc));) {
		machine_process_name(machine, process, comm, sizeof comm);
		if (!strcmp(comm, name))
			return process;
	}
	return 0;
}

static bool has_open(const struct machine *machine, long process, const char *file)
{
	char path[64], target[256];
	snprintf(path, sizeof path, "/proc/%ld/fd", process);
	_cleanup_directory_ DIR *directory = machine_directory(machine, path);
	for (const char *name; (name = machine_entry(directory));) {
		ssize_t length = readlinkat(dirfd(directory), name, target, sizeof target - 1);
		target[length < 0 ? 0 : length] = '\0';
		if (!strcmp(target, file))
			return true;
	}
	return false;
}

long machine_opener(const struct machine *machine, const char *file)
{
	_cleanup_directory_ DIR *proc = machine_directory(machine, "/proc");
	for (long process; (process = machine_process(proc));)
		if (has_open(machine, process, file))
			return process;
	return 0;
}

static bool is_unit_name(const char *name, size_t length)
{
	static const char suffix[] = ".service";
	size_t end = sizeof suffix - 1;
	return length > end && !memcmp(name + length - end, suffix, end) &&
	       strspn(name,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.@-") ==
		       length;
}

/* The last part of a control group that is a service: "0::/system.slice/tgt.service". */
void machine_unit(const struct machine *machine, long process, char *ret, size_t size)
{
	char path[64], line[512];
	snprintf(path, sizeof path, "/proc/%ld/cgroup", process);
	machine_line(machine, path, line, sizeof line);
	*ret = '\0';
	for (const char *part = strchr(line, '/'); part; part = strchr(part, '/')) {
		size_t length = strcspn(++part, "/");
		if (strncmp(part, "user@", 5) && is_unit_name(part, length))
			snprintf(ret, size, "%.*s", (int)length, part);
	}
}
