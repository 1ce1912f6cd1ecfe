/* SPDX-License-Identifier: Apache-2.0 */
#include "media_details.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"

enum { LINE_MAX_BYTES = 1024 };

/* A list in a line: "BIOS, UEFI x64". What does not fit is left out, with an ellipsis. */
struct line {
	char text[LINE_MAX_BYTES];
	bool full;
};

__attribute__((format(printf, 2, 3))) static void line_add(
	struct line *line, const char *format, ...)
{
	char item[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(item, sizeof item, format, arguments);
	va_end(arguments);
	size_t length = strlen(line->text), room = sizeof line->text - length;
	if (line->full || !*item)
		return;
	line->full = strlen(item) + sizeof ", ..." >= room;
	snprintf(line->text + length, room, "%s%s", length ? ", " : "", line->full ? "..." : item);
}

/* ---- how it boots -------------------------------------------------------------------------- */

/* A word, or the number of something that has none. */
static const char *word_of(const json_t *value, char ret[32])
{
	snprintf(ret, 32, "0x%02llx", (unsigned long long)json_integer_value(value));
	return json_is_string(value) ? json_string_value(value) : ret;
}

/* "uefi", "bios as floppy-1440", "0x4d (not bootable)". */
static void add_entry(struct line *line, const json_t *entry)
{
	char platform[32], emulation[32];
	const char *emulated = word_of(json_object_get(entry, "emulation"), emulation);
	bool emulates = strcmp(emulated, "none") != 0;
	line_add(line, "%s%s%s%s", word_of(json_object_get(entry, "platform"), platform),
		emulates ? " as " : "", emulates ? emulated : "",
		is_set(entry, "bootable") ? "" : " (not bootable)");
}

static void print_targets(const char *label, const json_t *targets)
{
	struct line line = {0};
	size_t i;
	json_t *item;
	json_array_foreach(targets, i, item)
		line_add(&line, "%s", json_string_value(item) ? json_string_value(item) : "");
	print_field(label, line.text);
}

/* As a disc, written to a disk or stick as it is, and with its files copied to a stick with FAT. */
static void print_boot(const json_t *boot)
{
	struct line entries = {0};
	const json_t *catalog = json_object_get(boot, "catalog");
	long long more = number_of(boot, "entries") - (long long)json_array_size(catalog);
	size_t i;
	json_t *item;
	json_array_foreach(catalog, i, item) add_entry(&entries, item);
	if (more > 0)
		line_add(&entries, "and %lld more", more);
	print_targets("boots", json_object_get(boot, "targets"));
	print_targets("as a disk", json_object_get(boot, "disk_targets"));
	print_targets("files on FAT", json_object_get(boot, "file_targets"));
	print_field("El Torito", entries.text);
}

/* ---- what else is in it -------------------------------------------------------------------- */

struct flag {
	const char *member, *text;
};

static void print_flags(const char *label, const json_t *object, const struct flag *flags)
{
	struct line line = {0};
	for (; flags->member; flags++)
		if (is_set(object, flags->member))
			line_add(&line, "%s", flags->text);
	print_field(label, line.text);
}

static void print_partitions(const json_t *partitions)
{
	static const struct flag flags[] = {{"isohybrid", "isohybrid"},
		{"mbr_boot_code", "MBR with boot code"}, {"gpt", "GPT"},
		{"efi_system_partition", "EFI system partition"},
		{"apple_partition_map", "Apple partition map"}, {"hfs_plus", "HFS+"}, {NULL, NULL}};
	print_flags("partitions", partitions, flags);
}

static void print_extensions(const json_t *volume)
{
	struct line line = {0};
	if (number_of(volume, "joliet"))
		line_add(&line, "Joliet level %lld", number_of(volume, "joliet"));
	if (is_set(volume, "rock_ridge"))
		line_add(&line, "Rock Ridge");
	print_field("extensions", line.text);
}

static void print_time(const char *label, const json_t *volume, const char *member)
{
	char text[64];
	time_t time = (time_t)number_of(volume, member);
	struct tm parts;
	if (json_is_integer(json_object_get(volume, member)) && gmtime_r(&time, &parts) &&
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts))
		print_field(label, text);
}

static void print_volume(const json_t *volume)
{
	const char *joliet = text_of(volume, "joliet_volume_id");
	print_extensions(volume);
	if (strcmp(joliet, text_of(volume, "volume_id")))
		print_field("Joliet name", joliet);
	print_field("volume set", text_of(volume, "volume_set_id"));
	print_field("publisher", text_of(volume, "publisher"));
	print_field("preparer", text_of(volume, "preparer"));
	print_field("application", text_of(volume, "application"));
	print_time("created", volume, "created");
	print_time("modified", volume, "modified");
	print_time("expires", volume, "expires");
	print_time("effective", volume, "effective");
}

void media_details_print(const json_t *details)
{
	print_boot(json_object_get(details, "boot"));
	print_partitions(json_object_get(details, "partitions"));
	print_volume(json_object_get(details, "iso9660"));
	print_field("UDF name", text_of(json_object_get(details, "udf"), "volume_id"));
	if (is_set(details, "truncated"))
		print_field("truncated", "its volume is longer than the file");
}
