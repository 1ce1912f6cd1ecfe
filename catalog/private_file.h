/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog has secrets: nobody but its owner may read it. */
#pragma once

#include <stdbool.h>

struct error;

/*
 * Creates the file for its owner only, or takes the others' permissions off it and off its log,
 * which an older carouseld may have left there. SQLite makes the log with the permissions of the
 * file. What cannot be opened is left for SQLite to tell of. PERMISSION: it is somebody else's and
 * others may read it.
 */
bool private_file_make(const char *path, struct error *error);
