/* SPDX-License-Identifier: Apache-2.0 */
/* What carouseld says when it is asked without serving: its settings, and what is wrong. */
#pragma once

#include <stdbool.h>

#include "doctor_machine.h"

enum { SETTINGS_LIST_MAX = 64, SETTINGS_PATH_MAX = 4096 };

/* How carouseld is run. */
struct program {
	const char *path;
	const char *configuration; /* NULL: what it takes by itself */
};

/*
 * Runs it with an option such as --check-config. What it printed, on either stream, is in
 * ret[size]. Its exit status, or -1 when it cannot be run.
 */
int program_ask(const struct program *program, const char *option, char *ret, size_t size);

/* The configuration in force. Lists are cut at their maximum. */
struct settings {
	char state_dir[SETTINGS_PATH_MAX], tape_dir[SETTINGS_PATH_MAX], socket[SETTINGS_PATH_MAX];
	char kernel_target[8];
	unsigned sessions;
	char *pools[SETTINGS_LIST_MAX];
	unsigned pool_count;
	struct settings_port {
		char section[8]; /* "web", "portal", "kernel" */
		char address[64];
	} ports[SETTINGS_LIST_MAX];
	unsigned port_count;
};

/* False when carouseld cannot say: doctor_configuration says why. Finish it in any case. */
bool settings_read(const struct program *program, struct settings *ret);
/* From what --show-config printed, which is taken apart. */
void settings_parse(char *text, struct settings *ret);
void settings_finish(struct settings *settings);

/*
 * The file that a running carouseld was given with -c or --config, a path that this process may
 * follow; "" when it was given none, or nobody may know.
 */
void settings_file_of(const struct machine *machine, long process, char *ret, size_t size);
