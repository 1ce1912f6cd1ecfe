/* SPDX-License-Identifier: Apache-2.0 */
#include "drives.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "device.h"
#include "human.h"
#include "table.h"

const char *drive_state(const json_t *drive, char ret[DRIVE_TEXT_MAX])
{
	snprintf(ret, DRIVE_TEXT_MAX, "%s%s%s", text_of(drive, "state"),
		strcmp(text_of(drive, "tray"), "open") ? "" : ", open",
		is_set(drive, "locked") ? ", locked" : "");
	return ret;
}

const char *drive_device(const struct cli *cli, const json_t *drive, char ret[DRIVE_TEXT_MAX])
{
	const char *address = text_of(drive, "address");
	if (!cli->url)
		return device_of("/sys", address, ret, DRIVE_TEXT_MAX);
	snprintf(ret, DRIVE_TEXT_MAX, "%s", address); /* of another machine, perhaps */
	return ret;
}

const char *medium_brief(const json_t *medium, char *ret, size_t size)
{
	char bytes[32];
	snprintf(ret, size, "%s (%s, %s)", text_of(medium, "id"), text_of(medium, "profile"),
		human_size(number_of(medium, "size"), bytes, sizeof bytes));
	return ret;
}

static void add_row(struct table *table, const struct cli *cli, const json_t *drive)
{
	char state[DRIVE_TEXT_MAX], device[DRIVE_TEXT_MAX], size[32] = "";
	const json_t *medium = json_object_get(drive, "medium");
	if (json_is_object(medium))
		human_size(number_of(medium, "size"), size, sizeof size);
	table_add(table, text_of(drive, "name"));
	table_add(table, drive_state(drive, state));
	table_add(table, drive_device(cli, drive, device));
	table_add(table, text_of(medium, "id"));
	table_add(table, text_of(medium, "profile"));
	table_add(table, size);
	table_add(table, text_of(medium, "volume_id"));
}

void drive_print_all(const struct cli *cli, const json_t *drives)
{
	static const char *const headers[] = {
		"DRIVE", "STATE", "DEVICE", "MEDIUM", "TYPE", ">SIZE", "VOLUME", NULL};
	struct table table;
	size_t i;
	json_t *drive;
	table_init(&table, headers);
	json_array_foreach(drives, i, drive) add_row(&table, cli, drive);
	table_print(&table, cli->colour);
	table_finish(&table);
}

enum exit_code drive_read_all(const struct cli *cli, json_t **ret)
{
	return client_call(cli, "GET", "/api/v1/drives", NULL, ret);
}
