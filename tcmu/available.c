/* SPDX-License-Identifier: Apache-2.0 */
#include "available.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tcmu/transport.h"

enum { CONFIGFS_MAGIC = 0x62656570 }; /* of statfs(2); linux/magic.h has it not */

static bool run_modprobe(const struct configfs *fs, const char *module)
{
	char program[64], option[] = "-q", name[64];
	char *arguments[] = {program, option, name, NULL};
	snprintf(program, sizeof program, "%s", fs->modprobe);
	snprintf(name, sizeof name, "%s", module);
	pid_t pid;
	int status;
	if (posix_spawnp(&pid, program, NULL, NULL, arguments, environ) != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* `modules`: all that are needed for the same purpose. */
static bool fail_module(const char *module, const char *modules, struct error *error)
{
	char remedy[256];
	if (geteuid() != 0) {
		snprintf(remedy, sizeof remedy,
			"Run carouseld as root, or load the module at boot: echo %s | tr ' ' '\\n' "
			">/etc/modules-load.d/carousel.conf.",
			modules);
		return error_set(error, ERROR_PERMISSION, remedy,
			"the kernel module %s is not loaded, and only root may load it", module);
	}
	snprintf(remedy, sizeof remedy,
		"Boot a kernel that has it (Debian: linux-image-amd64, not the cloud flavour), or "
		"try \"modprobe %s\" to see why it fails.",
		modules);
	return error_set(error, ERROR_KERNEL_TARGET, remedy,
		"the kernel module %s cannot be loaded", module);
}

static bool need_module(
	const struct configfs *fs, const char *module, const char *modules, struct error *error)
{
	char path[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/sys/module/%s", fs->root, module);
	return access(path, F_OK) == 0 || run_modprobe(fs, module) ||
	       fail_module(module, modules, error);
}

static bool is_configfs(const char *path)
{
	struct statfs st;
	return statfs(path, &st) == 0 && st.f_type == CONFIGFS_MAGIC;
}

static bool need_tree(const struct configfs *fs, struct error *error)
{
	char path[CONFIGFS_PATH_MAX], root[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/core", fs->target);
	if (access(path, W_OK) == 0)
		return true;
	if (errno == EACCES || errno == EPERM || errno == EROFS)
		return configfs_fail(error, -errno, "write below", path);
	configfs_path(root, "%s", fs->target);
	*strrchr(root, '/') = '\0';
	if (!is_configfs(root))
		return error_set(error, ERROR_KERNEL_TARGET,
			"Run \"mount -t configfs configfs /sys/kernel/config\" as root.",
			"configfs is not mounted at %s", root);
	return error_set(error, ERROR_KERNEL_TARGET,
		"Run \"modprobe target_core_mod\" as root and see the kernel log (dmesg).",
		"configfs has no %s: the kernel target did not start", path);
}

bool available_check(const struct configfs *fs, struct error *error)
{
	static const char both[] = "target_core_user tcm_loop";
	return need_module(fs, "target_core_user", both, error) &&
	       need_module(fs, "tcm_loop", both, error) && need_tree(fs, error);
}

bool available_check_iscsi(const struct configfs *fs, struct error *error)
{
	static const char both[] = "target_core_user iscsi_target_mod";
	return need_module(fs, "target_core_user", both, error) &&
	       need_module(fs, "iscsi_target_mod", both, error) && need_tree(fs, error);
}

bool tcmu_available(const struct tcmu_config *config, struct error *error)
{
	struct configfs fs;
	return configfs_init(&fs, config->configfs, config->hba_prefix, error) &&
	       available_check(&fs, error);
}
