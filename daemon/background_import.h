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

/* DIGEST: that of the file that people call `name` is not the one that was expected; "" is any. */
bool import_check_digest(
	const char *name, const char *sha256, const char *expected, struct error *error);

/* A copy may be made of it; import->path is where it really is then. FILE_OUTSIDE_POOLS … */
bool import_check_source(struct background_job *job, struct import *import, struct error *error);

/*
 * Copies the file into a pool and adds it; a copy that a job left which was killed is gone on with.
 * Then import->path is the copy.
 */
bool import_copy(struct background_job *job, struct import *import, const char *expected,
	struct error *error);
/* The end of the job is written down: nothing needs to know its copies any more. */
void import_forget_copies(struct background_job *job);
/* Removes what copies of jobs that have ended left in a pool. */
void import_sweep(struct background_job *job, const char *pool);

/* A parameter of the job; "" when it has none of this name. */
const char *import_text(const struct background_job *job, const char *name);

/* Into the catalog, with its digest, and into the result of the job. IMAGE_CHANGED. */
bool import_add(struct background_job *job, const struct import *import, struct error *error);
