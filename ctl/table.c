/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "human.h"

enum {
	GAP = 2,
	WIDTH_MIN = 8, /* below which no column is cut */
};

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
		table->wide[table->columns] = *header == '+';
		header += *header == '+';
		table->right[table->columns] = *header == '>';
		header += *header == '>';
		table->whole[table->columns] = *header == '!';
		table->tail[table->columns] = *header == '<';
		append(table, *header == '!' || *header == '<' ? header + 1 : header);
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

static void choose_columns(struct table *table, const struct cli *cli)
{
	for (size_t i = 0; i < table->columns; i++) {
		size_t header = human_width(table->cells[i]);
		if (table->wide[i] && cli->output != OUTPUT_WIDE)
			table->width[i] = 0;
		else if (table->width[i] && table->width[i] < header)
			table->width[i] = header;
	}
}

static size_t total_width(const struct table *table)
{
	size_t total = 0;
	for (size_t i = 0; i < table->columns; i++)
		total += table->width[i] ? table->width[i] + GAP : 0;
	return total ? total - GAP : 0;
}

/* Numbers, times and the first column are never cut; 0 when no other is wide enough. */
static size_t widest_column(const struct table *table)
{
	size_t widest = 0;
	for (size_t i = 1; i < table->columns; i++)
		if (!table->right[i] && !table->whole[i] && table->width[i] > WIDTH_MIN &&
			(!widest || table->width[i] > table->width[widest]))
			widest = i;
	return widest;
}

/* The last column of a terminal stays free: some go to the next line there. */
static void shrink(struct table *table, size_t columns)
{
	size_t widest = 1;
	while (widest && total_width(table) >= columns) {
		widest = widest_column(table);
		if (widest)
			table->width[widest]--;
	}
}

static int pad(size_t count)
{
	return printf("%*s", (int)count, "");
}

/* Where a wide character does not fit any more, a cut text has a column less than it may. */
static size_t print_cell(const char *text, size_t width, bool tail)
{
	char *cut = NULL;
	if (human_width(text) <= width)
		return (size_t)(fputs(text, stdout), human_width(text));
	int length = tail ? asprintf(&cut, "…%s", human_tail(text, width - 1))
			  : asprintf(&cut, "%.*s…", (int)human_fit(text, width - 1), text);
	size_t printed = length < 0 ? 0 : human_width(cut);
	fputs(length < 0 ? "" : cut, stdout);
	free(length < 0 ? NULL : cut);
	return printed;
}

/* Spaces are owed until something follows them, so that no line ends in one. */
static void print_row(const struct table *table, char *const *row)
{
	size_t owed = 0;
	for (size_t i = 0; i < table->columns; i++) {
		size_t width = table->width[i], text = human_width(row[i]);
		if (!width)
			continue;
		if (*row[i]) {
			pad(owed + (table->right[i] && text < width ? width - text : 0));
			size_t printed = print_cell(row[i], width, table->tail[i]);
			owed = table->right[i] || printed > width ? 0 : width - printed;
		} else {
			owed += width;
		}
		owed += GAP;
	}
	putchar('\n');
}

void table_print(struct table *table, const struct cli *cli)
{
	choose_columns(table, cli);
	if (cli->columns && cli->output != OUTPUT_WIDE)
		shrink(table, cli->columns);
	if (cli->colour)
		fputs("\033[1m", stdout);
	print_row(table, table->cells);
	if (cli->colour)
		fputs("\033[0m", stdout);
	for (size_t at = table->columns; at + table->columns <= table->count; at += table->columns)
		print_row(table, table->cells + at);
}
