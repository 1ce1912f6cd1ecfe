/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon knows: drives, hosts that have not noticed, exports. */
#include <string.h>
#include <time.h>

#include "client.h"
#include "doctor.h"
#include "shell.h"

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
	found(findings, DOCTOR_NOTE, text_of(drive, "name"), "On that host, if it runs Linux:",
		"the host %s has not noticed the last change: it does not poll the drive",
		text_of(host, "name"));
	mend(findings, "echo 2000 >/sys/module/block/parameters/events_dfl_poll_msecs");
}

static void look_at_tape(struct findings *findings, const json_t *drive)
{
	const json_t *tape = json_object_get(drive, "tape");
	if (!is_set(tape, "damaged"))
		return;
	char path[DOCTOR_TEXT_MAX - 128];
	found(findings, DOCTOR_WARNING, text_of(drive, "name"), NULL,
		"the tape in it is damaged from object %lld on", number_of(tape, "damaged_object"));
	mend(findings, "carousel eject %.60s; carousel tape verify %s", text_of(drive, "name"),
		shell_quote(text_of(json_object_get(drive, "medium"), "path"), path, sizeof path));
}

static void tell_failure(struct findings *findings, const json_t *drive)
{
	const char *name = text_of(drive, "name");
	found(findings, DOCTOR_PROBLEM, name, NULL, "%s", text_of(drive, "failure"));
	mend(findings, "carousel drive show %s", name);
}

static void look_at_drive(struct findings *findings, const json_t *drive)
{
	size_t i;
	json_t *host;
	if (!is_null_or_empty(drive, "failure"))
		tell_failure(findings, drive);
	look_at_tape(findings, drive);
	json_array_foreach(json_object_get(drive, "hosts"), i, host)
		look_at_host(findings, drive, host);
}

static json_t *look_at_drives(
	struct findings *findings, const struct cli *cli, struct daemon_said *said)
{
	size_t i;
	json_t *answer = NULL, *drive;
	struct failure failure;
	if (client_list_try(cli, "/api/v1/drives", &answer, &failure))
		return NULL;
	json_t *drives = json_object_get(answer, "items");
	json_array_foreach(drives, i, drive)
	{
		look_at_drive(findings, drive);
		said->nexuses += (unsigned)json_array_size(json_object_get(drive, "hosts"));
	}
	said->drives = (unsigned)json_array_size(drives);
	if (said->drives == 0) {
		found(findings, DOCTOR_NOTE, "drives", NULL, "there are none");
		mend(findings, "carousel drive add dvd0");
	}
	return answer;
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

static void look_at_export(struct findings *findings, const json_t *export)
{
	if (is_null_or_empty(export, "warning"))
		return;
	found(findings, DOCTOR_WARNING, text_of(export, "name"), NULL, "%s",
		text_of(export, "warning"));
	mend(findings, "carousel export show %s", text_of(export, "name"));
}

static json_t *look_at_exports(
	struct findings *findings, const struct cli *cli, const json_t *health)
{
	size_t i;
	json_t *answer = NULL, *export;
	struct failure failure;
	if (client_list_try(cli, "/api/v1/exports", &answer, &failure))
		return NULL;
	json_t *exports = json_object_get(answer, "items");
	if (any_of_portal(exports) && json_array_size(json_object_get(health, "portal")) == 0) {
		found(findings, DOCTOR_PROBLEM, "portal",
			"Set listen in section [portal] of the configuration, and then:",
			"there is none, so nobody can log in to the exports");
		mend(findings, "systemctl restart carouseld");
	}
	json_array_foreach(exports, i, export) look_at_export(findings, export);
	return answer;
}

/* ---- the daemon ---------------------------------------------------------------------------------
 */

static void look_at_health(struct findings *findings, const json_t *health)
{
	bool uses_kernel = !strcmp(text_of(health, "transport"), "target_core_user");
	found(findings, DOCTOR_FINE, "carouseld", NULL, "version %s answers",
		text_of(health, "version"));
	if (uses_kernel)
		found(findings, DOCTOR_FINE, "carouseld", NULL, "it uses the kernel target");
	else
		found(findings, DOCTOR_NOTE, "carouseld", NULL,
			"it shows no drive to this machine: %s", text_of(health, "transport"));
	if (is_null_or_empty(health, "warning"))
		return;
	found(findings, DOCTOR_WARNING, "carouseld", NULL, "a device of another program: %s",
		text_of(health, "warning"));
	mend(findings, "carousel status");
}

void doctor_daemon(struct findings *findings, const struct cli *cli, struct daemon_said *ret)
{
	json_t *health = NULL;
	struct failure failure;
	*ret = (struct daemon_said){0};
	enum exit_code code = client_try(cli, "GET", "/api/v1/status", NULL, &health, &failure);
	if (code == EXIT_AUTH && !cli->url) {
		not_looked_at(findings, "carouseld", failure.sentence);
		return;
	}
	if (code != EXIT_OK) {
		found(findings, DOCTOR_PROBLEM, "carouseld", failure.remedy, "%s",
			failure.sentence);
		if (code == EXIT_UNREACHABLE && !cli->url)
			mend(findings, "systemctl start carouseld");
		return;
	}
	ret->answers = true;
	ret->uses_kernel = !strcmp(text_of(health, "transport"), "target_core_user");
	look_at_health(findings, health);
	doctor_certificate(findings, health, time(NULL));
	doctor_pools(findings, health);
	ret->drives_answer = look_at_drives(findings, cli, ret);
	ret->exports_answer = look_at_exports(findings, cli, health);
	json_decref(health);
}

void daemon_said_finish(struct daemon_said *said)
{
	json_decref(said->drives_answer);
	json_decref(said->exports_answer);
	*said = (struct daemon_said){0};
}
