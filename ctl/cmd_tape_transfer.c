/* SPDX-License-Identifier: Apache-2.0 */
/* carousel tape import, export: tapes in files of SIMH's format. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "human.h"
#include "interrupt.h"
#include "new_file.h"
#include "progress.h"
#include "ssc/offline.h"
#include "ssc/simh.h"
#include "tape.h"
#include "util/cleanup.h"

/* ---- both ways --------------------------------------------------------------------------------
 */

static bool draw(void *context, uint64_t done, uint64_t total)
{
	progress_update(context, done, total);
	return !interrupted();
}

static void begin(const struct cli *cli, struct simh_transfer *transfer, struct progress *progress)
{
	interrupt_catch();
	progress_begin(progress, NULL, cli->progress);
	*transfer = (struct simh_transfer){.keep_damaged = cli->options & OPTION_KEEP_DAMAGED,
		.progress = draw,
		.context = progress};
}

/* Everything is cleared away by now. */
static enum exit_code fail(const char *path, const struct error *error)
{
	if (error->code != ERROR_STOPPING)
		return tape_fail(error);
	complain(EXIT_FAILED, error->remedy, "%s was not made: %s", path, error->sentence);
	interrupt_end();
	return EXIT_FAILED;
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* "made X of Y: 5 blocks and 3 filemarks, 1.2 kB" */
static void tell_what_was_made(
	const char *path, const char *source, const struct simh_transfer *transfer)
{
	char size[32];
	tell("made %s of %s: %" PRIu64 " block%s and %" PRIu64 " filemark%s, %s", path, source,
		transfer->blocks, plural(transfer->blocks), transfer->filemarks,
		plural(transfer->filemarks),
		human_size((long long)transfer->bytes, size, sizeof size));
}

static json_t *describe_transfer(const struct simh_transfer *transfer)
{
	json_t *all = json_object();
	json_object_set_new(all, "blocks", json_integer((json_int_t)transfer->blocks));
	json_object_set_new(all, "filemarks", json_integer((json_int_t)transfer->filemarks));
	json_object_set_new(all, "bytes", json_integer((json_int_t)transfer->bytes));
	json_object_set_new(all, "damaged", json_integer((json_int_t)transfer->damaged));
	return all;
}

/* ---- import -----------------------------------------------------------------------------------
 */

struct import {
	const char *from, *to;
	struct native_create create;
	struct simh_transfer transfer;
	struct simh_seen seen; /* once it is done */
};

static struct cartridge *make_cartridge(
	struct new_file *file, const struct native_create *create, struct error *error)
{
	bool ok = native_create(&file_store_posix, file->temporary, create, NULL, error);
	new_file_made(file, ok, error);
	return ok ? native_open(&file_store_posix, file->temporary, true, NULL, error) : NULL;
}

/* Closing makes it durable. */
static bool close_cartridge(struct cartridge *cartridge, const char *path, struct error *error)
{
	int result = cart_close(cartridge);
	return result == 0 ||
	       error_set(error, ERROR_FILE_UNREADABLE,
		       "See that its disk has room and is well, and try again.",
		       "cannot write the cartridge %.200s: %s", path, strerror(-result));
}

static bool fill_cartridge(struct import *import, struct simh_reader *reader, struct new_file *file,
	struct error *error)
{
	struct cartridge *cartridge = make_cartridge(file, &import->create, error);
	if (!cartridge)
		return false;
	bool ok = simh_import(reader, cartridge, &import->transfer, error);
	if (ok)
		return close_cartridge(cartridge, import->to, error);
	native_abandon(cartridge);
	return false;
}

static bool import_tape(struct import *import, struct error *error)
{
	struct new_file file;
	if (!new_file_begin(&file, import->to, error))
		return false;
	struct simh_reader *reader =
		simh_reader_open(&file_store_posix, import->from, import->create.block_max, error);
	bool ok = reader && fill_cartridge(import, reader, &file, error);
	if (ok)
		import->seen = *simh_reader_seen(reader);
	simh_reader_close(reader);
	if (ok)
		return new_file_keep(&file, error);
	new_file_discard(&file);
	return false;
}

/* "left out: 1 private record, 22 bytes of erase gaps" */
static void tell_left_out(const struct simh_seen *seen)
{
	const struct {
		uint64_t count;
		const char *one, *many;
	} kinds[] = {
		{seen->private_records, "private record", "private records"},
		{seen->private_markers, "private marker", "private markers"},
		{seen->descriptions, "description", "descriptions"},
		{seen->reserved, "record or marker of a reserved class",
			"records or markers of reserved classes"},
		{seen->gap, "byte of erase gaps", "bytes of erase gaps"},
		{seen->behind, "byte behind the end", "bytes behind the end"},
	};
	char line[512] = "";
	size_t length = 0;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].count > 0)
			length += (size_t)snprintf(line + length, sizeof line - length,
				"%s%" PRIu64 " %s", length ? ", " : "", kinds[i].count,
				kinds[i].count == 1 ? kinds[i].one : kinds[i].many);
	if (length > 0)
		tell("left out: %s", line);
}

static void tell_import(const struct import *import)
{
	const struct simh_seen *seen = &import->seen;
	tell_what_was_made(import->to, import->from, &import->transfer);
	if (seen->unpadded)
		tell("%s is of the E11 variant: records of odd length are not padded",
			import->from);
	if (import->transfer.damaged)
		tell("kept: %" PRIu64 " record%s that the tape marks as damaged",
			import->transfer.damaged, plural(import->transfer.damaged));
	tell_left_out(seen);
}

static void print_import(const struct cli *cli, const struct import *import)
{
	const struct simh_seen *seen = &import->seen;
	json_t *all = describe_transfer(&import->transfer), *out = json_object();
	json_object_set_new(all, "file", json_string(import->from));
	json_object_set_new(all, "cartridge", json_string(import->to));
	json_object_set_new(all, "medium", json_string(import->create.medium));
	json_object_set_new(all, "variant", json_string(seen->unpadded ? "e11" : "standard"));
	json_object_set_new(all, "left_out", out);
	json_object_set_new(
		out, "private_records", json_integer((json_int_t)seen->private_records));
	json_object_set_new(
		out, "private_markers", json_integer((json_int_t)seen->private_markers));
	json_object_set_new(out, "descriptions", json_integer((json_int_t)seen->descriptions));
	json_object_set_new(out, "reserved", json_integer((json_int_t)seen->reserved));
	json_object_set_new(out, "gap_bytes", json_integer((json_int_t)seen->gap));
	json_object_set_new(out, "bytes_behind_end", json_integer((json_int_t)seen->behind));
	print_json(cli, all);
	json_decref(all);
}

enum exit_code run_tape_import(struct cli *cli)
{
	struct import import = {.from = cli->arguments[0], .to = cli->arguments[1]};
	struct progress progress;
	struct error error = {0};
	enum exit_code code = tape_options(cli, &import.create);
	if (code)
		return code;
	begin(cli, &import.transfer, &progress);
	bool ok = import_tape(&import, &error);
	progress_erase(&progress);
	if (!ok)
		return fail(import.to, &error);
	if (cli->json)
		print_import(cli, &import);
	else
		tell_import(&import);
	return EXIT_OK;
}

/* ---- export -----------------------------------------------------------------------------------
 */

static bool write_tape(struct cartridge *cartridge, struct new_file *file,
	struct simh_transfer *transfer, struct error *error)
{
	struct simh_writer *writer = simh_writer_create(&file_store_posix, file->temporary, error);
	new_file_made(file, writer, error);
	bool ok = writer && simh_export(cartridge, writer, transfer, error);
	simh_writer_close(writer);
	return ok;
}

static bool export_tape(
	const char *from, const char *to, struct simh_transfer *transfer, struct error *error)
{
	struct new_file file;
	if (!new_file_begin(&file, to, error))
		return false;
	struct cartridge *cartridge = native_open(&file_store_posix, from, false, NULL, error);
	bool ok = cartridge && write_tape(cartridge, &file, transfer, error);
	cart_close(cartridge);
	if (ok)
		return new_file_keep(&file, error);
	new_file_discard(&file);
	return false;
}

static void tell_export(const char *from, const char *to, const struct simh_transfer *transfer)
{
	tell_what_was_made(to, from, transfer);
	if (transfer->damaged)
		tell("marked as damaged: %" PRIu64 " block%s, of %" PRIu64
		     " of which nothing could be read",
			transfer->damaged, plural(transfer->damaged), transfer->without_data);
}

static void print_export(const struct cli *cli, const char *from, const char *to,
	const struct simh_transfer *transfer)
{
	json_t *all = describe_transfer(transfer);
	json_object_set_new(all, "without_data", json_integer((json_int_t)transfer->without_data));
	json_object_set_new(all, "tail_lost", json_boolean(transfer->tail_lost));
	json_object_set_new(all, "cartridge", json_string(from));
	json_object_set_new(all, "file", json_string(to));
	print_json(cli, all);
	json_decref(all);
}

enum exit_code run_tape_export(struct cli *cli)
{
	const char *from = cli->arguments[0], *to = cli->arguments[1];
	struct simh_transfer transfer;
	struct progress progress;
	struct error error = {0};
	begin(cli, &transfer, &progress);
	bool ok = export_tape(from, to, &transfer, &error);
	progress_erase(&progress);
	if (!ok)
		return fail(to, &error);
	if (cli->json)
		print_export(cli, from, to, &transfer);
	else
		tell_export(from, to, &transfer);
	if (!transfer.tail_lost)
		return EXIT_OK;
	return complain(EXIT_FAILED, "carousel tape verify says where the damage is.",
		"the end of %s cannot be read: from object %" PRIu64 " on nothing was exported",
		from, transfer.blocks + transfer.filemarks);
}
