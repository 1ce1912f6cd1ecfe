/* SPDX-License-Identifier: Apache-2.0 */
/* A file that says what a library shall be, read and checked as a whole: carousel(1), apply. */
#pragma once

#include "cli.h"

struct declared {
	const char *path;
	bool toml; /* else JSON, which tells no lines */
	json_t *root;
	const json_t *drives, *exports, *media; /* arrays of its tables; borrowed */
};

/* EXIT_OK, or it has complained. Every table has a "name" then, and only known keys of their types.
 */
enum exit_code declared_read(const char *path, struct declared *ret);
void declared_finish(struct declared *declared);

enum { PLACE_MAX = 320 };

/* "library.toml, line 7", of a key of a table, or of the table for NULL. Returns ret. */
const char *declared_place(
	const struct declared *declared, const json_t *table, const char *key, char ret[PLACE_MAX]);

/* complain, about a place in the file. */
enum exit_code declared_refuse(const struct declared *declared, const json_t *table,
	const char *key, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The key of a table whose text is quoted in a sentence of the daemon's; NULL: none. */
const char *declared_blame(json_t *table, const char *sentence);

/* A text of a table; NULL when it is not said. */
const char *declared_text(const json_t *table, const char *key);

/* The table of that name, NULL when there is none. */
const json_t *declared_find(const json_t *tables, const char *name);
