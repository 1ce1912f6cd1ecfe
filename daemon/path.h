/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <limits.h>
#include <stdbool.h>

struct error;

/*
 * DIRECTORY/NAME. The name must be one component that stays in the directory and is visible: no
 * "/", no leading ".". INVALID.
 */
bool path_in(const char *directory, const char *name, char ret[PATH_MAX], struct error *error);
