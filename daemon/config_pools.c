/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"

static bool is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);
	/* "/srv" is above "/srv/a" and not above "/srv2/a"; "/" is above everything. */
	return strncmp(path, directory, length) == 0 &&
	       (length == 1 || path[length] == '/' || path[length] == 0);
}

/*
 * No link leads to it: neither the pool itself need be looked at, nor those before it. One on a
 * server that is gone would be looked at for ever, and nobody could use the others.
 */
static bool is_where_it_says(const char *real, const char *pool)
{
	return pool && pool[0] == '/' && is_below(real, pool);
}

static bool needs_no_look(const struct config *config, const char *real)
{
	for (unsigned i = 0; i < config->pool_count; i++)
		if (is_where_it_says(real, config->pools[i]))
			return true;
	return is_where_it_says(real, config->tape_dir);
}

/* A pool may be a symbolic link itself, and may come and go (removable disks). */
static bool in_some_pool(const struct config *config, const char *real)
{
	char pool[PATH_MAX];
	if (needs_no_look(config, real))
		return true;
	for (unsigned i = 0; i < config->pool_count; i++)
		if (realpath(config->pools[i], pool) && is_below(real, pool))
			return true;
	return realpath(config->tape_dir, pool) && is_below(real, pool);
}

static bool unresolved(const char *path, struct error *error)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return error_set(error, ERROR_FILE_MISSING, "Check the path.",
			"there is no file %.256s", path);
	return error_set(error, ERROR_FILE_UNREADABLE,
		"Check the permissions of the directories above it.", "cannot reach %.256s: %s",
		path, strerror(errno));
}

bool config_path_in_pools(
	const struct config *config, const char *path, char ret_real[PATH_MAX], struct error *error)
{
	char real[PATH_MAX];
	if (path[0] != '/')
		return error_set(error, ERROR_INVALID, "Give an absolute path.",
			"\"%.256s\" is not an absolute path", path);
	if (!realpath(path, real))
		return unresolved(path, error);
	if (!in_some_pool(config, real))
		return error_set(error, ERROR_FILE_OUTSIDE_POOLS,
			"Move the file into a media pool, or add its directory to pools in [media] "
			"of the configuration.",
			"%.256s is not in a media pool", real);
	memcpy(ret_real, real, strlen(real) + 1);
	return true;
}

bool config_copy_pools(const struct config *config, struct config *ret)
{
	*ret = (struct config){.tape_dir = strdup(config->tape_dir),
		.pools = calloc(config->pool_count + 1u, sizeof *ret->pools)};
	bool ok = ret->tape_dir && ret->pools;
	while (ok && ret->pool_count < config->pool_count) {
		char *pool = strdup(config->pools[ret->pool_count]);
		ok = pool != NULL;
		if (ok)
			ret->pools[ret->pool_count++] = pool;
	}
	return ok;
}

void config_swap_pools(struct config *config, struct config *fresh)
{
	char **pools = config->pools;
	unsigned count = config->pool_count;
	config->pools = fresh->pools;
	config->pool_count = fresh->pool_count;
	fresh->pools = pools;
	fresh->pool_count = count;
}
