/* SPDX-License-Identifier: Apache-2.0 */
#include "foreign.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_LONGEST = 640, DATA_AREA_LEAST_MB = 2 };

/* ---- names --------------------------------------------------------------------------------- */

static const char *skip(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);
	return text && strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* "7/": a number as the kernel prints it. */
static const char *parse_hba(const char *text, unsigned *ret)
{
	char *end;
	if (!text || !isdigit((unsigned char)*text))
		return NULL;
	unsigned long value = strtoul(text, &end, 10);
	if (*end != '/' || value > UINT32_MAX)
		return NULL;
	*ret = (unsigned)value;
	return end + 1;
}

/* Up to the next '/' or the end, cut where it does not fit. */
static const char *take_part(const char *text, char *ret, size_t size)
{
	size_t length = strcspn(text, "/");
	snprintf(ret, size, "%.*s", (int)length, text);
	return text[length] ? text + length + 1 : NULL;
}

static bool is_name(const char *text, const char *characters)
{
	size_t length = strlen(text);
	return length > 0 && length < BACKSTORE_NAME_MAX && text[0] != '.' &&
	       strspn(text, characters) == length;
}

static void refuse(struct tcmu_foreign *foreign, const char *why)
{
	error_set(&foreign->problem, ERROR_KERNEL_TARGET,
		"Make it anew with dev_config=carousel/DRIVE or carousel/DRIVE/NEXUS, each of up "
		"to 63 of a-z, 0-9, '.', '_' and '-'.",
		"the device user_%u/%.64s is not served: %s", foreign->hba, foreign->device, why);
}

/* It becomes the name of a nexus, and goes into logs. */
static bool has_plain_name(struct tcmu_foreign *foreign)
{
	bool plain = true;
	for (char *c = foreign->device; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f) {
			*c = '?';
			plain = false;
		}
	return plain;
}

static void parse_target(const char *text, struct tcmu_foreign *ret)
{
	static const char drives[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	static const char nexuses[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:";
	const char *slash = strchr(text, '/');
	char drive[NAME_LONGEST];
	take_part(text, drive, sizeof drive);
	if (!has_plain_name(ret)) {
		refuse(ret, "its name has blanks or unprintable characters");
		return;
	}
	if (!is_name(drive, drives)) {
		refuse(ret, "its dev_config names no drive");
		return;
	}
	snprintf(ret->drive, sizeof ret->drive, "%.63s", drive);
	if (!slash)
		snprintf(ret->nexus, sizeof ret->nexus, "%u/%s", ret->hba, ret->device);
	else if (is_name(slash + 1, nexuses))
		snprintf(ret->nexus, sizeof ret->nexus, "%s", slash + 1);
	else
		refuse(ret, "its dev_config has no valid name of a nexus");
}

bool tcmu_foreign_parse(const char *name, struct tcmu_foreign *ret)
{
	struct tcmu_foreign parsed = {0};
	const char *at = parse_hba(skip(name, "tcm-user/"), &parsed.hba);
	if (!at || strcspn(at, "/") == 0 || strcspn(at, "/") >= sizeof parsed.device)
		return false;
	at = skip(take_part(at, parsed.device, sizeof parsed.device), "carousel/");
	if (!at)
		return false;
	parse_target(at, &parsed);
	*ret = parsed;
	return true;
}

/* ---- what is there ------------------------------------------------------------------------- */

/* It is announced before the kernel counts it as enabled, and takes no action until then. */
static bool is_foreign(const struct configfs *fs, struct tcmu_foreign *foreign)
{
	struct backstore backstore;
	backstore_inspect(fs, foreign->hba, foreign->device, &backstore);
	foreign->enabled = backstore.enabled;
	return !backstore.ours;
}

void foreign_each(const struct configfs *fs,
	void (*each)(void *context, const struct tcmu_foreign *foreign), void *context)
{
	char path[CONFIGFS_PATH_MAX], directory[CONFIGFS_PATH_MAX], name[NAME_LONGEST];
	_cleanup_names_ struct configfs_names all;
	configfs_path(path, "%s/sys/class/uio", fs->root);
	configfs_links(path, &all);
	for (int i = 0; i < all.count; i++) {
		struct tcmu_foreign foreign;
		configfs_path(directory, "%s/%s", path, all.entries[i]->d_name);
		if (configfs_read(directory, "name", name, sizeof name) == 0 &&
			tcmu_foreign_parse(name, &foreign) && is_foreign(fs, &foreign))
			each(context, &foreign);
	}
}

/* ---- is it as it must be ------------------------------------------------------------------- */

static const struct {
	const char *file, *value;
	bool optional; /* kernels are older than it */
} wanted[] = {
	{"attrib/cmd_time_out", "0", false},
	{"attrib/tmr_notification", "1", true},
	{"attrib/pgr_support", "0", true},
	{"attrib/nl_reply_supported", "-1", false},
};

static bool refuse_setting(const struct backstore *backstore, const char *file, const char *is,
	const char *must, struct error *error)
{
	char remedy[sizeof error->remedy];
	snprintf(remedy, sizeof remedy,
		"Remove the LUNs that show it; echo %s >core/user_%u/%.80s/%s in "
		"/sys/kernel/config/target; make the LUNs again; systemctl reload carouseld.",
		must, backstore->hba, backstore->name, file);
	return error_set(error, ERROR_KERNEL_TARGET, remedy,
		"the device user_%u/%.64s is not served: its %s is %.16s, must be %s, and cannot "
		"be "
		"changed while it is shown",
		backstore->hba, backstore->name, file, is, must);
}

static bool mend(
	const struct configfs *fs, const struct backstore *backstore, size_t i, struct error *error)
{
	char text[32] = "";
	int r = configfs_read(backstore->path, wanted[i].file, text, sizeof text);
	if (r == -ENOENT && wanted[i].optional)
		return true;
	if (r == 0 && strcmp(text, wanted[i].value) == 0)
		return true;
	return configfs_write(fs, backstore->path, wanted[i].file, wanted[i].value, NULL) ||
	       refuse_setting(backstore, wanted[i].file, text, wanted[i].value, error);
}

static bool check_sizes(const struct backstore *backstore, struct error *error)
{
	unsigned long size = configfs_read_number(backstore->path, "attrib/dev_size", 0);
	unsigned long area = configfs_read_number(backstore->path, "attrib/max_data_area_mb", 0);
	if (size > 0 && area >= DATA_AREA_LEAST_MB)
		return true;
	return error_set(error, ERROR_KERNEL_TARGET,
		"Remove it and make it anew with "
		"dev_size=1048576,max_data_area_mb=16,nl_reply_supported=-1 in its control.",
		"the device user_%u/%.64s is not served: its dev_size is %lu (must not be 0), its "
		"max_data_area_mb %lu (%d at least)",
		backstore->hba, backstore->name, size, area, DATA_AREA_LEAST_MB);
}

bool foreign_prepare(const struct configfs *fs, const struct tcmu_foreign *foreign,
	struct backstore *ret, struct error *error)
{
	struct backstore backstore;
	backstore_inspect(fs, foreign->hba, foreign->device, &backstore);
	if (!backstore.enabled)
		return error_set(error, ERROR_KERNEL_TARGET,
			"See in the kernel log why; then remove it and make it anew.",
			"the device user_%u/%.64s is not served: it was announced and is not "
			"enabled",
			foreign->hba, foreign->device);
	if (!check_sizes(&backstore, error))
		return false;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if (!mend(fs, &backstore, i, error))
			return false;
	*ret = backstore;
	return true;
}
