/* SPDX-License-Identifier: Apache-2.0 */
/* Takes targets down: disabled first, which ends all sessions, then from the outside inwards. */
#include <string.h>
#include <unistd.h>

#include "iscsi_target_private.h"

static bool disable(const struct kernel_target *target, struct error *error)
{
	return !kernel_target_enabled(target) ||
	       configfs_write(target->fs, target->tpgt, "enable", "0", error);
}

static bool remove_all_hosts(const struct kernel_target *target, struct error *error)
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names acls;
	configfs_path(path, "%s/acls", target->tpgt);
	configfs_directories(path, &acls);
	for (int i = 0; i < acls.count; i++) {
		if (!kernel_host_remove(target, acls.entries[i]->d_name, error))
			return false;
	}
	return true;
}

bool kernel_target_take_down(const struct kernel_target *target, struct error *error)
{
	/* The fabric stays: the authentication of discovery is kept in it, and not ours. */
	return disable(target, error) && remove_all_hosts(target, error) &&
	       kernel_luns_remove_all(target, error) &&
	       kernel_portals_remove(target, NULL, error) &&
	       configfs_remove(target->fs, target->tpgt, error) &&
	       configfs_remove(target->fs, target->path, error);
}

bool kernel_target_hide(const struct configfs *fs, const char *name, struct error *error)
{
	struct kernel_target target;
	if (!kernel_name_valid(name))
		return error_set(error, ERROR_INVALID, "Give the iSCSI name of a target.",
			"\"%.223s\" cannot be the name of a target", name);
	kernel_target_init(&target, fs, name);
	if (kernel_target_owner(&target) == KERNEL_OTHERS && !kernel_target_has_ours(&target))
		return true;
	return kernel_target_check_owner(&target, error) && kernel_target_take_down(&target, error);
}

/* ---- orphans ------------------------------------------------------------------------------- */

static bool is_kept(const char *name, const char *const *keep)
{
	for (; keep && *keep; keep++) {
		if (strcmp(*keep, name) == 0)
			return true;
	}
	return false;
}

/* What another daemon serves is that one's. */
static bool remove_orphan(const struct kernel_target *target)
{
	if (kernel_target_owner(target) != KERNEL_OURS || kernel_luns_served(target, NULL))
		return false;
	/* Nobody answers any more: the kernel must, or ending the sessions waits for ever. */
	kernel_luns_reset(target);
	return kernel_target_take_down(target, NULL);
}

unsigned kernel_target_remove_orphans(const struct configfs *fs, const char *const *keep)
{
	unsigned removed = 0;
	char path[CONFIGFS_PATH_MAX];
	struct kernel_target target;
	_cleanup_names_ struct configfs_names names;
	configfs_path(path, "%s/iscsi", fs->target);
	configfs_directories(path, &names);
	for (int i = 0; i < names.count; i++) {
		const char *name = names.entries[i]->d_name;
		if (!kernel_name_valid(name) || is_kept(name, keep))
			continue;
		kernel_target_init(&target, fs, name);
		removed += remove_orphan(&target);
	}
	return removed;
}
