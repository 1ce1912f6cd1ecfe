/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host of its own: the node ACL of its initiator name. As soon as the ACL is there, and the
 * target enabled, the host can log in, with no LUNs or some. So the last step of making one writes
 * cmdsn_depth, which LIO answers by ending the sessions of that ACL when the number is another:
 * whoever came too early comes again, and finds all of them. Nothing else in LIO ends the sessions
 * of one host and leaves it its LUNs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsi_target_private.h"

/*
 * Commands of a session that LIO takes at once, not its default of 64. A session's memory grows
 * with it; an initiator keeps some 32 under way for each LUN.
 */
#define DEPTH "48"
/*
 * Seconds without a word until the kernel asks whether the host is there, and then until it ends
 * the session. What others wait for that a vanished host has locked, they wait for 10 s.
 */
#define NOPIN_TIMEOUT          "5"
#define NOPIN_RESPONSE_TIMEOUT "5"

static void acl_path(
	char ret[CONFIGFS_PATH_MAX], const struct kernel_target *target, const char *initiator)
{
	configfs_path(ret, "%s/acls/%s", target->tpgt, initiator);
}

bool kernel_host_is_there(const struct kernel_target *target, const char *initiator)
{
	char acl[CONFIGFS_PATH_MAX];
	acl_path(acl, target, initiator);
	return access(acl, F_OK) == 0;
}

static void list_mapped(const char *acl, struct configfs_names *ret)
{
	configfs_directories(acl, ret);
	int count = 0;
	for (int i = 0; i < ret->count; i++) {
		if (strncmp(ret->entries[i]->d_name, "lun_", 4) == 0)
			ret->entries[count++] = ret->entries[i];
		else
			free(ret->entries[i]); /* attrib, auth and others that the kernel brings */
	}
	ret->count = count;
}

/* The LUN of the portal group, "lun_5", that a mapped LUN leads to. */
static bool read_mapped(const char *directory, char ret[256])
{
	char link[256], path[CONFIGFS_PATH_MAX], to[CONFIGFS_PATH_MAX];
	if (!kernel_only_link(directory, link))
		return false;
	configfs_path(path, "%s/%s", directory, link);
	ssize_t length = readlink(path, to, sizeof to - 1);
	if (length < 0)
		return false;
	to[length] = '\0';
	const char *slash = strrchr(to, '/');
	snprintf(ret, 256, "%.255s", slash ? slash + 1 : to);
	return true;
}

/* ---- is it as it should be? ---------------------------------------------------------------- */

static bool lun_matches(
	const struct kernel_target *target, const char *acl, const struct kernel_lun *lun)
{
	char directory[CONFIGFS_PATH_MAX], name[256];
	configfs_path(directory, "%s/lun_%u", acl, lun->lun);
	return read_mapped(directory, name) && kernel_lun_shows(target, name, lun->backstore) &&
	       configfs_read_number(directory, "write_protect", 0) == 0;
}

bool kernel_host_matches(const struct kernel_target *target, const struct kernel_host *host)
{
	char acl[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names mapped;
	acl_path(acl, target, host->initiator);
	list_mapped(acl, &mapped);
	bool match = mapped.count == (int)host->lun_count;
	for (unsigned i = 0; i < host->lun_count && match; i++)
		match = lun_matches(target, acl, &host->luns[i]);
	return match;
}

/* ---- it comes ------------------------------------------------------------------------------ */

static bool map_lun(const struct kernel_target *target, const char *acl,
	const struct kernel_lun *lun, unsigned number, struct error *error)
{
	char directory[CONFIGFS_PATH_MAX], link[CONFIGFS_PATH_MAX], to[CONFIGFS_PATH_MAX];
	configfs_path(directory, "%s/lun_%u", acl, lun->lun);
	configfs_path(link, "%s/mapped", directory);
	configfs_path(to, "%s/lun/lun_%u", target->tpgt, number);
	return configfs_make(target->fs, directory, error) &&
	       configfs_link(target->fs, to, link, error);
}

static bool make_lun(const struct kernel_target *target, const struct kernel_lun *lun,
	unsigned *ret_number, struct error *error)
{
	return kernel_lun_free(target, ret_number, error) &&
	       kernel_lun_make(target, *ret_number, lun->backstore, error);
}

static bool make_luns(const struct kernel_target *target, const struct kernel_host *host,
	unsigned *numbers, struct error *error)
{
	for (unsigned i = 0; i < host->lun_count; i++) {
		if (!make_lun(target, &host->luns[i], &numbers[i], error))
			return false;
	}
	return true;
}

static bool make_acl(const struct kernel_target *target, const struct kernel_host *host,
	const struct kernel_chap *chap, const unsigned *numbers, struct error *error)
{
	char acl[CONFIGFS_PATH_MAX], auth[CONFIGFS_PATH_MAX];
	acl_path(acl, target, host->initiator);
	configfs_path(auth, "%s/auth", acl);
	if (!configfs_make(target->fs, acl, error) || !kernel_chap_write(target, auth, chap, error))
		return false;
	for (unsigned i = 0; i < host->lun_count; i++) {
		if (!map_lun(target, acl, &host->luns[i], numbers[i], error))
			return false;
	}
	return kernel_host_settle(target, host->initiator, error);
}

bool kernel_host_make(const struct kernel_target *target, const struct kernel_host *host,
	const struct kernel_chap *chap, struct error *error)
{
	_cleanup_free_ unsigned *numbers = calloc(host->lun_count, sizeof *numbers);
	if (!numbers)
		return error_set(error, ERROR_NO_MEMORY, "Free some memory.", "out of memory");
	if (make_luns(target, host, numbers, error) && make_acl(target, host, chap, numbers, error))
		return true;
	(void)kernel_host_remove(target, host->initiator, NULL);
	(void)kernel_luns_remove_unmapped(target, NULL);
	return false;
}

bool kernel_host_settle(
	const struct kernel_target *target, const char *initiator, struct error *error)
{
	char acl[CONFIGFS_PATH_MAX];
	acl_path(acl, target, initiator);
	/* -1: as the portal group says; before 6.0 always so. */
	return kernel_set(target, acl, "attrib/nopin_timeout", NOPIN_TIMEOUT, error) &&
	       kernel_set(target, acl, "attrib/nopin_response_timeout", NOPIN_RESPONSE_TIMEOUT,
		       error) &&
	       kernel_set(target, acl, "attrib/authentication", "-1", error) &&
	       kernel_set(target, acl, "cmdsn_depth", DEPTH, error);
}

/* ---- … and goes ---------------------------------------------------------------------------- */

/*
 * Ends its sessions, so that what it has under way fails at its connection, which an initiator
 * tries again, and not at a LUN that is no more, which it reports. It comes again in a second or
 * two, when it is allowed to, and by then all is done. A refusal is no matter: whoever removes the
 * ACL ends them too.
 */
static void end_sessions(const struct kernel_target *target, const char *acl)
{
	char path[CONFIGFS_PATH_MAX];
	bool one = configfs_read_number(acl, "cmdsn_depth", 0) == 1;
	configfs_path(path, "%s/cmdsn_depth", acl);
	(void)target->fs->ops->write(path, one ? "2" : "1");
}

static bool unmap(const struct kernel_target *target, const char *directory, struct error *error)
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names links;
	configfs_links(directory, &links);
	for (int i = 0; i < links.count; i++) {
		configfs_path(path, "%s/%s", directory, links.entries[i]->d_name);
		if (!configfs_unlink(target->fs, path, error))
			return false;
	}
	return configfs_remove(target->fs, directory, error);
}

static bool unmap_all(const struct kernel_target *target, const char *acl, struct error *error)
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names mapped;
	list_mapped(acl, &mapped);
	for (int i = 0; i < mapped.count; i++) {
		configfs_path(path, "%s/%s", acl, mapped.entries[i]->d_name);
		if (!unmap(target, path, error))
			return false;
	}
	return true;
}

bool kernel_host_remove(
	const struct kernel_target *target, const char *initiator, struct error *error)
{
	char acl[CONFIGFS_PATH_MAX];
	acl_path(acl, target, initiator);
	if (access(acl, F_OK) < 0)
		return true;
	if (kernel_target_enabled(target))
		end_sessions(target, acl);
	/* Its LUNs are mapped by nobody then, and go with all others that are not. */
	return unmap_all(target, acl, error) && configfs_remove(target->fs, acl, error);
}
