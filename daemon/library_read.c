/* SPDX-License-Identifier: Apache-2.0 */
/* Readers: snapshots under a short lock, and a catalog connection of their own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/metrics.h"
#include "library_private.h"
#include "names_after.h"
#include "scsi/lu.h"
#include "scsi/recorder.h"
#include "util/cleanup.h"

unsigned library_drive_count(struct library *library)
{
	SCOPED_LOCK(&library->drives_lock);
	return library->drive_count;
}

bool library_drive_at(struct library *library, unsigned index, struct library_drive *ret)
{
	SCOPED_LOCK(&library->drives_lock);
	if (index >= library->drive_count)
		return false;
	drive_fill(library->drives[index], ret);
	return true;
}

static const char *drive_name_at(const void *list, unsigned index)
{
	struct drive *const *drives = list;
	return drives[index]->row.name;
}

bool library_drive_after(struct library *library, const char *after, struct library_drive *ret)
{
	SCOPED_LOCK(&library->drives_lock);
	unsigned at = names_after(library->drives, library->drive_count, drive_name_at, after);
	if (at == library->drive_count)
		return false;
	drive_fill(library->drives[at], ret);
	return true;
}

bool library_drive_get(
	struct library *library, const char *name, struct library_drive *ret, struct error *error)
{
	SCOPED_LOCK(&library->drives_lock);
	struct drive *drive = drive_find(library, name);
	if (!drive)
		return catalog_drive_not_found(name, error);
	drive_fill(drive, ret);
	return true;
}

/* ---- media -------------------------------------------------------------------------------------
 */

/* The first drive in the order of names. drives_lock held. */
static void find_place(struct library *library, struct library_medium *medium)
{
	for (unsigned i = 0; i < library->drive_count && !medium->drive[0]; i++)
		if (strcmp(library->drives[i]->row.medium, medium->id) == 0)
			snprintf(medium->drive, sizeof medium->drive, "%s",
				library->drives[i]->row.name);
}

void medium_show(
	struct library *library, const struct catalog_medium *row, struct library_medium *ret)
{
	medium_fill(row, ret);
	SCOPED_LOCK(&library->drives_lock);
	find_place(library, ret);
}

struct page {
	struct library *library;
	bool (*each)(void *context, const struct library_medium *medium);
	void *context;
	unsigned left;
	char *last;
	bool more;
};

static bool page_row(void *context, const struct catalog_medium *row)
{
	struct page *page = context;
	struct library_medium medium;
	if (page->left == 0) {
		page->more = true;
		return false;
	}
	page->left--;
	medium_show(page->library, row, &medium);
	snprintf(page->last, LIBRARY_ID_MAX, "%s", row->id);
	return page->each(page->context, &medium);
}

/* All of them are on the first page, or they are counted. */
static bool count_media(struct catalog *catalog, const struct library_media_query *query,
	const struct catalog_media_filter *filter, const struct page *page,
	struct library_media_page *ret, struct error *error)
{
	struct catalog_media_count count = {query->limit - page->left, true};
	bool first = !query->after || !*query->after;
	if ((!first || page->more) && !(first ? catalog_media_count : catalog_media_count_again)(
					      catalog, filter, &count, error))
		return false;
	ret->at_least = count.at_least;
	ret->exact = count.exact;
	return true;
}

bool library_media_read(struct library *library, struct catalog *catalog,
	const struct library_media_query *query,
	bool (*each)(void *context, const struct library_medium *medium), void *context,
	struct library_media_page *ret, struct error *error)
{
	char last[LIBRARY_ID_MAX] = "";
	struct page page = {.library = library,
		.each = each,
		.context = context,
		.left = query->limit,
		.last = last};
	const struct catalog_media_filter filter = {.kind = query->kind,
		.match = query->match,
		.tag = query->tag,
		.state = query->state,
		.sha256 = query->sha256,
		.duplicates = query->duplicates,
		.annotated = query->annotated};
	if (!catalog_media_list(catalog, query->after ? query->after : "", query->limit + 1,
		    &filter, page_row, &page, error) ||
		!count_media(catalog, query, &filter, &page, ret, error))
		return false;
	snprintf(ret->next, sizeof ret->next, "%s", page.more ? last : "");
	return true;
}

bool library_media_page(struct library *library, const struct library_media_query *query,
	bool (*each)(void *context, const struct library_medium *medium), void *context,
	struct library_media_page *ret, struct error *error)
{
	SCOPED_LOCK(&library->reader_lock);
	return library_media_read(library, library->reader, query, each, context, ret, error);
}

bool library_medium_get(
	struct library *library, const char *id, struct library_medium *ret, struct error *error)
{
	struct catalog_medium medium;
	SCOPED_LOCK(&library->reader_lock);
	if (!catalog_medium_find(library->reader, id, &medium, error))
		return false;
	medium_show(library, &medium, ret);
	return true;
}

/* ---- history ----------------------------------------------------------------------------------
 */

struct entries {
	bool (*each)(void *context, const struct library_history_entry *entry);
	void *context;
};

static bool history_row(void *context, const struct catalog_event *row, const char *detail)
{
	const struct entries *entries = context;
	struct library_history_entry entry = {.number = row->id, .when = row->when};
	snprintf(entry.actor, sizeof entry.actor, "%s", row->actor);
	snprintf(entry.verb, sizeof entry.verb, "%s", row->verb);
	snprintf(entry.drive, sizeof entry.drive, "%s", row->drive);
	snprintf(entry.medium, sizeof entry.medium, "%s", row->medium);
	snprintf(entry.subject_kind, sizeof entry.subject_kind, "%s", row->subject_kind);
	snprintf(entry.subject, sizeof entry.subject, "%s", row->subject);
	snprintf(entry.outcome, sizeof entry.outcome, "%s", row->outcome);
	entry.detail = detail;
	return entries->each(entries->context, &entry);
}

bool library_history(struct library *library, const struct library_history_query *query,
	bool (*each)(void *context, const struct library_history_entry *entry), void *context,
	struct error *error)
{
	struct entries entries = {each, context};
	const struct catalog_history_filter filter = {.medium = query->medium,
		.drive = query->drive,
		.actor = query->actor,
		.subject_kind = query->subject_kind,
		.subject = query->subject,
		.refused = query->refused};
	SCOPED_LOCK(&library->reader_lock);
	return catalog_history_list(library->reader, &filter, query->before, query->limit,
		history_row, &entries, error);
}

bool library_events_after(struct library *library, int64_t after, unsigned limit,
	bool (*each)(void *context, const struct library_history_entry *entry), void *context,
	struct error *error)
{
	struct entries entries = {each, context};
	SCOPED_LOCK(&library->reader_lock);
	return catalog_events_after(library->reader, after, limit, history_row, &entries, error);
}

/* ---- trace -------------------------------------------------------------------------------------
 */

struct traced {
	struct scsi_record record;
	char host[SCSI_NEXUS_NAME_MAX];
};

static int by_start(const void *a, const void *b)
{
	const struct traced *left = a, *right = b;
	if (left->record.started_ns != right->record.started_ns)
		return left->record.started_ns < right->record.started_ns ? -1 : 1;
	return left->record.number < right->record.number ? -1 : 1;
}

/* All records of the wanted hosts, in order of time. lu->lock held. */
static struct traced *collect(struct scsi_lu *lu, const char *host, unsigned *ret_count)
{
	struct traced *all = NULL;
	*ret_count = 0;
	list_for_each (node, &lu->nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (host && host[0] && strcmp(host, nexus->name) != 0)
			continue;
		_cleanup_free_ struct scsi_record *records =
			calloc(SCSI_RECORDER_ENTRIES, sizeof *records);
		struct traced *grown =
			realloc(all, (*ret_count + SCSI_RECORDER_ENTRIES) * sizeof *grown);
		if (!records || !grown)
			return grown ? grown : all;
		all = grown;
		unsigned count =
			scsi_recorder_read(&nexus->recorder, records, SCSI_RECORDER_ENTRIES);
		for (unsigned i = 0; i < count; i++) {
			struct traced *entry = &all[(*ret_count)++];
			entry->record = records[i];
			snprintf(entry->host, sizeof entry->host, "%s", nexus->name);
		}
	}
	if (all)
		qsort(all, *ret_count, sizeof *all, by_start);
	return all;
}

static void trace_fill(const struct traced *traced, uint64_t now, struct library_trace_entry *ret)
{
	const struct scsi_record *record = &traced->record;
	*ret = (struct library_trace_entry){
		.number = record->number,
		.age_s = (double)(now - record->started_ns) / 1e9,
		.duration_us = record->duration_us,
		.cdb_length = record->cdb_length,
		.status = record->status,
		.sense_key = scsi_sense_key(record->sense),
		.asc = scsi_sense_asc(record->sense),
		.ascq = scsi_sense_ascq(record->sense),
		.transferred = record->transferred,
	};
	snprintf(ret->host, sizeof ret->host, "%s", traced->host);
	if (record->name)
		snprintf(ret->name, sizeof ret->name, "%s", record->name);
	else
		snprintf(ret->name, sizeof ret->name, "opcode %02Xh", record->cdb[0]);
	if (record->status == SCSI_STATUS_CHECK_CONDITION)
		snprintf(ret->sense_text, sizeof ret->sense_text, "%s",
			scsi_sense_text(record->sense));
	memcpy(ret->cdb, record->cdb, sizeof ret->cdb);
}

bool library_trace(struct library *library, const char *name, const char *host, unsigned limit,
	bool (*each)(void *context, const struct library_trace_entry *entry), void *context,
	struct error *error)
{
	unsigned count = 0;
	pthread_mutex_lock(&library->drives_lock);
	struct drive *drive = drive_find(library, name);
	struct scsi_lu *lu = drive ? drive->lu : NULL;
	_cleanup_free_ struct traced *all = NULL;
	if (lu) {
		scsi_lu_lock(lu);
		all = collect(lu, host, &count);
		scsi_lu_unlock(lu);
	}
	pthread_mutex_unlock(&library->drives_lock);
	if (!lu)
		return catalog_drive_not_found(name, error);

	uint64_t now = library_now(library);
	struct library_trace_entry entry;
	for (unsigned i = count > limit ? count - limit : 0; i < count; i++) {
		trace_fill(&all[i], now, &entry);
		if (!each(context, &entry))
			break;
	}
	return true;
}

/* ---- health ------------------------------------------------------------------------------------
 */

static void fill_kernel(struct library *library, struct library_health *ret)
{
	const struct library_config *config = &library->config;
	struct error why = {0};
	size_t length = 0;
	if (!kernel_exports_ready(&library->kernel, &why)) {
		snprintf(ret->kernel_reason, sizeof ret->kernel_reason, "%.255s", why.sentence);
		return;
	}
	for (unsigned i = 0; i < config->kernel_listen_count; i++) {
		const char *address = config->kernel_listen[i];
		if (length + strlen(address) + 2 > sizeof ret->kernel)
			return; /* half an address is none */
		length += (size_t)snprintf(ret->kernel + length, sizeof ret->kernel - length,
			"%s%s", i ? " " : "", address);
	}
}

static bool add_media(void *sum, const struct library_total *total)
{
	*(uint64_t *)sum += total->count;
	return true;
}

void library_health(struct library *library, struct library_health *ret)
{
	*ret = (struct library_health){
		.uptime_s = (library_now(library) - library->started_ns) / 1000000000u};
	snprintf(ret->version, sizeof ret->version, "%s", CAROUSEL_VERSION);
	snprintf(ret->transport, sizeof ret->transport, "%s",
		library->config.exporter ? "target_core_user" : library->config.exporter_reason);
	pthread_mutex_lock(&library->drives_lock);
	ret->drives = library->drive_count;
	for (unsigned i = 0; i < library->drive_count; i++)
		ret->drives_failed += library->drives[i]->failure[0] != '\0' ||
				      library->drives[i]->medium_failure[0] != '\0';
	pthread_mutex_unlock(&library->drives_lock);
	ret->ready = ret->drives_failed == 0;
	portal_door_addresses(library->door, ret->portal, sizeof ret->portal);
	fill_kernel(library, ret);
	ret->sessions = targets_session_count(&library->targets, NULL) +
			kernel_exports_session_count(&library->kernel, NULL);
	if (!catalog_care_warning(&library->care, ret->warning, sizeof ret->warning))
		guests_warning(&library->guests, 0, ret->warning, sizeof ret->warning);
	library_media_totals(library, add_media, &ret->media, NULL);
}

bool library_has_kernel_target(struct library *library)
{
	return library->config.exporter != NULL;
}
