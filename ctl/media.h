/* SPDX-License-Identifier: Apache-2.0 */
/* What commands about media share. */
#pragma once

#include "cli.h"

enum { MEDIUM_ID_MAX = 256 };

/* A new array of all media of a kind ("": all) that match ("": all). */
enum exit_code media_read_all(
	const struct cli *cli, const char *kind, const char *match, json_t **ret);

/* The id of an image file, which is added to the catalog if it is not in it yet. */
enum exit_code media_ensure(const struct cli *cli, const char *file, char ret[MEDIUM_ID_MAX]);
