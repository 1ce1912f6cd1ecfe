/* SPDX-License-Identifier: Apache-2.0 */
/* carouseld --restore. */
#pragma once

#include <stdbool.h>

struct config;
struct error;

/*
 * Puts a backup of the catalog in the place of the one there is, which is kept beside it under the
 * name catalog.db.before-restore, instead of an earlier one. The backup is copied and checked
 * first. STATE_IN_USE: a daemon runs. FILE_MISSING, CATALOG_DAMAGED (also of another program),
 * CATALOG_NEWER, PERMISSION: nothing has changed.
 */
bool restore(const struct config *config, const char *backup, struct error *error);
