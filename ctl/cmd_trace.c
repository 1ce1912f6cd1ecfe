/* SPDX-License-Identifier: Apache-2.0 */
/* carousel trace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "drives.h"
#include "human.h"
#include "table.h"

/* SAM-5 5.3.1, as short as people say them. */
static void add_status(struct table *table, const json_t *entry)
{
	const json_t *sense = json_object_get(entry, "sense");
	long long status = number_of(entry, "status");
	if (json_is_object(sense))
		table_addf(table, "CHECK %02llx/%02llx/%02llx", number_of(sense, "key"),
			number_of(sense, "asc"), number_of(sense, "ascq"));
	else if (status == 0x00)
		table_add(table, "GOOD");
	else if (status == 0x08)
		table_add(table, "BUSY");
	else if (status == 0x18)
		table_add(table, "RESERVATION CONFLICT");
	else if (status == 0x28)
		table_add(table, "TASK SET FULL");
	else if (status == 0x40)
		table_add(table, "TASK ABORTED");
	else
		table_addf(table, "STATUS %02llx", status);
}

static bool several_hosts(const json_t *items)
{
	const char *first = text_of(json_array_get(items, 0), "host");
	size_t i;
	json_t *entry;
	json_array_foreach(items, i, entry) if (strcmp(first, text_of(entry, "host"))) return true;
	return false;
}

static void add_row(struct table *table, const json_t *entry, bool with_host)
{
	char duration[32];
	table_addf(table, "%.1fs", json_number_value(json_object_get(entry, "age_s")));
	table_add(table, text_of(entry, "name"));
	table_add(table, text_of(entry, "cdb"));
	add_status(table, entry);
	table_addf(table, "%lld B", number_of(entry, "transferred"));
	table_add(table,
		human_microseconds(number_of(entry, "duration_us"), duration, sizeof duration));
	table_add(table, text_of(json_object_get(entry, "sense"), "text"));
	table_add(table, with_host ? text_of(entry, "host") : "");
}

static void print_trace(const struct cli *cli, const json_t *items)
{
	static const char *const headers[] = {
		">AGO", "COMMAND", "CDB", "STATUS", ">DATA", ">TIME", "SENSE", "HOST", NULL};
	struct table table;
	bool with_host = several_hosts(items);
	size_t i;
	json_t *entry;
	table_init(&table, headers);
	json_array_foreach(items, i, entry) add_row(&table, entry, with_host);
	table_print(&table, cli);
	table_finish(&table);
}

static bool make_path(const struct cli *cli, const char *drive, char path[CLIENT_PATH_MAX])
{
	return client_path(path, "/api/v1/drives/", drive, "/trace") &&
	       (!(cli->options & OPTION_HOST) ||
		       client_query(path, "host", option_value(cli, OPTION_HOST))) &&
	       (!(cli->options & OPTION_COUNT) ||
		       client_query(path, "limit", option_value(cli, OPTION_COUNT)));
}

enum exit_code run_trace(struct cli *cli)
{
	char path[CLIENT_PATH_MAX], drive[DRIVE_NAME_MAX];
	json_t *answer = NULL;
	enum exit_code code = drive_resolve(cli, cli->arguments[0], drive);
	if (code)
		return code;
	if (!make_path(cli, drive, path))
		return EXIT_USAGE;
	code = client_call(cli, "GET", path, NULL, &answer);
	if (code)
		return code;
	const json_t *items = json_object_get(answer, "items");
	if (cli->json)
		print_json(cli, items);
	else if (json_array_size(items))
		print_trace(cli, items);
	else
		tell("No host that is attached has sent a command yet.");
	json_decref(answer);
	return EXIT_OK;
}
