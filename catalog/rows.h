/* SPDX-License-Identifier: Apache-2.0 */
/* What rows are made of, and where media are. */
#pragma once

#include <stdbool.h>

struct catalog_drive;
struct catalog_medium;
struct catalog;
struct error;
struct query;

/* In the order of the members of struct catalog_medium: read and bound in one place. */
#define MEDIUM_ADDED_COLUMNS                                                                       \
	"id, path, kind, format, file_system, volume_id, size, profile, profile_override, "        \
	"device, inode, file_size, mtime_sec, mtime_nsec, fault, added, barcode, medium_type, "    \
	"capacity, write_protected, loads"

/* With what people and jobs know. Of a statement that reads from `media`. */
#define MEDIUM_COLUMNS                                                                             \
	MEDIUM_ADDED_COLUMNS                                                                       \
	", version, state, sha256, verified, verify_result, owned, notes, os, "                    \
	"(SELECT group_concat(tag, ' ') FROM "                                                     \
	"(SELECT tag FROM media_tags WHERE medium = media.id ORDER BY tag))"

void medium_take(struct query *q, struct catalog_medium *ret);
/* All rows of a query that is bound, until `each` returns false. */
bool medium_each(struct query *q, bool (*each)(void *context, const struct catalog_medium *medium),
	void *context, struct error *error);

/* The columns from kind to mtime_nsec. */
void medium_bind_description(struct query *q, const struct catalog_medium *medium);

/* Of exactly that id. MEDIUM_NOT_FOUND. */
bool medium_by_id(
	struct catalog *catalog, const char *id, struct catalog_medium *ret, struct error *error);

/* MEDIUM_IN_USE when a drive has it, on its tray at least. By id. */
bool medium_check_not_in_drive(struct catalog *catalog, const char *id, struct error *error);

/* An event about something that is neither a drive nor a medium. */
bool event_of_subject(struct catalog *catalog, const char *actor, const char *verb,
	const char *subject_kind, const char *subject, struct error *error);
