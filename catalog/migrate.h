/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbered migrations. The number of the last one that ran is the user_version of the file; a
 * migration that was released is never edited, the next one changes what it made.
 */
#pragma once

#include <stdbool.h>

struct catalog;
struct error;

struct catalog_migration {
	const char *name;
	const char *sql;
};

/* Made of migrations/NNNN_*.sql at build time; number N is at index N - 1. */
extern const struct catalog_migration catalog_migrations[];
extern const int catalog_schema;

/*
 * Tells whether the file can be used by a program whose newest schema is `newest`, and changes
 * nothing. CATALOG_NEWER; CATALOG_DAMAGED when it belongs to another program. *ret_schema is 0 for
 * an empty file.
 */
bool catalog_schema_check(
	struct catalog *catalog, int newest, int *ret_schema, struct error *error);

/* Brings the file to schema `newest` in one transaction: all migrations ran, or none did. */
bool catalog_migrate(struct catalog *catalog, const struct catalog_migration *migrations,
	int newest, struct error *error);
