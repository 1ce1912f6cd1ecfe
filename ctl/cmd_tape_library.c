/* SPDX-License-Identifier: Apache-2.0 */
/* carousel tape create, ls, protect, permit: tapes as the library has them. */
#include <ctype.h>
#include <stdio.h>

#include "client.h"
#include "media.h"
#include "table.h"
#include "tapes.h"
#include "util/size_text.h"

enum { TAPES_MAX = 1000 };

/* ---- create -------------------------------------------------------------------------------- */

/* 0 when it was not given. */
static bool take_capacity(const struct cli *cli, long long *ret)
{
	const char *text = option_value(cli, OPTION_CAPACITY);
	if (!text || (size_read(text, ret) && *ret > 0))
		return true;
	complain(EXIT_USAGE, "Use a number and a unit: 100GB, 100GiB, 1.5TB.",
		"--capacity cannot be \"%s\"", text);
	return false;
}

/* Ids are the barcodes in lower case. */
static const char *barcode_of(const json_t *id, char ret[MEDIUM_ID_MAX])
{
	const char *text = json_string_value(id);
	size_t i = 0;
	for (; text && text[i] && i < MEDIUM_ID_MAX - 1; i++)
		ret[i] = (char)toupper((unsigned char)text[i]);
	ret[i] = '\0';
	return ret;
}

static void report_made(const struct cli *cli, const json_t *answer)
{
	const json_t *media = json_object_get(answer, "media");
	size_t count = json_array_size(media);
	char first[MEDIUM_ID_MAX], last[MEDIUM_ID_MAX];
	barcode_of(json_array_get(media, 0), first);
	barcode_of(json_array_get(media, count ? count - 1 : 0), last);
	if (cli->json)
		print_json(cli, answer);
	else if (count == 1)
		tell("made %s", first);
	else
		tell("made %zu tapes: %s … %s", count, first, last);
}

static enum exit_code post_tapes(const struct cli *cli, long long count, long long capacity)
{
	json_t *answer = NULL;
	json_t *body =
		json_pack("{s:s, s:I, s:s*, s:o*}", "prefix", option_value(cli, OPTION_PREFIX),
			"count", (json_int_t)count, "medium_type", option_value(cli, OPTION_TYPE),
			"capacity", capacity ? json_integer(capacity) : NULL);
	if (!body)
		return complain(
			EXIT_USAGE, "Choose others.", "the prefix or the type is not UTF-8");
	enum exit_code code = client_call(cli, "POST", "/api/v1/tapes", body, &answer);
	json_decref(body);
	if (!code)
		report_made(cli, answer);
	json_decref(answer);
	return code;
}

enum exit_code run_tape_create(struct cli *cli)
{
	long long count = 1, capacity = 0;
	if (!option_value(cli, OPTION_PREFIX))
		return complain(EXIT_USAGE, "Say --prefix ARC, for ARC001L8.",
			"what shall the barcodes begin with?");
	if (!option_number(cli, OPTION_COUNT, "count", 1, TAPES_MAX, &count) ||
		!take_capacity(cli, &capacity))
		return EXIT_USAGE;
	return post_tapes(cli, count, capacity);
}

/* ---- ls ------------------------------------------------------------------------------------ */

static void add_row(struct table *table, const json_t *tape)
{
	char size[32];
	table_add(table, medium_name(tape));
	table_add(table, medium_type(tape));
	table_add(table, medium_size(tape, size, sizeof size));
	table_add(table, is_set(tape, "write_protected") ? "protected" : "writable");
	table_add(table, text_of(tape, "drive"));
	table_addf(table, "%lld", number_of(tape, "loads"));
	table_add(table, text_of(tape, "fault"));
	table_add(table, text_of(tape, "id"));
	table_add(table, text_of(tape, "path"));
	table_add(table, text_of(tape, "state"));
}

static void print_tapes(const struct cli *cli, const json_t *tapes)
{
	static const char *const headers[] = {"BARCODE", "TYPE", ">CAPACITY", "TAB", "DRIVE",
		">LOADS", "FAULT", "+MEDIUM", "+<FILE", "+STATE", NULL};
	struct table table;
	size_t i;
	json_t *tape;
	table_init(&table, headers);
	json_array_foreach(tapes, i, tape) add_row(&table, tape);
	table_print(&table, cli);
	table_finish(&table);
}

enum exit_code run_tape_list(struct cli *cli)
{
	json_t *tapes = NULL;
	enum exit_code code = media_read_all(cli, "tape", "", &tapes);
	if (code)
		return code;
	if (cli->json)
		print_json(cli, tapes);
	else if (json_array_size(tapes))
		print_tapes(cli, tapes);
	else
		tell("No tapes yet: carousel tape create --prefix ARC --count 20");
	json_decref(tapes);
	return EXIT_OK;
}

/* ---- protect, permit ----------------------------------------------------------------------- */

static void report_tab(const struct cli *cli, const json_t *tape)
{
	if (cli->json)
		print_json(cli, tape);
	else
		tell("%s %s", medium_name(tape),
			is_set(tape, "write_protected") ? "is write protected" : "can be written");
}

static enum exit_code set_tab(const struct cli *cli, const char *id, bool write_protected)
{
	char path[CLIENT_PATH_MAX];
	json_t *answer = NULL;
	if (!client_path(path, "/api/v1/media/", id, "/write-protection"))
		return EXIT_USAGE;
	json_t *body = json_pack("{s:b}", "write_protected", write_protected);
	enum exit_code code = client_call(cli, "PUT", path, body, &answer);
	json_decref(body);
	if (!code)
		report_tab(cli, answer);
	json_decref(answer);
	return code;
}

/* Every tape; the last failure decides. */
static enum exit_code set_tabs(const struct cli *cli, bool write_protected)
{
	enum exit_code worst = EXIT_OK;
	for (int i = 0; i < cli->argument_count; i++) {
		enum exit_code code = set_tab(cli, cli->arguments[i], write_protected);
		worst = code ? code : worst;
	}
	return worst;
}

enum exit_code run_tape_protect(struct cli *cli)
{
	return set_tabs(cli, true);
}

enum exit_code run_tape_permit(struct cli *cli)
{
	return set_tabs(cli, false);
}
