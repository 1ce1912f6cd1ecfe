/* SPDX-License-Identifier: Apache-2.0 */
#include "pool_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file_open.h"

struct pool_directory {
	int wd;
	bool awaited;
	char path[];
};

enum {
	/* A file counts when it was closed after writing, not at each write. */
	WATCHED = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE |
		  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK,
	AWAITED = IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
	EVENTS_SIZE = 1 << 16,
};

bool pool_passes_over(const char *name)
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

bool pool_is_within(const char *path, const char *directory)
{
	size_t length = strlen(directory);
	return strncmp(path, directory, length) == 0 &&
	       (length == 1 || path[length] == '/' || path[length] == '\0');
}

/* ---- descriptors -------------------------------------------------------------------------------
 */

int pool_tree_open(struct pool_tree *tree)
{
	*tree = (struct pool_tree){.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
	return tree->fd < 0 ? -errno : 0;
}

void pool_tree_close(struct pool_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		free(tree->directories[i]);
	free(tree->directories);
	if (tree->fd >= 0)
		close(tree->fd);
	*tree = (struct pool_tree){.fd = -1};
}

/* Where it is, or belongs. */
static size_t place_of(const struct pool_tree *tree, int wd)
{
	size_t low = 0, high = tree->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (tree->directories[middle]->wd < wd)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct pool_directory *find(const struct pool_tree *tree, int wd)
{
	size_t place = place_of(tree, wd);
	return place < tree->count && tree->directories[place]->wd == wd ? tree->directories[place]
									 : NULL;
}

static void forget(struct pool_tree *tree, size_t place)
{
	free(tree->directories[place]);
	tree->count--;
	memmove(&tree->directories[place], &tree->directories[place + 1],
		(tree->count - place) * sizeof *tree->directories);
}

/* The same directory under another name has the descriptor that it had. */
static int keep(struct pool_tree *tree, int wd, const char *path, bool awaited)
{
	size_t place = place_of(tree, wd), length = strlen(path) + 1;
	struct pool_directory *directory = malloc(sizeof *directory + length);
	struct pool_directory **grown =
		reallocarray(tree->directories, tree->count + 1, sizeof *grown);
	if (grown)
		tree->directories = grown;
	if (!directory || !grown) {
		free(directory);
		return -ENOMEM;
	}
	directory->wd = wd;
	directory->awaited = awaited;
	memcpy(directory->path, path, length);
	if (find(tree, wd))
		forget(tree, place);
	memmove(&grown[place + 1], &grown[place], (tree->count - place) * sizeof *grown);
	grown[place] = directory;
	tree->count++;
	return 0;
}

static int watch(struct pool_tree *tree, const char *path, unsigned mask, bool awaited)
{
	int wd = inotify_add_watch(tree->fd, path, mask);
	if (wd >= 0)
		return keep(tree, wd, path, awaited);
	return errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP ? 0
											: -errno;
}

/* ---- trees -------------------------------------------------------------------------------------
 */

static int add(struct pool_tree *tree, const char *path, unsigned depth);

static int add_entry(
	struct pool_tree *tree, const char *directory, const struct dirent *entry, unsigned depth)
{
	char path[PATH_MAX];
	struct stat st;
	if (pool_passes_over(entry->d_name) ||
		(entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
		return 0;
	int length = snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
	if (length < 0 || length >= PATH_MAX || lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return 0;
	return add(tree, path, depth - 1);
}

/* The one that was looked at, and not where a link leads that took its place. */
static DIR *open_directory(const char *path)
{
	int fd = file_open_resolved(path, O_RDONLY | O_DIRECTORY, 0);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !stream)
		close(fd);
	return stream;
}

static void close_directory(DIR **stream)
{
	if (*stream)
		closedir(*stream);
}

/* Watched before it is listed: what comes in between is seen twice, and not never. */
static int add(struct pool_tree *tree, const char *path, unsigned depth)
{
	int result = watch(tree, path, WATCHED, false);
	if (result < 0 || depth == 0)
		return result;
	_cleanup_(close_directory) DIR *stream = open_directory(path);
	const struct dirent *entry;
	while (stream && result == 0 && (entry = readdir(stream)))
		result = add_entry(tree, path, entry, depth);
	return result;
}

int pool_tree_add(struct pool_tree *tree, const char *path)
{
	return add(tree, path, POOL_DEPTH_MAX);
}

int pool_tree_await(struct pool_tree *tree, const char *path)
{
	return watch(tree, path, AWAITED, true);
}

void pool_tree_remove(struct pool_tree *tree, const char *path)
{
	for (size_t i = tree->count; i > 0; i--) {
		struct pool_directory *directory = tree->directories[i - 1];
		if (!pool_is_within(directory->path, path))
			continue;
		inotify_rm_watch(tree->fd, directory->wd);
		forget(tree, i - 1);
	}
}

size_t pool_tree_count(const struct pool_tree *tree, const char *path)
{
	size_t count = 0;
	for (size_t i = 0; i < tree->count; i++)
		count += !tree->directories[i]->awaited &&
			 pool_is_within(tree->directories[i]->path, path);
	return count;
}

/* ---- events ------------------------------------------------------------------------------------
 */

/* The directory may be let go of during the call. */
static void pass_on(struct pool_tree *tree, const struct inotify_event *raw,
	void (*each)(void *context, const struct pool_event *event), void *context)
{
	const struct pool_directory *directory = find(tree, raw->wd);
	char path[PATH_MAX];
	if (!directory)
		return;
	snprintf(path, sizeof path, "%s", directory->path);
	const struct pool_event event = {.mask = raw->mask,
		.awaited = directory->awaited,
		.directory = path,
		.name = raw->len ? raw->name : ""};
	if (raw->mask & IN_IGNORED)
		forget(tree, place_of(tree, raw->wd));
	each(context, &event);
}

bool pool_tree_read(struct pool_tree *tree,
	void (*each)(void *context, const struct pool_event *event), void *context)
{
	_cleanup_free_ char *buffer = malloc(EVENTS_SIZE);
	bool complete = buffer != NULL;
	ssize_t size;
	while (buffer && (size = read(tree->fd, buffer, EVENTS_SIZE)) > 0) {
		for (ssize_t at = 0; at < size;) {
			const struct inotify_event *raw = (const void *)(buffer + at);
			at += (ssize_t)(sizeof *raw + raw->len);
			complete &= !(raw->mask & IN_Q_OVERFLOW);
			pass_on(tree, raw, each, context);
		}
	}
	return complete;
}
