/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is there whole or not at all: made as PATH.tmp, and given its name at the end. A file
 * that has the name already is never touched.
 */
#pragma once

#include <stdbool.h>

#include "util/error.h"

struct new_file {
	const char *path; /* the caller's */
	char *temporary;  /* what to make */
	bool ours;        /* it is there, and of our making */
};

/* EXISTS, NO_MEMORY. `path` is kept. */
bool new_file_begin(struct new_file *ret, const char *path, struct error *error);

/* Told what came of making the temporary file, with the error if it failed. */
void new_file_made(struct new_file *file, bool ok, const struct error *error);
/* The file, durable itself, gets its name, durably. EXISTS, PERMISSION: discarded. */
bool new_file_keep(struct new_file *file, struct error *error);
/* Removes what is there; nothing after new_file_keep. */
void new_file_discard(struct new_file *file);
