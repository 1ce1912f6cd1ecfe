/* SPDX-License-Identifier: Apache-2.0 */
/* carousel history, audit. */
#include <limits.h>
#include <stdio.h>

#include "changes.h"
#include "client.h"
#include "table.h"

enum {
	HISTORY_DEFAULT = 50,
	PAGE_MAX = 1000, /* of the API */
};

static void print_history(const struct cli *cli, const json_t *events)
{
	static const char *const headers[] = {
		"!WHEN", "WHAT", "DRIVE", "MEDIUM", "WHO", "CHANGE", NULL};
	char changes[CHANGES_TEXT_MAX];
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
		table_add(&table, changes_text(event, changes));
	}
	table_print(&table, cli);
	table_finish(&table);
}

static bool make_path(const struct cli *cli, const char *resource, long long limit,
	long long before, char path[CLIENT_PATH_MAX])
{
	const char *medium = option_value(cli, OPTION_MEDIUM);
	const char *drive = option_value(cli, OPTION_DRIVE);
	const char *actor = option_value(cli, OPTION_ACTOR);
	int length = snprintf(path, CLIENT_PATH_MAX, "/api/v1/%s?limit=%lld", resource,
		limit < PAGE_MAX ? limit : PAGE_MAX);
	if (before)
		snprintf(path + length, CLIENT_PATH_MAX - (size_t)length, "&before=%lld", before);
	return (!medium || client_query(path, "medium", medium)) &&
	       (!drive || client_query(path, "drive", drive)) &&
	       (!actor || client_query(path, "actor", actor));
}

/* One page of at most `limit`, appended to `events`. *before is where to go on, 0 at the end. */
static enum exit_code read_page(const struct cli *cli, const char *resource, long long limit,
	json_t *events, long long *before)
{
	char path[CLIENT_PATH_MAX];
	json_t *page = NULL;
	if (!make_path(cli, resource, limit, *before, path))
		return EXIT_USAGE;
	enum exit_code code = client_call(cli, "GET", path, NULL, &page);
	*before = number_of(page, "next");
	json_array_extend(events, json_object_get(page, "items"));
	json_decref(page);
	return code;
}

static enum exit_code read_events(
	const struct cli *cli, const char *resource, long long limit, json_t *events)
{
	long long before = 0;
	enum exit_code code;
	do
		code = read_page(
			cli, resource, limit - (long long)json_array_size(events), events, &before);
	while (!code && before && (long long)json_array_size(events) < limit);
	return code;
}

/* "job 17"; drives and media have columns of their own. */
static void add_subject(struct table *table, const json_t *event)
{
	const json_t *subject = json_object_get(event, "subject");
	if (*text_of(subject, "name"))
		table_addf(table, "%s %s", text_of(subject, "kind"), text_of(subject, "name"));
	else
		table_add(table, "");
}

static void print_audit(const struct cli *cli, const json_t *events)
{
	static const char *const headers[] = {
		"!WHEN", "WHO", "WHAT", "DRIVE", "MEDIUM", "SUBJECT", "REFUSED", "CHANGE", NULL};
	char changes[CHANGES_TEXT_MAX];
	struct table table;
	size_t i;
	json_t *event;
	table_init(&table, headers);
	json_array_foreach(events, i, event)
	{
		const char *outcome = text_of(event, "outcome");
		table_add(&table, text_of(event, "when"));
		table_add(&table, text_of(event, "actor"));
		table_add(&table, text_of(event, "verb"));
		table_add(&table, text_of(event, "drive"));
		table_add(&table, text_of(event, "medium"));
		add_subject(&table, event);
		table_add(&table, outcome[0] == 'o' && outcome[1] == 'k' ? "" : outcome);
		table_add(&table, changes_text(event, changes));
	}
	table_print(&table, cli);
	table_finish(&table);
}

static enum exit_code show_events(const struct cli *cli, const char *resource,
	void (*print)(const struct cli *cli, const json_t *events))
{
	long long limit = HISTORY_DEFAULT;
	if (!option_number(cli, OPTION_LIMIT, "limit", 1, INT_MAX, &limit))
		return EXIT_USAGE;
	json_t *events = json_array();
	enum exit_code code = read_events(cli, resource, limit, events);
	if (!code && cli->json)
		print_json(cli, events);
	else if (!code && json_array_size(events))
		print(cli, events);
	else if (!code)
		tell(cli->options ? "Nothing of that has happened." : "Nothing has happened yet.");
	json_decref(events);
	return code;
}

enum exit_code run_history(struct cli *cli)
{
	return show_events(cli, "history", print_history);
}

enum exit_code run_audit(struct cli *cli)
{
	return show_events(cli, "audit", print_audit);
}
