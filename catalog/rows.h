/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a row in the order of the members of its struct: read and bound in one place. */
#pragma once

struct catalog_drive;
struct catalog_medium;
struct query;

#define MEDIUM_COLUMNS                                                                             \
	"id, path, kind, format, file_system, volume_id, size, profile, profile_override, "        \
	"device, inode, file_size, mtime_sec, mtime_nsec, fault, added"

void medium_take(struct query *q, struct catalog_medium *ret);
