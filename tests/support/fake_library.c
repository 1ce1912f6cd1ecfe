/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_library_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "util/cleanup.h"

/* ---- what is there ------------------------------------------------------------------------- */

/* Makes room in the order of ids. */
static struct library_medium *insert_medium(struct library *library, const char *id)
{
	unsigned at = library->medium_count++;
	for (; at && strcmp(library->media[at - 1].id, id) > 0; at--)
		library->media[at] = library->media[at - 1];
	library->media[at] = (struct library_medium){.added = 1767225600};
	COPY(library->media[at].id, id);
	return &library->media[at];
}

struct library_medium *fake_put_medium(struct library *library, const char *id, const char *path,
	uint64_t size, const char *profile, const char *volume_id)
{
	struct library_medium *medium = insert_medium(library, id);
	medium->size = size;
	medium->version = 1;
	COPY(medium->state, "ok");
	COPY(medium->kind, "disc");
	COPY(medium->format, "iso");
	COPY(medium->file_system, "ISO 9660");
	COPY(medium->path, path);
	COPY(medium->profile, profile);
	COPY(medium->volume_id, volume_id);
	return medium;
}

struct library_medium *fake_put_tape(
	struct library *library, const char *barcode, uint64_t capacity)
{
	char id[LIBRARY_ID_MAX];
	unsigned i = 0;
	for (; barcode[i]; i++)
		id[i] = (char)tolower(barcode[i]);
	id[i] = '\0';
	struct library_medium *medium = insert_medium(library, id);
	medium->size = 16384;
	medium->capacity = capacity;
	COPY(medium->kind, "tape");
	COPY(medium->format, "carousel");
	COPY(medium->medium_type, "LTO-8");
	COPY(medium->barcode, barcode);
	snprintf(medium->path, sizeof medium->path, "/var/lib/carousel/tapes/%s.tape", id);
	medium->version = 1;
	COPY(medium->state, "ok");
	return medium;
}

struct library_drive *fake_put_drive(struct library *library, const char *name, const char *state)
{
	struct library_drive *drive = &library->drives[library->drive_count++];
	*drive = (struct library_drive){
		.kind = "optical", .personality = "dvd-rom", .tray = "closed"};
	COPY(drive->name, name);
	COPY(drive->state, state);
	snprintf(drive->serial, sizeof drive->serial, "CRSL%04u", library->drive_count);
	return drive;
}

void fake_put_host(struct library_drive *drive, const char *name, bool locks)
{
	struct library_host *host = &drive->hosts[drive->host_count++];
	*host = (struct library_host){
		.locks = locks, .sees_medium = true, .told = true, .commands = 1234};
	COPY(host->name, name);
	drive->locked |= locks;
}

void fake_fill_drive(struct library_drive *drive, const struct library_medium *medium)
{
	drive->has_medium = true;
	drive->medium = *medium;
	COPY(drive->state, "loaded");
	if (!strcmp(drive->kind, "optical")) {
		COPY(drive->tray, "closed");
		return;
	}
	drive->has_tape = true;
	drive->tape = (struct library_tape){.threaded = true,
		.writable = !medium->write_protected,
		.capacity = medium->capacity,
		.mounts = medium->loads};
	if (medium->write_protected)
		COPY(drive->tape.reason, "the write-protect tab of the cartridge is set");
}

/* The first drive that holds the medium; "" when none does. */
static const char *place_of(const struct library *library, const struct library_medium *medium)
{
	for (unsigned i = 0; i < library->drive_count; i++)
		if (library->drives[i].has_medium &&
			!strcmp(library->drives[i].medium.id, medium->id))
			return library->drives[i].name;
	return "";
}

void fake_settle_places(struct library *library)
{
	for (unsigned i = 0; i < library->medium_count; i++)
		COPY(library->media[i].drive, place_of(library, &library->media[i]));
	for (unsigned i = 0; i < library->drive_count; i++)
		COPY(library->drives[i].medium.drive,
			place_of(library, &library->drives[i].medium));
}

static void furnish(struct library *library)
{
	const struct library_medium *debian =
		fake_put_medium(library, "debian-12", "/srv/iso/debian-12.8.0-amd64-DVD-1.iso",
			3997171712, "DVD-ROM", "Debian 12.8.0 amd64 1");
	fake_put_medium(library, "netinst", "/srv/iso/debian-12.8.0-amd64-netinst.iso", 661651456,
		"CD-ROM", "Debian 12.8.0 amd64 n");
	struct library_medium *odd = fake_put_medium(
		library, "odd", "/srv/iso/caf\xe9.iso", 2048, "CD-ROM", "bell\a caf\xe9");
	COPY(odd->fault, "the file changed while it was loaded");
	const struct library_medium *windows = fake_put_medium(library, "win11",
		"/srv/iso/Win11_24H2.iso", 5819484160, "DVD-ROM", "CCCOMA_X64FRE_EN-US_DV9");
	struct library_drive *drive = fake_put_drive(library, "dvd0", "loaded");
	fake_fill_drive(drive, debian);
	fake_put_host(drive, "loopback", false);
	fake_put_host(drive, "iqn.1993-08.org.debian:01:aa", false);
	COPY(drive->export_address, "99:0:1:0");
	drive->commands = 2468;
	drive->bytes_read = 41943040;
	fake_put_drive(library, "dvd1", "empty");
	drive = fake_put_drive(library, "dvd2", "loaded");
	fake_fill_drive(drive, windows);
	fake_put_host(drive, "loopback", true);
	drive->reservation =
		(struct library_reservation){.key = 0xabc, .registrants = 2, .lasting = true};
	COPY(drive->reservation.type, "write exclusive, registrants only");
	COPY(drive->reservation.holder, drive->hosts[0].name);
	drive->hosts[0].reserves = true;
	drive->hosts[0].key = 0xabc;
	drive = fake_put_drive(library, "dvd3", "failed");
	COPY(drive->failure, "the kernel refused the device; load target_core_user");
	fake_furnish_exports(library);
	fake_settle_places(library);
}

struct library_drive *fake_find_drive(
	struct library *library, const char *name, struct error *error)
{
	for (unsigned i = 0; i < library->drive_count; i++)
		if (!strcmp(library->drives[i].name, name))
			return &library->drives[i];
	error_set(error, ERROR_DRIVE_NOT_FOUND, "List the drives.", "there is no drive %s", name);
	return NULL;
}

struct library_medium *fake_find_medium(
	struct library *library, const char *id, struct error *error)
{
	for (unsigned i = 0; i < library->medium_count; i++)
		if (!strcmp(library->media[i].id, id) ||
			(*id && !strcasecmp(library->media[i].barcode, id)))
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
	library->completed += !job->reads_only;
	pthread_cond_broadcast(&library->changed);
	pthread_mutex_unlock(&library->lock);
	job->done(job->context, &result);
	fake_content_close(&result);
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

void fake_submit(struct library *library, const struct job *job, const char *actor)
{
	struct job *copy = malloc(sizeof *copy);
	if (!copy)
		abort();
	*copy = *job;
	SCOPED_LOCK(&library->lock);
	if (actor)
		COPY(library->actor, actor);
	library->started += !job->reads_only;
	list_append(&library->queue, &copy->node);
	pthread_cond_broadcast(&library->changed);
}

struct library *fake_library_create(void)
{
	struct library *library = calloc(1, sizeof *library);
	if (!library)
		abort();
	pthread_mutex_init(&library->lock, NULL);
	pthread_mutex_init(&library->subscriber_lock, NULL);
	pthread_cond_init(&library->changed, NULL);
	list_init(&library->queue);
	library->ready = true;
	library->counted_max = 1000;
	library->kernel_target = true;
	furnish(library);
	pthread_create(&library->worker, NULL, work, library);
	return library;
}

void fake_library_stop(struct library *library)
{
	pthread_mutex_lock(&library->lock);
	bool stopped = library->stopping;
	library->stopping = true;
	pthread_cond_broadcast(&library->changed);
	pthread_mutex_unlock(&library->lock);
	if (!stopped)
		pthread_join(library->worker, NULL);
}

void fake_library_destroy(struct library *library)
{
	fake_library_stop(library);
	pthread_cond_destroy(&library->changed);
	pthread_mutex_destroy(&library->lock);
	pthread_mutex_destroy(&library->subscriber_lock);
	free(library);
}

void fake_library_count_to(struct library *library, unsigned most)
{
	SCOPED_LOCK(&library->lock);
	library->counted_max = most;
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

void fake_library_set_kernel_target(struct library *library, bool there)
{
	SCOPED_LOCK(&library->lock);
	library->kernel_target = there;
}

void fake_library_set_portal(struct library *library, const char *addresses)
{
	SCOPED_LOCK(&library->lock);
	COPY(library->portal, addresses);
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

bool library_drive_after(struct library *library, const char *after, struct library_drive *ret)
{
	SCOPED_LOCK(&library->lock);
	const struct library_drive *first = NULL;
	for (unsigned i = 0; i < library->drive_count; i++) {
		const struct library_drive *drive = &library->drives[i];
		if (strcmp(drive->name, after) > 0 &&
			(!first || strcmp(drive->name, first->name) < 0))
			first = drive;
	}
	if (first)
		*ret = *first;
	return first;
}

bool library_drive_get(
	struct library *library, const char *name, struct library_drive *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct library_drive *drive = fake_find_drive(library, name, error);
	if (drive)
		*ret = *drive;
	return drive;
}

static bool has_word(const struct library_medium *medium, const char *word)
{
	return strstr(medium->id, word) || strstr(medium->path, word) ||
	       strstr(medium->barcode, word);
}

static bool has_words(const struct library_medium *medium, const char *match)
{
	char words[LIBRARY_TEXT_MAX], *rest = words, *word;
	COPY(words, match);
	while ((word = strsep(&rest, " ")))
		if (!has_word(medium, word))
			return false;
	return true;
}

static bool has_twin(const struct library *library, const struct library_medium *medium)
{
	for (unsigned i = 0; i < library->medium_count; i++) {
		const struct library_medium *other = &library->media[i];
		if (other != medium && *other->sha256 && !strcmp(other->sha256, medium->sha256))
			return true;
	}
	return false;
}

static bool on_page(const struct library *library, const struct library_medium *medium,
	const char *after, const struct library_media_query *query)
{
	const char *match = query->match ? query->match : "";
	return strcmp(medium->id, after) > 0 &&
	       (!query->kind || !*query->kind || !strcmp(medium->kind, query->kind)) &&
	       (!query->duplicates || has_twin(library, medium)) &&
	       (!query->annotated || *medium->tags || *medium->notes) && has_words(medium, match);
}

/* With the library locked. */
static void read_page(struct library *library, const struct library_media_query *query,
	bool (*each)(void *context, const struct library_medium *medium), void *context,
	struct library_media_page *ret)
{
	const char *after = query->after ? query->after : "";
	const struct library_medium *last = NULL;
	*ret = (struct library_media_page){0};
	for (unsigned i = 0, count = 0; i < library->medium_count; i++) {
		const struct library_medium *medium = &library->media[i];
		ret->at_least += on_page(library, medium, "", query);
		if (!on_page(library, medium, after, query))
			continue;
		if (count++ == query->limit)
			memcpy(ret->next, last->id, LIBRARY_ID_MAX);
		if (count > query->limit)
			continue;
		each(context, medium);
		last = medium;
	}
	ret->exact = ret->at_least <= library->counted_max;
	if (!ret->exact)
		ret->at_least = library->counted_max + 1;
}

bool library_media_page(struct library *library, const struct library_media_query *query,
	bool (*each)(void *context, const struct library_medium *medium), void *context,
	struct library_media_page *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	read_page(library, query, each, context, ret);
	return true;
}

static void run_search(struct library *library, const struct job *job, struct library_result *ret)
{
	const struct fake_search *search = &job->search;
	const struct library_media_query query = {.after = search->after,
		.match = search->match,
		.kind = search->kind,
		.duplicates = search->duplicates,
		.annotated = search->annotated,
		.limit = search->limit};
	ret->ok = !search->taker.goes_on || search->taker.goes_on(search->taker.context);
	if (ret->ok)
		read_page(library, &query, search->taker.each, search->taker.context,
			&ret->media_page);
	else
		error_set(&ret->error, ERROR_CANCELLED, "Ask again.", "nobody waited for it");
	library->searches_dropped += !ret->ok;
}

unsigned fake_library_searches(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	return library->searches;
}

unsigned fake_library_searches_dropped(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	return library->searches_dropped;
}

void library_media_search(struct library *library, const struct library_media_query *query,
	const struct library_media_taker *taker, library_done done, void *context)
{
	struct job job = {.run = run_search, .done = done, .context = context, .reads_only = true};
	COPY(job.search.after, query->after ? query->after : "");
	COPY(job.search.match, query->match ? query->match : "");
	COPY(job.search.kind, query->kind ? query->kind : "");
	job.search.duplicates = query->duplicates;
	job.search.annotated = query->annotated;
	job.search.limit = query->limit;
	job.search.taker = *taker;
	fake_submit(library, &job, NULL);
	SCOPED_LOCK(&library->lock);
	library->searches++;
}

bool library_medium_get(
	struct library *library, const char *id, struct library_medium *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct library_medium *medium = fake_find_medium(library, id, error);
	if (medium)
		*ret = *medium;
	return medium;
}

static bool is_other(const char *wanted, const char *text)
{
	return wanted && *wanted && strcmp(text, wanted) != 0;
}

bool library_history(struct library *library, const struct library_history_query *query,
	bool (*each)(void *context, const struct library_history_entry *event), void *context,
	struct error *error)
{
	SCOPED_LOCK(&library->lock);
	(void)error;
	unsigned limit = query->limit;
	for (unsigned i = library->event_count; i-- && limit;) {
		const struct library_history_entry *event = &library->events[i];
		if ((query->before && event->number >= query->before) ||
			is_other(query->medium, event->medium) ||
			is_other(query->drive, event->drive) ||
			is_other(query->actor, event->actor) ||
			is_other(query->subject, event->subject) ||
			(!query->refused && event->outcome[0] && strcmp(event->outcome, "ok") != 0))
			continue;
		limit--;
		if (!each(context, event))
			break;
	}
	return true;
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
	if (!fake_find_drive(library, name, error))
		return false;
	for (unsigned i = 0; i < 3 && !strcmp(name, "dvd0"); i++)
		if (3 - i <= limit && (!host || !*host || !strcmp(host, entries[i].host)))
			each(context, &entries[i]);
	return true;
}

bool library_has_kernel_target(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	return library->kernel_target;
}

void library_health(struct library *library, struct library_health *ret)
{
	SCOPED_LOCK(&library->lock);
	*ret = (struct library_health){.version = "0.1.0",
		.ready = library->ready,
		.drives = library->drive_count,
		.drives_failed = 1,
		.media = library->medium_count,
		.sessions = library->session_count,
		.uptime_s = 11520};
	COPY(ret->portal, library->portal);
	if (library->kernel_target)
		COPY(ret->kernel, "127.0.0.1:3261");
	else
		COPY(ret->kernel_reason, "the kernel cannot show exports: " NO_KERNEL_TARGET);
	COPY(ret->transport, library->kernel_target ? "target_core_user" : NO_KERNEL_TARGET);
}
