/* SPDX-License-Identifier: Apache-2.0 */
/* carousel history. */
#include <limits.h>
#include <stdio.h>

#include "client.h"
#include "table.h"

enum {
	HISTORY_DEFAULT = 50,
	PAGE_MAX = 1000, /* of the API */
};

static void print_history(const struct cli *cli, const json_t *events)
{
	static const char *const headers[] = {"WHEN", "WHAT", "DRIVE", "MEDIUM", "WHO", NULL};
	struct table table;
	size_t i;
	json_t *event;
	table_init(&table, headers);
	json_array_foreach(events, i, event)
	{
		table_add(&table, text_of(event, "when"));
		table_add(&table, text_of(event, "verb"));
		table_add(&table, text_of(event, "drive"));
		table_add(&table, text_of(event, "medium"));
		table_add(&table, text_of(event, "actor"));
	}
	table_print(&table, cli->colour);
	table_finish(&table);
}

static bool make_path(
	const struct cli *cli, long long limit, long long before, char path[CLIENT_PATH_MAX])
{
	const char *medium = option_value(cli, OPTION_MEDIUM);
	const char *drive = option_value(cli, OPTION_DRIVE);
	int length = snprintf(path, CLIENT_PATH_MAX, "/api/v1/history?limit=%lld",
		limit < PAGE_MAX ? limit : PAGE_MAX);
	if (before)
		snprintf(path + length, CLIENT_PATH_MAX - (size_t)length, "&before=%lld", before);
	return (!medium || client_query(path, "medium", medium)) &&
	       (!drive || client_query(path, "drive", drive));
}

/* One page of at most `limit`, appended to `events`. *before is where to go on, 0 at the end. */
static enum exit_code read_page(
	const struct cli *cli, long long limit, json_t *events, long long *before)
{
	char path[CLIENT_PATH_MAX];
	json_t *page = NULL;
	if (!make_path(cli, limit, *before, path))
		return EXIT_USAGE;
	enum exit_code code = client_call(cli, "GET", path, NULL, &page);
	*before = number_of(page, "next");
	json_array_extend(events, json_object_get(page, "items"));
	json_decref(page);
	return code;
}

static enum exit_code read_events(const struct cli *cli, long long limit, json_t *events)
{
	long long before = 0;
	enum exit_code code;
	do
		code = read_page(cli, limit - (long long)json_array_size(events), events, &before);
	while (!code && before && (long long)json_array_size(events) < limit);
	return code;
}

enum exit_code run_history(struct cli *cli)
{
	long long limit = HISTORY_DEFAULT;
	if (!option_number(cli, OPTION_LIMIT, "limit", 1, INT_MAX, &limit))
		return EXIT_USAGE;
	json_t *events = json_array();
	enum exit_code code = read_events(cli, limit, events);
	if (!code && cli->json)
		print_json(events);
	else if (!code && json_array_size(events))
		print_history(cli, events);
	else if (!code)
		tell(cli->options ? "Nothing of that has happened." : "Nothing has happened yet.");
	json_decref(events);
	return code;
}
