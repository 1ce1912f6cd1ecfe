/* SPDX-License-Identifier: Apache-2.0 */
/* What commands about media share. */
#pragma once

#include "cli.h"

enum {
	MEDIUM_ID_MAX = 256,
	MEDIA_TAGS_MAX = 1200,
	MEDIA_MATCH_MAX = 200, /* bytes of a search, below the limit of the API */
};

struct media_wanted {
	const char *kind, *match; /* NULL: all */
	bool annotated;           /* only those with tags or notes */
};

/* Page by page: whoever needs few of them, or little of each, does not hold them all. */
enum exit_code media_read_pages(const struct cli *cli, const struct media_wanted *wanted,
	void (*take)(void *context, json_t *items), void *context);

/* A new array of all media of a kind ("": all) that match ("": all). */
enum exit_code media_read_all(
	const struct cli *cli, const char *kind, const char *match, json_t **ret);

/* The id of an image file, which is added to the catalog if it is not in it yet. */
enum exit_code media_ensure(const struct cli *cli, const char *file, char ret[MEDIUM_ID_MAX]);

/* "golden rescue". */
const char *media_tags_line(const json_t *tags, char ret[MEDIA_TAGS_MAX]);
