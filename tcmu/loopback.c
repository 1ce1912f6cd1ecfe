/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scsi/port.h"
#include "tcmu/transport.h"
#include "util/hash.h"

struct places {
	char initiator[LOOPBACK_NAME_MAX];
	char fabric[CONFIGFS_PATH_MAX]; /* …/target/loopback */
	char target[CONFIGFS_PATH_MAX]; /* …/naa.X */
	char tpgt[CONFIGFS_PATH_MAX];   /* …/tpgt_1 */
	char lun[CONFIGFS_PATH_MAX];    /* …/lun/lun_0 */
	char link[CONFIGFS_PATH_MAX];   /* …/NAME */
};

/* Folded, for only the low bits get into a name. */
static uint64_t hash(const char *text)
{
	uint64_t value = hash_text(text);
	return value ^ (value >> 36);
}

void loopback_names(const char *serial, char ret_target[LOOPBACK_NAME_MAX],
	char ret_initiator[LOOPBACK_NAME_MAX])
{
	/* NAA 5h, the IEEE company identifier 001405h of LIO, 36 bits of our choice. */
	uint64_t chosen = hash(serial) & UINT64_C(0xffffffffe);
	snprintf(ret_target, LOOPBACK_NAME_MAX, "naa.5001405%09" PRIx64, chosen);
	snprintf(ret_initiator, LOOPBACK_NAME_MAX, "naa.5001405%09" PRIx64, chosen | 1);
}

void tcmu_loopback_port(const char *serial, struct scsi_port *ret)
{
	char target[LOOPBACK_NAME_MAX], initiator[LOOPBACK_NAME_MAX];
	loopback_names(serial, target, initiator);
	scsi_port_sas(
		ret, strtoull(initiator + strlen("naa."), NULL, 16), SCSI_TARGET_PORT_LOOPBACK);
}

static bool find_places(
	const struct configfs *fs, const struct backstore *backstore, struct places *ret)
{
	char target[LOOPBACK_NAME_MAX];
	if (!backstore->serial[0])
		return false;
	loopback_names(backstore->serial, target, ret->initiator);
	configfs_path(ret->fabric, "%s/loopback", fs->target);
	configfs_path(ret->target, "%s/loopback/%s", fs->target, target);
	configfs_path(ret->tpgt, "%s/loopback/%s/tpgt_1", fs->target, target);
	configfs_path(ret->lun, "%s/loopback/%s/tpgt_1/lun/lun_0", fs->target, target);
	configfs_path(ret->link, "%s/loopback/%s/tpgt_1/lun/lun_0/%s", fs->target, target,
		backstore->name);
	return true;
}

/* Where the kernel's links point to is relative; its end says which backstore. */
static bool exported(const struct places *places, const struct backstore *backstore)
{
	char to[CONFIGFS_PATH_MAX];
	ssize_t length = readlink(places->link, to, sizeof to - 1);
	const char *wanted = strstr(backstore->path, "/core/");
	if (length < 0 || !wanted || (size_t)length < strlen(wanted))
		return false;
	to[length] = '\0';
	return strcmp(to + length - strlen(wanted), wanted) == 0;
}

static bool make_lun(const struct configfs *fs, const struct places *places,
	const struct backstore *backstore, struct error *error)
{
	return configfs_make(fs, places->fabric, error) &&
	       configfs_make(fs, places->target, error) && configfs_make(fs, places->tpgt, error) &&
	       configfs_write_or(-EEXIST, fs, places->tpgt, "nexus", places->initiator, error) &&
	       configfs_make(fs, places->lun, error) &&
	       configfs_link(fs, backstore->path, places->link, error);
}

static bool remove_lun(const struct configfs *fs, const struct places *places, struct error *error)
{
	if (access(places->tpgt, F_OK) == 0 &&
		!(configfs_unlink(fs, places->link, error) &&
			configfs_remove(fs, places->lun, error) &&
			configfs_write_or(-ENODEV, fs, places->tpgt, "nexus", "NULL", error)))
		return false;
	if (!configfs_remove(fs, places->tpgt, error) ||
		!configfs_remove(fs, places->target, error))
		return false;
	/* The fabric goes with its last target; with another one inside it stays. */
	(void)fs->ops->remove(places->fabric);
	return true;
}

bool loopback_export(
	const struct configfs *fs, const struct backstore *backstore, struct error *error)
{
	struct places places;
	if (!find_places(fs, backstore, &places))
		return error_set(error, ERROR_KERNEL_TARGET,
			"Remove the drive and add it again with a serial number.",
			"%s has no unit serial number, so it cannot be named on the loopback "
			"fabric",
			backstore->path);
	if (exported(&places, backstore))
		return true;
	if (make_lun(fs, &places, backstore, error) && exported(&places, backstore))
		return true;
	if (error && error->code == ERROR_NONE)
		error_set(error, ERROR_EXISTS,
			"Give the drive another serial number, or remove that link.",
			"%s shows another backstore", places.link);
	return false;
}

bool loopback_unexport(
	const struct configfs *fs, const struct backstore *backstore, struct error *error)
{
	struct places places;
	return !find_places(fs, backstore, &places) || remove_lun(fs, &places, error);
}

static void append_block_device(const struct configfs *fs, char *address, size_t size)
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names blocks;
	configfs_path(path, "%s/sys/bus/scsi/devices/%s/block", fs->root, address);
	configfs_directories(path, &blocks);
	size_t length = strlen(address);
	if (blocks.count > 0)
		snprintf(address + length, size - length, " %s", blocks.entries[0]->d_name);
}

bool loopback_address(
	const struct configfs *fs, const struct backstore *backstore, char *ret, size_t size)
{
	struct places places;
	char tpgt[64];
	if (!find_places(fs, backstore, &places) || !exported(&places, backstore) ||
		configfs_read(places.tpgt, "address", tpgt, sizeof tpgt) < 0)
		return false;
	/* The tpgt is host:channel:target, and our LUN is the only one. */
	int n = snprintf(ret, size, "%s:0", tpgt);
	if (n < 0 || (size_t)n >= size)
		return false;
	append_block_device(fs, ret, size);
	return true;
}
