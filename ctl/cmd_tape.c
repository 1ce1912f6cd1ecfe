/* SPDX-License-Identifier: Apache-2.0 */
/* carousel tape verify, fsck, dump: the files of cartridges, without the daemon. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "human.h"
#include "progress.h"
#include "ssc/offline.h"
#include "table.h"
#include "tape.h"
#include "util/cleanup.h"

enum exit_code tape_fail(const struct error *error)
{
	enum exit_code code = error->code == ERROR_FILE_MISSING   ? EXIT_NOT_FOUND
			      : error->code == ERROR_STATE_IN_USE ? EXIT_BUSY
								  : EXIT_FAILED;
	return complain(code, error->remedy, "%s", error->sentence);
}

/* ---- what was found -------------------------------------------------------------------------- */

struct looking {
	const struct cli *cli;
	json_t *problems;
	struct progress progress;
};

static void add_problem(void *context, const struct cartridge_problem *problem)
{
	struct looking *looking = context;
	json_t *one = json_object();
	json_object_set_new(one, "offset", json_integer((json_int_t)problem->offset));
	if (problem->object != UINT64_MAX)
		json_object_set_new(one, "object", json_integer((json_int_t)problem->object));
	json_object_set_new(one, "what", json_string(problem->what));
	json_array_append_new(looking->problems, one);
	progress_erase(&looking->progress);
	if (!looking->cli->json)
		printf("! byte %" PRIu64 ": %s\n", problem->offset, problem->what);
}

static bool draw(void *context, uint64_t object, uint64_t eod)
{
	struct looking *looking = context;
	progress_update(&looking->progress, object, eod);
	return true;
}

static json_t *report_json(
	const char *path, const struct cartridge_report *report, json_t *problems)
{
	const struct cartridge_status *status = &report->status;
	json_t *all = json_object();
	json_object_set_new(all, "file", json_string(path));
	json_object_set_new(all, "barcode", json_string(status->barcode));
	json_object_set_new(all, "medium", json_string(status->medium));
	json_object_set_new(all, "objects", json_integer((json_int_t)status->eod));
	json_object_set_new(all, "filemarks", json_integer((json_int_t)status->filemarks));
	json_object_set_new(all, "bytes", json_integer((json_int_t)status->bytes));
	json_object_set_new(all, "used", json_integer((json_int_t)status->used));
	json_object_set_new(all, "capacity", json_integer((json_int_t)status->capacity));
	json_object_set_new(all, "dropped", json_integer((json_int_t)status->dropped));
	json_object_set_new(all, "repaired", json_boolean(report->repaired));
	json_object_set(all, "problems", problems);
	return all;
}

static void print_report(const char *path, const struct cartridge_report *report)
{
	const struct cartridge_status *status = &report->status;
	char size[32];
	if (report->repaired)
		printf("%s was mended.\n", path);
	if (status->dropped)
		printf("A write was cut off at the end: %" PRIu64 " bytes there never counted.\n",
			status->dropped);
	_cleanup_free_ char *barcode = human_printable(status->barcode);
	printf("%s (%s): %" PRIu64 " blocks and %" PRIu64 " filemarks, %s; ",
		barcode && *barcode ? barcode : path, status->medium,
		status->eod - status->filemarks, status->filemarks,
		human_size((long long)status->bytes, size, sizeof size));
	if (report->problems)
		printf("%" PRIu64 " problem%s\n", report->problems,
			report->problems == 1 ? "" : "s");
	else
		printf("all is well\n");
}

/* ---- verify, fsck ---------------------------------------------------------------------------- */

typedef bool look_at(const char *path, const struct cartridge_watcher *watcher,
	struct cartridge_report *ret, struct error *error);

static bool verify_data(const char *path, const struct cartridge_watcher *watcher,
	struct cartridge_report *ret, struct error *error)
{
	return native_verify(&file_store_posix, path, true, watcher, ret, error);
}

static bool verify_structure(const char *path, const struct cartridge_watcher *watcher,
	struct cartridge_report *ret, struct error *error)
{
	return native_verify(&file_store_posix, path, false, watcher, ret, error);
}

static bool repair(const char *path, const struct cartridge_watcher *watcher,
	struct cartridge_report *ret, struct error *error)
{
	return native_repair(&file_store_posix, path, watcher, ret, error);
}

static enum exit_code look_at_file(
	const struct cli *cli, const char *path, look_at *look, json_t *reports)
{
	struct looking looking = {.cli = cli, .problems = json_array()};
	struct cartridge_watcher watcher = {
		.problem = add_problem, .progress = draw, .context = &looking};
	struct cartridge_report report;
	struct error error = {0};
	progress_begin(&looking.progress, "objects", cli->progress);
	bool ok = look(path, &watcher, &report, &error);
	progress_erase(&looking.progress);
	if (ok && cli->json)
		json_array_append_new(reports, report_json(path, &report, looking.problems));
	else if (ok)
		print_report(path, &report);
	json_decref(looking.problems);
	if (!ok)
		return tape_fail(&error);
	return report.problems ? EXIT_FAILED : EXIT_OK;
}

/* Every file; the first failure decides. */
static enum exit_code look_at_all(struct cli *cli, look_at *look)
{
	enum exit_code code = EXIT_OK;
	json_t *reports = json_array();
	for (int i = 0; i < cli->argument_count; i++) {
		enum exit_code one = look_at_file(cli, cli->arguments[i], look, reports);
		code = code ? code : one;
	}
	if (cli->json)
		print_json(cli, reports);
	json_decref(reports);
	return code;
}

enum exit_code run_tape_verify(struct cli *cli)
{
	return look_at_all(cli, verify_data);
}

enum exit_code run_tape_fsck(struct cli *cli)
{
	return look_at_all(cli, cli->options & OPTION_REPAIR ? repair : verify_structure);
}

/* ---- dump ------------------------------------------------------------------------------------ */

static const char *compression_name(enum cartridge_compression compression)
{
	static const char *const names[] = {"", "lz4", "zstd"};
	return names[compression];
}

static json_t *object_json(struct cartridge *cartridge, uint64_t object, uint8_t *buffer)
{
	struct cartridge_object about;
	struct native_place place = {0};
	json_t *one = json_object();
	json_object_set_new(one, "object", json_integer((json_int_t)object));
	if (native_locate(cartridge, object, &place) == 0)
		json_object_set_new(one, "offset", json_integer((json_int_t)place.offset));
	if (cart_read(cartridge, object, buffer, 0, &about) < 0) {
		json_object_set_new(one, "type", json_string("damaged"));
		return one;
	}
	json_object_set_new(one, "type", json_string(about.filemark ? "filemark" : "block"));
	if (about.filemark)
		return one;
	json_object_set_new(one, "length", json_integer(about.length));
	json_object_set_new(one, "stored", json_integer(place.stored_length));
	json_object_set_new(one, "compression", json_string(compression_name(place.compression)));
	return one;
}

static void print_objects(const struct cli *cli, json_t *objects)
{
	static const char *const headers[] = {
		">OBJECT", "TYPE", ">LENGTH", ">STORED", "AS", ">OFFSET", NULL};
	struct table table;
	size_t i;
	json_t *one;
	table_init(&table, headers);
	json_array_foreach(objects, i, one)
	{
		table_addf(&table, "%lld", number_of(one, "object"));
		table_add(&table, text_of(one, "type"));
		bool block = json_object_get(one, "length");
		if (block) {
			table_addf(&table, "%lld", number_of(one, "length"));
			table_addf(&table, "%lld", number_of(one, "stored"));
		} else {
			table_add(&table, "");
			table_add(&table, "");
		}
		table_add(&table, text_of(one, "compression"));
		table_addf(&table, "%lld", number_of(one, "offset"));
	}
	table_print(&table, cli);
	table_finish(&table);
}

static bool take_count(const struct cli *cli, uint64_t *ret)
{
	const char *text = option_value(cli, OPTION_COUNT);
	char *end;
	*ret = UINT64_MAX;
	if (!text)
		return true;
	*ret = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end;
}

enum exit_code run_tape_dump(struct cli *cli)
{
	struct error error = {0};
	struct cartridge_status status;
	uint64_t limit;
	uint8_t nothing;
	if (!take_count(cli, &limit))
		return complain(EXIT_USAGE, "Say how many.", "\"%s\" is not a number",
			option_value(cli, OPTION_COUNT));
	struct cartridge *cartridge =
		native_open(&file_store_posix, cli->arguments[0], false, NULL, &error);
	if (!cartridge)
		return tape_fail(&error);
	cart_status(cartridge, &status);
	json_t *objects = json_array();
	for (uint64_t i = 0; i < status.eod && i < limit; i++)
		json_array_append_new(objects, object_json(cartridge, i, &nothing));
	if (cli->json)
		print_json(cli, objects);
	else
		print_objects(cli, objects);
	json_decref(objects);
	cart_close(cartridge);
	return EXIT_OK;
}
