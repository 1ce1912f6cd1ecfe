/* SPDX-License-Identifier: Apache-2.0 */
/* From a section [export NAME] of the configuration to what is asked of the library. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "daemon/library.h"

struct error;

struct export_seed {
	struct library_export_put put;
	char chap_secret[LIBRARY_SECRET_MAX], mutual_secret[LIBRARY_SECRET_MAX];
};

/*
 * Takes words apart and reads the files of secrets. CONFIGURATION: a LUN, too many of something, or
 * a file that is missing, too long, or readable by others. What else may be wrong the library says.
 */
bool export_seed_read(
	const struct config_export *config, struct export_seed *ret, struct error *error);
void export_seed_finish(struct export_seed *seed);

/* The iSCSI name that the names of this machine's exports begin with. */
void export_seed_default_prefix(char *ret, size_t size);
