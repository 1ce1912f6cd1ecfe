/* SPDX-License-Identifier: Apache-2.0 */
/* carousel backup, carousel restore. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "human.h"
#include "interrupt.h"
#include "new_file.h"
#include "util/cleanup.h"

/* ---- backup --------------------------------------------------------------------------------- */

/* In a directory a name of its own, of the time. */
static void choose_path(const char *word, char ret[PATH_MAX])
{
	struct stat st;
	struct tm tm;
	char when[32];
	time_t now = time(NULL);
	strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	if (stat(word, &st) == 0 && S_ISDIR(st.st_mode))
		snprintf(ret, PATH_MAX, "%s/carousel-%s.db", word, when);
	else
		snprintf(ret, PATH_MAX, "%s", word);
}

static enum exit_code refuse(const struct error *error)
{
	return complain(EXIT_FAILED, error->remedy, "%s", error->sentence);
}

/* Nobody else may read it: it has secrets. */
static enum exit_code download(const struct cli *cli, struct new_file *file, long long *ret_bytes)
{
	struct failure failure;
	struct error error;
	_cleanup_close_ int fd = -1;
	umask(0077);
	interrupt_catch();
	fd = open(file->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		error_set(&error, ERROR_PERMISSION, "Choose a directory that you may write in.",
			"cannot make %.250s: %s", file->temporary, strerror(errno));
	new_file_made(file, fd >= 0, &error);
	if (fd < 0)
		return refuse(&error);
	enum exit_code code = client_download(cli, "/api/v1/backup", fd, ret_bytes, &failure);
	if (code)
		return failure_complain(code, &failure);
	if (fsync(fd) < 0)
		return complain(EXIT_FAILED, "Make room for it.", "cannot write %s: %s", file->path,
			strerror(errno));
	return EXIT_OK;
}

/* Half a catalog would be taken for one some day. */
static enum exit_code give_up(struct new_file *file, enum exit_code code)
{
	if (interrupted())
		complain(code, "Make it again.", "interrupted: %s was not made", file->path);
	new_file_discard(file);
	interrupt_end();
	return code;
}

static void report(const struct cli *cli, const char *path, long long bytes)
{
	char size[32];
	if (cli->json) {
		json_t *answer = json_pack("{s:s, s:I}", "file", path, "bytes", (json_int_t)bytes);
		print_json(cli, answer);
		json_decref(answer);
		return;
	}
	tell("%s has the catalog (%s): drives, exports and their secrets, media, tags, history",
		path, human_size(bytes, size, sizeof size));
	tell("Images and tapes themselves are not in it: back up their directories, too.");
}

enum exit_code run_backup(struct cli *cli)
{
	char path[PATH_MAX];
	struct new_file file;
	struct error error;
	long long bytes = 0;
	if (!strcmp(cli->arguments[0], "-"))
		return complain(EXIT_USAGE, "Name a file; ./- is one of that name.",
			"a backup is not written to stdout");
	choose_path(cli->arguments[0], path);
	if (!new_file_begin(&file, path, &error))
		return refuse(&error);
	enum exit_code code = download(cli, &file, &bytes);
	if (code)
		return give_up(&file, code);
	if (!new_file_keep(&file, &error))
		return refuse(&error);
	report(cli, path, bytes);
	return EXIT_OK;
}

/* ---- restore -------------------------------------------------------------------------------- */

/* Daemons are where only root looks by itself. */
static void widen_path(void)
{
	const char *path = getenv("PATH");
	_cleanup_free_ char *wide = NULL;
	if (asprintf(&wide, "%s:/usr/local/sbin:/usr/sbin:/sbin", path ? path : "/usr/bin") >= 0)
		setenv("PATH", wide, 1);
}

/* The catalog is the daemon's: its own program puts it back, with what it knows of catalogs. */
enum exit_code run_restore(struct cli *cli)
{
	const char *config = option_value(cli, OPTION_CONFIG);
	if (cli->url)
		return complain(EXIT_USAGE, "Run it where carouseld is.",
			"a catalog is restored on its own machine");
	widen_path();
	if (config)
		execlp("carouseld", "carouseld", "--restore", cli->arguments[0], "-c", config,
			(char *)NULL);
	else
		execlp("carouseld", "carouseld", "--restore", cli->arguments[0], (char *)NULL);
	return complain(EXIT_NOT_FOUND, "Install carouseld, or add it to PATH.",
		"cannot run carouseld: %s", strerror(errno));
}
