/* SPDX-License-Identifier: Apache-2.0 */
/* What hosts ask of the library, and what the device server reports about them. */
#include <stdio.h>
#include <string.h>

#include "library_private.h"
#include "log.h"
#include "scsi/told.h"
#include "util/cleanup.h"

/* ---- from any thread, lu->lock held: post and go --------------------------------------------- */

static void post_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	struct drive *drive = context;
	struct library *library = drive->library;
	SCOPED_LOCK(&library->inbox_lock);
	list_append(&library->posted_commands, &cmd->library_link);
	pthread_cond_signal(&library->inbox_filled);
}

/* inbox_lock held. */
static void mark_dirty(struct drive *drive, unsigned event)
{
	drive->events |= event;
	if (list_empty(&drive->dirty))
		list_append(&drive->library->dirty_drives, &drive->dirty);
	pthread_cond_signal(&drive->library->inbox_filled);
}

static void post_event(void *context, struct scsi_lu *lu, enum library_event event)
{
	struct drive *drive = context;
	SCOPED_LOCK(&drive->library->inbox_lock);
	mark_dirty(drive, 1u << event);
}

static void post_fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
	struct drive *drive = context;
	SCOPED_LOCK(&drive->library->inbox_lock);
	drive->fault_lba = lba;
	mark_dirty(drive, EVENT_FAULT);
}

void drive_session_left(struct drive *drive)
{
	if (--drive->sessions > 0 || !drive->going)
		return;
	SCOPED_LOCK(&drive->library->inbox_lock);
	mark_dirty(drive, EVENT_SESSIONS_GONE);
}

static void remember(void *context, struct scsi_lu *lu)
{
	struct drive *drive = context;
	uint8_t record[SCSI_TOLD_MAX];
	size_t length = drive->told ? scsi_told_encode(lu, record, sizeof record) : 0;
	if (length > 0)
		told_file_write(drive->told, record, length);
}

const struct library_ops library_host_ops = {
	.request = post_request,
	.event = post_event,
	.medium_fault = post_fault,
	.remember = remember,
};

void host_export_failed(void *context, const char *reason)
{
	struct drive *drive = context;
	SCOPED_LOCK(&drive->library->inbox_lock);
	drive->export_reason = reason;
	mark_dirty(drive, EVENT_EXPORT_FAILED);
}

/* ---- worker ---------------------------------------------------------------------------------- */

struct saved_pages {
	uint8_t pages[SCSI_MODE_PAGES_MAX][CATALOG_MODE_PAGE_MAX];
	unsigned count;
};

static void collect_page(void *context, const uint8_t *page, size_t length)
{
	struct saved_pages *saved = context;
	memcpy(saved->pages[saved->count++], page, length);
}

static enum scsi_sense_code save_mode_pages(struct drive *drive)
{
	struct scsi_lu *lu = drive->lu;
	struct saved_pages saved = {0};
	struct error error = {0};
	scsi_lu_lock(lu);
	scsi_mode_each_savable(lu, collect_page, &saved);
	scsi_lu_unlock(lu);
	if (!catalog_mode_pages_save(drive->library->catalog, drive->row.name,
		    (const uint8_t(*)[CATALOG_MODE_PAGE_MAX])saved.pages, saved.count, &error)) {
		log_error("drive %s: %s", drive->row.name, error.sentence);
		return SENSE_INTERNAL_TARGET_FAILURE;
	}
	scsi_lu_lock(lu);
	scsi_mode_saved(lu);
	scsi_lu_unlock(lu);
	return SENSE_NONE;
}

/* SCSI_PENDING: somebody else finishes it. */
static enum scsi_sense_code answer_request(struct drive *drive, struct scsi_cmd *cmd)
{
	switch (cmd->library_request) {
	case LIBRARY_SAVE_MODE_PAGES:
		return save_mode_pages(drive);
	case LIBRARY_PERSISTENT_RESERVE:
		return drive_reserve_persistently(drive, cmd);
	default:
		return drive->kind->request(drive, cmd);
	}
}

void host_request(struct scsi_cmd *cmd)
{
	if (scsi_cmd_claim(cmd)) {
		struct drive *drive = cmd->nexus->lu->library_context;
		enum scsi_sense_code code = answer_request(drive, cmd);
		if (code != SCSI_PENDING)
			scsi_cmd_finish(cmd, code);
	}
	scsi_cmd_put(cmd);
}

/* A fault is noted once; loading the medium again with its file intact takes it back. */
void drive_note_fault(struct drive *drive, const char *fault)
{
	struct library *library = drive->library;
	struct error error = {0};
	if (!drive->row.medium[0] || drive->medium.fault[0])
		return;
	log_warning("drive %s: medium %s: %s", drive->row.name, drive->row.medium, fault);
	if (!catalog_medium_set_fault(library->catalog, drive->row.medium, fault, &error))
		log_error("medium %s: %s", drive->row.medium, error.sentence);
	SCOPED_LOCK(&library->drives_lock);
	snprintf(drive->medium.fault, sizeof drive->medium.fault, "%s", fault);
}

void drive_settle_faults(struct drive *drive)
{
	pthread_mutex_lock(&drive->library->inbox_lock);
	bool fault = drive->events & EVENT_FAULT;
	uint64_t lba = drive->fault_lba;
	drive->events &= ~(unsigned)EVENT_FAULT;
	pthread_mutex_unlock(&drive->library->inbox_lock);
	if (fault)
		drive->kind->fault(drive, lba);
}

void drive_handle_events(
	struct drive *drive, unsigned events, uint64_t fault_lba, const char *reason)
{
	if (events & EVENT_FAULT)
		drive->kind->fault(drive, fault_lba);
	if (events & 1u << LIBRARY_EVENT_TAKEN)
		kernel_watch_now(&drive->library->kernel);
	if (events & EVENT_EXPORT_FAILED) {
		struct error error = {0};
		error_set(&error, ERROR_KERNEL_TARGET,
			"Restart carouseld; it resets the ring and hosts retry.",
			"the kernel's ring for drive %s failed: %s", drive->row.name, reason);
		log_error("%s", error.sentence);
		drive_set_failure(drive, drive->failure, &error);
	}
}
