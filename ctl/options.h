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

/* All commands. */
void print_usage(FILE *file);
