/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to the catalog: opening it, what the failures of SQLite mean. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "catalog/catalog.h"
#include "util/cleanup.h"

struct error;

/* Many more than are in use at a time. */
enum { CATALOG_STATEMENTS_MAX = 256 };

struct catalog_statement {
	const char *sql;
	sqlite3_stmt *statement;
	uint64_t used; /* the greater, the later */
};

struct catalog {
	sqlite3 *db;
	char *path;
	bool current; /* its schema is the newest, so that every table is there */
	/*
	 * Statements are kept, and found again by the address of their text (query.h); those that
	 * were not used for longest make room for others.
	 */
	struct catalog_statement statements[CATALOG_STATEMENTS_MAX];
	unsigned statement_count;
	uint64_t statement_uses;
	bool gave_up;                   /* waiting for the lock; until a transaction begins */
	uint64_t waits_since_ms;        /* for the lock */
	bool (*goes_on)(void *context); /* catalog_ask */
	void *goes_on_context;
	uint64_t events_added; /* by this connection, also those that were rolled back */
	/* The last count of media, for those who leaf through a search (media_count.c). */
	struct {
		char *key; /* what it was of; NULL: none yet */
		int64_t version, changes;
		struct catalog_media_count count;
	} counted;
};

/* Fills `error` from a result code of SQLite. Always false. */
bool catalog_fail(struct catalog *catalog, int result, struct error *error);
