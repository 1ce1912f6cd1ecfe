/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scans: what is in the pools is compared with what the catalog says. A file is known by its path
 * and identity; one that is not where it was, by its inode, size and time. What is new is added,
 * what is missing is marked, and nothing is ever forgotten. No file is read but those that are
 * added.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "background.h"
#include "background_import.h"
#include "background_refusals.h"
#include "library_paths.h"
#include "library_private.h"
#include "log.h"
#include "pool_tree.h"
#include "pool_watch.h"
#include "util/cleanup.h"

/* Who asked for a scan did not find what it found; the watch did. */
static const char *actor_of(const struct background_job *job)
{
	return strcmp(job->row->actor, pool_watch_actor) == 0 ? pool_watch_actor : "scan";
}

static void count(struct background_job *job, const char *what)
{
	json_t *number = json_object_get(job->result, what);
	json_object_set_new(job->result, what, json_integer(json_integer_value(number) + 1));
}

/* ---- one change --------------------------------------------------------------------------------
 */

struct change {
	char id[CATALOG_ID_MAX];
	const char *path; /* moved; NULL: its state */
	const char *state;
	struct file_identity identity;
	const char *actor;
};

static bool write_change(struct catalog *catalog, void *context, struct error *error)
{
	const struct change *change = context;
	if (change->path)
		return catalog_medium_set_place(
			catalog, change->id, change->path, &change->identity, change->actor, error);
	return catalog_medium_set_state(catalog, change->id, change->state, change->actor, error);
}

static bool set_state(struct background_job *job, const struct catalog_medium *medium,
	const char *state, struct error *error)
{
	struct change change = {.state = state, .actor = actor_of(job)};
	if (strcmp(medium->state, state) == 0)
		return true;
	snprintf(change.id, sizeof change.id, "%s", medium->id);
	return background_commit(job, change.id, write_change, &change, error);
}

/* ---- one file ----------------------------------------------------------------------------------
 */

static struct file_identity identity_of(const struct stat *st)
{
	return (struct file_identity){.device = st->st_dev,
		.inode = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_sec = st->st_mtim.tv_sec,
		.mtime_nsec = st->st_mtim.tv_nsec};
}

/* The file of a tape changes with every use. */
static bool is_as_it_was(const struct catalog_medium *medium, const struct file_identity *identity)
{
	return strcmp(medium->kind, "tape") == 0 ||
	       file_identity_lasts(&medium->identity, identity);
}

struct renumbered {
	char directory[CATALOG_PATH_MAX];
	uint64_t before, now;
};

static bool write_device(struct catalog *catalog, void *context, struct error *error)
{
	const struct renumbered *it = context;
	return catalog_media_set_device(catalog, it->directory, it->before, it->now, error);
}

/* Its file system was mounted anew: with it all that lies beside it, and below, has another number.
 */
static bool note_device(struct background_job *job, const struct catalog_medium *medium,
	const struct file_identity *identity, struct error *error)
{
	struct renumbered it = {.before = medium->identity.device, .now = identity->device};
	const char *slash = strrchr(medium->path, '/');
	if (strcmp(medium->kind, "disc") != 0 || it.before == it.now)
		return true;
	snprintf(it.directory, sizeof it.directory, "%.*s",
		slash > medium->path ? (int)(slash - medium->path) : 1, medium->path);
	return background_commit(job, NULL, write_device, &it, error);
}

static bool check_known(struct background_job *job, const struct catalog_medium *medium,
	const struct file_identity *identity, struct error *error)
{
	bool same = is_as_it_was(medium, identity);
	count(job, same ? "unchanged" : "changed");
	return (!same || note_device(job, medium, identity, error)) &&
	       set_state(job, medium, same ? "ok" : "changed", error);
}

static const struct library_config *config_of(const struct background_job *job)
{
	return &job->background->library->config;
}

/* A hard link is another file; one that is not where it was has moved. */
static bool is_moved(const struct background_job *job, const struct catalog_medium *medium,
	const struct file_identity *identity)
{
	return strcmp(medium->kind, "disc") == 0 &&
	       file_identity_lasts(&medium->identity, identity) &&
	       !library_has_file(config_of(job), medium->path);
}

static bool move(struct background_job *job, const struct catalog_medium *medium, const char *path,
	const struct file_identity *identity, struct error *error)
{
	struct change change = {.path = path, .identity = *identity, .actor = actor_of(job)};
	snprintf(change.id, sizeof change.id, "%s", medium->id);
	count(job, "moved");
	return background_commit(job, change.id, write_change, &change, error);
}

static bool add(struct background_job *job, const char *path, struct error *error)
{
	struct library_media_add add = {0};
	struct error why = {0};
	bool is_new;
	_cleanup_free_ struct library_medium *medium = malloc(sizeof *medium);
	if (!medium)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	snprintf(add.path, sizeof add.path, "%s", path);
	if (json_is_false(json_object_get(job->parameters, "add"))) {
		count(job, "new");
		return true;
	}
	if (background_add(job, &add, medium, &is_new, &why)) {
		count(job, "added");
		return strcmp(medium->kind, "disc") != 0 ||
		       background_look_inside(job, medium->id, medium->path, error);
	}
	count(job, "refused");
	background_refuse(job, "refusals", REFUSALS_KEPT, path, &why);
	return background_go_on(job, error);
}

/*
 * Somebody writes to it, or has just done so: the watch is told when it is closed. Times of files
 * are those of the clock on the wall; one that is in the future says nothing.
 */
static bool is_under_way(struct background_job *job, const char *path, const struct stat *st)
{
	json_int_t settle = json_integer_value(json_object_get(job->parameters, "settle_ms"));
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t age = (int64_t)(now.tv_sec - st->st_mtim.tv_sec) * 1000 +
		      (now.tv_nsec - st->st_mtim.tv_nsec) / 1000000;
	return (age >= 0 && age < settle) || background_is_claimed(job->background, path) ||
	       pool_watch_is_written(job->background->library->watch, path, st);
}

static bool look_at_file(
	struct background_job *job, const char *path, const struct stat *st, struct error *error)
{
	const struct file_identity identity = identity_of(st);
	struct error why = {0};
	_cleanup_free_ struct catalog_medium *medium = malloc(sizeof *medium);
	if (!medium)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	background_progress(job, atomic_load(&job->done) + 1, 0);
	bool known = catalog_medium_find(job->reader, path, medium, &why) &&
		     strcmp(medium->path, path) == 0;
	if (!known && st->st_size == 0)
		return true; /* something is about to be written, or nothing at all */
	if (known && is_as_it_was(medium, &identity))
		return check_known(job, medium, &identity, error);
	if (is_under_way(job, path, st)) {
		count(job, "under_way");
		return true;
	}
	if (known)
		return check_known(job, medium, &identity, error);
	if (catalog_medium_of_file(job->reader, &identity, medium, &why) &&
		is_moved(job, medium, &identity))
		return move(job, medium, path, &identity, error);
	return add(job, path, error);
}

/* ---- the tree ----------------------------------------------------------------------------------
 */

static int is_looked_at(const struct dirent *entry)
{
	return !pool_passes_over(entry->d_name);
}

/* What is below this one is not looked at. */
enum { NOT_BELOW = -1 };

static bool look_at_tree(
	struct background_job *job, const char *directory, int depth, struct error *error);

static bool refuse_depth(struct background_job *job, const char *directory, struct error *error)
{
	struct error why = {0};
	error_set(&why, ERROR_INVALID, "Move it up, or name it in pools of the configuration, too.",
		"%.256s is too deep in its pool: nothing is looked for in it", directory);
	count(job, "refused");
	background_refuse(job, "refusals", REFUSALS_KEPT, directory, &why);
	return background_go_on(job, error);
}

static bool look_below(
	struct background_job *job, const char *directory, int depth, struct error *error)
{
	if (depth == NOT_BELOW)
		return true;
	return depth == 0 ? refuse_depth(job, directory, error)
			  : look_at_tree(job, directory, depth - 1, error);
}

/* Symbolic links are not followed: what they point to is looked at where it is. */
static bool look_at_entry(struct background_job *job, const char *directory, const char *name,
	int depth, struct error *error)
{
	char path[PATH_MAX];
	struct stat st;
	int length = snprintf(path, sizeof path, "%s/%s", directory, name);
	if (length < 0 || length >= PATH_MAX)
		return refuse_depth(job, directory, error);
	if (lstat(path, &st) != 0)
		return true;
	if (S_ISDIR(st.st_mode))
		return look_below(job, path, depth, error);
	return !S_ISREG(st.st_mode) || look_at_file(job, path, &st, error);
}

static bool look_at_tree(
	struct background_job *job, const char *directory, int depth, struct error *error)
{
	struct dirent **entries = NULL;
	int number = library_list(directory, is_looked_at, &entries);
	bool ok = true;
	if (number < 0 && number != -ENOENT && number != -ENOTDIR) {
		log_warning("scan: cannot list %s: %s", directory, strerror(-number));
		count(job, "unreadable_directories");
	}
	for (int i = 0; i < number; i++) {
		ok = ok && background_go_on(job, error) &&
		     look_at_entry(job, directory, entries[i]->d_name, depth, error);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

/* ---- what is missing ---------------------------------------------------------------------------
 */

struct absence {
	const struct library_config *config;
	size_t length; /* of the directory */
	bool deep;
	char after[CATALOG_PATH_MAX];
	bool found;
	struct catalog_medium *medium;
};

static bool find_absent(void *context, const struct catalog_medium *medium)
{
	struct absence *absence = context;
	snprintf(absence->after, sizeof absence->after, "%s", medium->path);
	if (!absence->deep && strchr(medium->path + absence->length + 1, '/'))
		return true;
	absence->found = !library_has_file(absence->config, medium->path);
	if (absence->found)
		*absence->medium = *medium;
	return !absence->found;
}

/*
 * `pool` is where its pool really is: when that went while this looked, nothing is said of the
 * rest.
 */
static bool mark_absent(struct background_job *job, const char *pool, const char *directory,
	bool deep, struct error *error)
{
	_cleanup_free_ struct catalog_medium *medium = malloc(sizeof *medium);
	struct absence absence = {.config = config_of(job),
		.deep = deep,
		.length = strcmp(directory, "/") == 0 ? 0 : strlen(directory),
		.medium = medium};
	if (!medium)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	do {
		absence.found = false;
		if (!background_go_on(job, error) ||
			!catalog_media_below(job->reader, directory, absence.after, find_absent,
				&absence, error))
			return false;
		if (!absence.found)
			continue;
		if (access(pool, F_OK) != 0) {
			log_warning("scan: the pool %s went while it was looked through", pool);
			count(job, "absent_pools");
			return true;
		}
		count(job, "missing");
		if (!set_state(job, medium, "missing", error))
			return false;
	} while (absence.found);
	return true;
}

/* ---- pools -------------------------------------------------------------------------------------
 */

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static bool is_empty(const char *directory)
{
	struct dirent **entries = NULL;
	int number = scandir(directory, &entries, is_entry, NULL);
	for (int i = 0; i < number; i++)
		free(entries[i]);
	free(entries);
	return number == 0;
}

struct elsewhere {
	dev_t device;
	bool found;
};

static bool find_elsewhere(void *context, const struct catalog_medium *medium)
{
	struct elsewhere *elsewhere = context;
	elsewhere->found =
		strcmp(medium->kind, "disc") == 0 && medium->identity.device != elsewhere->device;
	return !elsewhere->found;
}

/* An empty directory, where files of another device are known: its disk is not mounted. */
static bool is_unmounted(struct background_job *job, const char *pool)
{
	struct elsewhere elsewhere = {0};
	struct stat st;
	if (stat(pool, &st) != 0 || !is_empty(pool))
		return false;
	elsewhere.device = st.st_dev;
	return catalog_media_below(job->reader, pool, "", find_elsewhere, &elsewhere, NULL) &&
	       elsewhere.found;
}

/* A pool that is not there (a disk that is not mounted) says nothing of its files. */
static bool is_there(struct background_job *job, const char *pool, char ret_real[PATH_MAX])
{
	if (!realpath(pool, ret_real))
		log_warning("scan: the pool %s is not there: %s", pool, strerror(errno));
	else if (is_unmounted(job, ret_real))
		log_warning(
			"scan: the pool %s is empty, and its disk seems not to be mounted", pool);
	else
		return true;
	count(job, "absent_pools");
	return false;
}

static bool scan_pool(struct background_job *job, const char *pool, struct error *error)
{
	char real[PATH_MAX];
	if (!is_there(job, pool, real))
		return true;
	import_sweep(job, real);
	return look_at_tree(job, real, POOL_DEPTH_MAX, error) &&
	       mark_absent(job, real, real, true, error);
}

/* The pool in which a path is that was taken out of one; false: in none that is there. */
static bool has_a_pool(struct background_job *job, const char *path, char ret_real[PATH_MAX])
{
	const struct library_config *config = config_of(job);
	char pool[PATH_MAX];
	for (unsigned i = 0; config->pool_at && config->pool_at(config->path_context, i, pool); i++)
		if (realpath(pool, ret_real) && pool_is_within(path, ret_real))
			return is_there(job, pool, ret_real);
	return false;
}

/* One that went says that what was in it did; one that a symbolic link took the place of, too. */
static bool scan_directory(
	struct background_job *job, const char *path, bool deep, struct error *error)
{
	char pool[PATH_MAX], real[PATH_MAX];
	if (!has_a_pool(job, path, pool))
		return true;
	if (realpath(path, real) && strcmp(real, path) == 0 &&
		!look_at_tree(job, path, deep ? POOL_DEPTH_MAX : NOT_BELOW, error))
		return false;
	return mark_absent(job, pool, path, deep, error);
}

/* *ret_any: some were named. */
static bool scan_directories(struct background_job *job, const char *which, bool deep,
	bool *ret_any, struct error *error)
{
	size_t i;
	json_t *path, *paths = json_object_get(job->parameters, which);
	*ret_any |= paths != NULL;
	json_array_foreach(paths, i, path)
	{
		if (json_is_string(path) &&
			!scan_directory(job, json_string_value(path), deep, error))
			return false;
	}
	return true;
}

static bool run(struct background_job *job, struct error *error)
{
	const struct library_config *config = config_of(job);
	const char *one = json_string_value(json_object_get(job->parameters, "pool"));
	char pool[PATH_MAX], real[PATH_MAX];
	bool any = false;
	if (!scan_directories(job, "directories", false, &any, error) ||
		!scan_directories(job, "trees", true, &any, error))
		return false;
	if (any)
		return true;
	if (one)
		return config->path_allowed(config->path_context, one, real, error) &&
		       scan_pool(job, one, error);
	for (unsigned i = 0; config->pool_at && config->pool_at(config->path_context, i, pool); i++)
		if (!scan_pool(job, pool, error))
			return false;
	return true;
}

const struct background_kind background_scan = {"scan", run};
