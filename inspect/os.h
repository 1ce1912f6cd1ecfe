/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which operating system is on an image. The rungs of a ladder, the best first; one that knows it
 * ends the search, and what it left open (the architecture) the others may still say.
 */
#pragma once

#include "volume.h"

/* All rungs; details->os is what they find. The rest of `details` is there already. */
void os_find(struct volume *volume, struct image_details *details, const char *file_name,
	struct os_database *database);

/* Each fills in what it knows and says whether it knows the system. `ret` is zeros before. */
bool os_from_disk_info(struct volume *volume, struct os_details *ret);
bool os_from_tree_info(struct volume *volume, struct os_details *ret);
bool os_from_windows_setup(struct volume *volume, struct os_details *ret);
bool os_from_label(const struct iso9660_details *iso9660, const struct udf_details *udf,
	struct os_details *ret);
bool os_from_file_name(const char *file_name, struct os_details *ret);

/* The database may name a family only ("rhel9-unknown"), or several systems alike. */
enum os_answer { OS_ANSWER_NONE, OS_ANSWER_VAGUE, OS_ANSWER_EXACT };
enum os_answer os_from_database(struct os_database *database, const struct iso9660_details *iso9660,
	struct os_details *ret);
