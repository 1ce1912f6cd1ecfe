/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of imports that uploads take, too. All on the job's thread. */
#pragma once

#include <limits.h>

#include "background.h"

/* A file that was read whole, and is about to be in the catalog. */
struct import {
	char path[LIBRARY_PATH_MAX];
	char id[LIBRARY_ID_MAX]; /* "": of the file name */
	char profile[16];
	bool owned; /* the library brought it into the pool */
	struct file_identity identity;
	char sha256[CATALOG_DIGEST_MAX];
};

/* DIGEST: it is not the one that was expected; "" is any. */
bool import_check_digest(const struct import *import, const char *expected, struct error *error);

/*
 * `part`, which is whole and on the disk, becomes `name`, or name-2 …, in the directory of the same
 * file system. HOST_FULL, EXISTS.
 */
bool import_settle(const char *directory, const char *part, const char *name, char ret[PATH_MAX],
	struct error *error);

/* Into the catalog, with its digest, and into the result of the job. IMAGE_CHANGED. */
bool import_add(struct background_job *job, const struct import *import, struct error *error);
