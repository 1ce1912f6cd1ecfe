/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of the library are opened by paths without symbolic links, and only so: whoever may write
 * to a pool could otherwise put a link to any file in the place of one that was looked at.
 */
#pragma once

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>

struct error;
struct library_config;

/*
 * Where the file of a row is: its path; or, when that leads through links that came later (a pool
 * that was moved, and has a link in its old place), where they lead, which is in a pool. A file
 * that is not there is at its path. Blocks. FILE_OUTSIDE_POOLS.
 */
bool library_locate(const struct library_config *config, const char *path, char ret[PATH_MAX],
	struct error *error);

/*
 * Whether the file of a row is still in a pool, which may have been taken out of the configuration
 * since it was added. A file that is not there, or cannot be reached, is nowhere else. Blocks.
 * FILE_OUTSIDE_POOLS.
 */
bool library_allows(const struct library_config *config, const char *path, struct error *error);

/*
 * Whether a file is where that is, and not nothing, or a directory, a device, or a link that leads
 * to no file of a pool. What cannot be looked at is taken for one. Blocks.
 */
bool library_has_file(const struct library_config *config, const char *path);

/* Why the file of a row was not opened, which had `result`, a -errno. Returns false. */
bool library_explain_open(const char *path, int result, struct error *error);

/* A directory that path_allowed has found, to read; -errno. */
int library_open_directory(const char *real);
/* What is in it, as scandir(3) does it, by name. -errno. */
int library_list(const char *real, int (*filter)(const struct dirent *), struct dirent ***ret);
