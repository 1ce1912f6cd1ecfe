/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directories below the media pools, each with an inotify watch (inotify(7)), as deep as scans
 * look and without what they pass over. Symbolic links are not followed. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct pool_directory; /* one that is watched */

struct pool_tree {
	int fd;                              /* inotify; -1: there is none */
	struct pool_directory **directories; /* by watch descriptor, which only grow */
	size_t count;
};

/* -errno: EMFILE when the user has too many inotify instances. */
int pool_tree_open(struct pool_tree *tree);
void pool_tree_close(struct pool_tree *tree);

/*
 * Watches a directory and all that is below it; one that is not there is none. -errno of what could
 * not be watched: ENOSPC at the limit of watches.
 */
int pool_tree_add(struct pool_tree *tree, const char *path);
/* Does not watch it any more, nor what is below it. */
void pool_tree_remove(struct pool_tree *tree, const char *path);
/* Watches for names in a directory only: for one that may come. */
int pool_tree_await(struct pool_tree *tree, const char *path);

/* How many are watched, of `path` and below. */
size_t pool_tree_count(const struct pool_tree *tree, const char *path);

/* What happened in `directory`; name is "" when it happened to the directory itself. */
struct pool_event {
	unsigned mask; /* IN_… */
	bool awaited;  /* of pool_tree_await */
	const char *directory, *name;
};

/*
 * Takes what there is; false when the kernel dropped some. What is passed to `each` is valid during
 * the call, in which directories may be added and removed.
 */
bool pool_tree_read(struct pool_tree *tree,
	void (*each)(void *context, const struct pool_event *event), void *context);

/* Hidden, or somebody's unfinished download: neither scanned nor watched. */
bool pool_passes_over(const char *name);

/* Is `path` the directory itself or below it? "/srv2" is not below "/srv". */
bool pool_is_within(const char *path, const char *directory);

enum { POOL_DEPTH_MAX = 16 }; /* directories below a pool that are looked into */
