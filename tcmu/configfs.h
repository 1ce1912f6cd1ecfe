/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's trees of files that make and show target devices: configfs below "target", and the
 * parts of /sys and /dev that say where a device went.
 *
 * Everything that changes configfs goes through five operations, so that a test can keep a tree in
 * a temporary directory, record the order of changes and let any one of them fail. All of them may
 * block for long (a LUN link probes the device) and must never run on a thread that serves a ring.
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/cleanup.h"
#include "util/error.h"

/* Room for a root of CONFIGFS_ROOT_MAX and the seven names a path below it has at most. */
enum { CONFIGFS_ROOT_MAX = 256, CONFIGFS_PATH_MAX = 2304 };

/* All return 0 or -errno. */
struct configfs_ops {
	int (*write)(const char *path, const char *value); /* a short write is -EIO */
	int (*make)(const char *path);
	int (*remove)(const char *path);
	int (*link)(const char *to, const char *path);
	int (*unlink)(const char *path);
};

extern const struct configfs_ops configfs_posix;
/* The same by a process for each change of a link or directory (apart.h). */
extern const struct configfs_ops configfs_kernel;

struct configfs {
	const struct configfs_ops *ops;
	char target[CONFIGFS_ROOT_MAX]; /* "/sys/kernel/config/target" */
	const char *hba_prefix;         /* "user_" */
	const char *root;               /* before /sys and /dev; "" but for tests */
	const char *modprobe;           /* program that loads a module by its name */
};

/* The real trees; `root` and `hba_prefix` (borrowed) may be NULL. False: the root is too long. */
bool configfs_init(
	struct configfs *fs, const char *root, const char *hba_prefix, struct error *error);

void configfs_path(char ret[CONFIGFS_PATH_MAX], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Each does one change below `directory` and turns a failure into a sentence that names the file,
 * the value and the cause. What is there already (make, link) or gone already (remove, unlink) is a
 * success: whoever is killed halfway goes on where it stopped.
 */
bool configfs_write(const struct configfs *fs, const char *directory, const char *file,
	const char *value, struct error *error);
/* … or `fine`, the one -errno that means that nothing has to be done. */
bool configfs_write_or(int fine, const struct configfs *fs, const char *directory, const char *file,
	const char *value, struct error *error);
bool configfs_make(const struct configfs *fs, const char *path, struct error *error);
bool configfs_remove(const struct configfs *fs, const char *path, struct error *error);
bool configfs_link(
	const struct configfs *fs, const char *to, const char *path, struct error *error);
bool configfs_unlink(const struct configfs *fs, const char *path, struct error *error);

/* The sentence itself, "cannot WHAT PATH: why", for -errno `failure`. Returns false. */
bool configfs_fail(struct error *error, int failure, const char *what, const char *path);

/* The first line of directory/file; -errno when it cannot be read. */
int configfs_read(const char *directory, const char *file, char *ret, size_t size);
/* The same as a number; `otherwise` when there is none. */
unsigned long configfs_read_number(
	const char *directory, const char *file, unsigned long otherwise);

/* The names in a directory, sorted, taken before any of them is touched. No directory: none. */
struct configfs_names {
	struct dirent **entries;
	int count;
};
void configfs_directories(const char *path, struct configfs_names *ret);
void configfs_links(const char *path, struct configfs_names *ret);
void configfs_names_finish(struct configfs_names *names);
#define _cleanup_names_ _cleanup_(configfs_names_finish)
