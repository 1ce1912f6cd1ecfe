/* SPDX-License-Identifier: Apache-2.0 */
/* Drives, and what is in them: first what goes away, then what comes. */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "plan.h"

enum { WHAT_MAX = 512 };

struct drive_plan {
	struct plan *plan;
	json_t *ejects, *removals, *additions, *loads;
};

static const char *medium_in(const json_t *drive)
{
	return text_of(json_object_get(drive, "medium"), "id");
}

static bool holds_tape(const json_t *drive)
{
	return !strcmp(text_of(json_object_get(drive, "medium"), "kind"), "tape");
}

static bool forced(const struct drive_plan *drives)
{
	return drives->plan->cli->options & OPTION_FORCE;
}

/* ---- steps -----------------------------------------------------------------------------------
 */

static void add_eject(struct drive_plan *drives, const json_t *table, const json_t *drive)
{
	char what[WHAT_MAX];
	snprintf(what, sizeof what, "drive %s: eject %s", text_of(drive, "name"), medium_in(drive));
	step_add(drives->ejects, &(struct step){.action = "change",
					 .kind = "drive",
					 .name = text_of(drive, "name"),
					 .what = what,
					 .method = "DELETE",
					 .before = "/api/v1/drives/",
					 .after = forced(drives) ? "/medium?force=true" : "/medium",
					 .table = table});
}

static void add_removal(struct drive_plan *drives, const json_t *drive)
{
	char what[WHAT_MAX];
	snprintf(what, sizeof what, "drive %s", text_of(drive, "name"));
	if (*medium_in(drive))
		add_eject(drives, NULL, drive);
	step_add(drives->removals, &(struct step){.action = "remove",
					   .kind = "drive",
					   .name = text_of(drive, "name"),
					   .what = what,
					   .method = "DELETE",
					   .before = "/api/v1/drives/",
					   .after = ""});
}

static void add_addition(struct drive_plan *drives, const json_t *table)
{
	char what[WHAT_MAX], path[CLIENT_PATH_MAX] = "/api/v1/drives";
	const char *personality = declared_text(table, "personality");
	snprintf(what, sizeof what, "drive %s (%s)", text_of(table, "name"),
		personality ? personality : "dvd-rom");
	json_array_append_new(drives->additions,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:O, s:{s:s, s:s*, s:O*}}", "action",
			"add", "kind", "drive", "name", text_of(table, "name"), "what", what,
			"method", "POST", "path", path, "table", table, "body", "name",
			text_of(table, "name"), "personality", personality, "loopback",
			json_object_get(table, "loopback")));
}

static void add_load(
	struct drive_plan *drives, const json_t *table, const char *medium, const char *instead)
{
	char what[WHAT_MAX];
	const char *drive = text_of(table, "name");
	snprintf(what, sizeof what, "drive %s: load %s%s%s", drive, medium,
		*instead ? " instead of " : "", instead);
	step_add(drives->loads, &(struct step){.action = "change",
					.kind = "drive",
					.name = drive,
					.what = what,
					.method = "PUT",
					.before = "/api/v1/drives/",
					.after = "/medium",
					.body = json_pack("{s:s, s:b, s:b}", "medium", medium,
						"replace", 1, "force", forced(drives)),
					.table = table});
}

/* ---- what is in them -------------------------------------------------------------------------
 */

/* A tape is in one drive at a time. */
static enum exit_code check_once(
	const struct drive_plan *drives, const json_t *table, const json_t *medium)
{
	size_t i;
	json_t *step;
	if (strcmp(text_of(medium, "kind"), "tape") != 0)
		return EXIT_OK;
	json_array_foreach(drives->loads, i,
		step) if (!strcmp(text_of(json_object_get(step, "body"), "medium"),
				  text_of(medium,
					  "id"))) return declared_refuse(drives->plan->declared,
		table, "medium", "Leave one of them out.", "tape %s is in two drives",
		declared_text(table, "medium"));
	return EXIT_OK;
}

static const char *kind_of(const json_t *table, const json_t *drive)
{
	const char *personality = declared_text(table, "personality");
	if (drive)
		return text_of(drive, "kind");
	return personality && !strncmp(personality, "lto-", 4) ? "tape" : "optical";
}

static enum exit_code check_kind(const struct drive_plan *drives, const json_t *table,
	const json_t *drive, const json_t *medium)
{
	bool takes_tapes = !strcmp(kind_of(table, drive), "tape");
	if (!medium || takes_tapes == !strcmp(text_of(medium, "kind"), "tape"))
		return EXIT_OK;
	return declared_refuse(drives->plan->declared, table, "medium",
		"Use a drive of its kind (carousel drive ls).",
		"drive %s takes a %s, and %s is a %s", text_of(table, "name"),
		takes_tapes ? "tape" : "disc", declared_text(table, "medium"),
		takes_tapes ? "disc" : "tape");
}

static void plan_content(
	struct drive_plan *drives, const json_t *table, const json_t *drive, const char *medium)
{
	const char *now = medium_in(drive);
	bool goes = *now && (!*medium || holds_tape(drive));
	if (!strcmp(now, medium))
		return;
	if (goes)
		add_eject(drives, table, drive);
	if (*medium)
		add_load(drives, table, medium, goes ? "" : now);
}

static enum exit_code plan_medium(
	struct drive_plan *drives, const json_t *table, const json_t *drive)
{
	const char *wanted = declared_text(table, "medium");
	json_t *medium = NULL;
	if (!wanted)
		return EXIT_OK;
	enum exit_code code =
		*wanted ? plan_medium_find(drives->plan, table, "medium", &medium) : EXIT_OK;
	if (!code)
		code = check_kind(drives, table, drive, medium);
	if (!code)
		code = check_once(drives, table, medium);
	if (!code)
		plan_content(drives, table, drive, text_of(medium, "id"));
	json_decref(medium);
	return code;
}

/* ---- all of them -----------------------------------------------------------------------------
 */

static enum exit_code check_personality(
	const struct drive_plan *drives, const json_t *table, const json_t *drive)
{
	const char *wanted = declared_text(table, "personality");
	static const char *const known[] = {"cd-rom", "dvd-rom", "bd-rom", "lto-8"};
	bool is_known = !wanted;
	for (size_t i = 0; wanted && i < sizeof known / sizeof *known; i++)
		is_known |= !strcmp(wanted, known[i]);
	if (!is_known)
		return declared_refuse(drives->plan->declared, table, "personality",
			"Use cd-rom, dvd-rom, bd-rom or lto-8.",
			"\"%.64s\" is no personality of a drive", wanted);
	if (!drive || !wanted || !strcmp(wanted, text_of(drive, "personality")))
		return EXIT_OK;
	return declared_refuse(drives->plan->declared, table, "personality",
		"Give the new one another name, or remove the old one first.",
		"drive %s is there, as %s", text_of(table, "name"), text_of(drive, "personality"));
}

static bool is_ejected(const struct drive_plan *drives, const char *name)
{
	size_t i;
	json_t *step;
	json_array_foreach(
		drives->ejects, i, step) if (!strcmp(text_of(step, "name"), name)) return true;
	return false;
}

/* The tape of a load lies in another drive, and stays there. */
static enum exit_code check_free(const struct drive_plan *drives, const json_t *load)
{
	const json_t *table = json_object_get(load, "table");
	const char *medium = text_of(json_object_get(load, "body"), "medium");
	size_t i;
	json_t *drive;
	json_array_foreach(drives->plan->drives, i, drive)
	{
		const char *name = text_of(drive, "name");
		if (holds_tape(drive) && !strcmp(medium_in(drive), medium) &&
			!is_ejected(drives, name))
			return declared_refuse(drives->plan->declared, table, "medium",
				"Say what is to be in that drive instead, or nothing: medium = "
				"\"\".",
				"tape %s is in drive %s", medium, name);
	}
	return EXIT_OK;
}

static enum exit_code check_loads(const struct drive_plan *drives)
{
	enum exit_code code = EXIT_OK;
	size_t i;
	json_t *load;
	json_array_foreach(drives->loads, i, load) if (!code) code = check_free(drives, load);
	return code;
}

static enum exit_code plan_drive(struct drive_plan *drives, const json_t *table)
{
	const json_t *drive = declared_find(drives->plan->drives, text_of(table, "name"));
	enum exit_code code = check_personality(drives, table, drive);
	if (code)
		return code;
	if (!drive)
		add_addition(drives, table);
	return plan_medium(drives, table, drive);
}

static void plan_rest(struct drive_plan *drives)
{
	struct plan *plan = drives->plan;
	size_t i;
	json_t *drive;
	json_array_foreach(plan->drives, i, drive)
	{
		if (declared_find(plan->declared->drives, text_of(drive, "name")))
			continue;
		if (plan->cli->options & OPTION_PRUNE)
			add_removal(drives, drive);
		else
			plan_keep(plan, "drive", text_of(drive, "name"));
	}
}

enum exit_code plan_drives(struct plan *plan)
{
	struct drive_plan drives = {plan, json_array(), json_array(), json_array(), json_array()};
	json_t *const parts[] = {drives.ejects, drives.removals, drives.additions, drives.loads};
	enum exit_code code = EXIT_OK;
	size_t i;
	json_t *table;
	json_array_foreach(plan->declared->drives, i, table)
	{
		code = plan_drive(&drives, table);
		if (code)
			break;
	}
	if (!code) {
		plan_rest(&drives);
		code = check_loads(&drives);
	}
	for (i = 0; i < sizeof parts / sizeof *parts; i++) {
		json_array_extend(plan->steps, parts[i]);
		json_decref(parts[i]);
	}
	return code;
}
