/* SPDX-License-Identifier: Apache-2.0 */
/* carousel load, carousel eject. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "drives.h"
#include "interrupt.h"
#include "media.h"
#include "patience.h"

enum { AGAIN_MS = 500 };

/* Says what a drive holds now. Steals `drive`. */
static void report(const struct cli *cli, json_t *drive)
{
	char brief[512], device[DRIVE_TEXT_MAX];
	const json_t *medium = json_object_get(drive, "medium");
	drive_device(cli, drive, device);
	if (cli->json)
		print_json(cli, drive);
	else if (json_is_object(medium))
		tell("%s holds %s%s%s", text_of(drive, "name"),
			medium_brief(medium, brief, sizeof brief), *device ? ", at " : "", device);
	else
		tell("%s is empty", text_of(drive, "name"));
	json_decref(drive);
}

/* ---- which drive --------------------------------------------------------------------------- */

static bool holds_medium(const json_t *drive)
{
	return json_is_object(json_object_get(drive, "medium"));
}

/* The only drive there is, or the only one of those that hold a medium; NULL. */
static const json_t *only_drive(const json_t *drives, bool loaded)
{
	const json_t *found = NULL;
	size_t i;
	json_t *drive;
	json_array_foreach(drives, i, drive)
	{
		if (loaded && !holds_medium(drive))
			continue;
		if (found)
			return NULL;
		found = drive;
	}
	return found;
}

static enum exit_code choose_for_load(const struct cli *cli, char ret[DRIVE_NAME_MAX])
{
	json_t *answer = NULL;
	enum exit_code code = drive_read_all(cli, &answer);
	const json_t *only = only_drive(json_object_get(answer, "items"), false);
	snprintf(ret, DRIVE_NAME_MAX, "%s", only ? text_of(only, "name") : "any");
	json_decref(answer);
	return code;
}

/* "dvd0, dvd2": the drives that hold a medium. */
static void list_loaded(const json_t *drives, char *ret, size_t size)
{
	size_t i, length = 0;
	json_t *drive;
	*ret = '\0';
	json_array_foreach(drives, i, drive) if (holds_medium(drive) && length < size) length +=
		(size_t)snprintf(ret + length, size - length, "%s%s", length ? ", " : "",
			text_of(drive, "name"));
}

/* *ret stays "" when there is nothing to eject. */
static enum exit_code choose_among(const json_t *drives, char ret[DRIVE_NAME_MAX])
{
	char loaded[512];
	const json_t *only = only_drive(drives, false);
	if (!only)
		only = only_drive(drives, true);
	list_loaded(drives, loaded, sizeof loaded);
	if (!only && *loaded)
		return complain(EXIT_USAGE, "Name one: carousel eject DRIVE.",
			"several drives hold a medium: %s", loaded);
	snprintf(ret, DRIVE_NAME_MAX, "%s", only ? text_of(only, "name") : "");
	if (!only)
		tell("every drive is empty");
	return EXIT_OK;
}

static enum exit_code choose_for_eject(const struct cli *cli, char ret[DRIVE_NAME_MAX])
{
	json_t *answer = NULL;
	enum exit_code code = drive_read_all(cli, &answer);
	if (!code)
		code = choose_among(json_object_get(answer, "items"), ret);
	json_decref(answer);
	return code;
}

/* ---- waiting for a drive -------------------------------------------------------------------- */

static bool waits(const struct cli *cli, const struct patience *patience)
{
	return (cli->options & OPTION_WAIT) && !patience_is_over(patience) && !interrupted();
}

/* What the daemon was asked for last it may be doing. */
static enum exit_code leave(enum exit_code code, const char *drive)
{
	if (interrupted())
		complain(code, "See carousel drive show, and say it again if it was not done.",
			"interrupted while %s was waited for", drive);
	interrupt_end();
	return code;
}

/* Who waited and is still refused has run out of time. */
static enum exit_code given_up(const struct cli *cli, enum exit_code code)
{
	return code == EXIT_BUSY && cli->options & OPTION_WAIT ? EXIT_TIMEOUT : code;
}

/* ---- load ---------------------------------------------------------------------------------- */

static enum exit_code put_once(const struct cli *cli, const char *drive, const char *id,
	json_t **ret, struct failure *failure)
{
	char path[CLIENT_PATH_MAX];
	failure->code[0] = failure->sentence[0] = failure->remedy[0] = '\0';
	if (!client_path(path, "/api/v1/drives/", drive, "/medium"))
		return EXIT_USAGE;
	json_t *body = json_pack("{s:s, s:b, s:b}", "medium", id, "replace",
		!!(cli->options & OPTION_REPLACE), "force", !!(cli->options & OPTION_FORCE));
	if (!body)
		return complain(EXIT_USAGE, "Rename it.", "the name of the medium is not UTF-8");
	enum exit_code code = client_try(cli, "PUT", path, body, ret, failure);
	json_decref(body);
	return code;
}

/* With --wait again and again, while the drive is busy. */
static enum exit_code put_medium(const struct cli *cli, const char *drive, const char *id,
	json_t **ret, struct failure *failure)
{
	struct patience patience;
	patience_begin(&patience, cli);
	interrupt_catch();
	enum exit_code code = put_once(cli, drive, id, ret, failure);
	while (code == EXIT_BUSY && waits(cli, &patience)) {
		pause_ms(AGAIN_MS);
		code = put_once(cli, drive, id, ret, failure);
	}
	return code ? leave(given_up(cli, code), drive) : EXIT_OK;
}

static enum exit_code load_file(
	const struct cli *cli, const char *drive, const char *file, json_t **ret)
{
	char id[MEDIUM_ID_MAX];
	struct failure failure;
	enum exit_code code = media_ensure(cli, file, id);
	if (code)
		return code;
	code = put_medium(cli, drive, id, ret, &failure);
	return code ? failure_complain(code, &failure) : EXIT_OK;
}

/* A name from the catalog, or else a file that lies here under this name. */
static enum exit_code load_named(
	const struct cli *cli, const char *drive, const char *name, json_t **ret)
{
	struct failure failure;
	enum exit_code code = put_medium(cli, drive, name, ret, &failure);
	if (code == EXIT_NOT_FOUND && !strcmp(failure.code, "medium_not_found") &&
		!access(name, F_OK))
		return load_file(cli, drive, name, ret);
	return code ? failure_complain(code, &failure) : EXIT_OK;
}

enum exit_code run_load(struct cli *cli)
{
	const char *what = cli->arguments[0];
	char drive[DRIVE_NAME_MAX];
	json_t *answer = NULL;
	enum exit_code code = EXIT_OK;
	if (cli->argument_count > 1)
		code = drive_resolve(cli, cli->arguments[1], drive);
	else
		code = choose_for_load(cli, drive);
	if (!code)
		code = strchr(what, '/') ? load_file(cli, drive, what, &answer)
					 : load_named(cli, drive, what, &answer);
	if (!code)
		report(cli, answer);
	return code;
}

/* ---- eject --------------------------------------------------------------------------------- */

static enum exit_code eject_once(
	const struct cli *cli, const char *drive, json_t **ret, struct failure *failure)
{
	char path[CLIENT_PATH_MAX];
	failure->sentence[0] = failure->remedy[0] = '\0';
	if (!client_path(path, "/api/v1/drives/", drive, "/medium"))
		return EXIT_USAGE;
	if (cli->options & OPTION_FORCE)
		client_query(path, "force", "true");
	return client_try(cli, "DELETE", path, NULL, ret, failure);
}

static enum exit_code eject(const struct cli *cli, const char *drive)
{
	struct patience patience;
	struct failure failure;
	json_t *answer = NULL;
	patience_begin(&patience, cli);
	interrupt_catch();
	enum exit_code code = eject_once(cli, drive, &answer, &failure);
	while (code == EXIT_BUSY && waits(cli, &patience)) {
		pause_ms(AGAIN_MS);
		code = eject_once(cli, drive, &answer, &failure);
	}
	if (code)
		return failure_complain(leave(given_up(cli, code), drive), &failure);
	report(cli, answer);
	return EXIT_OK;
}

enum exit_code run_eject(struct cli *cli)
{
	char drive[DRIVE_NAME_MAX];
	enum exit_code code = cli->argument_count ? drive_resolve(cli, cli->arguments[0], drive)
						  : choose_for_eject(cli, drive);
	bool nothing = !cli->argument_count && !*drive;
	return code || nothing ? code : eject(cli, drive);
}
