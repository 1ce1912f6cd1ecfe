/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned columns on stdout. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli.h"

enum { TABLE_COLUMNS_MAX = 16 };

struct table {
	size_t columns;
	bool right[TABLE_COLUMNS_MAX];
	bool wide[TABLE_COLUMNS_MAX];  /* only shown with -o wide */
	bool whole[TABLE_COLUMNS_MAX]; /* never cut */
	bool tail[TABLE_COLUMNS_MAX];  /* cut at its beginning */
	size_t width[TABLE_COLUMNS_MAX];
	size_t count, capacity; /* cells, the header's first */
	char **cells;
};

/*
 * `headers` ends in NULL; one that begins with "+" is of a column for -o wide only, and one that
 * begins with ">" (after the "+") of one aligned to the right. After them "!" is of one that is
 * never cut (times), and "<" of one whose end says more than its beginning (paths).
 */
void table_init(struct table *table, const char *const *headers);
void table_finish(struct table *table);

/* Cells in row order, one call each. What is not printable is replaced. */
void table_add(struct table *table, const char *text);
void table_addf(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * A column without any text is left out. On a terminal too narrow for the table, texts of its
 * widest columns are cut at a "…", but for the first column, and with -o wide.
 */
void table_print(struct table *table, const struct cli *cli);
