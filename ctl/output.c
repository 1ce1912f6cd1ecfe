/* SPDX-License-Identifier: Apache-2.0 */
/* What programs read: -o json, jsonl and name. */
#include <stdio.h>

#include "cli.h"
#include "human.h"
#include "util/cleanup.h"

enum { FLAGS = JSON_REAL_PRECISION(9) };

static void print_whole(const json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2) | FLAGS);
	putchar('\n');
}

static void print_line(const json_t *value)
{
	json_dumpf(value, stdout, JSON_COMPACT | JSON_ENCODE_ANY | FLAGS);
	putchar('\n');
}

/* What the thing is called where it is asked for again; NULL: it has no name. */
static const json_t *name_of(const json_t *item)
{
	static const char *const names[] = {"name", "initiator", "id", "tag", "file"};
	if (!json_is_object(item))
		return item;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (json_object_get(item, names[i]))
			return json_object_get(item, names[i]);
	return NULL;
}

static void print_name(const json_t *item)
{
	const json_t *name = name_of(item);
	if (json_is_integer(name))
		printf("%" JSON_INTEGER_FORMAT "\n", json_integer_value(name));
	if (!json_is_string(name))
		return;
	_cleanup_free_ char *clean = human_printable(json_string_value(name));
	puts(clean ? clean : "");
}

static void print_each(const json_t *value, void (*print)(const json_t *item))
{
	size_t i;
	json_t *item;
	json_array_foreach(value, i, item) print(item);
	if (!json_is_array(value))
		print(value);
}

/* Tapes that were made are a list within the answer. */
static const json_t *named_items(const json_t *value)
{
	const json_t *media = json_object_get(value, "media");
	return json_is_array(media) && !name_of(value) ? media : value;
}

void print_json(const struct cli *cli, const json_t *value)
{
	if (cli->output == OUTPUT_NAME)
		print_each(named_items(value), print_name);
	else if (cli->output == OUTPUT_JSONL)
		print_each(value, print_line);
	else
		print_whole(value);
}
