/* SPDX-License-Identifier: Apache-2.0 */
/* carousel load, carousel eject. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "drives.h"
#include "media.h"

/* Prints the state of a drive after `what` was done to it. Steals `drive`. */
static void report(const struct cli *cli, json_t *drive, const char *what)
{
	char brief[512] = "", device[DRIVE_TEXT_MAX];
	const json_t *medium = json_object_get(drive, "medium");
	if (cli->json) {
		print_json(drive);
	} else {
		if (json_is_object(medium))
			medium_brief(medium, brief, sizeof brief);
		drive_device(cli, drive, device);
		tell("%s: %s%s%s%s%s", text_of(drive, "name"), what, *brief ? " " : "", brief,
			*device ? " at " : "", device);
	}
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

static enum exit_code choose_for_eject(const struct cli *cli, char ret[DRIVE_NAME_MAX])
{
	json_t *answer = NULL;
	enum exit_code code = drive_read_all(cli, &answer);
	const json_t *drives = json_object_get(answer, "items");
	const json_t *only = only_drive(drives, false);
	if (!only)
		only = only_drive(drives, true);
	if (!code && !only)
		code = complain(EXIT_USAGE, "Name it: carousel eject DRIVE.",
			"it is not clear which drive to eject");
	if (only)
		snprintf(ret, DRIVE_NAME_MAX, "%s", text_of(only, "name"));
	json_decref(answer);
	return code;
}

/* ---- load ---------------------------------------------------------------------------------- */

static enum exit_code put_medium(const struct cli *cli, const char *drive, const char *id,
	json_t **ret, struct failure *failure)
{
	char path[CLIENT_PATH_MAX];
	failure->code[0] = '\0';
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

static enum exit_code load_file(const struct cli *cli, const char *drive, const char *file,
	json_t **ret)
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
static enum exit_code load_named(const struct cli *cli, const char *drive, const char *name,
	json_t **ret)
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
		snprintf(drive, sizeof drive, "%s", cli->arguments[1]);
	else
		code = choose_for_load(cli, drive);
	if (!code)
		code = strchr(what, '/') ? load_file(cli, drive, what, &answer)
					 : load_named(cli, drive, what, &answer);
	if (!code)
		report(cli, answer, "loaded");
	return code;
}

/* ---- eject --------------------------------------------------------------------------------- */

enum exit_code run_eject(struct cli *cli)
{
	char drive[DRIVE_NAME_MAX], path[CLIENT_PATH_MAX];
	json_t *answer = NULL;
	enum exit_code code = EXIT_OK;
	if (cli->argument_count)
		snprintf(drive, sizeof drive, "%s", cli->arguments[0]);
	else
		code = choose_for_eject(cli, drive);
	if (code)
		return code;
	if (!client_path(path, "/api/v1/drives/", drive, "/medium"))
		return EXIT_USAGE;
	if (cli->options & OPTION_FORCE)
		client_query(path, "force", "true");
	code = client_call(cli, "DELETE", path, NULL, &answer);
	if (!code)
		report(cli, answer, "empty");
	return code;
}
