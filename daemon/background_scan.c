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
#include <unistd.h>

#include "background.h"
#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

enum { DEPTH_MAX = 16 };

static const char actor[] = "scan";

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
};

static bool write_change(struct catalog *catalog, void *context, struct error *error)
{
	const struct change *change = context;
	if (change->path)
		return catalog_medium_set_place(
			catalog, change->id, change->path, &change->identity, actor, error);
	return catalog_medium_set_state(catalog, change->id, change->state, actor, error);
}

static bool set_state(struct background_job *job, const struct catalog_medium *medium,
	const char *state, struct error *error)
{
	struct change change = {.state = state};
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
static bool check_known(struct background_job *job, const struct catalog_medium *medium,
	const struct file_identity *identity, struct error *error)
{
	bool same = strcmp(medium->kind, "tape") == 0 ||
		    file_identity_equal(&medium->identity, identity);
	count(job, same ? "unchanged" : "changed");
	return set_state(job, medium, same ? "ok" : "changed", error);
}

/* A hard link is another file; one that is not where it was has moved. */
static bool is_moved(const struct catalog_medium *medium, const struct file_identity *identity)
{
	return strcmp(medium->kind, "disc") == 0 &&
	       file_identity_equal(&medium->identity, identity) && access(medium->path, F_OK) != 0;
}

static bool move(struct background_job *job, const struct catalog_medium *medium, const char *path,
	const struct file_identity *identity, struct error *error)
{
	struct change change = {.path = path, .identity = *identity};
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
	if (background_add(job, &add, medium, &is_new, &why)) {
		count(job, "added");
		return strcmp(medium->kind, "disc") != 0 ||
		       background_look_inside(job, medium->id, medium->path, error);
	}
	count(job, "refused");
	log_debug("scan: %s", why.sentence);
	return background_go_on(job, error);
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
	if (catalog_medium_find(job->reader, path, medium, &why) && strcmp(medium->path, path) == 0)
		return check_known(job, medium, &identity, error);
	if (catalog_medium_of_file(job->reader, &identity, medium, &why) &&
		is_moved(medium, &identity))
		return move(job, medium, path, &identity, error);
	return add(job, path, error);
}

/* ---- the tree ----------------------------------------------------------------------------------
 */

/* Others' unfinished downloads, and what is hidden. */
static bool is_passed_over(const char *name)
{
	static const char *const endings[] = {".part", ".crdownload", ".aria2", ".tmp", ".partial"};
	size_t length = strlen(name);
	if (name[0] == '.')
		return true;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t tail = strlen(endings[i]);
		if (length > tail && strcasecmp(name + length - tail, endings[i]) == 0)
			return true;
	}
	return false;
}

static int is_looked_at(const struct dirent *entry)
{
	return !is_passed_over(entry->d_name);
}

static bool look_at_tree(
	struct background_job *job, const char *directory, unsigned depth, struct error *error);

/* Symbolic links are not followed: what they point to is looked at where it is. */
static bool look_at_entry(struct background_job *job, const char *directory, const char *name,
	unsigned depth, struct error *error)
{
	char path[PATH_MAX];
	struct stat st;
	int length = snprintf(path, sizeof path, "%s/%s", directory, name);
	if (length < 0 || length >= PATH_MAX || lstat(path, &st) != 0)
		return true;
	if (S_ISDIR(st.st_mode))
		return depth == 0 || look_at_tree(job, path, depth - 1, error);
	return !S_ISREG(st.st_mode) || st.st_size == 0 || look_at_file(job, path, &st, error);
}

static bool look_at_tree(
	struct background_job *job, const char *directory, unsigned depth, struct error *error)
{
	struct dirent **entries = NULL;
	int number = scandir(directory, &entries, is_looked_at, alphasort);
	bool ok = true;
	if (number < 0) {
		log_warning("scan: cannot list %s: %s", directory, strerror(errno));
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
	const char *pool;
	size_t length;
	char after[CATALOG_ID_MAX];
	bool found;
	struct catalog_medium *medium;
};

static bool find_absent(void *context, const struct catalog_medium *medium)
{
	struct absence *absence = context;
	struct stat st;
	snprintf(absence->after, sizeof absence->after, "%s", medium->id);
	if (strncmp(medium->path, absence->pool, absence->length) != 0 ||
		medium->path[absence->length] != '/')
		return true;
	absence->found = lstat(medium->path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
	if (absence->found)
		*absence->medium = *medium;
	return !absence->found;
}

/* A pool that is not there (a disk that is not mounted) says nothing of its files. */
static bool mark_absent(struct background_job *job, const char *pool, struct error *error)
{
	_cleanup_free_ struct catalog_medium *medium = malloc(sizeof *medium);
	struct absence absence = {.pool = pool, .length = strlen(pool), .medium = medium};
	if (!medium)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	do {
		absence.found = false;
		if (!background_go_on(job, error) ||
			!catalog_media_list(job->reader, absence.after, UINT32_MAX, NULL,
				find_absent, &absence, error))
			return false;
		if (!absence.found)
			continue;
		count(job, "missing");
		if (!set_state(job, medium, "missing", error))
			return false;
	} while (absence.found);
	return true;
}

static bool scan_pool(struct background_job *job, const char *pool, struct error *error)
{
	char real[PATH_MAX];
	if (!realpath(pool, real)) {
		log_warning("scan: the pool %s is not there: %s", pool, strerror(errno));
		count(job, "absent_pools");
		return true;
	}
	return look_at_tree(job, real, DEPTH_MAX, error) && mark_absent(job, real, error);
}

static bool run(struct background_job *job, struct error *error)
{
	const struct library_config *config = &job->background->library->config;
	const char *one = json_string_value(json_object_get(job->parameters, "pool"));
	char pool[PATH_MAX], real[PATH_MAX];
	if (one)
		return config->path_allowed(config->path_context, one, real, error) &&
		       scan_pool(job, one, error);
	for (unsigned i = 0; config->pool_at && config->pool_at(config->path_context, i, pool); i++)
		if (!scan_pool(job, pool, error))
			return false;
	return true;
}

const struct background_kind background_scan = {"scan", run};
