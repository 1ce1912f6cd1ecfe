/* SPDX-License-Identifier: Apache-2.0 */
/* Where this machine's kernel shows a drive. */
#pragma once

#include <stddef.h>

/*
 * The device node of a SCSI address, "/dev/sr0" or "/dev/nst0" for "0:0:1:0"; the address itself
 * when there is none. `sysfs` is "/sys" but for tests. Returns ret.
 */
const char *device_of(const char *sysfs, const char *address, char *ret, size_t size);
