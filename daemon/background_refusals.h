/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a job does not take, by name, in its result and in the log. */
#pragma once

#include "background.h"

enum { REFUSALS_KEPT = 32 };

/*
 * Appends to the list `list` of the result, as long as it has fewer than `most`: path, code, detail
 * and remedy. What is kept is said in the log, once.
 */
void background_refuse(struct background_job *job, const char *list, size_t most, const char *path,
	const struct error *why);
