/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The LUNs of the portal group. Hosts with an ACL see the numbers of their own mapping, so these
 * are any; where anybody may log in, hosts see these.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsi_target_private.h"

enum { NUMBERS_MAX = 65536 };

struct numbers {
	bool taken[NUMBERS_MAX];
};

static void add_number(struct numbers *numbers, const char *name)
{
	unsigned number;
	if (kernel_lun_number(name, &number) && number < NUMBERS_MAX)
		numbers->taken[number] = true;
}

static void list_luns(const struct kernel_target *target, struct configfs_names *ret)
{
	char path[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/lun", target->tpgt);
	configfs_directories(path, ret);
	/* lun/ has nothing else, but for groups of attributes that a kernel may bring. */
	int count = 0;
	for (int i = 0; i < ret->count; i++) {
		if (strncmp(ret->entries[i]->d_name, "lun_", 4) == 0)
			ret->entries[count++] = ret->entries[i];
		else
			free(ret->entries[i]);
	}
	ret->count = count;
}

/* ---- one comes ----------------------------------------------------------------------------- */

/*
 * As the backstore is made (backstore.c); whoever else made it, or changed it, may not have. A
 * kernel without the attribute (a read fails) never heard of it.
 */
static bool check_attribute(const struct backstore *backstore, const char *file,
	unsigned long value, struct error *error)
{
	char remedy[256];
	unsigned long now = configfs_read_number(backstore->path, file, value);
	if (now == value)
		return true;
	snprintf(remedy, sizeof remedy,
		"Take the drive out of every export, write %lu to %.128s of it and add it again.",
		value, file);
	return error_set(error, ERROR_KERNEL_TARGET, remedy,
		"%.160s/%s is %lu: hosts that share a drive would not be told what they must",
		backstore->path, file, now);
}

static bool check_attributes(const struct backstore *backstore, struct error *error)
{
	return check_attribute(backstore, "attrib/pgr_support", 0, error) &&
	       check_attribute(backstore, "attrib/cmd_time_out", 0, error) &&
	       check_attribute(backstore, "attrib/tmr_notification", 1, error);
}

bool kernel_lun_make(const struct kernel_target *target, unsigned number,
	const struct backstore *backstore, struct error *error)
{
	char lun[CONFIGFS_PATH_MAX], link[CONFIGFS_PATH_MAX];
	configfs_path(lun, "%s/lun/lun_%u", target->tpgt, number);
	configfs_path(link, "%s/%s", lun, backstore->name);
	return check_attributes(backstore, error) && configfs_make(target->fs, lun, error) &&
	       configfs_link(target->fs, backstore->path, link, error);
}

bool kernel_lun_free(const struct kernel_target *target, unsigned *ret, struct error *error)
{
	unsigned number = 0;
	_cleanup_names_ struct configfs_names luns;
	_cleanup_free_ struct numbers *numbers = calloc(1, sizeof *numbers);
	list_luns(target, &luns);
	if (!numbers)
		return error_set(error, ERROR_NO_MEMORY, "Free some memory.", "out of memory");
	for (int i = 0; i < luns.count; i++)
		add_number(numbers, luns.entries[i]->d_name);
	while (number < NUMBERS_MAX && numbers->taken[number])
		number++;
	if (number == NUMBERS_MAX)
		return error_set(error, ERROR_KERNEL_TARGET, "Use several targets.",
			"%s has %d LUNs", target->tpgt, NUMBERS_MAX);
	*ret = number;
	return true;
}

/* ---- … and goes ---------------------------------------------------------------------------- */

bool kernel_lun_remove(const struct kernel_target *target, const char *name, struct error *error)
{
	char lun[CONFIGFS_PATH_MAX], link[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names links;
	configfs_path(lun, "%s/lun/%s", target->tpgt, name);
	configfs_links(lun, &links);
	for (int i = 0; i < links.count; i++) {
		configfs_path(link, "%s/%s", lun, links.entries[i]->d_name);
		if (!configfs_unlink(target->fs, link, error))
			return false;
	}
	return configfs_remove(target->fs, lun, error);
}

bool kernel_luns_remove_all(const struct kernel_target *target, struct error *error)
{
	_cleanup_names_ struct configfs_names luns;
	list_luns(target, &luns);
	for (int i = 0; i < luns.count; i++) {
		if (!kernel_lun_remove(target, luns.entries[i]->d_name, error))
			return false;
	}
	return true;
}

/* What the mapped LUN …/acls/NAME/lun_N leads to. */
static void add_mapped(struct numbers *numbers, const char *directory)
{
	char link[256], path[CONFIGFS_PATH_MAX], to[CONFIGFS_PATH_MAX];
	if (!kernel_only_link(directory, link))
		return;
	configfs_path(path, "%s/%s", directory, link);
	ssize_t length = readlink(path, to, sizeof to - 1);
	if (length < 0)
		return;
	to[length] = '\0';
	const char *slash = strrchr(to, '/');
	add_number(numbers, slash ? slash + 1 : to);
}

static void add_mapped_of(struct numbers *numbers, const char *acl)
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names mapped;
	configfs_directories(acl, &mapped);
	for (int i = 0; i < mapped.count; i++) {
		configfs_path(path, "%s/%s", acl, mapped.entries[i]->d_name);
		if (strncmp(mapped.entries[i]->d_name, "lun_", 4) == 0)
			add_mapped(numbers, path);
	}
}

static void add_all_mapped(struct numbers *numbers, const struct kernel_target *target)
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names acls;
	configfs_path(path, "%s/acls", target->tpgt);
	configfs_directories(path, &acls);
	for (int i = 0; i < acls.count; i++) {
		configfs_path(path, "%s/acls/%s", target->tpgt, acls.entries[i]->d_name);
		add_mapped_of(numbers, path);
	}
}

bool kernel_luns_remove_unmapped(const struct kernel_target *target, struct error *error)
{
	unsigned number;
	_cleanup_names_ struct configfs_names luns;
	_cleanup_free_ struct numbers *numbers = calloc(1, sizeof *numbers);
	list_luns(target, &luns);
	if (!numbers)
		return error_set(error, ERROR_NO_MEMORY, "Free some memory.", "out of memory");
	add_all_mapped(numbers, target);
	for (int i = 0; i < luns.count; i++) {
		const char *name = luns.entries[i]->d_name;
		bool mapped = kernel_lun_number(name, &number) && number < NUMBERS_MAX &&
			      numbers->taken[number];
		if (!mapped && !kernel_lun_remove(target, name, error))
			return false;
	}
	return true;
}

bool kernel_luns_match(const struct kernel_target *target, const struct kernel_host *host)
{
	_cleanup_names_ struct configfs_names luns;
	list_luns(target, &luns);
	bool match = luns.count == (int)host->lun_count;
	for (unsigned i = 0; i < host->lun_count && match; i++) {
		char name[32];
		snprintf(name, sizeof name, "lun_%u", host->luns[i].lun);
		match = kernel_lun_shows(target, name, host->luns[i].backstore);
	}
	return match;
}

/* ---- left by a daemon that is no more ------------------------------------------------------ */

void kernel_luns_reset(const struct kernel_target *target)
{
	struct backstore backstore;
	_cleanup_names_ struct configfs_names luns;
	list_luns(target, &luns);
	for (int i = 0; i < luns.count; i++) {
		if (!kernel_lun_backstore(target, luns.entries[i]->d_name, &backstore))
			continue;
		(void)backstore_block(target->fs, &backstore, true, NULL);
		(void)backstore_reset(target->fs, &backstore, 2, NULL);
	}
}

/* A ring can be opened once. */
static bool is_served(const struct configfs *fs, const struct backstore *backstore)
{
	char uio[64], path[CONFIGFS_PATH_MAX];
	if (!backstore_uio(fs, backstore, uio, sizeof uio, NULL))
		return false;
	configfs_path(path, "%s/dev/%s", fs->root, uio);
	_cleanup_close_ int fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 && errno == EBUSY;
}

static bool is_served_by(const struct kernel_served *ours, const struct backstore *backstore)
{
	return ours && ours->by_us(ours->context, backstore);
}

bool kernel_luns_served(const struct kernel_target *target, const struct kernel_served *ours)
{
	bool served = false;
	struct backstore backstore;
	_cleanup_names_ struct configfs_names luns;
	list_luns(target, &luns);
	for (int i = 0; i < luns.count && !served; i++)
		served = kernel_lun_backstore(target, luns.entries[i]->d_name, &backstore) &&
			 backstore.ours && !is_served_by(ours, &backstore) &&
			 is_served(target->fs, &backstore);
	return served;
}
