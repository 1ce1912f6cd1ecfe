/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, read; and what there is to say about it. */
#pragma once

#include <stdio.h>

#include "cli.h"

/* "force": what the first of these options is called, NULL when there is none. */
const char *option_name(uint64_t options);

/*
 * Fills *ret_cli from argv and the environment. EXIT_OK with *ret_command; NULL there means that
 * all is done (--help, --version). Otherwise it has complained.
 */
enum exit_code options_read(
	int argc, char **argv, struct cli *ret_cli, const struct command **ret_command);

/* What options that every command takes are for, as --help has it. */
extern const char options_help[];

/* The row-th of all options: its name, its flag, or that every command takes it. False: no more. */
bool option_row(unsigned row, const char **ret_name, uint64_t *ret_flag, bool *ret_common);

/* Whether a value follows "--drive" or "-n" in a word of its own. */
bool option_takes_value(const char *word);

/* NULL: there is none. `verb` is not looked at where there are no verbs. */
const struct command *command_find(const char *noun, const char *verb);

/* All commands. */
void print_usage(FILE *file);
