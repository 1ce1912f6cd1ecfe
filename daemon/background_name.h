/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a part, a file that scans pass over, becomes a file of its pool: copies and uploads do it
 * alike. It gets its name as a second link, and the first goes when the end of the job is written
 * down. So a job that is done again, after a kill at any moment, knows the file for its own.
 */
#pragma once

#include <limits.h>

#include "background.h"

/*
 * "name.iso", "name-2.iso" …; takes no other file's name, however many look for one at a time. A
 * part that has its name keeps it. Where there are no links it is renamed: a kill in these moments
 * leaves a file that no job knows for its own. EXISTS: a thousand names are taken.
 */
bool background_give_name(struct background_job *job, const char *directory, const char *part,
	const char *name, char ret[PATH_MAX], struct error *error);
/* The names in it last. */
bool background_sync_directory(const char *directory, struct error *error);
/* What errno says of writing at `path`, as an error: HOST_FULL, FILE_UNREADABLE. Returns false. */
bool background_write_failed(const char *path, struct error *error);

bool background_identify(struct background_job *job, const char *path, struct file_identity *ret,
	struct error *error);
/* Removes a file that the catalog does not know: it is nobody's. */
void background_drop_file(struct background_job *job, const char *path);
