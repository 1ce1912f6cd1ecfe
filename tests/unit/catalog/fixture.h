/* SPDX-License-Identifier: Apache-2.0 */
/* A catalog in a directory of its own, made before and removed after each test. */
#pragma once

#include <stdbool.h>

#include "catalog/catalog.h"

struct fixture {
	char directory[64];
	char path[96]; /* of the catalog */
	struct catalog *catalog;
	struct error error;
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Closes the catalog and opens it again; NULL with fixture->error. */
struct catalog *fixture_reopen(struct fixture *fixture);
/* Runs SQL on a connection of its own and fails the test when it fails. */
void fixture_sql(struct fixture *fixture, const char *sql);

/* Closes the catalog; the file is an empty one of `schema`, made by the migrations up to it alone.
 */
void fixture_make_schema(struct fixture *fixture, int schema);

/* A row worth adding; `id` may be "". */
struct catalog_medium a_medium(const char *id, const char *path);
struct catalog_medium add_medium(struct fixture *fixture, const char *id, const char *path);
/* A tape like `tape create` makes it; its path is made of the barcode. */
struct catalog_medium a_tape(const char *barcode);
struct catalog_medium add_tape(struct fixture *fixture, const char *barcode);
struct catalog_drive add_drive(struct fixture *fixture, const char *name);

/*
 * How many rows the statements of the catalog looked at by scanning a table or sorted, since the
 * last time this was asked: 0 when all of them went by an index.
 */
unsigned rows_without_index(struct fixture *fixture);
/* Whether a step in the plan of one of its statements has this text. */
bool a_plan_has(struct fixture *fixture, const char *step);

/* The last row of the history. */
struct catalog_event newest_event(struct fixture *fixture);
