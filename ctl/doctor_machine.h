/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine that carousel doctor looks at: its /proc, /sys, /etc and /lib. Everything read there
 * belongs to the kernel or to root or to anybody; names and texts are bounded.
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "doctor_findings.h"
#include "util/cleanup.h"

enum { MACHINE_PATH_MAX = 4096 + 256 };

struct machine {
	struct findings *findings;
	const char *root;    /* stands before every path; "" but in tests */
	const char *release; /* uname -r */
	bool is_root;
	long daemon;         /* the process that serves the API here; 0: not known */
	bool daemon_is_kept; /* from us: a socket is there that this user may not use */
};

static inline void machine_close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void machine_close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

#define _cleanup_file_      _cleanup_(machine_close_file)
#define _cleanup_directory_ _cleanup_(machine_close_directory)

/* `root` and the path of the format. Returns ret. */
const char *machine_path(char ret[MACHINE_PATH_MAX], const struct machine *machine,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

bool machine_has(const struct machine *machine, const char *path);
/* The beginning of a file as text, or NULL; the caller frees it. */
char *machine_text(const struct machine *machine, const char *path);
/* "" when there is none. */
void machine_line(const struct machine *machine, const char *path, char *ret, size_t size);
bool machine_contains(const struct machine *machine, const char *path, const char *what);
DIR *machine_directory(const struct machine *machine, const char *path);
/* The entries of a directory that are not hidden, one call each; NULL at its end. */
const char *machine_entry(DIR *directory);

/* ---- processes ---------------------------------------------------------------------------------
 */

/* The next process in a directory of /proc, 0 at its end. */
long machine_process(DIR *proc);
/* The first process that is called so, 0 when none is. */
long machine_find_process(const struct machine *machine, const char *name);
void machine_process_name(const struct machine *machine, long process, char *ret, size_t size);
/* Who has a file open that is called so: "/dev/uio0", "socket:[4711]"; 0: nobody that we may see.
 */
long machine_opener(const struct machine *machine, const char *file);
/* "tgt.service", the unit that it runs in; "" when it is none's. */
void machine_unit(const struct machine *machine, long process, char *ret, size_t size);
