/* SPDX-License-Identifier: Apache-2.0 */
/* carousel drive ls, show, add, rm. */
#include <stdio.h>

#include "client.h"
#include "drives.h"
#include "human.h"
#include "table.h"
#include "tapes.h"

enum exit_code run_drive_list(struct cli *cli)
{
	json_t *answer = NULL;
	enum exit_code code = drive_read_all(cli, &answer);
	if (code)
		return code;
	const json_t *drives = json_object_get(answer, "items");
	if (cli->json)
		print_json(cli, drives);
	else if (json_array_size(drives))
		drive_print_all(cli, drives);
	else
		tell("No drives yet: carousel drive add dvd0");
	json_decref(answer);
	return EXIT_OK;
}

/* ---- show ---------------------------------------------------------------------------------- */

static void print_counters(const json_t *drive)
{
	const json_t *counters = json_object_get(drive, "counters");
	char bytes[32];
	printf("%-12s %lld\n", "commands", number_of(counters, "commands"));
	if (is_tape(drive)) {
		print_field(
			"read", human_size(number_of(counters, "bytes_read"), bytes, sizeof bytes));
		print_field("written",
			human_size(number_of(counters, "bytes_written"), bytes, sizeof bytes));
		return;
	}
	printf("%-12s %s, %lld times from memory, %lld times from the file\n", "read",
		human_size(number_of(counters, "bytes_read"), bytes, sizeof bytes),
		number_of(counters, "inline_reads"), number_of(counters, "pool_reads"));
}

static void print_hosts(const struct cli *cli, const json_t *hosts)
{
	static const char *const headers[] = {"LOCKS", "SEES MEDIUM", ">COMMANDS", "HOST", NULL};
	struct table table;
	size_t i;
	json_t *host;
	table_init(&table, headers);
	json_array_foreach(hosts, i, host)
	{
		table_add(&table, is_set(host, "locks") ? "yes" : "no");
		table_addf(&table, "%s%s", is_set(host, "sees_medium") ? "yes" : "no",
			is_set(host, "told") ? "" : ", not told yet");
		table_addf(&table, "%lld", number_of(host, "commands"));
		table_add(&table, text_of(host, "name"));
	}
	putchar('\n');
	table_print(&table, cli);
	table_finish(&table);
}

/* Those that hold PREVENT: they are what keeps a medium in. */
static void print_lockers(const json_t *hosts)
{
	char names[1024] = "";
	size_t i, length = 0;
	json_t *host;
	json_array_foreach(hosts, i, host) if (is_set(host, "locks") && length < sizeof names)
		length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
			length ? ", " : "", text_of(host, "name"));
	print_field("locked by", names);
}

/* "write exclusive, by iqn.…, key 0xa; 2 registered, also over power loss" */
static void print_reservation(const json_t *drive)
{
	const json_t *reservation = json_object_get(drive, "reservation");
	const char *type = text_of(reservation, "type"), *holder = text_of(reservation, "holder"),
		   *key = text_of(reservation, "key");
	long long registrants = number_of(reservation, "registrants");
	char text[1024], count[64] = "";
	if (!json_is_object(reservation))
		return;
	if (registrants > 0)
		snprintf(count, sizeof count, "; %lld registered%s", registrants,
			is_set(reservation, "lasting") ? ", also over power loss" : "");
	snprintf(text, sizeof text, "%s%s%s%s%s%s", *type ? type : "by nobody",
		*holder ? ", by " : "", holder, *key ? ", key " : "", key, count);
	print_field("reserved", text);
}

static void print_used(const json_t *tape)
{
	char used[32], capacity[32], percent[32], bytes[32], text[160];
	snprintf(text, sizeof text, "%s of %s (%s), for %s of data",
		human_size(number_of(tape, "used"), used, sizeof used),
		human_size(number_of(tape, "capacity"), capacity, sizeof capacity),
		tape_used(tape, percent, sizeof percent),
		human_size(number_of(tape, "bytes"), bytes, sizeof bytes));
	print_field("used", text);
}

static void print_tape(const json_t *drive)
{
	char text[TAPE_TEXT_MAX];
	const json_t *tape = json_object_get(drive, "tape");
	print_field("position",
		is_set(tape, "threaded")
			? tape_position(tape, text)
			: "none: a host has unloaded the tape; loading it again threads it");
	print_used(tape);
	if (!is_set(tape, "writable")) {
		snprintf(text, sizeof text, "no: %s", text_of(tape, "reason"));
		print_field("writable", text);
	}
	print_field("damage", tape_damage(tape, text));
	printf("%-12s %lld\n", "mounts", number_of(tape, "mounts"));
}

static void print_drive(const struct cli *cli, const json_t *drive)
{
	char text[DRIVE_TEXT_MAX], brief[512] = "", alerts[TAPE_TEXT_MAX];
	const json_t *medium = json_object_get(drive, "medium");
	const json_t *hosts = json_object_get(drive, "hosts");
	if (json_is_object(medium))
		medium_brief(medium, brief, sizeof brief);
	print_field("drive", text_of(drive, "name"));
	print_field("state", drive_state(drive, text));
	print_field("failure", text_of(drive, "failure"));
	print_lockers(hosts);
	print_reservation(drive);
	print_field("alerts", tape_alerts(drive, alerts));
	print_field("medium", brief);
	print_field("file", text_of(medium, "path"));
	if (json_is_object(json_object_get(drive, "tape")))
		print_tape(drive);
	print_field("personality", text_of(drive, "personality"));
	print_field("serial", text_of(drive, "serial"));
	print_field("device", drive_device(cli, drive, text));
	print_counters(drive);
	if (json_array_size(hosts))
		print_hosts(cli, hosts);
}

enum exit_code run_drive_show(struct cli *cli)
{
	char path[CLIENT_PATH_MAX], name[DRIVE_NAME_MAX];
	json_t *drive = NULL;
	enum exit_code code = drive_resolve(cli, cli->arguments[0], name);
	if (code)
		return code;
	if (!client_path(path, "/api/v1/drives/", name, ""))
		return EXIT_USAGE;
	code = client_call(cli, "GET", path, NULL, &drive);
	if (code)
		return code;
	if (cli->json)
		print_json(cli, drive);
	else
		print_drive(cli, drive);
	json_decref(drive);
	return EXIT_OK;
}

/* ---- add and rm ---------------------------------------------------------------------------- */

static void report_added(const struct cli *cli, const json_t *drive)
{
	char device[DRIVE_TEXT_MAX];
	drive_device(cli, drive, device);
	if (cli->json)
		print_json(cli, drive);
	else
		tell("added %s (%s)%s%s", text_of(drive, "name"), text_of(drive, "personality"),
			*device ? " at " : "", device);
}

enum exit_code run_drive_add(struct cli *cli)
{
	json_t *drive = NULL;
	json_t *body = json_pack("{s:s, s:s*, s:o*}", "name", cli->arguments[0], "personality",
		option_value(cli, OPTION_PERSONALITY), "loopback",
		cli->options & OPTION_NO_LOOPBACK ? json_false() : NULL);
	if (!body)
		return complain(EXIT_USAGE, "Choose another.", "the name is not UTF-8");
	enum exit_code code = client_call(cli, "POST", "/api/v1/drives", body, &drive);
	json_decref(body);
	if (!code)
		report_added(cli, drive);
	json_decref(drive);
	return code;
}

enum exit_code run_drive_remove(struct cli *cli)
{
	char path[CLIENT_PATH_MAX];
	json_t *answer = NULL;
	if (!client_path(path, "/api/v1/drives/", cli->arguments[0], ""))
		return EXIT_USAGE;
	if (cli->options & OPTION_FORCE)
		client_query(path, "force", "true");
	enum exit_code code = client_call(cli, "DELETE", path, NULL, &answer);
	if (!code && !cli->json)
		tell("removed %s", cli->arguments[0]);
	json_decref(answer);
	return code;
}

enum exit_code run_drive_release(struct cli *cli)
{
	char path[CLIENT_PATH_MAX];
	json_t *drive = NULL;
	if (!client_path(path, "/api/v1/drives/", cli->arguments[0], "/reservation"))
		return EXIT_USAGE;
	enum exit_code code = client_call(cli, "DELETE", path, NULL, &drive);
	if (!code && cli->json)
		print_json(cli, drive);
	else if (!code)
		tell("nobody has reserved %s", cli->arguments[0]);
	json_decref(drive);
	return code;
}
