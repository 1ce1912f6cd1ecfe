/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what descriptions of a library need of TOML 1.0: comments, [table] and [[array of tables]]
 * of one level, bare keys, texts in one line, whole numbers, true and false, arrays and inline
 * tables. All else of TOML (dotted and quoted keys, fractions, dates, texts of several lines) is
 * refused by name, not guessed at.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "util/error.h"

/* A member of every table: an object of the lines that its keys stand in, "" for the table. */
#define TOML_LINES "\n"

/* A new object; NULL with an error that begins with "line 7: ". */
json_t *toml_parse(const char *text, size_t length, struct error *error);

/* Where a key of a table stands (NULL: the table itself); 0: nobody knows. */
unsigned toml_line(const json_t *table, const char *key);
