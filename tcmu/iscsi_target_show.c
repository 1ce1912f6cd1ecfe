/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes of what is there what is asked for. Every step looks first and changes only what differs,
 * so it does not matter how far somebody came before.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsi_target_private.h"

/* What was not there before, by index; undone when a later step fails. */
struct made {
	bool *hosts, *portals;
};

/* ---- the portal group ---------------------------------------------------------------------- */

static bool make_group(const struct kernel_target *target, struct error *error)
{
	return configfs_make(target->fs, target->fabric, error) &&
	       configfs_make(target->fs, target->path, error) &&
	       configfs_make(target->fs, target->tpgt, error) &&
	       kernel_set(target, target->tpgt, "param/TargetAlias", KERNEL_TARGET_MARK, error);
}

static bool settle_group(const struct kernel_target *target, bool open, struct error *error)
{
	/*
	 * LIO takes our devices for disks, and gives disks to whoever has no ACL read-only unless
	 * told not to, and remembers it: before the first login. It keeps the ACLs that it
	 * generates, and insists on that. Who may not log in is not told of the target either.
	 */
	const char *generate = open ? "1" : "0";
	return kernel_set(target, target->tpgt, "attrib/demo_mode_write_protect", "0", error) &&
	       kernel_set(target, target->tpgt, "attrib/prod_mode_write_protect", "0", error) &&
	       kernel_set(target, target->tpgt, "attrib/demo_mode_discovery", "0", error) &&
	       kernel_set(target, target->tpgt, "attrib/generate_node_acls", generate, error) &&
	       kernel_set(target, target->tpgt, "attrib/cache_dynamic_acls", generate, error);
}

/*
 * Whether what is there can become what is wanted. Where anybody could log in, the kernel has kept
 * an ACL of everybody who did, with the LUNs of that time, and lets him in with them for as long as
 * the portal group is there.
 */
static bool can_stay(const struct kernel_target *target, const struct kernel_config *config)
{
	bool open = kernel_config_is_open(config);
	if (access(target->tpgt, F_OK) < 0)
		return true;
	if (open != kernel_target_open(target))
		return false;
	return !open || (kernel_luns_match(target, &config->hosts[0]) &&
				configfs_read_number(
					target->tpgt, "attrib/demo_mode_write_protect", 1) == 0);
}

/* ---- hosts --------------------------------------------------------------------------------- */

static const struct kernel_host *find_host(
	const struct kernel_config *config, const char *initiator)
{
	for (unsigned i = 0; i < config->host_count; i++) {
		const struct kernel_host *host = &config->hosts[i];
		if (host->initiator && strcmp(host->initiator, initiator) == 0)
			return host;
	}
	return NULL;
}

/* Those that are gone or differ: before others come, for these may have their devices. */
static bool remove_hosts(
	const struct kernel_target *target, const struct kernel_config *config, struct error *error)
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names acls;
	configfs_path(path, "%s/acls", target->tpgt);
	configfs_directories(path, &acls);
	for (int i = 0; i < acls.count; i++) {
		const char *initiator = acls.entries[i]->d_name;
		const struct kernel_host *host = find_host(config, initiator);
		if (!(host && kernel_host_matches(target, host)) &&
			!kernel_host_remove(target, initiator, error))
			return false;
	}
	return kernel_config_is_open(config) || kernel_luns_remove_unmapped(target, error);
}

static bool write_secrets(
	const struct kernel_target *target, const struct kernel_config *config, struct error *error)
{
	char auth[CONFIGFS_PATH_MAX];
	configfs_path(auth, "%s/auth", target->tpgt);
	if (kernel_config_is_open(config))
		return kernel_chap_write(target, auth, &config->chap, error);
	for (unsigned i = 0; i < config->host_count; i++) {
		const char *initiator = config->hosts[i].initiator;
		configfs_path(auth, "%s/acls/%s/auth", target->tpgt, initiator);
		if (kernel_host_is_there(target, initiator) &&
			!(kernel_chap_write(target, auth, &config->chap, error) &&
				kernel_host_settle(target, initiator, error)))
			return false;
	}
	return true;
}

/* Nobody is asked for a secret that is not there, or that is no more. */
static bool settle_secrets(
	const struct kernel_target *target, const struct kernel_config *config, struct error *error)
{
	if (!config->chap.user[0])
		return kernel_set(target, target->tpgt, "attrib/authentication", "0", error) &&
		       write_secrets(target, config, error);
	return write_secrets(target, config, error) &&
	       kernel_set(target, target->tpgt, "attrib/authentication", "1", error);
}

static bool make_open(
	const struct kernel_target *target, const struct kernel_host *host, struct error *error)
{
	if (kernel_luns_match(target, host))
		return true;
	for (unsigned i = 0; i < host->lun_count; i++) {
		const struct kernel_lun *lun = &host->luns[i];
		if (!kernel_lun_make(target, lun->lun, lun->backstore, error))
			return false;
	}
	return true;
}

static bool make_hosts(const struct kernel_target *target, const struct kernel_config *config,
	bool *made, struct error *error)
{
	if (kernel_config_is_open(config))
		return make_open(target, &config->hosts[0], error);
	for (unsigned i = 0; i < config->host_count; i++) {
		const struct kernel_host *host = &config->hosts[i];
		if (kernel_host_is_there(target, host->initiator))
			continue;
		if (!kernel_host_make(target, host, &config->chap, error))
			return false;
		made[i] = true;
	}
	return true;
}

/* ---- portals ------------------------------------------------------------------------------- */

static bool make_portals(const struct kernel_target *target, const struct kernel_config *config,
	bool *made, struct error *error)
{
	for (unsigned i = 0; config->portals[i]; i++) {
		if (!kernel_portal_make(target, config->portals[i], &made[i], error))
			return false;
	}
	return kernel_portals_remove(target, config->portals, error);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static bool bring(const struct kernel_target *target, const struct kernel_config *config,
	const struct made *made, struct error *error)
{
	return make_group(target, error) &&
	       settle_group(target, kernel_config_is_open(config), error) &&
	       remove_hosts(target, config, error) && settle_secrets(target, config, error) &&
	       make_hosts(target, config, made->hosts, error) &&
	       make_portals(target, config, made->portals, error) &&
	       (kernel_target_enabled(target) ||
		       configfs_write(target->fs, target->tpgt, "enable", "1", error));
}

static void undo(const struct kernel_target *target, const struct kernel_config *config,
	const struct made *made)
{
	for (unsigned i = 0; config->portals[i]; i++) {
		if (made->portals[i])
			(void)kernel_portal_remove(target, config->portals[i], NULL);
	}
	for (unsigned i = 0; i < config->host_count; i++) {
		if (made->hosts[i])
			(void)kernel_host_remove(target, config->hosts[i].initiator, NULL);
	}
	if (!kernel_config_is_open(config))
		(void)kernel_luns_remove_unmapped(target, NULL);
}

/* Who is not asked for a secret that there should be gets in: rather nobody does. */
static bool is_guarded(const struct kernel_target *target, const struct kernel_config *config)
{
	return !config->chap.user[0] ||
	       kernel_set(target, target->tpgt, "attrib/authentication", "1", NULL);
}

static bool bring_or_undo(const struct kernel_target *target, const struct kernel_config *config,
	const struct made *made, struct error *error)
{
	bool enabled = kernel_target_enabled(target);
	if (bring(target, config, made, error))
		return true;
	if (enabled && is_guarded(target, config))
		undo(target, config, made);
	else
		(void)kernel_target_take_down(target, NULL);
	return false;
}

static size_t count_portals(const struct kernel_config *config)
{
	size_t count = 0;
	while (config->portals[count])
		count++;
	return count;
}

bool kernel_target_show(
	const struct configfs *fs, const struct kernel_config *config, struct error *error)
{
	struct kernel_target target;
	if (!kernel_config_check(config, error))
		return false;
	kernel_target_init(&target, fs, config->target);
	if (!kernel_target_check_owner(&target, error))
		return false;
	_cleanup_free_ bool *flags = calloc(config->host_count + count_portals(config), 1);
	if (!flags)
		return error_set(error, ERROR_NO_MEMORY, "Free some memory.", "out of memory");
	const struct made made = {.hosts = flags, .portals = flags + config->host_count};
	return (can_stay(&target, config) || kernel_target_take_down(&target, error)) &&
	       bring_or_undo(&target, config, &made, error);
}
