/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon knows: drives, hosts that have not noticed, exports, media. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "doctor.h"
#include "drives.h"
#include "shell.h"

enum { TROUBLES_NAMED = 5, PAGE = 500 };

static bool is_null_or_empty(const json_t *object, const char *name)
{
	return !*text_of(object, name);
}

/* ---- drives -------------------------------------------------------------------------------------
 */

static void look_at_host(struct findings *findings, const json_t *drive, const json_t *host)
{
	if (is_set(host, "told"))
		return;
	found(findings, DOCTOR_NOTE, text_of(drive, "name"),
		"On a Linux host: echo 2000 >/sys/module/block/parameters/events_dfl_poll_msecs",
		"the host %s has not noticed the last change: it does not poll the drive",
		text_of(host, "name"));
}

static void look_at_tape(struct findings *findings, const json_t *drive)
{
	const json_t *tape = json_object_get(drive, "tape");
	if (!is_set(tape, "damaged"))
		return;
	char remedy[DOCTOR_TEXT_MAX], path[DOCTOR_TEXT_MAX - 128];
	snprintf(remedy, sizeof remedy, "carousel eject %.60s; carousel tape verify %s",
		text_of(drive, "name"),
		shell_quote(text_of(json_object_get(drive, "medium"), "path"), path, sizeof path));
	found(findings, DOCTOR_WARNING, text_of(drive, "name"), remedy,
		"the tape in it is damaged from object %lld on", number_of(tape, "damaged_object"));
}

static void look_at_drive(struct findings *findings, const json_t *drive)
{
	size_t i;
	json_t *host;
	const char *name = text_of(drive, "name");
	if (!is_null_or_empty(drive, "failure"))
		found(findings, DOCTOR_PROBLEM, name, NULL, "%s", text_of(drive, "failure"));
	look_at_tape(findings, drive);
	json_array_foreach(json_object_get(drive, "hosts"), i, host)
		look_at_host(findings, drive, host);
}

static void look_at_drives(struct findings *findings, const struct cli *cli)
{
	size_t i;
	json_t *answer = NULL, *drive;
	struct failure failure;
	if (client_try(cli, "GET", "/api/v1/drives", NULL, &answer, &failure))
		return;
	json_t *drives = json_object_get(answer, "items");
	json_array_foreach(drives, i, drive) look_at_drive(findings, drive);
	if (json_array_size(drives) == 0)
		found(findings, DOCTOR_NOTE, "drives", "carousel drive add dvd0", "there are none");
	json_decref(answer);
}

/* ---- exports ------------------------------------------------------------------------------------
 */

static bool any_of_portal(const json_t *exports)
{
	size_t i;
	json_t *export;
	json_array_foreach(exports, i,
		export) if (strcmp(text_of(export, "transport"), "kernel") != 0) return true;
	return false;
}

static void look_at_exports(struct findings *findings, const struct cli *cli, const json_t *health)
{
	size_t i;
	json_t *answer = NULL, *export;
	struct failure failure;
	if (client_try(cli, "GET", "/api/v1/exports", NULL, &answer, &failure))
		return;
	json_t *exports = json_object_get(answer, "items");
	if (any_of_portal(exports) && json_array_size(json_object_get(health, "portal")) == 0)
		found(findings, DOCTOR_PROBLEM, "portal",
			"Set listen in section [portal] of /etc/carousel/carousel.conf and restart "
			"carouseld.",
			"there is none, so nobody can log in to the exports");
	json_array_foreach(exports, i, export)
	{
		char remedy[256];
		if (is_null_or_empty(export, "warning"))
			continue;
		snprintf(remedy, sizeof remedy, "carousel export show %s", text_of(export, "name"));
		found(findings, DOCTOR_WARNING, text_of(export, "name"), remedy, "%s",
			text_of(export, "warning"));
	}
	json_decref(answer);
}

/* ---- media --------------------------------------------------------------------------------------
 */

/* "" when the file is there, or when this is not its machine or not ours to see. */
static const char *trouble_of(const struct cli *cli, const json_t *medium)
{
	if (!is_null_or_empty(medium, "fault"))
		return text_of(medium, "fault");
	if (!cli->url && access(text_of(medium, "path"), F_OK) < 0 &&
		(errno == ENOENT || errno == ENOTDIR))
		return "its file is not there any more";
	return "";
}

static void name_trouble(struct findings *findings, const json_t *medium, const char *trouble)
{
	char remedy[DOCTOR_TEXT_MAX], path[DOCTOR_TEXT_MAX - 128];
	snprintf(remedy, sizeof remedy, "carousel media rm %.60s; carousel media add %s",
		text_of(medium, "id"), shell_quote(text_of(medium, "path"), path, sizeof path));
	found(findings, DOCTOR_WARNING, text_of(medium, "id"), remedy, "%s", trouble);
}

/* A page of them; how many are in trouble so far. */
static size_t look_at_page(
	struct findings *findings, const struct cli *cli, const json_t *items, size_t troubles)
{
	size_t i;
	json_t *medium;
	json_array_foreach(items, i, medium)
	{
		const char *trouble = trouble_of(cli, medium);
		if (*trouble && ++troubles <= TROUBLES_NAMED)
			name_trouble(findings, medium, trouble);
	}
	return troubles;
}

/* The first few by name, and how many there are. */
static void look_at_media(struct findings *findings, const struct cli *cli)
{
	char after[256] = "", path[CLIENT_PATH_MAX];
	size_t troubles = 0;
	do {
		json_t *page = NULL;
		struct failure failure;
		snprintf(path, sizeof path, "/api/v1/media?limit=%d", PAGE);
		if ((*after && !client_query(path, "after", after)) ||
			client_try(cli, "GET", path, NULL, &page, &failure))
			return;
		troubles = look_at_page(findings, cli, json_object_get(page, "items"), troubles);
		snprintf(after, sizeof after, "%s", text_of(page, "next"));
		json_decref(page);
	} while (*after);
	if (troubles > TROUBLES_NAMED)
		found(findings, DOCTOR_WARNING, "media", "carousel media ls",
			"%zu in all are changed or gone", troubles);
}

/* ---- the daemon ---------------------------------------------------------------------------------
 */

static bool has_kernel_target(const json_t *health)
{
	return !strcmp(text_of(health, "transport"), "target_core_user");
}

bool doctor_daemon(struct findings *findings, const struct cli *cli, bool *ret_has_portal)
{
	json_t *health = NULL;
	*ret_has_portal = false;
	struct failure failure;
	if (client_try(cli, "GET", "/api/v1/status", NULL, &health, &failure)) {
		found(findings, DOCTOR_PROBLEM, "carouseld", failure.remedy, "%s",
			failure.sentence);
		return false;
	}
	*ret_has_portal = json_array_size(json_object_get(health, "portal")) > 0;
	found(findings, DOCTOR_FINE, "carouseld", NULL,
		"version %s answers, and its catalog is sound", text_of(health, "version"));
	if (has_kernel_target(health))
		found(findings, DOCTOR_FINE, "carouseld", NULL, "it uses the kernel target");
	else
		found(findings, DOCTOR_NOTE, "carouseld", NULL,
			"it shows no drive to this machine: %s", text_of(health, "transport"));
	if (!is_null_or_empty(health, "warning"))
		found(findings, DOCTOR_WARNING, "carouseld", NULL,
			"a device of another program: %s", text_of(health, "warning"));
	look_at_drives(findings, cli);
	look_at_exports(findings, cli, health);
	look_at_media(findings, cli);
	json_decref(health);
	return true;
}
