/* SPDX-License-Identifier: Apache-2.0 */
#include "tape_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file_name.h"

bool tape_file_failed(const char *path, int result, struct error *error)
{
	return error_set(error, ERROR_PERMISSION,
		"See that its directory may be written to, and that the disk is well.",
		"cannot make the cartridge %.200s: %s", path, strerror(-result));
}

/* ---- one that is there ------------------------------------------------------------------------
 */

static bool is_unused(const struct cartridge_status *its)
{
	const struct cartridge_counters *counters = &its->counters;
	return !its->eod && !its->dropped && !its->damaged && !counters->mounts &&
	       !counters->bytes_written && !counters->filemarks_written;
}

static bool is_wanted(const struct cartridge_status *its, const struct native_create *create)
{
	return strcmp(its->barcode, create->barcode) == 0 &&
	       strcmp(its->medium, create->medium) == 0 && its->density == create->density &&
	       its->medium_type == create->medium_type && its->capacity == create->capacity &&
	       its->block_max == create->block_max;
}

/* Nobody writes to it while it is open. NULL: it is another one, or not as it was made. */
static struct cartridge *open_unused(
	const struct file_store *store, const char *path, const struct native_create *create)
{
	struct error error = {0};
	struct cartridge_status its;
	struct stat st;
	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	struct cartridge *cartridge = native_open(store, path, false, NULL, &error);
	if (!cartridge)
		return NULL;
	cart_status(cartridge, &its);
	if (is_unused(&its) && is_wanted(&its, create))
		return cartridge;
	cart_close(cartridge);
	return NULL;
}

static bool will_do(
	const struct file_store *store, const char *path, const struct native_create *create)
{
	struct cartridge *cartridge = open_unused(store, path, create);
	cart_close(cartridge);
	return cartridge;
}

/* A daemon that died, or `media rm`, leaves files that the catalog has no tape of. */
static bool refuse_file(const char *path, struct error *error)
{
	return error_set(error, ERROR_EXISTS, "Add it (carousel media add), or move it away.",
		"the file %.250s is there already, of no tape in the catalog", path);
}

/* ---- one that is made -------------------------------------------------------------------------
 */

/* Hidden, and beside it: only who makes that tape has such a file, and one that is left is torn. */
static bool find_temporary(const char *path, char ret[PATH_MAX], struct error *error)
{
	const char *name = strrchr(path, '/') + 1;
	int length = snprintf(ret, PATH_MAX, "%.*s.%s.new", (int)(name - path), path, name);
	return length < PATH_MAX || error_set(error, ERROR_INVALID, "Use a shorter tape_dir.",
					    "the path of the tape would be too long");
}

static bool give_name(const char *temporary, const char *path, struct error *error)
{
	int result = file_name_give(temporary, path);
	if (result == -EEXIST)
		return refuse_file(path, error);
	return result == 0 || tape_file_failed(path, result, error);
}

static bool make(const struct file_store *store, const char *path,
	const struct native_create *create, struct error *error)
{
	char temporary[PATH_MAX];
	if (!find_temporary(path, temporary, error))
		return false;
	unlink(temporary);
	if (native_create(store, temporary, create, NULL, error) &&
		give_name(temporary, path, error))
		return true;
	unlink(temporary);
	return false;
}

bool tape_file_make(const struct file_store *store, const char *path,
	const struct native_create *create, bool *ret_new, struct error *error)
{
	struct stat st;
	bool is_new = lstat(path, &st) != 0;
	bool ok = is_new ? make(store, path, create, error)
			 : will_do(store, path, create) || refuse_file(path, error);
	if (ok)
		*ret_new = is_new;
	return ok;
}

void tape_file_take_back(
	const struct file_store *store, const char *path, const struct native_create *create)
{
	struct cartridge *cartridge = open_unused(store, path, create);
	if (cartridge)
		unlink(path);
	cart_close(cartridge);
}
