/* SPDX-License-Identifier: Apache-2.0 */
/* carousel media tag, untag, note, rename; carousel tag ls. */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "table.h"
#include "tapes.h"

/* ---- changing one medium -----------------------------------------------------------------------
 */

/* `body` is taken over. */
static enum exit_code patch(const struct cli *cli, const char *id, json_t *body)
{
	char path[CLIENT_PATH_MAX];
	json_t *answer = NULL;
	if (!body)
		return complain(
			EXIT_USAGE, "Use UTF-8.", "a word on the command line is not UTF-8");
	if (!client_path(path, "/api/v1/media/", id, "")) {
		json_decref(body);
		return EXIT_USAGE;
	}
	enum exit_code code = client_call(cli, "PATCH", path, body, &answer);
	json_decref(body);
	if (!code && cli->json)
		print_json(cli, answer);
	json_decref(answer);
	return code;
}

static bool has_tag(const json_t *tags, const char *tag)
{
	size_t i;
	json_t *one;
	json_array_foreach(tags, i, one) if (!strcmp(json_string_value(one), tag)) return true;
	return false;
}

static bool is_argument(const struct cli *cli, const char *tag)
{
	for (int i = 1; i < cli->argument_count; i++)
		if (!strcmp(cli->arguments[i], tag))
			return true;
	return false;
}

/* With the arguments, or without them; NULL: one is not UTF-8. */
static json_t *changed_tags(const struct cli *cli, const json_t *tags, bool add)
{
	json_t *changed = json_array(), *one;
	size_t i;
	json_array_foreach(tags, i, one) if (add || !is_argument(cli, json_string_value(one)))
		json_array_append(changed, one);
	for (int k = 1; add && k < cli->argument_count; k++) {
		if (has_tag(changed, cli->arguments[k]))
			continue;
		if (json_array_append_new(changed, json_string(cli->arguments[k]))) {
			json_decref(changed);
			return NULL;
		}
	}
	return changed;
}

static enum exit_code change_tags(const struct cli *cli, bool add)
{
	char path[CLIENT_PATH_MAX];
	json_t *medium = NULL;
	if (!client_path(path, "/api/v1/media/", cli->arguments[0], ""))
		return EXIT_USAGE;
	enum exit_code code = client_call(cli, "GET", path, NULL, &medium);
	if (code)
		return code;
	json_t *tags = changed_tags(cli, json_object_get(medium, "tags"), add);
	code = patch(cli, text_of(medium, "id"), tags ? json_pack("{s:o}", "tags", tags) : NULL);
	json_decref(medium);
	return code;
}

enum exit_code run_media_tag(struct cli *cli)
{
	return change_tags(cli, true);
}

enum exit_code run_media_untag(struct cli *cli)
{
	return change_tags(cli, false);
}

enum exit_code run_media_note(struct cli *cli)
{
	const char *notes = cli->argument_count > 1 ? cli->arguments[1] : "";
	return patch(cli, cli->arguments[0], json_pack("{s:s}", "notes", notes));
}

enum exit_code run_media_rename(struct cli *cli)
{
	return patch(cli, cli->arguments[0], json_pack("{s:s}", "id", cli->arguments[1]));
}

/* ---- all tags ----------------------------------------------------------------------------------
 */

enum exit_code run_tag_list(struct cli *cli)
{
	static const char *const headers[] = {"TAG", ">MEDIA", NULL};
	json_t *answer = NULL, *tag;
	struct table table;
	size_t i;
	enum exit_code code = client_list(cli, "/api/v1/tags", &answer);
	const json_t *tags = json_object_get(answer, "items");
	if (!code && cli->json)
		print_json(cli, tags);
	else if (!code && json_array_size(tags)) {
		table_init(&table, headers);
		json_array_foreach(tags, i, tag)
		{
			table_add(&table, text_of(tag, "tag"));
			table_addf(&table, "%lld", number_of(tag, "media"));
		}
		table_print(&table, cli);
		table_finish(&table);
	} else if (!code)
		tell("No medium has a tag yet: carousel media tag MEDIUM TAG");
	json_decref(answer);
	return code;
}
