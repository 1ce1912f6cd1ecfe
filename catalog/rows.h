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
#define MEDIUM_COLUMNS                                                                             \
	"id, path, kind, format, file_system, volume_id, size, profile, profile_override, "        \
	"device, inode, file_size, mtime_sec, mtime_nsec, fault, added, barcode, medium_type, "    \
	"capacity, write_protected, loads"

void medium_take(struct query *q, struct catalog_medium *ret);

/* The columns from kind to mtime_nsec. */
void medium_bind_description(struct query *q, const struct catalog_medium *medium);

/* MEDIUM_IN_USE when a drive has it, on its tray at least. By id. */
bool medium_check_not_in_drive(struct catalog *catalog, const char *id, struct error *error);
