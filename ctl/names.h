/* SPDX-License-Identifier: Apache-2.0 */
/* Names, and the beginnings that people type of them. */
#pragma once

#include <stddef.h>

#include "cli.h"

/*
 * The one of `items` that is called `word`, or the only one whose name begins so, into ret[size].
 * `word` itself when there is none, or when it does not fit. Complains when several begin so, with
 * the first of them.
 */
enum exit_code name_resolve(
	const json_t *items, const char *what, const char *word, char *ret, size_t size);
