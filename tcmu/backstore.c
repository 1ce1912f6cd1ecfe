/* SPDX-License-Identifier: Apache-2.0 */
#include "backstore.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SUBTYPE "carousel/"

enum { DATA_AREA_DEFAULT_GLOBAL_MB = 2048 };

/* ---- what is there ------------------------------------------------------------------------- */

static bool parse_hba(const struct configfs *fs, const char *directory, unsigned *ret)
{
	size_t prefix = strlen(fs->hba_prefix);
	if (strncmp(directory, fs->hba_prefix, prefix) != 0 ||
		!isdigit((unsigned char)directory[prefix]))
		return false;
	char *end;
	*ret = (unsigned)strtoul(directory + prefix, &end, 10);
	return *end == '\0';
}

static void name_paths(
	const struct configfs *fs, unsigned hba, const char *name, struct backstore *ret)
{
	ret->hba = hba;
	snprintf(ret->name, sizeof ret->name, "%s", name);
	configfs_path(ret->parent, "%s/core/%s%u", fs->target, fs->hba_prefix, hba);
	configfs_path(ret->path, "%s/core/%s%u/%s", fs->target, fs->hba_prefix, hba, ret->name);
}

static void read_serial(struct backstore *backstore)
{
	static const char label[] = "T10 VPD Unit Serial Number: ";
	char line[320];
	if (configfs_read(backstore->path, "wwn/vpd_unit_serial", line, sizeof line) < 0)
		return;
	bool labelled = strncmp(line, label, strlen(label)) == 0;
	snprintf(backstore->serial, sizeof backstore->serial, "%.255s",
		line + (labelled ? strlen(label) : 0));
}

static bool is_marked(const char *path)
{
	char alias[64];
	return configfs_read(path, "alias", alias, sizeof alias) == 0 &&
	       strcmp(alias, BACKSTORE_MARK) == 0;
}

void backstore_inspect(
	const struct configfs *fs, unsigned hba, const char *name, struct backstore *ret)
{
	*ret = (struct backstore){0};
	name_paths(fs, hba, name, ret);
	(void)configfs_read(ret->path, "attrib/dev_config", ret->config, sizeof ret->config);
	ret->ours = is_marked(ret->path);
	read_serial(ret);
	ret->enabled = configfs_read_number(ret->path, "enable", 0) == 1;
}

static void each_of(const struct configfs *fs, const char *directory,
	void (*each)(void *context, const struct backstore *backstore), void *context)
{
	unsigned hba;
	if (!parse_hba(fs, directory, &hba))
		return;
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names devices;
	configfs_path(path, "%s/core/%s", fs->target, directory);
	configfs_directories(path, &devices);
	for (int i = 0; i < devices.count; i++) {
		struct backstore backstore;
		backstore_inspect(fs, hba, devices.entries[i]->d_name, &backstore);
		each(context, &backstore);
	}
}

void backstore_each(const struct configfs *fs,
	void (*each)(void *context, const struct backstore *backstore), void *context)
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names hbas;
	configfs_path(path, "%s/core", fs->target);
	configfs_directories(path, &hbas);
	for (int i = 0; i < hbas.count; i++)
		each_of(fs, hbas.entries[i]->d_name, each, context);
}

struct search {
	const struct configfs *fs;
	const char *name;
	struct backstore *ret;
	bool found;
	bool foreign;
	bool failed;
	struct error *error;
};

static bool refuse_foreign(const struct backstore *backstore, struct error *error)
{
	return error_set(error, ERROR_EXISTS,
		"Give the drive another name, or remove that backstore (targetcli ls /backstores).",
		"the name %s is taken by a backstore of another program, %s (%s)", backstore->name,
		backstore->path, backstore->config[0] ? backstore->config : "no dev_config");
}

static bool has_subtype(const struct backstore *backstore)
{
	return strncmp(backstore->config, SUBTYPE, strlen(SUBTYPE)) == 0;
}

/* What we leave when we are killed before it is enabled; the mark is written first. */
static bool is_half_made(const struct backstore *backstore)
{
	bool empty = !backstore->config[0] && backstore->hba >= BACKSTORE_HBA_FIRST;
	return !backstore->enabled && (backstore->ours || empty);
}

/* Somebody else's for a drive of ours, or not yet said for what. */
static bool is_beside_us(const struct backstore *backstore)
{
	return !backstore->ours && (!backstore->config[0] || has_subtype(backstore));
}

static void search_one(void *context, const struct backstore *backstore)
{
	struct search *search = context;
	if (search->failed || strcmp(backstore->name, search->name) != 0)
		return;
	if (is_half_made(backstore)) {
		search->failed = !backstore_remove(search->fs, backstore, search->error);
	} else if (!backstore->ours) {
		search->failed =
			!is_beside_us(backstore) && !refuse_foreign(backstore, search->error);
	} else {
		*search->ret = *backstore;
		search->found = true;
	}
}

bool backstore_find(const struct configfs *fs, const char *name, struct backstore *ret,
	bool *ret_found, struct error *error)
{
	struct search search = {.fs = fs, .name = name, .ret = ret, .error = error};
	backstore_each(fs, search_one, &search);
	if (search.failed)
		return false;
	*ret_found = search.found;
	return true;
}

/* ---- making one ---------------------------------------------------------------------------- */

static bool check_name(const char *name, struct error *error)
{
	size_t length = strlen(name);
	if (length > 0 && length < BACKSTORE_NAME_MAX && name[0] != '.' &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == length)
		return true;
	return error_set(error, ERROR_CONFIGURATION,
		"Use up to 63 of a-z, 0-9, '.', '_' and '-', not beginning with '.'.",
		"\"%.64s\" cannot be the name of a kernel target device", name);
}

static void add_data_area(void *context, const struct backstore *backstore)
{
	unsigned long *sum = context;
	if (backstore->ours)
		*sum += configfs_read_number(backstore->path, "attrib/max_data_area_mb", 0);
}

/*
 * Past the global limit the kernel takes pages back from idle rings while commands wait, and it
 * does so through an inode that it only knows once somebody opened the ring. So it does not come to
 * that.
 */
static bool check_data_area(const struct configfs *fs, unsigned wanted, struct error *error)
{
	char parameters[CONFIGFS_PATH_MAX];
	unsigned long sum = 0;
	configfs_path(parameters, "%s/sys/module/target_core_user/parameters", fs->root);
	unsigned long limit = configfs_read_number(
		parameters, "global_max_data_area_mb", DATA_AREA_DEFAULT_GLOBAL_MB);
	backstore_each(fs, add_data_area, &sum);
	if (wanted > 0 && wanted <= limit && sum <= limit - wanted)
		return true;
	return error_set(error, ERROR_KERNEL_TARGET,
		"Use a smaller data area per drive, or write a larger number to "
		"/sys/module/target_core_user/parameters/global_max_data_area_mb.",
		"a data area of %u MiB does not fit: our drives use %lu MiB of the %lu MiB that "
		"the "
		"kernel gives to all rings",
		wanted, sum, limit);
}

/* An empty user_N is what a daemon leaves that was killed between its two directories. */
static bool is_vacant(const char *path)
{
	_cleanup_names_ struct configfs_names devices;
	configfs_directories(path, &devices);
	return devices.count == 0;
}

static bool make_hba(
	const struct configfs *fs, const char *name, struct backstore *ret, struct error *error)
{
	for (unsigned n = BACKSTORE_HBA_FIRST; n <= BACKSTORE_HBA_LAST; n++) {
		name_paths(fs, n, name, ret);
		int r = fs->ops->make(ret->parent);
		if (r == 0 || (r == -EEXIST && is_vacant(ret->parent)))
			return true;
		if (r != -EEXIST)
			return configfs_fail(error, r, "make the directory", ret->parent);
	}
	return error_set(error, ERROR_KERNEL_TARGET, "Remove backstores that are not used.",
		"every %s%d to %d in %s/core is taken", fs->hba_prefix, BACKSTORE_HBA_FIRST,
		BACKSTORE_HBA_LAST, fs->target);
}

static bool set_up(const struct configfs *fs, const struct backstore_config *config,
	const struct backstore *backstore, struct error *error)
{
	char control[512];
	/*
	 * dev_size 0 would make the kernel build descriptor format sense. nl_reply_supported=-1 is
	 * the only value with which enabling never waits for, nor believes, an answer of a
	 * tcmu-runner that may be on the same machine. Kernels before 5.18 ignore cmd_ring_size_mb.
	 */
	snprintf(control, sizeof control,
		"dev_config=%s,dev_size=1048576,hw_block_size=512,hw_max_sectors=2048,"
		"max_data_area_mb=%u,cmd_ring_size_mb=1,nl_reply_supported=-1",
		backstore->config, config->data_area_mb);
	/*
	 * The sizes say nothing to hosts: LIO asks nobody's block limits but ours, through INQUIRY
	 * and READ BLOCK LIMITS, whatever the device type. So tape drives have the same.
	 *
	 * No command of ours times out in the kernel: a disc may sit behind a slow server, and a
	 * tape is rewound in its own time, while those that are queued behind it wait. Aborts
	 * are told to us. Reservations come to us, because the kernel would keep them per device
	 * and two hosts of one drive could both have it; kernels without that key keep them.
	 */
	return configfs_write(fs, backstore->path, "alias", BACKSTORE_MARK, error) &&
	       configfs_write(fs, backstore->path, "control", control, error) &&
	       configfs_write(fs, backstore->path, "wwn/vpd_unit_serial", config->serial, error) &&
	       configfs_write(fs, backstore->path, "attrib/cmd_time_out", "0", error) &&
	       configfs_write_or(
		       -ENOENT, fs, backstore->path, "attrib/tmr_notification", "1", error) &&
	       configfs_write_or(-ENOENT, fs, backstore->path, "attrib/pgr_support", "0", error) &&
	       configfs_write(fs, backstore->path, "enable", "1", error);
}

bool backstore_create(const struct configfs *fs, const struct backstore_config *config,
	struct backstore *ret, struct error *error)
{
	if (!check_name(config->name, error) || !check_data_area(fs, config->data_area_mb, error))
		return false;
	struct backstore made = {.ours = true, .enabled = true};
	snprintf(made.config, sizeof made.config, SUBTYPE "%s", config->name);
	snprintf(made.serial, sizeof made.serial, "%s", config->serial);
	if (!make_hba(fs, config->name, &made, error))
		return false;
	if (!configfs_make(fs, made.path, error) || !set_up(fs, config, &made, error)) {
		backstore_remove(fs, &made, NULL);
		return false;
	}
	*ret = made;
	return true;
}

bool backstore_remove(
	const struct configfs *fs, const struct backstore *backstore, struct error *error)
{
	if (!configfs_remove(fs, backstore->path, error))
		return false;
	/* Whoever put another device into our user_N keeps it. */
	(void)fs->ops->remove(backstore->parent);
	return true;
}

/* ---- what it carries ----------------------------------------------------------------------- */

static bool is_uio_of(const char *directory, const char *wanted)
{
	char name[640];
	return configfs_read(directory, "name", name, sizeof name) == 0 &&
	       strcmp(name, wanted) == 0;
}

bool backstore_uio(const struct configfs *fs, const struct backstore *backstore, char *ret,
	size_t size, struct error *error)
{
	char wanted[640], path[CONFIGFS_PATH_MAX], directory[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names all;
	snprintf(wanted, sizeof wanted, "tcm-user/%u/%s/%s", backstore->hba, backstore->name,
		backstore->config);
	configfs_path(path, "%s/sys/class/uio", fs->root);
	configfs_links(path, &all);
	for (int i = 0; i < all.count; i++) {
		configfs_path(directory, "%s/%s", path, all.entries[i]->d_name);
		if (is_uio_of(directory, wanted)) {
			snprintf(ret, size, "%s", all.entries[i]->d_name);
			return true;
		}
	}
	return error_set(error, ERROR_KERNEL_TARGET,
		"See the kernel log (dmesg); is /sys mounted here?", "no device in %s is named %s",
		path, wanted);
}

bool backstore_block(const struct configfs *fs, const struct backstore *backstore, bool block,
	struct error *error)
{
	return configfs_write(fs, backstore->path, "action/block_dev", block ? "1" : "0", error);
}

bool backstore_reset(const struct configfs *fs, const struct backstore *backstore, unsigned action,
	struct error *error)
{
	return configfs_write(
		fs, backstore->path, "action/reset_ring", action == 2 ? "2" : "1", error);
}
