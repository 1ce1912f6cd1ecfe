/* SPDX-License-Identifier: Apache-2.0 */
/* What is mounted where the media pools are. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * A number that changes when something is mounted or unmounted at the path, above or below it.
 * 0: it cannot be known.
 */
uint64_t pool_mounts_fingerprint(const char *path);

/* Readable with POLLPRI whenever mounts change; -1: it cannot be known. */
int pool_mounts_open(void);

/*
 * The kind of the file system when others may write to it without this machine's kernel being
 * told ("nfs"); NULL: it is local, or not there.
 */
const char *pool_network_file_system(const char *path);
