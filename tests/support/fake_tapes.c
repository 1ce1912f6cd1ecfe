/* SPDX-License-Identifier: Apache-2.0 */
/* Tapes of the fake library, their drives and what happened to them. */
#include "fake_library_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define TB UINT64_C(1000000000000)
#define GB UINT64_C(1000000000)

/* ---- what is there ------------------------------------------------------------------------- */

void fake_put_event(struct library *library, const char *actor, const char *verb, const char *drive,
	const char *medium)
{
	if (library->event_count == HISTORY_MAX)
		memmove(library->events, library->events + 1,
			--library->event_count * sizeof library->events[0]);
	struct library_history_entry *event = &library->events[library->event_count++];
	*event = (struct library_history_entry){
		.number = ++library->last_event, .when = 1767225600 + library->last_event};
	COPY(event->actor, actor);
	COPY(event->verb, verb);
	COPY(event->drive, drive);
	COPY(event->medium, medium);
	fake_tell_events(library);
}

static struct library_drive *put_tape_drive(
	struct library *library, const char *name, const char *tape)
{
	struct library_drive *drive = fake_put_drive(library, name, "empty");
	COPY(drive->kind, "tape");
	COPY(drive->personality, "lto-8");
	drive->tray[0] = '\0';
	if (tape)
		fake_fill_drive(drive, fake_find_medium(library, tape, NULL));
	return drive;
}

static void put_tapes(struct library *library)
{
	fake_put_tape(library, "ARC001L8", 12 * TB)->loads = 12;
	struct library_medium *tape = fake_put_tape(library, "ARC002L8", 12 * TB);
	tape->loads = 3;
	tape->write_protected = true;
	fake_put_tape(library, "ARC003L8", 100 * GB);
	tape = fake_put_tape(library, "ARC004L8", 12 * TB);
	tape->loads = 1;
	COPY(tape->fault, "blocks from object 17 on cannot be read");
	fake_put_tape(library, "ARC005L8", 12 * TB)->loads = 2;
	fake_put_tape(library, "ARC006L8", 12 * TB)->loads = 1;
}

/* In the middle of a backup. */
static void put_busy_drive(struct library *library)
{
	struct library_drive *drive = put_tape_drive(library, "lto0", "ARC001L8");
	drive->tape.position = 1234;
	drive->tape.end = 5678;
	drive->tape.filemarks = 3;
	drive->tape.bytes = 8800 * GB;
	drive->tape.used = 4440 * GB;
	drive->commands = 34000;
	drive->bytes_read = 42 * GB;
	drive->bytes_written = 1300 * GB;
	COPY(drive->export_address, "99:0:2:0");
	fake_put_host(drive, "iqn.1993-08.org.debian:01:aa,i,0x00023d000001@backup", true);
	fake_put_host(drive, "loopback", false);
}

static void put_protected_drive(struct library *library)
{
	struct library_drive *drive = put_tape_drive(library, "lto1", "ARC002L8");
	drive->tape.end = 1;
	drive->tape.filemarks = 1;
	drive->tape.used = 16384;
	drive->alerts = UINT64_C(1) << (9 - 1);
}

static void put_damaged_drive(struct library *library)
{
	struct library_drive *drive = put_tape_drive(library, "lto2", "ARC004L8");
	drive->tape.writable = false;
	COPY(drive->tape.reason, "it is damaged");
	drive->tape.damaged = true;
	drive->tape.damaged_object = 17;
	drive->tape.position = 17;
	drive->tape.end = 17;
	drive->tape.filemarks = 2;
	drive->tape.bytes = drive->tape.used = 11999 * GB;
	drive->alerts = UINT64_C(1) << (4 - 1) | UINT64_C(1) << (5 - 1);
}

static void put_unloaded_drive(struct library *library)
{
	struct library_drive *drive = put_tape_drive(library, "lto3", "ARC005L8");
	COPY(drive->state, "unloaded");
	drive->tape.threaded = false;
	drive->tape.end = 400;
	drive->tape.filemarks = 4;
	drive->tape.bytes = drive->tape.used = 12 * TB;
}

static void put_history(struct library *library)
{
	fake_put_event(library, "uid:0", "load", "lto0", "old001l8");
	fake_put_event(library, "host loopback", "eject", "lto0", "old001l8");
	fake_put_event(library, "uid:1000", "write-permit", "", "arc001l8");
	fake_put_event(library, "uid:1000", "load", "lto0", "arc001l8");
	fake_put_event(library, "uid:0", "load", "dvd0", "debian-12");
	fake_put_event(library, "host iqn.1993-08.org.debian:01:aa", "eject", "dvd1", "netinst");
}

void fake_library_add_tapes(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	put_tapes(library);
	put_busy_drive(library);
	put_protected_drive(library);
	put_damaged_drive(library);
	put_unloaded_drive(library);
	put_tape_drive(library, "lto4", NULL);
	put_tape_drive(library, "lto5", "ARC006L8");
	put_history(library);
	fake_settle_places(library);
	fake_furnish_vault(library);
}

void fake_library_add_history(struct library *library, unsigned count)
{
	SCOPED_LOCK(&library->lock);
	while (count--)
		fake_put_event(library, "uid:0", count & 1 ? "eject" : "load", "dvd0", "debian-12");
}

/* ---- operations ---------------------------------------------------------------------------- */

/* The number behind the prefix; 0 when it is another's tape. */
static unsigned number_of(const struct library_medium *medium, const char *prefix)
{
	size_t length = strlen(prefix);
	if (strcmp(medium->kind, "tape") || strncmp(medium->barcode, prefix, length))
		return 0;
	return (unsigned)strtoul(medium->barcode + length, NULL, 10);
}

static unsigned highest_number(const struct library *library, const char *prefix)
{
	unsigned highest = 0;
	for (unsigned i = 0; i < library->medium_count; i++) {
		unsigned number = number_of(&library->media[i], prefix);
		highest = number > highest ? number : highest;
	}
	return highest;
}

/* What fits into a barcode of eight characters: 999 of "ARC". */
static unsigned most_numbers(size_t prefix_length)
{
	unsigned most = 1;
	for (size_t digits = 6 - prefix_length; digits--;)
		most *= 10;
	return most - 1;
}

static bool may_create(const struct library *library, const struct library_tape_create *create,
	struct error *error)
{
	size_t length = strlen(create->prefix);
	if (*create->medium_type && strcmp(create->medium_type, "LTO-8"))
		return error_set(error, ERROR_INVALID, "Use LTO-8.",
			"there are no tapes of type %s", create->medium_type);
	if (length > 5 || strspn(create->prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != length)
		return error_set(error, ERROR_INVALID, "Use 1 to 5 of A-Z and 0-9.",
			"barcodes cannot begin with \"%s\"", create->prefix);
	if (highest_number(library, create->prefix) + create->count > most_numbers(length))
		return error_set(error, ERROR_EXISTS, "Use another prefix.",
			"barcodes of %s have no numbers left for %u tapes", create->prefix,
			create->count);
	if (library->medium_count + create->count > MEDIA_MAX)
		return error_set(error, ERROR_HOST_FULL, "Make room, or make fewer.",
			"there is no room for %u tapes", create->count);
	return true;
}

static void run_create(struct library *library, const struct job *job, struct library_result *ret)
{
	const struct library_tape_create *create = &job->tape_create;
	ret->ok = may_create(library, create, &ret->error);
	if (!ret->ok)
		return;
	unsigned number = highest_number(library, create->prefix);
	int digits = 6 - (int)strlen(create->prefix);
	for (unsigned i = 0; i < create->count; i++) {
		char barcode[LIBRARY_BARCODE_MAX];
		snprintf(barcode, sizeof barcode, "%s%0*uL8", create->prefix, digits, ++number);
		COPY(library->made[i], fake_put_tape(library, barcode,
					       create->capacity ? create->capacity : 12 * TB)
					       ->id);
	}
	ret->created = true;
	ret->ids = library->made;
	ret->id_count = create->count;
}

static bool may_protect(const struct library_medium *medium, struct error *error)
{
	if (strcmp(medium->kind, "tape"))
		return error_set(error, ERROR_INVALID, "Name a tape: carousel tape ls.",
			"%s is a disc, and has no tab", medium->id);
	if (*medium->drive)
		return error_set(error, ERROR_MEDIUM_IN_USE, "Eject it first.", "%s is in drive %s",
			medium->barcode, medium->drive);
	return true;
}

static void run_protect(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_medium *medium = fake_find_medium(library, job->name, &ret->error);
	ret->ok = medium && may_protect(medium, &ret->error);
	if (!ret->ok)
		return;
	medium->write_protected = job->write_protected;
	fake_put_event(library, library->actor,
		job->write_protected ? "write-protect" : "write-permit", "", medium->id);
	ret->has_medium = true;
	ret->medium = *medium;
}

void library_tape_create(struct library *library, const struct library_tape_create *create,
	const char *actor, library_done done, void *context)
{
	struct job job = {
		.run = run_create, .done = done, .context = context, .tape_create = *create};
	fake_submit(library, &job, actor);
}

void library_tape_protect(struct library *library, const char *id, bool write_protected,
	const char *actor, library_done done, void *context)
{
	struct job job = {.run = run_protect,
		.done = done,
		.context = context,
		.write_protected = write_protected};
	COPY(job.name, id);
	fake_submit(library, &job, actor);
}
