/* SPDX-License-Identifier: Apache-2.0 */
/* The files of new tapes. */
#pragma once

#include "ssc/native.h"

/*
 * Makes the file of a blank tape: whole, or not at all. What is there already will do (*ret_new is
 * false) when it is such a tape of that very barcode, type and size that was never in a drive: the
 * daemon died before the catalog had it. Anything else is refused with EXISTS, and left alone. Its
 * name lasts when the store has synchronised the directory.
 */
bool tape_file_make(const struct file_store *store, const char *path,
	const struct native_create *create, bool *ret_new, struct error *error);
/*
 * Removes what was made, unless somebody has found it meanwhile and uses it, or has written to it.
 */
void tape_file_take_back(
	const struct file_store *store, const char *path, const struct native_create *create);
/* Always false: what the kernel said, -errno. */
bool tape_file_failed(const char *path, int result, struct error *error);
