/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "human.h"

static bool grow(struct table *table)
{
	if (table->count < table->capacity)
		return true;
	size_t capacity = table->capacity ? table->capacity * 2 : 64;
	char **cells = realloc(table->cells, capacity * sizeof *cells);
	if (!cells)
		return false;
	table->cells = cells;
	table->capacity = capacity;
	return true;
}

static void append(struct table *table, const char *text)
{
	char *clean = grow(table) ? human_printable(text) : NULL;
	if (!clean) {
		fputs("carousel: out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	table->cells[table->count++] = clean;
}

void table_init(struct table *table, const char *const *headers)
{
	*table = (struct table){0};
	while (headers[table->columns] && table->columns < TABLE_COLUMNS_MAX) {
		const char *header = headers[table->columns];
		table->right[table->columns] = *header == '>';
		append(table, *header == '>' ? header + 1 : header);
		table->columns++;
	}
}

void table_finish(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){0};
}

void table_add(struct table *table, const char *text)
{
	size_t column = table->count % table->columns;
	append(table, text);
	size_t width = human_width(table->cells[table->count - 1]);
	if (width > table->width[column])
		table->width[column] = width;
}

void table_addf(struct table *table, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	table_add(table, text);
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t header = human_width(table->cells[column]);
	return table->width[column] > header ? table->width[column] : header;
}

static int pad(size_t count)
{
	return printf("%*s", (int)count, "");
}

/* Spaces are owed until something follows them, so that no line ends in one. */
static void print_row(const struct table *table, char *const *row)
{
	size_t owed = 0;
	for (size_t i = 0; i < table->columns; i++) {
		if (!table->width[i])
			continue;
		size_t space = column_width(table, i) - human_width(row[i]);
		if (*row[i]) {
			pad(owed + (table->right[i] ? space : 0));
			fputs(row[i], stdout);
			owed = table->right[i] ? 0 : space;
		} else {
			owed += space;
		}
		owed += 2;
	}
	putchar('\n');
}

void table_print(const struct table *table, bool colour)
{
	if (colour)
		fputs("\033[1m", stdout);
	print_row(table, table->cells);
	if (colour)
		fputs("\033[0m", stdout);
	for (size_t at = table->columns; at + table->columns <= table->count; at += table->columns)
		print_row(table, table->cells + at);
}
