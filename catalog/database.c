/* SPDX-License-Identifier: Apache-2.0 */
#include "database.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "catalog/catalog.h"
#include "migrate.h"
#include "private_file.h"
#include "query.h"
#include "text.h"

enum {
	PATIENCE_MS = 5000,  /* with another program that holds the lock for writing */
	IMPATIENCE_MS = 100, /* with one that has held it so long before */
	LOOK_MS = 5,
};

struct meaning {
	int result; /* primary result code; 0 is any other */
	enum error_code code;
	const char *remedy;
};

static const struct meaning meanings[] = {
	{SQLITE_CORRUPT, ERROR_CATALOG_DAMAGED,
		"Restore a backup, or save what is left with `sqlite3 FILE .recover`."},
	{SQLITE_NOTADB, ERROR_CATALOG_DAMAGED,
		"Restore a backup, or move the file away to start with an empty catalog."},
	{SQLITE_READONLY, ERROR_PERMISSION,
		"Let the user carouseld runs as write the file and its directory."},
	{SQLITE_PERM, ERROR_PERMISSION,
		"Let the user carouseld runs as write the file and its directory."},
	{SQLITE_CANTOPEN, ERROR_PERMISSION,
		"Check that the directory exists and that carouseld may write in it."},
	{SQLITE_BUSY, ERROR_CATALOG_BUSY,
		"Try again later; if it stays so, end the other program that has it locked (fuser "
		"names it)."},
	{SQLITE_FULL, ERROR_HOST_FULL,
		"Make room on the file system of state_dir and try again; nothing was changed."},
	{SQLITE_IOERR, ERROR_CATALOG, "See the kernel log for errors of the disk under it."},
	{SQLITE_INTERRUPT, ERROR_CANCELLED, "Ask again, for less."},
	{SQLITE_NOMEM, ERROR_NO_MEMORY, "Give carouseld more memory."},
	{0, ERROR_CATALOG, "Please report this as a bug."},
};

static const struct meaning *meaning_of(int result)
{
	const struct meaning *row = meanings;
	while (row->result && row->result != (result & 0xff))
		row++;
	return row;
}

/* SQLite itself says so of ENOSPC in a write only. */
static bool is_full(struct catalog *catalog, int result)
{
	int number = catalog->db ? sqlite3_system_errno(catalog->db) : 0;
	return (result & 0xff) == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT);
}

bool catalog_fail(struct catalog *catalog, int result, struct error *error)
{
	const struct meaning *meaning = meaning_of(is_full(catalog, result) ? SQLITE_FULL : result);
	return error_set(error, meaning->code, meaning->remedy, "catalog %s: %s", catalog->path,
		catalog->db && sqlite3_errcode(catalog->db) == result ? sqlite3_errmsg(catalog->db)
								      : sqlite3_errstr(result));
}

/* Until a file is known to be ours and sound, closing it must not move its log into it. */
static void protect(struct catalog *catalog, bool on)
{
	sqlite3_db_config(catalog->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 1 : 0, NULL);
}

static uint64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*
 * Called while another connection has the lock. Whoever waited in vain makes the next ones ask only
 * briefly, so that those who queue behind each other do not add up their times.
 */
static int wait_for_lock(void *context, int times)
{
	struct catalog *catalog = context;
	static const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
	if (times == 0)
		catalog->waits_since_ms = now_ms();
	if (now_ms() - catalog->waits_since_ms >=
		(catalog->gave_up ? IMPATIENCE_MS : PATIENCE_MS)) {
		catalog->gave_up = true;
		return 0;
	}
	nanosleep(&look, NULL);
	return 1;
}

static struct catalog *connect(const char *path, int flags, struct error *error)
{
	struct catalog *catalog = calloc(1, sizeof *catalog);
	if (!catalog || !(catalog->path = strdup(path))) {
		catalog_close(catalog);
		error_set(error, ERROR_NO_MEMORY, "Give carouseld more memory.", "out of memory");
		return NULL;
	}
	int result = sqlite3_open_v2(
		path, &catalog->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (result != SQLITE_OK) {
		catalog_fail(catalog, result, error);
		catalog_close(catalog);
		return NULL;
	}
	sqlite3_busy_handler(catalog->db, wait_for_lock, catalog);
	protect(catalog, true);
	return catalog;
}

static bool check_writable(struct catalog *catalog, struct error *error)
{
	/* SQLite silently falls back to reading. */
	return !sqlite3_db_readonly(catalog->db, "main") ||
	       catalog_fail(catalog, SQLITE_READONLY, error);
}

/* The first finding, without the heading that may stand in a line before it. */
static const char *first_finding(const char *text)
{
	const char *end = strncmp(text, "***", 3) == 0 ? strchr(text, '\n') : NULL;
	return end ? end + 1 : text;
}

static bool check_integrity(struct catalog *catalog, struct error *error)
{
	static const char quick_check[] = "PRAGMA quick_check(1)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, quick_check);
	const char *text = query_row(&q) ? (const char *)sqlite3_column_text(q.statement, 0) : "ok";
	if (text && strcmp(text, "ok") != 0)
		return error_set(error, ERROR_CATALOG_DAMAGED, meaning_of(SQLITE_CORRUPT)->remedy,
			"catalog %s is damaged: %s", catalog->path, first_finding(text));
	return query_ok(&q, error);
}

static bool use_write_ahead_log(struct catalog *catalog, struct error *error)
{
	static const char journal_mode[] = "PRAGMA journal_mode = WAL";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, journal_mode);
	if (query_row(&q) && strcmp((const char *)sqlite3_column_text(q.statement, 0), "wal") != 0)
		return error_set(error, ERROR_CATALOG,
			"Put state_dir on a local file system with shared memory maps.",
			"catalog %s: its file system cannot keep a write-ahead log", catalog->path);
	return query_ok(&q, error);
}

/* What is acknowledged is on the disc: synchronous FULL waits for the log at every commit. */
static bool configure(struct catalog *catalog, struct error *error)
{
	static const char settings[] = "PRAGMA foreign_keys = ON;"
				       "PRAGMA synchronous = FULL;"
				       "PRAGMA trusted_schema = OFF;";
	int result = sqlite3_exec(catalog->db, settings, NULL, NULL, NULL);
	return result == SQLITE_OK || catalog_fail(catalog, result, error);
}

static struct catalog *close_on_failure(struct catalog *catalog, bool ok)
{
	if (ok)
		return catalog;
	catalog_close(catalog);
	return NULL;
}

static struct catalog *open_for_writing(const char *path, bool trusted, struct error *error)
{
	int schema;
	if (!private_file_make(path, error))
		return NULL;
	struct catalog *catalog = connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
	if (!catalog)
		return NULL;
	bool ok = text_define(catalog, error) &&
		  catalog_schema_check(catalog, catalog_schema, &schema, error) &&
		  (trusted || check_integrity(catalog, error)) && check_writable(catalog, error);
	if (ok)
		protect(catalog, false);
	ok = ok && use_write_ahead_log(catalog, error) && configure(catalog, error) &&
	     catalog_migrate(catalog, catalog_migrations, catalog_schema, error);
	catalog->current = ok;
	return close_on_failure(catalog, ok);
}

struct catalog *catalog_open(const char *path, struct error *error)
{
	return open_for_writing(path, false, error);
}

struct catalog *catalog_open_trusted(const char *path, struct error *error)
{
	return open_for_writing(path, true, error);
}

struct catalog *catalog_open_reader(const char *path, struct error *error)
{
	int schema;
	struct catalog *catalog = connect(path, SQLITE_OPEN_READONLY, error);
	if (!catalog)
		return NULL;
	bool ok = text_define(catalog, error) &&
		  catalog_schema_check(catalog, catalog_schema, &schema, error);
	if (ok && schema != catalog_schema)
		ok = error_set(error, ERROR_CATALOG, "Open it for writing first.",
			"catalog %s has schema %d, not yet %d", path, schema, catalog_schema);
	return close_on_failure(catalog, ok && configure(catalog, error));
}

static int has_ended(void *context)
{
	const struct catalog *catalog = context;
	return !catalog->goes_on(catalog->goes_on_context);
}

void catalog_ask(struct catalog *catalog, bool (*goes_on)(void *context), void *context)
{
	enum { STEPS = 1000 }; /* of SQLite's virtual machine between two questions */
	catalog->goes_on = goes_on;
	catalog->goes_on_context = context;
	sqlite3_progress_handler(catalog->db, STEPS, goes_on ? has_ended : NULL, catalog);
}

static int is_cancelled(void *context)
{
	const atomic_bool *cancel = context;
	return atomic_load(cancel);
}

bool catalog_check(const char *path, const atomic_bool *cancel, struct error *error)
{
	enum { STEPS = 10000 }; /* of SQLite's virtual machine between two looks */
	int schema;
	struct catalog *catalog = connect(path, SQLITE_OPEN_READONLY, error);
	if (catalog && cancel)
		sqlite3_progress_handler(
			catalog->db, STEPS, is_cancelled, (void *)(uintptr_t)cancel);
	bool ok = catalog && catalog_schema_check(catalog, catalog_schema, &schema, error) &&
		  check_integrity(catalog, error);
	catalog_close(catalog);
	if (!ok && cancel && atomic_load(cancel))
		return error_set(error, ERROR_CANCELLED, "Check it again.",
			"the check of catalog %s was ended", path);
	return ok;
}

void catalog_close(struct catalog *catalog)
{
	if (!catalog)
		return;
	for (unsigned i = 0; i < catalog->statement_count; i++)
		sqlite3_finalize(catalog->statements[i].statement);
	sqlite3_close(catalog->db);
	free(catalog->counted.key);
	free(catalog->path);
	free(catalog);
}
