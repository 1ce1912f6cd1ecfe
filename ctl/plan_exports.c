/* SPDX-License-Identifier: Apache-2.0 */
/* Exports, which are what the file says of them and nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "plan.h"
#include "secret.h"

enum { TEXT_MAX = 512, LUN_NUMBER_MAX = 16383, SECRET_PATH_MAX = 4096 };

/* ---- LUNs ------------------------------------------------------------------------------------
 */

static bool has_lun(const json_t *luns, long long number)
{
	size_t i;
	json_t *lun;
	json_array_foreach(luns, i, lun) if (number_of(lun, "lun") == number) return true;
	return false;
}

/* Drives that will be there when the plan is done. */
static bool will_be(const struct plan *plan, const char *drive)
{
	if (declared_find(plan->declared->drives, drive))
		return true;
	return declared_find(plan->drives, drive) && !(plan->cli->options & OPTION_PRUNE);
}

/* "3:dvd0", or "dvd0" with the first number that is free. */
static enum exit_code add_lun(
	const struct plan *plan, const json_t *table, json_t *luns, const char *text)
{
	const char *colon = strchr(text, ':'), *drive = colon ? colon + 1 : text;
	char *end = NULL;
	long long number = 0;
	while (!colon && has_lun(luns, number))
		number++;
	if (colon)
		number = strtoll(text, &end, 10);
	if (colon && (end != colon || *text < '0' || *text > '9' || number > LUN_NUMBER_MAX))
		return declared_refuse(plan->declared, table, "luns",
			"Use \"DRIVE\" or \"LUN:DRIVE\" with a LUN of 0 to 16383.",
			"\"%.64s\" is no LUN", text);
	if (has_lun(luns, number))
		return declared_refuse(plan->declared, table, "luns", "Use another number.",
			"LUN %lld comes twice", number);
	if (!will_be(plan, drive))
		return declared_refuse(plan->declared, table, "luns",
			"Add [[drive]] for it, or take it out.", "there is no drive \"%.64s\"",
			drive);
	json_array_append_new(
		luns, json_pack("{s:I, s:s}", "lun", (json_int_t)number, "drive", drive));
	return EXIT_OK;
}

static int compare_luns(const void *a, const void *b)
{
	long long one = number_of(*(json_t *const *)a, "lun");
	long long other = number_of(*(json_t *const *)b, "lun");
	return one < other ? -1 : one > other;
}

/* Ascending, as the API has them. Steals `luns`. */
static json_t *sort_luns(json_t *luns)
{
	size_t count = json_array_size(luns);
	json_t *sorted = json_array(), **all = calloc(count ? count : 1, sizeof *all);
	for (size_t i = 0; all && i < count; i++)
		all[i] = json_array_get(luns, i);
	if (all)
		qsort(all, count, sizeof *all, compare_luns);
	for (size_t i = 0; all && i < count; i++)
		json_array_append(sorted, all[i]);
	free(all);
	json_decref(luns);
	return sorted;
}

static enum exit_code put_luns(const struct plan *plan, const json_t *table, json_t *body)
{
	json_t *luns = json_array(), *text;
	enum exit_code code = EXIT_OK;
	size_t i;
	/* Those with numbers first: the others take what is left. */
	for (int pass = 0; pass < 2; pass++)
		json_array_foreach(json_object_get(table, "luns"), i, text)
		{
			const char *word = json_string_value(text);
			if (!code && (strchr(word, ':') == NULL) == (pass == 1))
				code = add_lun(plan, table, luns, word);
		}
	json_object_set_new(body, "luns", sort_luns(luns));
	return code;
}

/* ---- CHAP ------------------------------------------------------------------------------------
 */

struct chap {
	const char *member, *user, *file;
};

static const struct chap chap = {"chap", "chap_user", "chap_secret_file"};
static const struct chap mutual = {"mutual_chap", "mutual_user", "mutual_secret_file"};

/* Beside the file that names it, unless it says from the root on. */
static const char *secret_path(
	const struct declared *declared, const char *file, char ret[SECRET_PATH_MAX])
{
	const char *slash = strrchr(declared->path, '/');
	int length = *file != '/' && slash ? (int)(slash - declared->path) + 1 : 0;
	snprintf(ret, SECRET_PATH_MAX, "%.*s%s", length, declared->path, file);
	return ret;
}

static enum exit_code read_secret(
	const struct plan *plan, const json_t *table, const struct chap *which, json_t *object)
{
	char path[SECRET_PATH_MAX], secret[SECRET_MAX];
	struct error error;
	const char *file = declared_text(table, which->file);
	if (!strcmp(file, "-"))
		return declared_refuse(plan->declared, table, which->file, "Name a file.",
			"a secret cannot come from stdin here");
	enum exit_code code = secret_try(
		secret_path(plan->declared, file, path), text_of(object, "user"), secret, &error);
	if (code)
		declared_refuse(
			plan->declared, table, which->file, error.remedy, "%s", error.sentence);
	else if (json_object_set_new(object, "secret", json_string(secret)))
		code = declared_refuse(plan->declared, table, which->file, "Use another.",
			"the secret in %s is not UTF-8", path);
	explicit_bzero(secret, sizeof secret);
	return code;
}

static enum exit_code put_chap(const struct plan *plan, const json_t *table, const json_t *now,
	const struct chap *which, json_t *body)
{
	const char *user = declared_text(table, which->user);
	const char *before = text_of(json_object_get(now, which->member), "user");
	bool has_file = declared_text(table, which->file);
	if (!user && has_file)
		return declared_refuse(plan->declared, table, which->file, "Say both.",
			"a secret needs its user, %s", which->user);
	if (!user) {
		json_object_set_new(body, which->member, json_null());
		return EXIT_OK;
	}
	if (!has_file && strcmp(before, user) != 0)
		return declared_refuse(plan->declared, table, which->user, "Say both.",
			"a new user needs a secret, %s", which->file);
	json_t *object = json_pack("{s:s}", "user", user);
	json_object_set_new(body, which->member, object);
	return has_file ? read_secret(plan, table, which, object) : EXIT_OK;
}

/* ---- what is different -----------------------------------------------------------------------
 */

static void copy_list(const json_t *table, const char *key, json_t *body)
{
	json_t *list = json_object_get(table, key);
	json_object_set_new(body, key, list ? json_deep_copy(list) : json_array());
}

static enum exit_code make_body(
	const struct plan *plan, const json_t *table, const json_t *now, json_t *body)
{
	const char *transport = declared_text(table, "transport");
	const char *target = declared_text(table, "target");
	if (transport && strcmp(transport, "portal") != 0 && strcmp(transport, "kernel") != 0)
		return declared_refuse(plan->declared, table, "transport", "Use portal or kernel.",
			"there is no transport \"%.64s\"", transport);
	json_object_set_new(body, "transport", json_string(transport ? transport : "portal"));
	if (target)
		json_object_set_new(body, "target", json_string(target));
	json_object_set_new(
		body, "open", json_boolean(json_is_true(json_object_get(table, "open"))));
	copy_list(table, "initiators", body);
	copy_list(table, "networks", body);
	enum exit_code code = put_luns(plan, table, body);
	if (!code)
		code = put_chap(plan, table, now, &chap, body);
	return code ? code : put_chap(plan, table, now, &mutual, body);
}

static bool differs(const json_t *now, const char *member, const json_t *wanted)
{
	const json_t *there = json_object_get(now, member);
	if (json_object_get(wanted, "user"))
		return strcmp(text_of(there, "user"), text_of(wanted, "user")) != 0;
	return !json_equal(there, wanted);
}

/* "luns, networks"; "" when all is as it shall be. */
static void list_changes(const json_t *now, json_t *body, char ret[TEXT_MAX])
{
	const char *member;
	json_t *wanted;
	size_t length = 0;
	*ret = '\0';
	json_object_foreach(body, member, wanted) if (differs(now, member, wanted)) length +=
		(size_t)snprintf(
			ret + length, TEXT_MAX - length, "%s%s", length ? ", " : "", member);
}

static bool has_secret(const json_t *body)
{
	return json_object_get(json_object_get(body, "chap"), "secret") ||
	       json_object_get(json_object_get(body, "mutual_chap"), "secret");
}

/* "0:dvd0, 1:dvd1". */
static void list_luns(const json_t *body, char ret[TEXT_MAX])
{
	size_t i, length = 0;
	json_t *lun;
	*ret = '\0';
	json_array_foreach(json_object_get(body, "luns"), i, lun) if (length < TEXT_MAX) length +=
		(size_t)snprintf(ret + length, TEXT_MAX - length, "%s%lld:%.64s", i ? ", " : "",
			number_of(lun, "lun"), text_of(lun, "drive"));
}

/* Steals `body`. Secrets are sent again even if nothing else is new: only the daemon can compare.
 */
static void add_export(struct plan *plan, const json_t *table, const json_t *now, json_t *body)
{
	const char *name = text_of(table, "name");
	char what[TEXT_MAX + 128], list[TEXT_MAX];
	if (now)
		list_changes(now, body, list);
	else
		list_luns(body, list);
	snprintf(what, sizeof what, now ? "export %.64s: %s" : "export %.64s (%s)", name, list);
	bool changed = !now || *list;
	if (changed || has_secret(body))
		step_add(plan->steps, &(struct step){.action = now ? "change" : "add",
					      .kind = "export",
					      .name = name,
					      .what = changed ? what : "",
					      .method = "PUT",
					      .before = "/api/v1/exports/",
					      .after = "",
					      .body = json_incref(body),
					      .table = table});
	json_decref(body);
}

static enum exit_code plan_export(struct plan *plan, const json_t *table)
{
	const json_t *now = declared_find(plan->exports, text_of(table, "name"));
	json_t *body = json_object();
	enum exit_code code = make_body(plan, table, now, body);
	if (!code)
		add_export(plan, table, now, body);
	else
		json_decref(body);
	return code;
}

/* ---- all of them -----------------------------------------------------------------------------
 */

static void plan_rest(struct plan *plan)
{
	char what[TEXT_MAX];
	size_t i;
	json_t *export;
	json_array_foreach(plan->exports, i, export)
	{
		const char *name = text_of(export, "name");
		snprintf(what, sizeof what, "export %s", name);
		if (declared_find(plan->declared->exports, name))
			continue;
		if (plan->cli->options & OPTION_PRUNE)
			step_add(plan->steps, &(struct step){.action = "remove",
						      .kind = "export",
						      .name = name,
						      .what = what,
						      .method = "DELETE",
						      .before = "/api/v1/exports/",
						      .after = ""});
		else
			plan_keep(plan, "export", name);
	}
}

enum exit_code plan_exports(struct plan *plan)
{
	size_t i;
	json_t *table;
	json_array_foreach(plan->declared->exports, i, table)
	{
		enum exit_code code = plan_export(plan, table);
		if (code)
			return code;
	}
	plan_rest(plan);
	return EXIT_OK;
}
