/* SPDX-License-Identifier: Apache-2.0 */
/*
 * carousel doctor: what is wrong with the library and the machine under it, and the command that
 * mends it. Looks, and changes nothing. What only root may see is said to have been left out.
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli.h"
#include "util/cleanup.h"

static inline void doctor_close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void doctor_close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

#define _cleanup_file_      _cleanup_(doctor_close_file)
#define _cleanup_directory_ _cleanup_(doctor_close_directory)

enum doctor_level {
	DOCTOR_FINE,    /* told with --all only */
	DOCTOR_NOTE,    /* worth knowing */
	DOCTOR_WARNING, /* works, and will not for long, or not for everybody */
	DOCTOR_PROBLEM, /* does not work */
};

enum { DOCTOR_SUBJECT_MAX = 128, DOCTOR_TEXT_MAX = 640 };

struct finding {
	enum doctor_level level;
	char subject[DOCTOR_SUBJECT_MAX]; /* "kernel", "dvd0" */
	char what[DOCTOR_TEXT_MAX];
	char remedy[DOCTOR_TEXT_MAX]; /* "" when there is nothing to do */
};

struct findings {
	struct finding *items;
	size_t count, capacity;
};

void findings_finish(struct findings *findings);
/* Dropped when there is no memory. `remedy` may be NULL. */
void found(struct findings *findings, enum doctor_level level, const char *subject,
	const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));
enum doctor_level findings_worst(const struct findings *findings);

/* `root` stands before /sys, /proc, /etc and /lib; "" but in tests. `release` is uname -r. */
void doctor_kernel(struct findings *findings, const char *root, const char *release, bool is_root);
/* Who listens on a TCP port of this machine; says nothing when nobody does. */
void doctor_port(struct findings *findings, const char *root, unsigned port, bool is_root);
/* What the daemon says. False: it does not answer, which is a finding too. */
bool doctor_daemon(struct findings *findings, const struct cli *cli, bool *ret_has_portal);
/* What `carouseld --check-config` says; PROGRAM is the daemon's. */
void doctor_configuration(struct findings *findings, const char *program);
