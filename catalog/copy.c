/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of the catalog while others use it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "database.h"
#include "util/cleanup.h"

/* Between two steps others write; 256 KiB take less than a millisecond. */
enum { PAGES_PER_STEP = 64, BUSY_WAIT_MS = 20 };

static void close_database(sqlite3 **db)
{
	sqlite3_close(*db);
}

/* Nobody else may read it, ever: it has secrets. */
static bool make_file(const char *path, struct error *error)
{
	_cleanup_close_ int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd >= 0)
		return true;
	if (errno == EEXIST)
		return error_set(error, ERROR_EXISTS, "Choose another name, or remove it first.",
			"%.250s exists already", path);
	return error_set(error, ERROR_PERMISSION,
		"Choose a directory that exists and that carouseld may write in.",
		"cannot make %.250s: %s", path, strerror(errno));
}

/* As long as it lasts, what others write is not seen: the copy is of this instant. */
static bool hold_still(struct catalog *from, struct error *error)
{
	int result = sqlite3_exec(from->db, "BEGIN; SELECT count(*) FROM drives", NULL, NULL, NULL);
	return result == SQLITE_OK || catalog_fail(from, result, error);
}

static bool copy(struct catalog *from, sqlite3 *to, bool (*pause)(void *context), void *context,
	struct error *error)
{
	int result = SQLITE_OK;
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from->db, "main");
	if (!backup)
		return catalog_fail(from, sqlite3_extended_errcode(to), error);
	bool go_on = true;
	while (go_on && (result = sqlite3_backup_step(backup, PAGES_PER_STEP)) != SQLITE_DONE) {
		if (result == SQLITE_BUSY || result == SQLITE_LOCKED)
			sqlite3_sleep(BUSY_WAIT_MS);
		else if (result != SQLITE_OK)
			break;
		go_on = !pause || pause(context);
	}
	sqlite3_backup_finish(backup);
	if (!go_on)
		return error_set(error, ERROR_STOPPING, "Try again when the daemon is back.",
			"the copy was given up");
	return result == SQLITE_DONE || catalog_fail(from, result, error);
}

/* One file, which may also be read where nobody may write. */
static bool close_log(struct catalog *from, sqlite3 *to, struct error *error)
{
	int result = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	return result == SQLITE_OK || catalog_fail(from, result, error);
}

static bool copy_into(struct catalog *from, const char *path, bool (*pause)(void *context),
	void *context, struct error *error)
{
	_cleanup_(close_database) sqlite3 *to = NULL;
	int result = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);
	if (result != SQLITE_OK)
		return error_set(error, ERROR_CATALOG, "Look at the file system that it is on.",
			"cannot write %.250s: %s", path, sqlite3_errstr(result));
	return copy(from, to, pause, context, error) && close_log(from, to, error);
}

bool catalog_copy(const char *path, const char *to, bool (*pause)(void *context), void *context,
	struct error *error)
{
	struct catalog *from = catalog_open_reader(path, error);
	if (!from)
		return false;
	bool made = hold_still(from, error) && make_file(to, error);
	bool ok = made && copy_into(from, to, pause, context, error);
	catalog_close(from);
	if (made && !ok)
		unlink(to);
	return ok;
}
