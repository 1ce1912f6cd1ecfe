/* SPDX-License-Identifier: Apache-2.0 */
/* carousel export ls, show, rm. */
#include <stdio.h>
#include <string.h>

#include "attach.h"
#include "exports.h"
#include "names.h"
#include "table.h"

enum { TEXT_MAX = 512, EXPORT_NAME_MAX = 256 };

static enum exit_code resolve(const struct cli *cli, const char *word, char ret[EXPORT_NAME_MAX])
{
	json_t *answer = NULL;
	enum exit_code code = client_list(cli, "/api/v1/exports", &answer);
	if (!code)
		code = name_resolve(
			json_object_get(answer, "items"), "exports", word, ret, EXPORT_NAME_MAX);
	json_decref(answer);
	return code;
}

enum exit_code export_read(const struct cli *cli, const char *name, json_t **ret)
{
	char path[CLIENT_PATH_MAX], whole[EXPORT_NAME_MAX];
	enum exit_code code = resolve(cli, name, whole);
	if (code)
		return code;
	if (!client_path(path, "/api/v1/exports/", whole, ""))
		return EXIT_USAGE;
	return client_call(cli, "GET", path, NULL, ret);
}

const char *closed_sessions(const json_t *export, char ret[SESSIONS_TEXT_MAX])
{
	long long count = number_of(export, "session_count");
	*ret = '\0';
	if (count)
		snprintf(ret, SESSIONS_TEXT_MAX, "%lld session%s", count, count == 1 ? "" : "s");
	return ret;
}

static bool of_kernel(const json_t *export)
{
	return !strcmp(text_of(export, "transport"), "kernel");
}

/* ---- ls ------------------------------------------------------------------------------------ */

static size_t append(char text[TEXT_MAX], size_t length, const char *more)
{
	if (length < TEXT_MAX)
		length += (size_t)snprintf(
			text + length, TEXT_MAX - length, "%s%s", length ? ", " : "", more);
	return length;
}

/* "0:dvd0, 1:dvd1, 2:dvd2 and 5 more". */
static const char *luns_brief(const json_t *export, char ret[TEXT_MAX])
{
	enum { SHOWN_MAX = 3 };
	const json_t *luns = json_object_get(export, "luns");
	size_t i, length = 0, count = json_array_size(luns);
	json_t *lun;
	*ret = '\0';
	json_array_foreach(luns, i, lun)
	{
		char one[128];
		snprintf(one, sizeof one, "%lld:%.100s", number_of(lun, "lun"),
			text_of(lun, "drive"));
		if (i < SHOWN_MAX)
			length = append(ret, length, one);
	}
	if (count > SHOWN_MAX && length < TEXT_MAX)
		snprintf(ret + length, TEXT_MAX - length, " and %zu more", count - SHOWN_MAX);
	return ret;
}

static size_t append_count(char text[TEXT_MAX], size_t length, size_t count, const char *what)
{
	char one[64];
	snprintf(one, sizeof one, "%zu %s%s", count, what, count == 1 ? "" : "s");
	return count ? append(text, length, one) : length;
}

/* "1 initiator, 2 networks, CHAP"; "all". */
static const char *access_brief(const json_t *export, char ret[TEXT_MAX])
{
	size_t length = 0;
	*ret = '\0';
	length = append_count(
		ret, length, json_array_size(json_object_get(export, "initiators")), "initiator");
	length = append_count(
		ret, length, json_array_size(json_object_get(export, "networks")), "network");
	if (json_is_object(json_object_get(export, "mutual_chap")))
		length = append(ret, length, "mutual CHAP");
	else if (json_is_object(json_object_get(export, "chap")))
		length = append(ret, length, "CHAP");
	if (!length)
		append(ret, length,
			*text_of(export, "warning") && !of_kernel(export) ? "this machine" : "all");
	return ret;
}

/* "10.0.0.0/8, fd00::/8". */
static const char *list_text(const json_t *list, char ret[TEXT_MAX])
{
	size_t i, length = 0;
	json_t *item;
	*ret = '\0';
	json_array_foreach(list, i, item) length =
		append(ret, length, json_string_value(item) ? json_string_value(item) : "");
	return ret;
}

static void print_all(const struct cli *cli, const json_t *exports)
{
	static const char *const headers[] = {"EXPORT", "BY", "DRIVES", "FOR", ">SESSIONS",
		"<TARGET", "+INITIATORS", "+NETWORKS", NULL};
	struct table table;
	char text[TEXT_MAX];
	size_t i;
	json_t *export;
	table_init(&table, headers);
	json_array_foreach(exports, i, export)
	{
		table_add(&table, text_of(export, "name"));
		table_add(&table, text_of(export, "transport"));
		table_add(&table, luns_brief(export, text));
		table_add(&table, access_brief(export, text));
		table_addf(&table, "%lld", number_of(export, "session_count"));
		table_add(&table, text_of(export, "target"));
		table_add(&table, list_text(json_object_get(export, "initiators"), text));
		table_add(&table, list_text(json_object_get(export, "networks"), text));
	}
	table_print(&table, cli);
	table_finish(&table);
}

enum exit_code run_export_list(struct cli *cli)
{
	json_t *answer = NULL;
	enum exit_code code = client_list(cli, "/api/v1/exports", &answer);
	if (code)
		return code;
	const json_t *exports = json_object_get(answer, "items");
	if (cli->json)
		print_json(cli, exports);
	else if (json_array_size(exports))
		print_all(cli, exports);
	else
		tell("No exports yet: carousel export add NAME DRIVE");
	json_decref(answer);
	return EXIT_OK;
}

/* ---- show ---------------------------------------------------------------------------------- */

static void print_list(const char *label, const json_t *list)
{
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item)
		print_field(i ? "" : label, json_string_value(item) ? json_string_value(item) : "");
	if (!json_array_size(list))
		print_field(label, "any");
}

static void print_luns(const json_t *luns)
{
	size_t i;
	json_t *lun;
	json_array_foreach(luns, i, lun)
	{
		char label[32];
		snprintf(label, sizeof label, "LUN %lld", number_of(lun, "lun"));
		print_field(label, text_of(lun, "drive"));
	}
}

/* Where what shows it listens. */
static const json_t *addresses_of(const json_t *export, const json_t *health)
{
	return json_object_get(health, of_kernel(export) ? "kernel" : "portal");
}

static void print_export(const json_t *export, const json_t *health)
{
	print_field("export", text_of(export, "name"));
	print_field("target", text_of(export, "target"));
	print_list(of_kernel(export) ? "kernel" : "portal", addresses_of(export, health));
	print_luns(json_object_get(export, "luns"));
	print_list("initiators", json_object_get(export, "initiators"));
	print_list("networks", json_object_get(export, "networks"));
	print_field("CHAP", text_of(json_object_get(export, "chap"), "user"));
	print_field("mutual CHAP", text_of(json_object_get(export, "mutual_chap"), "user"));
	print_field("open", is_set(export, "open") ? "yes" : "");
	print_field("warning", text_of(export, "warning"));
}

static enum exit_code read_about(
	const struct cli *cli, const char *name, json_t **ret_health, json_t **ret_sessions)
{
	char path[CLIENT_PATH_MAX];
	enum exit_code code = client_call(cli, "GET", "/api/v1/status", NULL, ret_health);
	if (code)
		return code;
	return client_path(path, "/api/v1/exports/", name, "/sessions")
		       ? client_list(cli, path, ret_sessions)
		       : EXIT_USAGE;
}

/* A drive that has gone meanwhile is none. */
static bool shows_tape(const struct cli *cli, const json_t *export)
{
	char path[CLIENT_PATH_MAX];
	json_t *drive = NULL;
	struct failure failure;
	const json_t *lun = json_array_get(json_object_get(export, "luns"), 0);
	bool tape = lun && client_path(path, "/api/v1/drives/", text_of(lun, "drive"), "") &&
		    !client_try(cli, "GET", path, NULL, &drive, &failure) &&
		    !strcmp(text_of(drive, "kind"), "tape");
	json_decref(drive);
	return tape;
}

static enum exit_code show(const struct cli *cli, const json_t *export)
{
	json_t *health = NULL, *answer = NULL;
	enum exit_code code = read_about(cli, text_of(export, "name"), &health, &answer);
	const json_t *sessions = json_object_get(answer, "items");
	if (!code) {
		print_export(export, health);
		if (json_array_size(sessions)) {
			putchar('\n');
			session_print_all(cli, sessions, true);
		}
		attach_print(export, addresses_of(export, health), shows_tape(cli, export));
	}
	json_decref(health);
	json_decref(answer);
	return code;
}

enum exit_code run_export_show(struct cli *cli)
{
	json_t *export = NULL;
	enum exit_code code = export_read(cli, cli->arguments[0], &export);
	if (!code && cli->json)
		print_json(cli, export);
	else if (!code)
		code = show(cli, export);
	json_decref(export);
	return code;
}

/* ---- rm ------------------------------------------------------------------------------------ */

enum exit_code run_export_remove(struct cli *cli)
{
	char path[CLIENT_PATH_MAX], sessions[SESSIONS_TEXT_MAX];
	json_t *export = NULL, *answer = NULL;
	enum exit_code code = export_read(cli, cli->arguments[0], &export);
	if (!code && client_path(path, "/api/v1/exports/", cli->arguments[0], ""))
		code = client_call(cli, "DELETE", path, NULL, &answer);
	closed_sessions(export, sessions);
	if (!code && !cli->json)
		tell("removed %s%s%s", cli->arguments[0], *sessions ? " and closed " : "",
			sessions);
	json_decref(export);
	json_decref(answer);
	return code;
}
