/* SPDX-License-Identifier: Apache-2.0 */
#include "describe.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "media.h"

/* ---- TOML ------------------------------------------------------------------------------------
 */

/* A basic string; control characters and what turns text around as escapes. */
static void print_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void print_value(const json_t *value)
{
	size_t i;
	json_t *item;
	if (json_is_boolean(value))
		fputs(json_is_true(value) ? "true" : "false", stdout);
	if (json_is_string(value))
		print_text(json_string_value(value));
	if (!json_is_array(value))
		return;
	putchar('[');
	json_array_foreach(value, i, item)
	{
		fputs(i ? ", " : "", stdout);
		print_value(item);
	}
	putchar(']');
}

static void print_table(const char *kind, json_t *table)
{
	static bool any;
	const char *key;
	json_t *value;
	printf("%s[[%s]]\n", any ? "\n" : "", kind);
	any = true;
	json_object_foreach(table, key, value)
	{
		printf("%s = ", key);
		print_value(value);
		putchar('\n');
	}
}

/* ---- what there is ---------------------------------------------------------------------------
 */

static json_t *describe_drive(const json_t *drive)
{
	return json_pack("{s:s, s:s, s:s}", "name", text_of(drive, "name"), "personality",
		text_of(drive, "personality"), "medium",
		text_of(json_object_get(drive, "medium"), "id"));
}

static void put_filled(json_t *table, const char *key, json_t *value)
{
	if (json_array_size(value))
		json_object_set(table, key, value);
}

static json_t *describe_luns(const json_t *export)
{
	json_t *luns = json_array(), *lun;
	size_t i;
	json_array_foreach(json_object_get(export, "luns"), i, lun) json_array_append_new(
		luns, json_sprintf("%lld:%s", number_of(lun, "lun"), text_of(lun, "drive")));
	return luns;
}

/* Secrets are never given out: the file that has them is for the operator to name. */
static void put_user(json_t *table, const json_t *export, const char *member, const char *key)
{
	json_t *user = json_object_get(json_object_get(export, member), "user");
	if (user)
		json_object_set(table, key, user);
}

static json_t *describe_export(const json_t *export)
{
	json_t *table = json_pack("{s:s, s:s, s:s, s:o}", "name", text_of(export, "name"),
		"transport", text_of(export, "transport"), "target", text_of(export, "target"),
		"luns", describe_luns(export));
	put_filled(table, "initiators", json_object_get(export, "initiators"));
	put_filled(table, "networks", json_object_get(export, "networks"));
	if (is_set(export, "open"))
		json_object_set_new(table, "open", json_true());
	put_user(table, export, "chap", "chap_user");
	put_user(table, export, "mutual_chap", "mutual_user");
	return table;
}

static json_t *describe_medium(const json_t *medium)
{
	const char *notes = text_of(medium, "notes");
	json_t *table = json_pack("{s:s}", "name", text_of(medium, "id"));
	put_filled(table, "tags", json_object_get(medium, "tags"));
	if (*notes)
		json_object_set_new(table, "notes", json_string(notes));
	return table;
}

static void append_media(void *context, json_t *items)
{
	size_t i;
	json_t *medium;
	json_array_foreach(items, i, medium)
		json_array_append_new(context, describe_medium(medium));
}

static json_t *describe_all(const json_t *items, json_t *(*describe)(const json_t *item))
{
	json_t *all = json_array(), *item;
	size_t i;
	json_array_foreach(items, i, item) json_array_append_new(all, describe(item));
	return all;
}

static void print_all(const struct cli *cli, json_t *all)
{
	const char *kind;
	json_t *tables, *table;
	size_t i;
	if (cli->json) {
		print_json(cli, all);
		return;
	}
	json_object_foreach(all, kind, tables) json_array_foreach(tables, i, table)
		print_table(kind, table);
}

enum exit_code describe_library(const struct cli *cli)
{
	/* Media of which nobody said anything are not worth a line. */
	const struct media_wanted annotated = {.annotated = true};
	json_t *drives = NULL, *exports = NULL, *media = json_array();
	enum exit_code code = client_list(cli, "/api/v1/drives", &drives);
	if (!code)
		code = client_list(cli, "/api/v1/exports", &exports);
	if (!code)
		code = media_read_pages(cli, &annotated, append_media, media);
	json_t *all = json_pack("{s:o, s:o, s:o}", "drive",
		describe_all(json_object_get(drives, "items"), describe_drive), "export",
		describe_all(json_object_get(exports, "items"), describe_export), "medium", media);
	if (!code)
		print_all(cli, all);
	json_decref(all);
	json_decref(drives);
	json_decref(exports);
	return code;
}
