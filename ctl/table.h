/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned columns on stdout. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { TABLE_COLUMNS_MAX = 10 };

struct table {
	size_t columns;
	bool right[TABLE_COLUMNS_MAX];
	size_t width[TABLE_COLUMNS_MAX];
	size_t count, capacity; /* cells, the header's first */
	char **cells;
};

/* `headers` ends in NULL; one that begins with ">" is of a column aligned to the right. */
void table_init(struct table *table, const char *const *headers);
void table_finish(struct table *table);

/* Cells in row order, one call each. What is not printable is replaced. */
void table_add(struct table *table, const char *text);
void table_addf(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A column without any text is left out. */
void table_print(const struct table *table, bool colour);
