/* SPDX-License-Identifier: Apache-2.0 */
/* What commands about media share. */
#pragma once

#include "cli.h"

enum { MEDIUM_ID_MAX = 256 };

/* The id of an image file, which is added to the catalog if it is not in it yet. */
enum exit_code media_ensure(const struct cli *cli, const char *file, char ret[MEDIUM_ID_MAX]);
