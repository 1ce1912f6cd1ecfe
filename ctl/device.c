/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_address(const char *address)
{
	return *address && strspn(address, "0123456789:") == strlen(address);
}

/* The first entry of `class` below the device that begins with `prefix`. */
static bool find_node(const char *sysfs, const char *address, const char *class, const char *prefix,
	char *ret, size_t size)
{
	char path[160];
	struct dirent *entry = NULL;
	snprintf(path, sizeof path, "%s/bus/scsi/devices/%s/%s", sysfs, address, class);
	DIR *directory = opendir(path);
	while (directory && (entry = readdir(directory)) &&
		(entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix))))
		;
	if (entry)
		snprintf(ret, size, "/dev/%s", entry->d_name);
	if (directory)
		closedir(directory);
	return entry;
}

/* A tape has a node for each of its modes (st0, st0a, st0l, nst0 …): "nst0" is what is wanted. */
static bool find_tape(const char *sysfs, const char *address, char *ret, size_t size)
{
	if (!find_node(sysfs, address, "scsi_tape", "nst", ret, size))
		return false;
	size_t length = strcspn(ret, "0123456789");
	ret[length + strspn(ret + length, "0123456789")] = '\0'; /* the letter of another mode */
	return true;
}

const char *device_of(const char *sysfs, const char *address, char *ret, size_t size)
{
	if (!is_address(address) || (!find_node(sysfs, address, "block", "", ret, size) &&
					    !find_tape(sysfs, address, ret, size)))
		snprintf(ret, size, "%s", address);
	return ret;
}
