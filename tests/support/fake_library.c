/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_library.h"

#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/list.h"

enum {
	DRIVES_MAX = 8,
	MEDIA_MAX = 16,
};

struct library {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t worker;
	struct list queue;
	bool held, stopping, ready;
	unsigned started, completed;
	char actor[64];
	unsigned drive_count, medium_count;
	struct library_drive drives[DRIVES_MAX]; /* by name */
	struct library_medium media[MEDIA_MAX];  /* by id */
};

struct job {
	struct list node;
	void (*run)(struct library *library, const struct job *job, struct library_result *ret);
	library_done done;
	void *context;
	bool force;
	char name[LIBRARY_ID_MAX];
	struct library_load load;
	struct library_media_add media_add;
	struct library_drive_add drive_add;
};

#define COPY(to, from) snprintf(to, sizeof(to), "%s", from)

/* ---- what is there ------------------------------------------------------------------------- */

static void put_medium(struct library *library, const char *id, const char *path, uint64_t size,
	const char *profile, const char *volume_id)
{
	struct library_medium *medium = &library->media[library->medium_count++];
	*medium = (struct library_medium){.kind = "disc",
		.format = "iso",
		.size = size,
		.file_system = "ISO 9660",
		.added = 1767225600};
	COPY(medium->id, id);
	COPY(medium->path, path);
	COPY(medium->profile, profile);
	COPY(medium->volume_id, volume_id);
}

static struct library_drive *put_drive(struct library *library, const char *name, const char *state)
{
	struct library_drive *drive = &library->drives[library->drive_count++];
	*drive = (struct library_drive){
		.kind = "optical", .personality = "dvd-rom", .tray = "closed"};
	COPY(drive->name, name);
	COPY(drive->state, state);
	snprintf(drive->serial, sizeof drive->serial, "CRSL%04u", library->drive_count);
	return drive;
}

static void put_host(struct library_drive *drive, const char *name, bool locks)
{
	struct library_host *host = &drive->hosts[drive->host_count++];
	*host = (struct library_host){
		.locks = locks, .sees_medium = true, .told = true, .commands = 1234};
	COPY(host->name, name);
	drive->locked |= locks;
}

static void fill_drive(struct library_drive *drive, const struct library_medium *medium)
{
	drive->has_medium = true;
	drive->medium = *medium;
	COPY(drive->state, "loaded");
	COPY(drive->tray, "closed");
}

static void furnish(struct library *library)
{
	put_medium(library, "debian-12", "/srv/iso/debian-12.8.0-amd64-DVD-1.iso", 3997171712,
		"DVD-ROM", "Debian 12.8.0 amd64 1");
	put_medium(library, "netinst", "/srv/iso/debian-12.8.0-amd64-netinst.iso", 661651456,
		"CD-ROM", "Debian 12.8.0 amd64 n");
	put_medium(library, "odd", "/srv/iso/caf\xe9.iso", 2048, "CD-ROM", "bell\a caf\xe9");
	COPY(library->media[2].fault, "the file changed while it was loaded");
	put_medium(library, "win11", "/srv/iso/Win11_24H2.iso", 5819484160, "DVD-ROM",
		"CCCOMA_X64FRE_EN-US_DV9");
	struct library_drive *drive = put_drive(library, "dvd0", "loaded");
	fill_drive(drive, &library->media[0]);
	put_host(drive, "loopback", false);
	put_host(drive, "iqn.1993-08.org.debian:01:aa", false);
	COPY(drive->export_address, "99:0:1:0");
	drive->commands = 2468;
	drive->bytes_read = 41943040;
	put_drive(library, "dvd1", "empty");
	drive = put_drive(library, "dvd2", "loaded");
	fill_drive(drive, &library->media[3]);
	put_host(drive, "loopback", true);
	drive = put_drive(library, "dvd3", "failed");
	COPY(drive->failure, "the kernel refused the device; load target_core_user");
}

static struct library_drive *find_drive(
	struct library *library, const char *name, struct error *error)
{
	for (unsigned i = 0; i < library->drive_count; i++)
		if (!strcmp(library->drives[i].name, name))
			return &library->drives[i];
	error_set(error, ERROR_DRIVE_NOT_FOUND, "List the drives.", "there is no drive %s", name);
	return NULL;
}

static struct library_medium *find_medium(
	struct library *library, const char *id, struct error *error)
{
	for (unsigned i = 0; i < library->medium_count; i++)
		if (!strcmp(library->media[i].id, id))
			return &library->media[i];
	error_set(error, ERROR_MEDIUM_NOT_FOUND, "List the media.", "there is no medium %s", id);
	return NULL;
}

/* ---- the worker ---------------------------------------------------------------------------- */

static void run_job(struct library *library, struct job *job)
{
	struct library_result result = {.ok = true};
	pthread_mutex_lock(&library->lock);
	if (library->stopping)
		result.ok = error_set(&result.error, ERROR_STOPPING, "Start it again.",
			"the library is stopping");
	else
		job->run(library, job, &result);
	library->completed++;
	pthread_cond_broadcast(&library->changed);
	pthread_mutex_unlock(&library->lock);
	job->done(job->context, &result);
	free(job);
}

/* Waits; NULL when it is time to end. */
static struct job *next_job(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	while (!library->stopping && (library->held || list_empty(&library->queue)))
		pthread_cond_wait(&library->changed, &library->lock);
	struct list *node = list_pop(&library->queue);
	return node ? container_of(node, struct job, node) : NULL;
}

static void *work(void *context)
{
	struct job *job;
	while ((job = next_job(context)))
		run_job(context, job);
	return NULL;
}

static void submit(struct library *library, const struct job *job, const char *actor)
{
	struct job *copy = malloc(sizeof *copy);
	if (!copy)
		abort();
	*copy = *job;
	SCOPED_LOCK(&library->lock);
	COPY(library->actor, actor);
	library->started++;
	list_append(&library->queue, &copy->node);
	pthread_cond_broadcast(&library->changed);
}

struct library *fake_library_create(void)
{
	struct library *library = calloc(1, sizeof *library);
	if (!library)
		abort();
	pthread_mutex_init(&library->lock, NULL);
	pthread_cond_init(&library->changed, NULL);
	list_init(&library->queue);
	library->ready = true;
	furnish(library);
	pthread_create(&library->worker, NULL, work, library);
	return library;
}

void fake_library_destroy(struct library *library)
{
	pthread_mutex_lock(&library->lock);
	library->stopping = true;
	pthread_cond_broadcast(&library->changed);
	pthread_mutex_unlock(&library->lock);
	pthread_join(library->worker, NULL);
	pthread_cond_destroy(&library->changed);
	pthread_mutex_destroy(&library->lock);
	free(library);
}

void fake_library_hold(struct library *library, bool held)
{
	SCOPED_LOCK(&library->lock);
	library->held = held;
	pthread_cond_broadcast(&library->changed);
}

unsigned fake_library_started(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	return library->started;
}

unsigned fake_library_completed(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	return library->completed;
}

void fake_library_actor(struct library *library, char *ret, size_t size)
{
	SCOPED_LOCK(&library->lock);
	snprintf(ret, size, "%s", library->actor);
}

void fake_library_set_ready(struct library *library, bool ready)
{
	SCOPED_LOCK(&library->lock);
	library->ready = ready;
}

/* ---- readers ------------------------------------------------------------------------------- */

unsigned library_drive_count(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	return library->drive_count;
}

bool library_drive_at(struct library *library, unsigned index, struct library_drive *ret)
{
	SCOPED_LOCK(&library->lock);
	if (index >= library->drive_count)
		return false;
	*ret = library->drives[index];
	return true;
}

bool library_drive_get(
	struct library *library, const char *name, struct library_drive *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct library_drive *drive = find_drive(library, name, error);
	if (drive)
		*ret = *drive;
	return drive;
}

static bool on_page(const struct library_medium *medium, const char *after, const char *match)
{
	return strcmp(medium->id, after) > 0 &&
	       (strstr(medium->id, match) || strstr(medium->path, match));
}

bool library_media_page(struct library *library, const char *after, const char *match,
	unsigned limit, bool (*each)(void *context, const struct library_medium *medium),
	void *context, char ret_next[LIBRARY_ID_MAX], uint64_t *ret_total, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct library_medium *last = NULL;
	*ret_total = 0;
	ret_next[0] = '\0';
	for (unsigned i = 0, count = 0; i < library->medium_count; i++) {
		const struct library_medium *medium = &library->media[i];
		*ret_total += on_page(medium, "", match);
		if (!on_page(medium, after, match))
			continue;
		if (count++ == limit)
			memcpy(ret_next, last->id, LIBRARY_ID_MAX);
		if (count > limit)
			continue;
		each(context, medium);
		last = medium;
	}
	return true;
}

bool library_medium_get(
	struct library *library, const char *id, struct library_medium *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct library_medium *medium = find_medium(library, id, error);
	if (medium)
		*ret = *medium;
	return medium;
}

static const struct library_trace_entry entries[] = {
	{.host = "loopback",
		.number = 1,
		.age_s = 12.34,
		.duration_us = 12,
		.name = "TEST UNIT READY",
		.cdb_length = 6,
		.status = 2,
		.sense_key = 6,
		.asc = 0x28,
		.ascq = 0,
		.sense_text = "Not ready to ready change, medium may have changed"},
	{.host = "iqn.1993-08.org.debian:01:aa",
		.number = 7,
		.age_s = 3.5,
		.duration_us = 1480,
		.name = "READ(10)",
		.cdb = {0x28, 0, 0, 0, 0, 0x10, 0, 0, 2},
		.cdb_length = 10,
		.transferred = 4096},
	{.host = "loopback",
		.number = 2,
		.age_s = 0.2,
		.duration_us = 35,
		.name = "READ(10)",
		.cdb = {0x28, 0, 0, 0, 0, 0x20, 0, 0, 2},
		.cdb_length = 10,
		.transferred = 4096},
};

bool library_trace(struct library *library, const char *name, const char *host, unsigned limit,
	bool (*each)(void *context, const struct library_trace_entry *entry), void *context,
	struct error *error)
{
	SCOPED_LOCK(&library->lock);
	if (!find_drive(library, name, error))
		return false;
	for (unsigned i = 0; i < 3 && !strcmp(name, "dvd0"); i++)
		if (3 - i <= limit && (!host || !*host || !strcmp(host, entries[i].host)))
			each(context, &entries[i]);
	return true;
}

void library_health(struct library *library, struct library_health *ret)
{
	SCOPED_LOCK(&library->lock);
	*ret = (struct library_health){.version = "0.1.0",
		.ready = library->ready,
		.drives = library->drive_count,
		.drives_failed = 1,
		.media = library->medium_count,
		.transport = "target_core_user",
		.uptime_s = 11520};
}

/* ---- operations ---------------------------------------------------------------------------- */

static void report_drive(const struct library_drive *drive, struct library_result *ret)
{
	ret->has_drive = true;
	ret->drive = *drive;
}

static struct library_drive *choose_drive(
	struct library *library, const struct library_load *load, struct error *error)
{
	if (strcmp(load->drive, "any"))
		return find_drive(library, load->drive, error);
	for (unsigned i = 0; i < library->drive_count; i++)
		if (!strcmp(library->drives[i].state, "empty"))
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
	const struct library_medium *medium;
	struct library_drive *drive = choose_drive(library, &job->load, &ret->error);
	ret->ok = drive && (medium = find_medium(library, job->load.medium, &ret->error)) &&
		  ((drive->has_medium && !strcmp(drive->medium.id, medium->id)) ||
			  may_load(drive, &job->load, &ret->error));
	if (!ret->ok)
		return;
	fill_drive(drive, medium);
	report_drive(drive, ret);
}

static void run_eject(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_drive *drive = find_drive(library, job->name, &ret->error);
	ret->ok = drive &&
		  (!drive->locked || job->force ||
			  error_set(&ret->error, ERROR_REMOVAL_PREVENTED,
				  "Unmount it there, or use force.", "drive %s is locked by %s",
				  drive->name, drive->hosts[0].name));
	if (!ret->ok)
		return;
	drive->has_medium = false;
	COPY(drive->state, "empty");
	COPY(drive->tray, "open");
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
	if (library->medium_count == MEDIA_MAX || find_medium(library, id, NULL)) {
		ret->ok = error_set(&ret->error, ERROR_EXISTS, "Choose another id.",
			"there is a medium %s already", id);
		return;
	}
	put_medium(library, id, add->path, 2048, "CD-ROM", "NEW");
	report_medium(&library->media[library->medium_count - 1], ret);
	ret->created = true;
}

static void run_media_remove(
	struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_medium *medium = find_medium(library, job->name, &ret->error);
	ret->ok = medium;
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
	if (library->drive_count == DRIVES_MAX || find_drive(library, job->drive_add.name, NULL)) {
		ret->ok = error_set(&ret->error, ERROR_EXISTS, "Choose another name.",
			"there is a drive %s already", job->drive_add.name);
		return;
	}
	struct library_drive *drive = put_drive(library, job->drive_add.name, "empty");
	if (*job->drive_add.personality)
		memcpy(drive->personality, job->drive_add.personality, sizeof drive->personality);
	report_drive(drive, ret);
	ret->created = true;
}

static void run_drive_remove(
	struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_drive *drive = find_drive(library, job->name, &ret->error);
	ret->ok = drive &&
		  (!drive->has_medium || job->force ||
			  error_set(&ret->error, ERROR_DRIVE_BUSY, "Eject it first, or use force.",
				  "drive %s holds %s", drive->name, drive->medium.id));
	if (ret->ok)
		memmove(drive, drive + 1,
			(char *)&library->drives[library->drive_count--] - (char *)(drive + 1));
}

void library_load(struct library *library, const struct library_load *load, const char *actor,
	library_done done, void *context)
{
	struct job job = {.run = run_load, .done = done, .context = context, .load = *load};
	submit(library, &job, actor);
}

void library_eject(struct library *library, const struct library_eject *eject, const char *actor,
	library_done done, void *context)
{
	struct job job = {
		.run = run_eject, .done = done, .context = context, .force = eject->force};
	COPY(job.name, eject->drive);
	submit(library, &job, actor);
}

void library_media_add(struct library *library, const struct library_media_add *add,
	const char *actor, library_done done, void *context)
{
	struct job job = {
		.run = run_media_add, .done = done, .context = context, .media_add = *add};
	submit(library, &job, actor);
}

void library_media_remove(struct library *library, const char *id, const char *actor,
	library_done done, void *context)
{
	struct job job = {.run = run_media_remove, .done = done, .context = context};
	COPY(job.name, id);
	submit(library, &job, actor);
}

void library_drive_add(struct library *library, const struct library_drive_add *add,
	const char *actor, library_done done, void *context)
{
	struct job job = {
		.run = run_drive_add, .done = done, .context = context, .drive_add = *add};
	submit(library, &job, actor);
}

void library_drive_remove(struct library *library, const char *name, bool force, const char *actor,
	library_done done, void *context)
{
	struct job job = {
		.run = run_drive_remove, .done = done, .context = context, .force = force};
	COPY(job.name, name);
	submit(library, &job, actor);
}
