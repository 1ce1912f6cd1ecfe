/* SPDX-License-Identifier: Apache-2.0 */
/* Persistent reservations that outlive power loss: the catalog first, then the drive. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

static bool commit(struct drive *drive, const struct scsi_persistent_change *change)
{
	struct error error = {0};
	if (catalog_reservations_save(drive->library->catalog, drive->row.name, change->record,
		    change->length, &error))
		return true;
	log_error("drive %s: %s", drive->row.name, error.sentence);
	return false;
}

enum scsi_sense_code drive_reserve_persistently(struct drive *drive, struct scsi_cmd *cmd)
{
	_cleanup_free_ struct scsi_persistent_change *change = calloc(1, sizeof *change);
	if (!change)
		return SENSE_INSUFFICIENT_REGISTRATIONS;
	enum scsi_sense_code code = scsi_persistent_begin(drive->lu, cmd, change);
	if (code != SENSE_NONE)
		return code;
	return scsi_persistent_end(drive->lu, cmd, change, commit(drive, change));
}

static void restore(void *context, const void *record, size_t length)
{
	struct drive *drive = context;
	if (!scsi_persistent_restore(drive->lu, record, length))
		log_error("drive %s: its persistent reservations in the catalog are damaged; "
			  "nobody is registered",
			drive->row.name);
}

bool drive_restore_reservations(struct drive *drive, struct error *error)
{
	return catalog_reservations_find(
		drive->library->catalog, drive->row.name, restore, drive, error);
}

struct lasting {
	uint8_t record[SCSI_PERSISTENT_RECORD_MAX];
	size_t length;
	bool said; /* by the catalog, the same */
};

static void compare(void *context, const void *record, size_t length)
{
	struct lasting *lasting = context;
	lasting->said = length == lasting->length && memcmp(record, lasting->record, length) == 0;
}

bool drive_keep_reservations(struct drive *drive, struct error *error)
{
	struct catalog *catalog = drive->library->catalog;
	_cleanup_free_ struct lasting *lasting = calloc(1, sizeof *lasting);
	if (!lasting)
		return error_set(error, ERROR_NO_MEMORY, "Free some memory and try again.",
			"drive %s: out of memory", drive->row.name);
	scsi_lu_lock(drive->lu);
	lasting->length = scsi_persistent_lasting(&drive->lu->persistent, lasting->record);
	scsi_lu_unlock(drive->lu);
	lasting->said = lasting->length == 0; /* unless there is a row */
	return catalog_reservations_find(catalog, drive->row.name, compare, lasting, error) &&
	       (lasting->said || catalog_reservations_save(catalog, drive->row.name,
					 lasting->record, lasting->length, error));
}

/* ---- what readers see -------------------------------------------------------------------------
 */

static const struct scsi_nexus *nexus_at(const struct scsi_lu *lu, const struct scsi_port *port)
{
	list_for_each (node, &lu->nexuses) {
		const struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (scsi_port_equal(&nexus->port, port))
			return nexus;
	}
	return NULL;
}

static void fill_holder(const struct scsi_lu *lu, struct library_reservation *ret)
{
	for (unsigned i = 0; i < lu->persistent.count; i++) {
		const struct scsi_registration *row = &lu->persistent.rows[i];
		if (!row->holder)
			continue;
		const struct scsi_nexus *nexus = nexus_at(lu, &row->port);
		if (nexus)
			snprintf(ret->holder, sizeof ret->holder, "%s", nexus->name);
		else
			scsi_port_text(&row->port, ret->holder, sizeof ret->holder);
		ret->key = row->key;
	}
}

static void fill_reservation(const struct scsi_lu *lu, struct library_reservation *ret)
{
	const struct scsi_persistent *persistent = &lu->persistent;
	const char *type = scsi_persistent_type_text(persistent->type);
	snprintf(ret->type, sizeof ret->type, "%s", lu->reserved_by ? "reserve" : type);
	if (lu->reserved_by)
		snprintf(ret->holder, sizeof ret->holder, "%s", lu->reserved_by->name);
	fill_holder(lu, ret);
	ret->registrants = persistent->count;
	ret->lasting = persistent->aptpl && persistent->count > 0;
}

static void fill_host(const struct scsi_nexus *nexus, struct library_drive *ret)
{
	const struct scsi_persistent *persistent = &nexus->lu->persistent;
	const struct scsi_registration *own = scsi_persistent_find(persistent, &nexus->port);
	for (unsigned i = 0; i < ret->host_count; i++) {
		struct library_host *host = &ret->hosts[i];
		if (strcmp(host->name, nexus->name) != 0)
			continue;
		host->key = own ? own->key : 0;
		host->reserves = nexus->lu->reserved_by == nexus ||
				 (persistent->type && scsi_persistent_holds(persistent, own));
	}
}

void drive_fill_reservation(struct drive *drive, struct library_drive *ret)
{
	struct scsi_lu *lu = drive->lu;
	SCOPED_LOCK(&lu->lock);
	fill_reservation(lu, &ret->reservation);
	list_for_each (node, &lu->nexuses)
		fill_host(container_of(node, struct scsi_nexus, link), ret);
}

/* ---- an operator ends it -----------------------------------------------------------------------
 */

static bool write_release(void *context, struct error *error)
{
	struct job *job = context;
	struct catalog *catalog = job->library->catalog;
	return catalog_reservations_save(catalog, job->id, NULL, 0, error) &&
	       catalog_history_add(catalog, job->actor, "release", job->id, "", error);
}

static bool is_reserved(struct drive *drive)
{
	SCOPED_LOCK(&drive->lu->lock);
	return drive->lu->reserved_by || drive->lu->persistent.count > 0;
}

/* The worker is the one that commits for hosts too, so nothing comes between. */
static bool release(struct job *job, struct drive *drive)
{
	_cleanup_free_ struct scsi_persistent_change *change = calloc(1, sizeof *change);
	if (!change)
		return error_set(&job->error, ERROR_NO_MEMORY, "Free some memory and try again.",
			"out of memory");
	scsi_persistent_begin(drive->lu, NULL, change);
	bool ok = catalog_batch(job->library->catalog, write_release, job, &job->error);
	scsi_persistent_end(drive->lu, NULL, change, ok);
	return ok;
}

static void step_release(struct job *job, enum job_wake wake, unsigned events)
{
	struct library *library = job->library;
	struct drive *drive = drive_find(library, job->id);
	if (!drive) {
		catalog_drive_not_found(job->id, &job->error);
		job_fail(job, &job->error);
		return;
	}
	if (is_reserved(drive) && !release(job, drive)) {
		job_fail(job, &job->error);
		return;
	}
	pthread_mutex_lock(&library->drives_lock);
	drive_fill(drive, &job->result.drive);
	pthread_mutex_unlock(&library->drives_lock);
	job->result.has_drive = true;
	job_succeed(job);
}

void library_release(struct library *library, const char *drive, const char *actor,
	library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->id, sizeof job->id, "%s", drive);
	job->step = step_release;
	job_post(job);
}
