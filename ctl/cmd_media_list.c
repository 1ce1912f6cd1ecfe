/* SPDX-License-Identifier: Apache-2.0 */
/* carousel media ls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "human.h"
#include "media.h"
#include "table.h"
#include "tapes.h"

static bool make_path(const struct cli *cli, const struct media_wanted *wanted, const char *cursor,
	char path[CLIENT_PATH_MAX])
{
	const char *tag = option_value(cli, OPTION_TAG), *state = option_value(cli, OPTION_STATE);
	snprintf(path, CLIENT_PATH_MAX, "/api/v1/media?limit=1000");
	return (!wanted->kind || client_query(path, "kind", wanted->kind)) &&
	       (!tag || client_query(path, "tag", tag)) &&
	       (!state || client_query(path, "state", state)) &&
	       (!(cli->options & OPTION_DUPLICATES) || client_query(path, "duplicates", "true")) &&
	       (!wanted->annotated || client_query(path, "annotated", "true")) &&
	       (!wanted->match || client_query(path, "match", wanted->match)) &&
	       (!*cursor || client_query(path, "after", cursor));
}

enum exit_code media_read_pages(const struct cli *cli, const struct media_wanted *wanted,
	void (*take)(void *context, json_t *items), void *context)
{
	char cursor[MEDIUM_ID_MAX] = "", path[CLIENT_PATH_MAX];
	enum exit_code code;
	do {
		json_t *page = NULL;
		if (!make_path(cli, wanted, cursor, path))
			return EXIT_USAGE;
		code = client_call(cli, "GET", path, NULL, &page);
		snprintf(cursor, MEDIUM_ID_MAX, "%s", text_of(page, "next"));
		take(context, json_object_get(page, "items"));
		json_decref(page);
	} while (!code && *cursor);
	return code;
}

static void append(void *context, json_t *items)
{
	json_array_extend(context, items);
}

enum exit_code media_read_all(
	const struct cli *cli, const char *kind, const char *match, json_t **ret)
{
	const struct media_wanted wanted = {
		.kind = *kind ? kind : NULL, .match = *match ? match : NULL};
	json_t *items = json_array();
	enum exit_code code = media_read_pages(cli, &wanted, append, items);
	if (!code)
		*ret = items;
	else
		json_decref(items);
	return code;
}

const char *media_tags_line(const json_t *tags, char ret[MEDIA_TAGS_MAX])
{
	size_t i;
	json_t *tag;
	*ret = '\0';
	json_array_foreach(tags, i, tag)
	{
		size_t length = strlen(ret);
		snprintf(ret + length, MEDIA_TAGS_MAX - length, "%s%s", i ? " " : "",
			json_string_value(tag) ? json_string_value(tag) : "");
	}
	return ret;
}

static void add_row(struct table *table, const json_t *medium)
{
	char size[32], tags[MEDIA_TAGS_MAX];
	table_add(table, text_of(medium, "id"));
	table_add(table, medium_type(medium));
	table_add(table, medium_size(medium, size, sizeof size));
	table_add(table, text_of(medium, "volume_id"));
	table_add(table, text_of(medium, "path"));
	table_add(table, text_of(medium, "fault"));
	table_add(table, text_of(medium, "barcode"));
	table_add(table, text_of(medium, "drive"));
	table_addf(table, "%lld", number_of(medium, "loads"));
	table_add(table, text_of(medium, "state"));
	table_add(table, text_of(medium, "os"));
	table_add(table, media_tags_line(json_object_get(medium, "tags"), tags));
	table_add(table, text_of(medium, "sha256"));
}

static int compare_digests(const void *a, const void *b)
{
	json_t *const *one = a, *const *other = b;
	int order = strcmp(text_of(*one, "sha256"), text_of(*other, "sha256"));
	return order ? order : strcmp(text_of(*one, "id"), text_of(*other, "id"));
}

/* Those with the same bytes side by side; without memory as they are. */
static json_t *by_digest(json_t *media)
{
	size_t count = json_array_size(media);
	json_t **sorted = calloc(count + 1, sizeof *sorted), *ret = json_array();
	if (!sorted || !ret) {
		free(sorted);
		json_decref(ret);
		return json_incref(media);
	}
	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(media, i);
	qsort(sorted, count, sizeof *sorted, compare_digests);
	for (size_t i = 0; i < count; i++)
		json_array_append(ret, sorted[i]);
	free(sorted);
	return ret;
}

/* One line for each set of twins and each of its media: the beginning of a digest tells sets
 * apart. */
static void print_duplicates(const struct cli *cli, const json_t *media)
{
	static const char *const headers[] = {
		"BYTES", "MEDIUM", ">SIZE", "VOLUME", "<FILE", "+TYPE", "+TAGS", "+SHA256", NULL};
	enum { SHOWN = 8 };
	char size[32], tags[MEDIA_TAGS_MAX];
	struct table table;
	size_t i;
	json_t *medium;
	table_init(&table, headers);
	json_array_foreach(media, i, medium)
	{
		table_addf(&table, "%.*s", SHOWN, text_of(medium, "sha256"));
		table_add(&table, text_of(medium, "id"));
		table_add(&table, medium_size(medium, size, sizeof size));
		table_add(&table, text_of(medium, "volume_id"));
		table_add(&table, text_of(medium, "path"));
		table_add(&table, medium_type(medium));
		table_add(&table, media_tags_line(json_object_get(medium, "tags"), tags));
		table_add(&table, text_of(medium, "sha256"));
	}
	table_print(&table, cli);
	table_finish(&table);
}

static void print_media(const struct cli *cli, const json_t *media)
{
	static const char *const headers[] = {"MEDIUM", "TYPE", ">SIZE", "VOLUME", "<FILE", "FAULT",
		"+BARCODE", "+DRIVE", "+>LOADS", "+STATE", "+SYSTEM", "+TAGS", "+SHA256", NULL};
	struct table table;
	size_t i;
	json_t *medium;
	table_init(&table, headers);
	json_array_foreach(media, i, medium) add_row(&table, medium);
	table_print(&table, cli);
	table_finish(&table);
}

static bool join_words(const struct cli *cli, char ret[MEDIA_MATCH_MAX])
{
	size_t length = 0;
	for (int i = 0; i < cli->argument_count; i++) {
		length += (size_t)snprintf(ret + length, MEDIA_MATCH_MAX - length, "%s%s",
			i ? " " : "", cli->arguments[i]);
		if (length >= MEDIA_MATCH_MAX) {
			complain(EXIT_USAGE, "Look for fewer words.",
				"the words have more than %d bytes", MEDIA_MATCH_MAX - 1);
			return false;
		}
	}
	return true;
}

static const char *why_nothing(const struct cli *cli)
{
	if (cli->options & OPTION_DUPLICATES)
		return "None are known to have the same bytes. carousel media verify finds out "
		       "about those without a digest.";
	return cli->argument_count || cli->options
		       ? "No medium matches."
		       : "No media yet: carousel media add FILE|DIRECTORY";
}

static void print_list(const struct cli *cli, const json_t *media)
{
	if (cli->json)
		print_json(cli, media);
	else if (json_array_size(media))
		(cli->options & OPTION_DUPLICATES ? print_duplicates : print_media)(cli, media);
	else
		tell("%s", why_nothing(cli));
}

enum exit_code run_media_list(struct cli *cli)
{
	char match[MEDIA_MATCH_MAX] = "";
	json_t *media = NULL;
	if (!join_words(cli, match))
		return EXIT_USAGE;
	enum exit_code code = media_read_all(cli, "", match, &media);
	if (code)
		return code;
	json_t *shown = cli->options & OPTION_DUPLICATES ? by_digest(media) : json_incref(media);
	print_list(cli, shown);
	json_decref(shown);
	json_decref(media);
	return EXIT_OK;
}
