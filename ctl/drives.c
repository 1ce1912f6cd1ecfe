/* SPDX-License-Identifier: Apache-2.0 */
#include "drives.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "device.h"
#include "human.h"
#include "names.h"
#include "table.h"
#include "tapes.h"

const char *drive_state(const json_t *drive, char ret[DRIVE_TEXT_MAX])
{
	const json_t *tape = json_object_get(drive, "tape");
	bool protected = json_is_object(tape) && !is_set(tape, "writable");
	snprintf(ret, DRIVE_TEXT_MAX, "%s%s%s%s", text_of(drive, "state"),
		strcmp(text_of(drive, "tray"), "open") ? "" : ", open",
		is_set(tape, "damaged") ? ", damaged"
		: protected             ? ", write protected"
					: "",
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
	snprintf(ret, size, "%s (%s, %s)", medium_name(medium), medium_type(medium),
		medium_size(medium, bytes, sizeof bytes));
	return ret;
}

/* What is on a disc is called, and where a tape stands. */
static const char *content(const json_t *drive, char ret[TAPE_TEXT_MAX])
{
	const json_t *tape = json_object_get(drive, "tape");
	if (is_set(tape, "threaded"))
		return tape_position(tape, ret);
	return text_of(json_object_get(drive, "medium"), "volume_id");
}

static void add_row(struct table *table, const struct cli *cli, const json_t *drive)
{
	char state[DRIVE_TEXT_MAX], device[DRIVE_TEXT_MAX], size[32] = "", used[32] = "";
	char position[TAPE_TEXT_MAX];
	const json_t *medium = json_object_get(drive, "medium");
	const json_t *tape = json_object_get(drive, "tape");
	if (json_is_object(medium))
		medium_size(medium, size, sizeof size);
	if (json_is_object(tape))
		tape_used(tape, used, sizeof used);
	table_add(table, text_of(drive, "name"));
	table_add(table, drive_state(drive, state));
	table_add(table, drive_device(cli, drive, device));
	table_add(table, medium_name(medium));
	table_add(table, medium_type(medium));
	table_add(table, size);
	table_add(table, used);
	table_add(table, content(drive, position));
	table_add(table, text_of(drive, "personality"));
	table_add(table, text_of(drive, "serial"));
	table_addf(table, "%zu", json_array_size(json_object_get(drive, "hosts")));
}

void drive_print_all(const struct cli *cli, const json_t *drives)
{
	static const char *const headers[] = {"DRIVE", "STATE", "DEVICE", "MEDIUM", "TYPE", ">SIZE",
		">USED", "CONTENT", "+PERSONALITY", "+SERIAL", "+>HOSTS", NULL};
	struct table table;
	size_t i;
	json_t *drive;
	table_init(&table, headers);
	json_array_foreach(drives, i, drive) add_row(&table, cli, drive);
	table_print(&table, cli);
	table_finish(&table);
}

enum exit_code drive_read_all(const struct cli *cli, json_t **ret)
{
	return client_list(cli, "/api/v1/drives", ret);
}

enum exit_code drive_resolve(const struct cli *cli, const char *word, char ret[DRIVE_NAME_MAX])
{
	json_t *answer = NULL;
	if (!*word)
		return complain(EXIT_USAGE, "Give a name: carousel status lists them.",
			"the name is empty");
	if (strlen(word) >= DRIVE_NAME_MAX)
		return complain(
			EXIT_USAGE, "Give a shorter one.", "the name %.64s… is too long", word);
	snprintf(ret, DRIVE_NAME_MAX, "%s", word);
	if (!strcmp(word, "any"))
		return EXIT_OK;
	enum exit_code code = drive_read_all(cli, &answer);
	if (!code)
		code = name_resolve(
			json_object_get(answer, "items"), "drives", word, ret, DRIVE_NAME_MAX);
	json_decref(answer);
	return code;
}
