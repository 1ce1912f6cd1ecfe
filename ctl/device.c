/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static DIR *open_block(const char *sysfs, const char *address)
{
	char path[128];
	if (!*address || strspn(address, "0123456789:") != strlen(address))
		return NULL;
	snprintf(path, sizeof path, "%s/bus/scsi/devices/%s/block", sysfs, address);
	return opendir(path);
}

const char *device_of(const char *sysfs, const char *address, char *ret, size_t size)
{
	DIR *directory = open_block(sysfs, address);
	struct dirent *entry = NULL;
	while (directory && (entry = readdir(directory)) && entry->d_name[0] == '.')
		;
	if (entry)
		snprintf(ret, size, "/dev/%s", entry->d_name);
	else
		snprintf(ret, size, "%s", address);
	if (directory)
		closedir(directory);
	return ret;
}
