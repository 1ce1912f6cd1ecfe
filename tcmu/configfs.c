/* SPDX-License-Identifier: Apache-2.0 */
#include "configfs.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apart.h"

enum { PREDECESSOR_MS = 2000 };

/* ---- files of any directory ------------------------------------------------------------------ */

static int posix_write(const char *path, const char *value)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* One write(2): an attribute takes its whole value at once or not at all. */
	ssize_t n = write(fd, value, strlen(value));
	if (n < 0)
		return -errno;
	return (size_t)n == strlen(value) ? 0 : -EIO;
}

static int posix_make(const char *path)
{
	return mkdir(path, 0755) < 0 ? -errno : 0;
}

static int posix_remove(const char *path)
{
	return rmdir(path) < 0 ? -errno : 0;
}

static int posix_link(const char *to, const char *path)
{
	return symlink(to, path) < 0 ? -errno : 0;
}

static int posix_unlink(const char *path)
{
	return unlink(path) < 0 ? -errno : 0;
}

const struct configfs_ops configfs_posix = {
	.write = posix_write,
	.make = posix_make,
	.remove = posix_remove,
	.link = posix_link,
	.unlink = posix_unlink,
};

/* ---- those that the kernel answers for ---------------------------------------------------------
 */

static int make_directory(const char *unused, const char *path)
{
	return posix_make(path);
}

static int remove_directory(const char *unused, const char *path)
{
	return posix_remove(path);
}

static int remove_link(const char *unused, const char *path)
{
	return posix_unlink(path);
}

/*
 * What a daemon that was killed was about to change may change still: an address that is in use is
 * free a moment later. Writes go on, for what that waits for may be ended by one.
 */
static int change_apart(
	int (*change)(const char *to, const char *path), const char *to, const char *path)
{
	static atomic_bool predecessor_gone;
	if (!atomic_exchange(&predecessor_gone, true))
		apart_await_others(path, PREDECESSOR_MS);
	return apart(change, to, path);
}

static int kernel_make(const char *path)
{
	return change_apart(make_directory, NULL, path);
}

static int kernel_remove(const char *path)
{
	return change_apart(remove_directory, NULL, path);
}

static int kernel_link(const char *to, const char *path)
{
	return change_apart(posix_link, to, path);
}

static int kernel_unlink(const char *path)
{
	return change_apart(remove_link, NULL, path);
}

const struct configfs_ops configfs_kernel = {
	.write = posix_write,
	.make = kernel_make,
	.remove = kernel_remove,
	.link = kernel_link,
	.unlink = kernel_unlink,
};

bool configfs_init(
	struct configfs *fs, const char *root, const char *hba_prefix, struct error *error)
{
	*fs = (struct configfs){
		.ops = &configfs_kernel,
		.hba_prefix = hba_prefix ? hba_prefix : "user_",
		.root = "",
		.modprobe = "modprobe",
	};
	int n = snprintf(
		fs->target, sizeof fs->target, "%s/target", root ? root : "/sys/kernel/config");
	if (n < 0 || (size_t)n >= sizeof fs->target)
		return error_set(error, ERROR_CONFIGURATION,
			"Give the directory where configfs is mounted, /sys/kernel/config.",
			"the path of configfs is longer than %d bytes", CONFIGFS_ROOT_MAX - 8);
	return true;
}

void configfs_path(char ret[CONFIGFS_PATH_MAX], const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(ret, CONFIGFS_PATH_MAX, format, args);
	va_end(args);
	assert(n >= 0 && n < CONFIGFS_PATH_MAX);
}

/* ---- failures in words --------------------------------------------------------------------- */

static const char *remedy_of(int failure)
{
	switch (failure) {
	case -EACCES:
	case -EPERM:
	case -EROFS:
		return "Run carouseld as root and let it write to /sys/kernel/config "
		       "(systemd: no ProtectKernelTunables=).";
	case -EBUSY:
		return "Something still uses it: remove every LUN that shows the device (targetcli "
		       "ls) "
		       "and close whatever has it open, then try again.";
	case -ENOENT:
		return "Another tool removed it or the kernel is too old (5.10 or newer is "
		       "needed); "
		       "restart carouseld.";
	default:
		return "See the kernel log (dmesg) for the reason.";
	}
}

bool configfs_fail(struct error *error, int failure, const char *what, const char *path)
{
	bool refused = failure == -EACCES || failure == -EPERM || failure == -EROFS;
	errno = -failure;
	return error_set(error, refused ? ERROR_PERMISSION : ERROR_KERNEL_TARGET,
		remedy_of(failure), "cannot %s %s: %m", what, path);
}

bool configfs_write(const struct configfs *fs, const char *directory, const char *file,
	const char *value, struct error *error)
{
	return configfs_write_or(0, fs, directory, file, value, error);
}

bool configfs_write_or(int fine, const struct configfs *fs, const char *directory, const char *file,
	const char *value, struct error *error)
{
	char path[CONFIGFS_PATH_MAX], what[160];
	configfs_path(path, "%s/%s", directory, file);
	int r = fs->ops->write(path, value);
	if (r == 0 || r == fine)
		return true;
	snprintf(what, sizeof what, "write \"%.140s\" to", value);
	return configfs_fail(error, r, what, path);
}

bool configfs_make(const struct configfs *fs, const char *path, struct error *error)
{
	int r = fs->ops->make(path);
	return r == 0 || r == -EEXIST || configfs_fail(error, r, "make the directory", path);
}

bool configfs_remove(const struct configfs *fs, const char *path, struct error *error)
{
	int r = fs->ops->remove(path);
	return r == 0 || r == -ENOENT || configfs_fail(error, r, "remove the directory", path);
}

bool configfs_link(const struct configfs *fs, const char *to, const char *path, struct error *error)
{
	int r = fs->ops->link(to, path);
	return r == 0 || r == -EEXIST || configfs_fail(error, r, "make the link", path);
}

bool configfs_unlink(const struct configfs *fs, const char *path, struct error *error)
{
	int r = fs->ops->unlink(path);
	return r == 0 || r == -ENOENT || configfs_fail(error, r, "remove the link", path);
}

/* ---- reading ------------------------------------------------------------------------------- */

int configfs_read(const char *directory, const char *file, char *ret, size_t size)
{
	char path[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/%s", directory, file);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, ret, size - 1);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return 0;
}

unsigned long configfs_read_number(const char *directory, const char *file, unsigned long otherwise)
{
	char text[32], *end;
	if (configfs_read(directory, file, text, sizeof text) < 0)
		return otherwise;
	unsigned long value = strtoul(text, &end, 10);
	return end == text || *end ? otherwise : value;
}

static int is_directory(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && entry->d_name[0] != '.';
}

static int is_link(const struct dirent *entry)
{
	return entry->d_type == DT_LNK;
}

static void list(const char *path, int (*filter)(const struct dirent *), struct configfs_names *ret)
{
	ret->count = scandir(path, &ret->entries, filter, alphasort);
	if (ret->count < 0)
		*ret = (struct configfs_names){0};
}

void configfs_directories(const char *path, struct configfs_names *ret)
{
	list(path, is_directory, ret);
}

void configfs_links(const char *path, struct configfs_names *ret)
{
	list(path, is_link, ret);
}

void configfs_names_finish(struct configfs_names *names)
{
	for (int i = 0; i < names->count; i++)
		free(names->entries[i]);
	free(names->entries);
	*names = (struct configfs_names){0};
}
