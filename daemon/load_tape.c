/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading and ejecting tapes, step by step:
 *
 *	load:  [open the cartridge] ─► [take out the old one ─► close it] ─► commit ─► put it in ─►
 *answer eject: take out ─► close ─► commit ─► answer
 *
 * Files are opened and closed elsewhere; the drive takes a cartridge in and gives it out when the
 * commands before are done, on its mechanism's thread. A tape that was taken out is not given up
 * half way: such a job is finished before the library stops.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drive_tape.h"
#include "library_paths.h"
#include "util/cleanup.h"

enum { OPEN_ATTEMPTS = 10, OPEN_PAUSE_MS = 100 };

static void set_changing(struct job *job, bool changing)
{
	job->changing = changing;
	SCOPED_LOCK(&job->library->drives_lock);
	job->drive->changing = changing;
}

void tape_give_up(struct job *job)
{
	set_changing(job, false);
}

static bool holds_this(const struct job *job)
{
	return strcmp(job->drive->row.medium, job->medium.id) == 0;
}

static enum ssc_presence presence(const struct job *job)
{
	struct ssc_drive_status status;
	ssc_drive_status(job->drive->ssc, &status);
	return status.presence;
}

/* ---- what stands in the way --------------------------------------------------------------------
 */

static bool check_not_prevented(struct job *job)
{
	char holder[SCSI_NEXUS_NAME_MAX];
	if (job->force || presence(job) == SSC_ABSENT || !drive_find_holder(job->drive, holder))
		return true;
	return error_set(&job->error, ERROR_REMOVAL_PREVENTED,
		"Unload it there (mt offline), or use force (carousel eject --force) and risk an "
		"I/O error there.",
		"drive %s is locked by %.250s", job->drive->row.name, holder);
}

/* A tape is in one place at a time. */
static bool check_is_free(struct job *job)
{
	struct library *library = job->library;
	for (unsigned i = 0; i < library->drive_count; i++)
		if (library->drives[i] != job->drive &&
			strcmp(library->drives[i]->row.medium, job->medium.id) == 0)
			return error_set(&job->error, ERROR_MEDIUM_IN_USE, "Eject it there first.",
				"tape %s is in drive %s", job->medium.barcode,
				library->drives[i]->row.name);
	return medium_check_rests(job);
}

/* One that a host has unloaded lies in the mouth: who puts another one in takes it away. */
static bool check_not_full(struct job *job)
{
	return !job->drive->row.medium[0] || holds_this(job) || job->replace ||
	       presence(job) != SSC_READY || load_full(job);
}

/* ---- the last steps: both operations ------------------------------------------------------------
 */

static void step_failed(struct job *job, enum job_wake wake, unsigned events)
{
	job_fail(job, &job->error);
}

static void close_new(struct job *job)
{
	cart_close(steal(job->cartridge));
}

/* With job->error. */
static void abandon(struct job *job)
{
	job->step = step_failed;
	if (job->cartridge)
		job_block(job, job->library->config.mechanisms, close_new);
	else
		job_fail(job, &job->error);
}

static bool clear_fault(struct job *job, struct error *error)
{
	bool lost = job->lost != 0 && holds_this(job);
	if (job->removing || lost || !job->medium.fault[0])
		return true;
	job->medium.fault[0] = '\0';
	return catalog_medium_set_fault(job->library->catalog, job->medium.id, "", error);
}

/* One tape goes and another comes: a history row each. */
static bool write_places(void *context, struct error *error)
{
	struct job *job = context;
	struct catalog *catalog = job->library->catalog;
	const struct catalog_drive *row = &job->drive->row;
	bool leaves = row->medium[0] && (job->removing || !holds_this(job));
	if (leaves &&
		!catalog_drive_set_place(catalog, row->name, "", false, job->actor, "eject", error))
		return false;
	return job->removing || (clear_fault(job, error) &&
					catalog_drive_set_place(catalog, row->name, job->medium.id,
						false, job->actor, "load", error));
}

static bool commit(struct job *job)
{
	struct drive *drive = job->drive;
	struct library *library = job->library;
	if (!catalog_batch(library->catalog, write_places, job, &job->error))
		return false;
	drive_publish_place(drive, job->removing ? NULL : &job->medium, false);
	SCOPED_LOCK(&library->drives_lock);
	drive->medium_failure[0] = '\0';
	return true;
}

static void step_loaded(struct job *job, enum job_wake wake, unsigned events)
{
	set_changing(job, false);
	job_succeed(job);
}

static void loaded(void *context)
{
	job_return(context);
}

/*
 * A commit that fails after the old tape was taken out leaves it in the drive as far as the catalog
 * goes, and out of it for hosts; the failure says so until it is loaded again.
 */
static void commit_and_publish(struct job *job)
{
	struct drive *drive = job->drive;
	if (!commit(job)) {
		if (drive->row.medium[0])
			drive_set_failure(drive, drive->medium_failure, &job->error);
		abandon(job);
		return;
	}
	if (job->removing) {
		step_loaded(job, WAKE_RUN, 0);
		return;
	}
	job->step = step_loaded;
	ssc_drive_load(drive->ssc, steal(job->cartridge), job->medium.write_protected, loaded, job);
}

/* ---- taking out ---------------------------------------------------------------------------------
 */

static bool try_to_open(struct job *job)
{
	job->error = (struct error){0};
	job->cartridge = tape_open(job->library, &job->medium, &job->error);
	return job->cartridge || job->error.code != ERROR_STATE_IN_USE;
}

/*
 * Who only looks at the file (media add, carousel tape verify), or closes it behind a drive that
 * was removed, may be done in a moment.
 */
static void open_cartridge(struct job *job)
{
	const struct timespec pause = {.tv_nsec = OPEN_PAUSE_MS * 1000000};
	for (unsigned i = 1; !try_to_open(job) && i < OPEN_ATTEMPTS; i++)
		nanosleep(&pause, NULL);
}

static void open_wanted(struct job *job)
{
	if (library_allows(&job->library->config, job->medium.path, &job->error))
		open_cartridge(job);
}

static void note_lost(struct job *job)
{
	char fault[CATALOG_TEXT_MAX];
	if (job->lost == 0)
		return;
	snprintf(
		fault, sizeof fault, "what was written last was lost: %.80s", strerror(-job->lost));
	drive_note_fault(job->drive, fault);
	if (holds_this(job)) /* and goes in again */
		job->medium = job->drive->medium;
}

static void step_closed(struct job *job, enum job_wake wake, unsigned events)
{
	note_lost(job);
	commit_and_publish(job);
}

static void close_old(struct job *job)
{
	int result = cart_close(steal(job->old_cartridge));
	if (job->lost == 0)
		job->lost = result;
}

/* What was lost, and what an operator mended, is seen when the file is opened anew. */
static void open_again(struct job *job)
{
	close_old(job);
	open_cartridge(job);
}

static void step_opened_again(struct job *job, enum job_wake wake, unsigned events)
{
	if (job->cartridge) {
		step_closed(job, WAKE_RUN, 0);
		return;
	}
	note_lost(job);
	drive_set_failure(job->drive, job->drive->medium_failure, &job->error);
	job_fail(job, &job->error);
}

static void step_taken_out(struct job *job, enum job_wake wake, unsigned events)
{
	bool again = !job->removing && holds_this(job);
	drive_settle_faults(job->drive);
	job->step = again ? step_opened_again : step_closed;
	job_block(job, job->library->config.mechanisms, again ? open_again : close_old);
}

static void taken_out(void *context, struct cartridge *cartridge, int result)
{
	struct job *job = context;
	job->old_cartridge = cartridge;
	job->lost = result;
	job_return(job);
}

/* From here on the job is finished, whatever happens. */
static void take_out(struct job *job)
{
	job->underway = true;
	set_changing(job, true);
	if (presence(job) == SSC_ABSENT) {
		step_closed(job, WAKE_RUN, 0);
		return;
	}
	job->step = step_taken_out;
	ssc_drive_unload(job->drive->ssc, taken_out, job);
}

/* ---- load ---------------------------------------------------------------------------------------
 */

/* A host may have threaded, or locked, what was lying there unloaded. */
static void step_opened(struct job *job, enum job_wake wake, unsigned events)
{
	if (!job->cartridge)
		job_fail(job, &job->error);
	else if (!check_not_full(job) || !check_not_prevented(job))
		abandon(job);
	else
		take_out(job);
}

static bool is_loaded_already(const struct job *job)
{
	return holds_this(job) && presence(job) == SSC_READY && !job->drive->medium.fault[0];
}

void tape_load(struct job *job)
{
	if (!drive_fits(job->drive, &job->medium)) {
		load_fail_to_fit(job);
	} else if (is_loaded_already(job)) {
		job_succeed(job);
	} else if (!check_not_full(job) || !check_is_free(job) || !check_not_prevented(job)) {
		job_fail(job, &job->error);
	} else if (holds_this(job) && presence(job) != SSC_ABSENT) {
		take_out(job); /* and in again */
	} else {
		job->step = step_opened;
		job_block(job, job->library->config.mechanisms, open_wanted);
	}
}

void tape_eject(struct job *job)
{
	if (!job->drive->row.medium[0])
		job_succeed(job);
	else if (!check_not_prevented(job))
		job_fail(job, &job->error);
	else
		take_out(job);
}
