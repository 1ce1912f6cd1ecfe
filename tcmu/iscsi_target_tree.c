/* SPDX-License-Identifier: Apache-2.0 */
/* What there is of a target in configfs, and whose it is. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsi_target_private.h"

void kernel_target_init(struct kernel_target *target, const struct configfs *fs, const char *name)
{
	target->fs = fs;
	configfs_path(target->fabric, "%s/iscsi", fs->target);
	configfs_path(target->path, "%s/iscsi/%s", fs->target, name);
	configfs_path(target->tpgt, "%s/iscsi/%s/tpgt_1", fs->target, name);
}

bool kernel_target_enabled(const struct kernel_target *target)
{
	return configfs_read_number(target->tpgt, "enable", 0) == 1;
}

bool kernel_target_open(const struct kernel_target *target)
{
	return configfs_read_number(target->tpgt, "attrib/generate_node_acls", 0) == 1;
}

/* ---- names and links ----------------------------------------------------------------------- */

bool kernel_only_link(const char *directory, char ret[256])
{
	_cleanup_names_ struct configfs_names links;
	configfs_links(directory, &links);
	if (links.count != 1)
		return false;
	snprintf(ret, 256, "%s", links.entries[0]->d_name);
	return true;
}

bool kernel_lun_number(const char *name, unsigned *ret)
{
	char again[32];
	if (strncmp(name, "lun_", 4) != 0)
		return false;
	unsigned long number = strtoul(name + 4, NULL, 10);
	snprintf(again, sizeof again, "lun_%lu", number);
	if (number > UINT_MAX || strcmp(again, name) != 0)
		return false;
	*ret = (unsigned)number;
	return true;
}

/* Where the link lun/NAME/LINK leads, from "/core/" on; the kernel's links are relative. */
static bool read_core(const char *lun, const char *link, char ret[CONFIGFS_PATH_MAX])
{
	char path[CONFIGFS_PATH_MAX], to[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/%s", lun, link);
	ssize_t length = readlink(path, to, sizeof to - 1);
	if (length < 0)
		return false;
	to[length] = '\0';
	const char *core = strstr(to, "/core/");
	if (!core)
		return false;
	memmove(ret, core, strlen(core) + 1);
	return true;
}

bool kernel_lun_shows(
	const struct kernel_target *target, const char *name, const struct backstore *backstore)
{
	char lun[CONFIGFS_PATH_MAX], link[256], core[CONFIGFS_PATH_MAX];
	configfs_path(lun, "%s/lun/%s", target->tpgt, name);
	const char *wanted = strstr(backstore->path, "/core/");
	return wanted && kernel_only_link(lun, link) && read_core(lun, link, core) &&
	       strcmp(core, wanted) == 0;
}

/* ---- whose it is --------------------------------------------------------------------------- */

/* "/core/user_100/dvd0" */
static bool inspect_core(const struct configfs *fs, const char *core, struct backstore *ret)
{
	char prefix[64], *end;
	int length = snprintf(prefix, sizeof prefix, "/core/%s", fs->hba_prefix);
	if (strncmp(core, prefix, (size_t)length) != 0)
		return false;
	unsigned long hba = strtoul(core + length, &end, 10);
	if (*end != '/' || strchr(end + 1, '/') || strlen(end + 1) >= sizeof ret->name)
		return false;
	backstore_inspect(fs, (unsigned)hba, end + 1, ret);
	return true;
}

bool kernel_lun_backstore(
	const struct kernel_target *target, const char *name, struct backstore *ret)
{
	char lun[CONFIGFS_PATH_MAX], link[256], core[CONFIGFS_PATH_MAX];
	configfs_path(lun, "%s/lun/%s", target->tpgt, name);
	return kernel_only_link(lun, link) && read_core(lun, link, core) &&
	       inspect_core(target->fs, core, ret);
}

static enum kernel_owner lun_owner(const struct kernel_target *target, const char *name)
{
	char lun[CONFIGFS_PATH_MAX];
	struct backstore backstore;
	_cleanup_names_ struct configfs_names links;
	configfs_path(lun, "%s/lun/%s", target->tpgt, name);
	configfs_links(lun, &links);
	if (!links.count)
		return KERNEL_NOBODYS;
	return kernel_lun_backstore(target, name, &backstore) && backstore.ours ? KERNEL_OURS
										: KERNEL_OTHERS;
}

static bool is_marked(const struct kernel_target *target)
{
	char alias[64];
	return configfs_read(target->tpgt, "param/TargetAlias", alias, sizeof alias) == 0 &&
	       strcmp(alias, KERNEL_TARGET_MARK) == 0;
}

static bool has_any(const struct kernel_target *target, const char *group)
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names names;
	configfs_path(path, "%s/%s", target->tpgt, group);
	configfs_directories(path, &names);
	return names.count > 0;
}

bool kernel_target_has_ours(const struct kernel_target *target)
{
	char path[CONFIGFS_PATH_MAX];
	bool ours = is_marked(target);
	_cleanup_names_ struct configfs_names luns;
	configfs_path(path, "%s/lun", target->tpgt);
	configfs_directories(path, &luns);
	for (int i = 0; i < luns.count && !ours; i++)
		ours = lun_owner(target, luns.entries[i]->d_name) == KERNEL_OURS;
	return ours;
}

static enum kernel_owner luns_owner(const struct kernel_target *target)
{
	char path[CONFIGFS_PATH_MAX];
	enum kernel_owner owner = is_marked(target) ? KERNEL_OURS : KERNEL_NOBODYS;
	_cleanup_names_ struct configfs_names luns;
	configfs_path(path, "%s/lun", target->tpgt);
	configfs_directories(path, &luns);
	for (int i = 0; i < luns.count && owner != KERNEL_OTHERS; i++) {
		enum kernel_owner one = lun_owner(target, luns.entries[i]->d_name);
		if (one != KERNEL_NOBODYS)
			owner = one;
	}
	bool begun = owner == KERNEL_NOBODYS && (has_any(target, "acls") || has_any(target, "np"));
	return begun ? KERNEL_OTHERS : owner;
}

enum kernel_owner kernel_target_owner(const struct kernel_target *target)
{
	_cleanup_names_ struct configfs_names groups;
	configfs_directories(target->path, &groups);
	for (int i = 0; i < groups.count; i++) {
		const char *name = groups.entries[i]->d_name;
		if (strncmp(name, "tpgt_", 5) == 0 && strcmp(name, "tpgt_1") != 0)
			return KERNEL_OTHERS;
	}
	return luns_owner(target);
}

bool kernel_target_check_owner(const struct kernel_target *target, struct error *error)
{
	if (kernel_target_owner(target) != KERNEL_OTHERS)
		return true;
	return error_set(error, ERROR_EXISTS,
		"Give the export another target name, or remove that target (targetcli ls /iscsi).",
		"%s shows what is not ours", target->path);
}

bool kernel_target_check_daemon(const struct configfs *fs, const char *name,
	const struct kernel_served *ours, struct error *error)
{
	struct kernel_target target;
	if (!kernel_name_valid(name))
		return true; /* whoever uses it says so */
	kernel_target_init(&target, fs, name);
	return !kernel_luns_served(&target, ours) ||
	       error_set(error, ERROR_EXISTS,
		       "Stop the other daemon, or give the export another target name.",
		       "%s is shown by another daemon", target.path);
}

/* ---- attributes ---------------------------------------------------------------------------- */

bool kernel_set(const struct kernel_target *target, const char *directory, const char *file,
	const char *value, struct error *error)
{
	char now[64];
	if (configfs_read(directory, file, now, sizeof now) == 0 && strcmp(now, value) == 0)
		return true;
	return configfs_write_or(-ENOENT, target->fs, directory, file, value, error);
}
