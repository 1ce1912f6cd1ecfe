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
 * A directory that files come into. It is open: whoever moves it, or puts a link in its place, does
 * not lead what happens in it elsewhere.
 */
struct background_place {
	const char *path; /* the caller's */
	int fd;           /* -1: not open */
};

/* Blocks. FILE_UNREADABLE, FILE_OUTSIDE_POOLS. */
bool background_place_open(struct background_job *job, const char *path,
	struct background_place *ret, struct error *error);
void background_place_close(struct background_place *place);
#define _cleanup_place_ _cleanup_(background_place_close)

/*
 * "name.iso", "name-2.iso" …; takes no other file's name, however many look for one at a time. A
 * part (a name in that place) that has its name keeps it. Where there are no links it is renamed: a
 * kill in these moments leaves a file that no job knows for its own. EXISTS: a thousand names are
 * taken. `ret` is the path.
 */
bool background_give_name(struct background_job *job, const struct background_place *place,
	const char *part, const char *name, char ret[PATH_MAX], struct error *error);
/* The names in it last. */
bool background_place_sync(const struct background_place *place, struct error *error);
/* What errno says of writing at `path`, as an error: HOST_FULL, FILE_UNREADABLE. Returns false. */
bool background_write_failed(const char *path, struct error *error);

bool background_identify(struct background_job *job, const char *path, struct file_identity *ret,
	struct error *error);
/* Removes a file of this place that the catalog does not know: it is nobody's. */
void background_drop_file(
	struct background_job *job, const struct background_place *place, const char *path);
