/* SPDX-License-Identifier: Apache-2.0 */
/* What operations do to the fake library, on its worker and with the library locked. */
#include "fake_library_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void report_drive(const struct library_drive *drive, struct library_result *ret)
{
	ret->has_drive = true;
	ret->drive = *drive;
}

static bool fits(
	const struct library_drive *drive, const struct library_medium *medium, struct error *error)
{
	if (!strcmp(drive->kind, "tape") == !strcmp(medium->kind, "tape"))
		return true;
	return error_set(error, ERROR_MEDIUM_DOES_NOT_FIT, "Use a drive of its kind.",
		"a %s does not fit into drive %s", medium->kind, drive->name);
}

static bool is_free(
	const struct library_drive *drive, const struct library_medium *medium, struct error *error)
{
	if (strcmp(medium->kind, "tape") || !*medium->drive || !strcmp(medium->drive, drive->name))
		return true;
	return error_set(error, ERROR_MEDIUM_IN_USE, "Eject it there first.", "%s is in drive %s",
		medium->barcode, medium->drive);
}

static struct library_drive *choose_drive(
	struct library *library, const struct library_load *load, struct error *error)
{
	if (strcmp(load->drive, "any"))
		return fake_find_drive(library, load->drive, error);
	const struct library_medium *medium = fake_find_medium(library, load->medium, error);
	if (!medium)
		return NULL;
	for (unsigned i = 0; i < library->drive_count; i++)
		if (!strcmp(library->drives[i].state, "empty") &&
			fits(&library->drives[i], medium, NULL))
			return &library->drives[i];
	error_set(error, ERROR_DRIVE_FULL, "Eject one, or add a drive.", "no drive is empty");
	return NULL;
}

static bool may_load(
	const struct library_drive *drive, const struct library_load *load, struct error *error)
{
	if (!drive->has_medium)
		return true;
	if (!load->replace)
		return error_set(error, ERROR_DRIVE_FULL, "Eject it first, or replace it.",
			"drive %s holds %s", drive->name, drive->medium.id);
	if (drive->locked && !load->force)
		return error_set(error, ERROR_REMOVAL_PREVENTED, "Unmount it there, or use force.",
			"drive %s is locked by %s", drive->name, drive->hosts[0].name);
	return true;
}

static void run_load(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_medium *medium;
	struct library_drive *drive = choose_drive(library, &job->load, &ret->error);
	ret->ok = drive && (medium = fake_find_medium(library, job->load.medium, &ret->error)) &&
		  fits(drive, medium, &ret->error) && is_free(drive, medium, &ret->error) &&
		  ((drive->has_medium && !strcmp(drive->medium.id, medium->id)) ||
			  may_load(drive, &job->load, &ret->error));
	if (!ret->ok)
		return;
	medium->loads++;
	fake_fill_drive(drive, medium);
	fake_settle_places(library);
	fake_put_event(library, library->actor, "load", drive->name, medium->id);
	report_drive(drive, ret);
}

static void run_eject(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_drive *drive = fake_find_drive(library, job->name, &ret->error);
	ret->ok = drive &&
		  (!drive->locked || job->force ||
			  error_set(&ret->error, ERROR_REMOVAL_PREVENTED,
				  "Unmount it there, or use force.", "drive %s is locked by %s",
				  drive->name, drive->hosts[0].name));
	if (!ret->ok)
		return;
	if (drive->has_medium)
		fake_put_event(library, library->actor, "eject", drive->name, drive->medium.id);
	drive->has_medium = drive->has_tape = false;
	COPY(drive->state, "empty");
	if (*drive->tray)
		COPY(drive->tray, "open");
	fake_settle_places(library);
	report_drive(drive, ret);
}

/* "debian" of "/srv/iso/debian.iso". */
static void name_medium(const struct library_media_add *add, char ret[LIBRARY_ID_MAX])
{
	const char *base = strrchr(add->path, '/') + 1;
	if (*add->id)
		snprintf(ret, LIBRARY_ID_MAX, "%s", add->id);
	else
		snprintf(ret, LIBRARY_ID_MAX, "%.*s", (int)strcspn(base, "."), base);
}

static void report_directory(struct library_result *ret)
{
	ret->added = 2;
	ret->known = ret->refused = 1;
	error_set(&ret->first_refusal, ERROR_IMAGE_EMPTY, "Copy it again.",
		"/srv/iso/zero.iso is empty");
}

static void report_medium(const struct library_medium *medium, struct library_result *ret)
{
	ret->has_medium = true;
	ret->medium = *medium;
}

/* The fake knows what Carousel calls the discs, and what they hold. */
static const struct {
	const char *name, *profile;
	uint64_t bytes;
} discs[] = {
	{"cd-rom", "CD-ROM", UINT64_C(829440000)},
	{"dvd-rom", "DVD-ROM", UINT64_C(8547991552)},
	{"bd-rom", "BD-ROM", UINT64_C(128001769472)},
	{"auto", "CD-ROM", UINT64_MAX},
};

static bool press(struct library_medium *medium, const char *profile, struct error *error)
{
	for (size_t i = 0; i < sizeof discs / sizeof discs[0]; i++) {
		if (strcasecmp(discs[i].name, profile))
			continue;
		if (medium->size > discs[i].bytes)
			return error_set(error, ERROR_MEDIUM_DOES_NOT_FIT, "Choose a larger disc.",
				"%s is more than a %s holds", medium->id, discs[i].profile);
		COPY(medium->profile, discs[i].profile);
		medium->profile_set = strcmp(discs[i].name, "auto");
		return true;
	}
	return error_set(error, ERROR_INVALID, "Use cd-rom, dvd-rom, bd-rom or auto.",
		"there is no profile \"%s\"", profile);
}

static void run_media_add(
	struct library *library, const struct job *job, struct library_result *ret)
{
	const struct library_media_add *add = &job->media_add;
	char id[LIBRARY_ID_MAX];
	name_medium(add, id);
	if (!strncmp(add->path, "/missing", 8)) {
		ret->ok = error_set(&ret->error, ERROR_FILE_MISSING, "Check the path.",
			"%.200s does not exist", add->path);
		return;
	}
	if (add->path[strlen(add->path) - 1] == '/') {
		report_directory(ret);
		return;
	}
	for (unsigned i = 0; i < library->medium_count; i++)
		if (!strcmp(library->media[i].path, add->path)) {
			report_medium(&library->media[i], ret);
			return;
		}
	if (library->medium_count == MEDIA_MAX || fake_find_medium(library, id, NULL)) {
		ret->ok = error_set(&ret->error, ERROR_EXISTS, "Choose another id.",
			"there is a medium %s already", id);
		return;
	}
	struct library_medium made = {.size = 2048};
	ret->ok = !*add->profile || press(&made, add->profile, &ret->error);
	if (!ret->ok)
		return;
	struct library_medium *medium =
		fake_put_medium(library, id, add->path, 2048, "CD-ROM", "NEW");
	if (made.profile_set)
		press(medium, add->profile, &ret->error);
	report_medium(medium, ret);
	ret->created = true;
}

static bool may_press(const struct library_medium *medium, struct error *error)
{
	if (!strcmp(medium->kind, "tape"))
		return error_set(error, ERROR_INVALID, "Name a disc: carousel media ls.",
			"%s is a tape, which has no profile", medium->id);
	if (*medium->drive)
		return error_set(error, ERROR_MEDIUM_IN_USE, "Eject it there first.",
			"disc %s is in drive %s", medium->id, medium->drive);
	return true;
}

static void run_media_set_profile(
	struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_medium *medium = fake_find_medium(library, job->name, &ret->error);
	ret->ok = medium && may_press(medium, &ret->error) &&
		  press(medium, job->media_add.profile, &ret->error);
	if (!ret->ok)
		return;
	fake_put_event(library, library->actor, "profile", "", medium->id);
	report_medium(medium, ret);
}

static void run_media_remove(
	struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_medium *medium = fake_find_medium(library, job->name, &ret->error);
	ret->ok = medium;
	if (medium && job->words.version && job->words.version != medium->version)
		ret->ok = error_set(&ret->error, ERROR_CHANGED_MEANWHILE, "Look at it again.",
			"%s was changed meanwhile", medium->id);
	for (unsigned i = 0; medium && i < library->drive_count; i++)
		if (library->drives[i].has_medium &&
			!strcmp(library->drives[i].medium.id, medium->id))
			ret->ok = error_set(&ret->error, ERROR_MEDIUM_IN_USE, "Eject it first.",
				"%s is in drive %s", medium->id, library->drives[i].name);
	if (ret->ok)
		memmove(medium, medium + 1,
			(char *)&library->media[library->medium_count--] - (char *)(medium + 1));
}

static void run_drive_add(
	struct library *library, const struct job *job, struct library_result *ret)
{
	if (library->drive_count == DRIVES_MAX ||
		fake_find_drive(library, job->drive_add.name, NULL)) {
		ret->ok = error_set(&ret->error, ERROR_EXISTS, "Choose another name.",
			"there is a drive %s already", job->drive_add.name);
		return;
	}
	if (job->drive_add.loopback && !library->kernel_target) {
		ret->ok = error_set(&ret->error, ERROR_KERNEL_TARGET,
			"Add it without showing it to this machine.",
			"drive %s cannot be shown to this machine: %s", job->drive_add.name,
			NO_KERNEL_TARGET);
		return;
	}
	struct library_drive *drive = fake_put_drive(library, job->drive_add.name, "empty");
	if (*job->drive_add.personality)
		memcpy(drive->personality, job->drive_add.personality, sizeof drive->personality);
	if (!strcmp(drive->personality, "lto-8")) {
		COPY(drive->kind, "tape");
		drive->tray[0] = '\0';
	}
	report_drive(drive, ret);
	ret->created = true;
}

static void run_drive_remove(
	struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_drive *drive = fake_find_drive(library, job->name, &ret->error);
	ret->ok = drive &&
		  (!drive->has_medium || job->force ||
			  error_set(&ret->error, ERROR_DRIVE_BUSY, "Eject it first, or use force.",
				  "drive %s holds %s", drive->name, drive->medium.id));
	if (ret->ok)
		memmove(drive, drive + 1,
			(char *)&library->drives[library->drive_count--] - (char *)(drive + 1));
	fake_settle_places(library);
}

void library_load(struct library *library, const struct library_load *load, const char *actor,
	library_done done, void *context)
{
	struct job job = {.run = run_load, .done = done, .context = context, .load = *load};
	fake_submit(library, &job, actor);
}

void library_eject(struct library *library, const struct library_eject *eject, const char *actor,
	library_done done, void *context)
{
	struct job job = {
		.run = run_eject, .done = done, .context = context, .force = eject->force};
	COPY(job.name, eject->drive);
	fake_submit(library, &job, actor);
}

static void run_release(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_drive *drive = fake_find_drive(library, job->name, &ret->error);
	ret->ok = drive;
	if (!drive)
		return;
	if (drive->reservation.registrants || *drive->reservation.type)
		fake_put_event(library, library->actor, "release", drive->name, "");
	drive->reservation = (struct library_reservation){0};
	for (unsigned i = 0; i < drive->host_count; i++) {
		drive->hosts[i].reserves = false;
		drive->hosts[i].key = 0;
	}
	report_drive(drive, ret);
}

void library_release(struct library *library, const char *drive, const char *actor,
	library_done done, void *context)
{
	struct job job = {.run = run_release, .done = done, .context = context};
	COPY(job.name, drive);
	fake_submit(library, &job, actor);
}

void library_media_add(struct library *library, const struct library_media_add *add,
	const char *actor, library_done done, void *context)
{
	struct job job = {
		.run = run_media_add, .done = done, .context = context, .media_add = *add};
	fake_submit(library, &job, actor);
}

void library_media_set_profile(struct library *library, const char *id, const char *profile,
	const char *actor, library_done done, void *context)
{
	struct job job = {.run = run_media_set_profile, .done = done, .context = context};
	COPY(job.name, id);
	COPY(job.media_add.profile, profile);
	fake_submit(library, &job, actor);
}

void library_media_remove(struct library *library, const char *id, int64_t version,
	const char *actor, library_done done, void *context)
{
	struct job job = {.run = run_media_remove,
		.done = done,
		.context = context,
		.words.version = version};
	COPY(job.name, id);
	fake_submit(library, &job, actor);
}

void library_drive_add(struct library *library, const struct library_drive_add *add,
	const char *actor, library_done done, void *context)
{
	struct job job = {
		.run = run_drive_add, .done = done, .context = context, .drive_add = *add};
	fake_submit(library, &job, actor);
}

void library_drive_remove(struct library *library, const char *name, bool force, const char *actor,
	library_done done, void *context)
{
	struct job job = {
		.run = run_drive_remove, .done = done, .context = context, .force = force};
	COPY(job.name, name);
	fake_submit(library, &job, actor);
}
