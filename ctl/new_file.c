/* SPDX-License-Identifier: Apache-2.0 */
#include "new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file_name.h"
#include "util/file_store.h"

static bool exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

static bool refuse_existing(const char *path, struct error *error)
{
	return error_set(error, ERROR_EXISTS, "Choose another name, or remove it.",
		"there is a file %.200s already", path);
}

bool new_file_begin(struct new_file *ret, const char *path, struct error *error)
{
	*ret = (struct new_file){.path = path};
	if (exists(path))
		return refuse_existing(path, error);
	if (asprintf(&ret->temporary, "%s.tmp", path) < 0) {
		ret->temporary = NULL;
		return error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	}
	if (!exists(ret->temporary))
		return true;
	error_set(error, ERROR_EXISTS, "See whether something is at work on it; if not, remove it.",
		"there is %.200s already, a file that is being made or was left unfinished",
		ret->temporary);
	new_file_discard(ret);
	return false;
}

/* Somebody who was faster has it, or else a part of it may be there. */
void new_file_made(struct new_file *file, bool ok, const struct error *error)
{
	file->ours = ok || error->code != ERROR_EXISTS;
}

bool new_file_keep(struct new_file *file, struct error *error)
{
	int result = file_name_give(file->temporary, file->path);
	if (result == 0) {
		file->ours = false;
		result = file_store_posix.sync_directory(&file_store_posix, file->path);
	}
	if (result == -EEXIST)
		refuse_existing(file->path, error);
	else if (result < 0)
		error_set(error, ERROR_PERMISSION,
			"See that its directory may be written to, and that the disk is well.",
			"cannot name the file %.200s: %s", file->path, strerror(-result));
	new_file_discard(file);
	return result == 0;
}

void new_file_discard(struct new_file *file)
{
	if (file->ours)
		unlink(file->temporary);
	free(file->temporary);
	*file = (struct new_file){0};
}
