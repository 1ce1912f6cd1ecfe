/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets, which never stand on a command line: others can see it. */
#pragma once

#include "cli.h"
#include "util/error.h"

enum { SECRET_MAX = 256 };

/*
 * The one line of a file, of stdin for "-", or typed without an echo where stdin is a terminal.
 * `whose` is asked for there. Otherwise it has complained.
 */
enum exit_code secret_read(const char *path, const char *whose, char ret[SECRET_MAX]);

/* The same, but what is wrong is told in `error`. */
enum exit_code secret_try(
	const char *path, const char *whose, char ret[SECRET_MAX], struct error *error);

/* Whether that can be sent as a token, which may be NULL; else it has complained. */
enum exit_code secret_check_token(const char *token);
