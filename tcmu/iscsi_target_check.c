/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked for. The kernel refuses little of it: what it takes for a name becomes one, and an
 * address it cannot read becomes 0.0.0.0.
 */
#include <string.h>

#include "iscsi_target_private.h"

/*
 * Peripheral device addressing (SAM-5 4.7.7.2) ends here. LIO reports higher numbers in the same
 * form, where they name other buses, and initiators differ in what they make of that.
 */
enum { LUN_MAX = 255 };

bool kernel_name_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-.:";
	size_t length = strlen(name);
	bool typed = strncmp(name, "iqn.", 4) == 0 || strncmp(name, "eui.", 4) == 0 ||
		     strncmp(name, "naa.", 4) == 0;
	return typed && length > 4 && length < TCMU_ISCSI_NAME_MAX &&
	       strspn(name, allowed) == length;
}

static bool check_name(const char *what, const char *name, struct error *error)
{
	if (name && kernel_name_valid(name))
		return true;
	return error_set(error, ERROR_INVALID,
		"Use \"iqn.\", \"eui.\" or \"naa.\" and a-z, 0-9, '-', '.', ':' behind it, at most "
		"223 characters (RFC 7143 4.2.7).",
		"\"%.223s\" cannot be the name of an iSCSI %s", name ? name : "", what);
}

static bool check_lun(
	const struct kernel_host *host, const struct kernel_lun *lun, struct error *error)
{
	if (lun->lun > LUN_MAX)
		return error_set(error, ERROR_INVALID, "Use LUNs from 0 to 255.",
			"LUN %u is too large for a target of the kernel", lun->lun);
	for (const struct kernel_lun *other = host->luns; other < lun; other++) {
		if (other->lun == lun->lun)
			return error_set(error, ERROR_INVALID, "Give each LUN once.",
				"LUN %u is there twice", lun->lun);
	}
	return true;
}

static bool host_has(const struct kernel_host *host, const struct backstore *backstore)
{
	for (unsigned i = 0; i < host->lun_count; i++) {
		if (strcmp(host->luns[i].backstore->path, backstore->path) == 0)
			return true;
	}
	return false;
}

/* A device is one nexus. */
static bool check_share(
	const struct kernel_host *a, const struct kernel_host *b, struct error *error)
{
	for (unsigned i = 0; i < a->lun_count; i++) {
		if (host_has(b, a->luns[i].backstore))
			return error_set(error, ERROR_INTERNAL, "Report this.",
				"two hosts of one target were given the same device %s",
				a->luns[i].backstore->name);
	}
	if (strcmp(a->initiator, b->initiator) == 0)
		return error_set(error, ERROR_INVALID, "Give each initiator once.",
			"the initiator %s is there twice", a->initiator);
	return true;
}

static bool check_host(
	const struct kernel_config *config, const struct kernel_host *host, struct error *error)
{
	if (!host->initiator && config->host_count > 1)
		return error_set(error, ERROR_INVALID,
			"Name initiators, or show the target to anybody; not both.",
			"a target of the kernel cannot have LUNs for some and others for the rest");
	if (host->initiator && !check_name("initiator", host->initiator, error))
		return false;
	if (!host->lun_count)
		return error_set(error, ERROR_INVALID, "Give it a drive.", "%s has no LUN",
			host->initiator ? host->initiator : config->target);
	for (unsigned i = 0; i < host->lun_count; i++) {
		if (!check_lun(host, &host->luns[i], error))
			return false;
	}
	return true;
}

static bool check_portals(const char *const *portals, struct error *error)
{
	char name[KERNEL_PORTAL_MAX];
	if (!portals || !portals[0])
		return error_set(error, ERROR_INVALID, "Give an address, \"127.0.0.1:3261\".",
			"there is no address to listen on");
	for (; *portals; portals++) {
		if (!kernel_portal_name(*portals, name, error))
			return false;
	}
	return true;
}

static bool check_hosts(const struct kernel_config *config, struct error *error)
{
	for (unsigned i = 0; i < config->host_count; i++) {
		if (!check_host(config, &config->hosts[i], error))
			return false;
		for (unsigned k = 0; k < i; k++) {
			if (!check_share(&config->hosts[i], &config->hosts[k], error))
				return false;
		}
	}
	return true;
}

bool kernel_config_check(const struct kernel_config *config, struct error *error)
{
	return check_name("target", config->target, error) &&
	       check_portals(config->portals, error) && check_hosts(config, error) &&
	       kernel_chap_check(&config->chap, error);
}

bool kernel_config_is_open(const struct kernel_config *config)
{
	return config->host_count == 1 && !config->hosts[0].initiator;
}
