/* SPDX-License-Identifier: Apache-2.0 */
/* Making and removing drives: the catalog first, then the kernel's configuration on its own thread.
 */
#include <stdio.h>
#include <string.h>

#include "library_private.h"
#include "util/cleanup.h"

enum { SESSIONS_GONE_MS = 30000 };

/* ---- adding ------------------------------------------------------------------------------------
 */

static void show(struct job *job)
{
	drive_export(job->subject, false, &job->error);
}

static void set_going(struct drive *drive, bool going)
{
	SCOPED_LOCK(&drive->library->drives_lock);
	drive->going = going;
}

/* Devices of others and exports of the kernel follow the drive. */
static void look_again(struct library *library)
{
	guests_look(&library->guests);
	kernel_exports_look(&library->kernel);
}

static void answer_with(struct job *job, struct drive *drive)
{
	job->result.has_drive = true;
	pthread_mutex_lock(&job->library->drives_lock);
	drive_fill(drive, &job->result.drive);
	pthread_mutex_unlock(&job->library->drives_lock);
	job_succeed(job);
}

/* ---- in the catalog, with what history tells of it ------------------------------------------ */

static bool write_addition(void *context, struct error *error)
{
	struct job *job = context;
	struct catalog *catalog = job->library->catalog;
	return catalog_drive_add(catalog, &job->row, error) &&
	       catalog_history_add(catalog, job->actor, "drive-add", job->row.name, "", error);
}

static bool write_withdrawal(void *context, struct error *error)
{
	struct job *job = context;
	struct catalog *catalog = job->library->catalog;
	return catalog_drive_remove(catalog, job->row.name, error) &&
	       catalog_history_add(catalog, job->actor, "drive-remove", job->row.name, "", error);
}

/* A drive that cannot be shown is not kept: the operator may try again when the cause is gone. */
static void step_shown(struct job *job, enum job_wake wake, unsigned events)
{
	struct library *library = job->library;
	struct drive *drive = job->subject;
	drive->job = NULL;
	if (job->error.code == ERROR_NONE) {
		job->result.created = true;
		set_going(drive, false);
		guests_look(&library->guests);
		answer_with(job, drive);
		return;
	}
	drives_remove(library, drive);
	catalog_batch(library->catalog, write_withdrawal, job, NULL);
	told_file_remove(library->config.told_dir, drive->row.name);
	drive_destroy(drive);
	job_fail(job, &job->error);
}

static void step_add(struct job *job, enum job_wake wake, unsigned events)
{
	struct library *library = job->library;
	const struct drive_kind *kind = drive_kind_of_personality(job->row.personality);
	if (!kind) {
		drive_kind_unknown(job->row.name, job->row.personality, &job->error);
		job_fail(job, &job->error);
		return;
	}
	snprintf(job->row.kind, sizeof job->row.kind, "%s", kind->name);
	if (!catalog_batch(library->catalog, write_addition, job, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	job->subject = drive_create(library, &job->row, &job->error);
	if (!job->subject) {
		catalog_batch(library->catalog, write_withdrawal, job, NULL);
		told_file_remove(library->config.told_dir, job->row.name);
		job_fail(job, &job->error);
		return;
	}
	job->subject->job =
		job; /* busy until shown; answered by step_shown, not through job->drive */
	set_going(job->subject, true); /* nobody comes in before it is known to stay */
	drives_insert(library, job->subject);
	job->step = step_shown;
	job_block(job, library->config.control, show);
}

void library_drive_add(struct library *library, const struct library_drive_add *add,
	const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->row.name, sizeof job->row.name, "%s", add->name);
	snprintf(job->row.personality, sizeof job->row.personality, "%s",
		add->personality[0] ? add->personality : "dvd-rom");
	job->row.loopback = add->loopback;
	job->step = step_add;
	job_post(job);
}

/* ---- removing ----------------------------------------------------------------------------------
 */

static void unshow(struct job *job)
{
	drive_unexport(job->subject, &job->error);
}

/* Its tape is written out and closed first, which takes as long as the disk does. */
static void demolish(struct job *job)
{
	drive_destroy(job->subject);
}

static void step_demolished(struct job *job, enum job_wake wake, unsigned events)
{
	job_succeed(job);
}

/* History tells that a medium left, whichever way. */
static bool write_removal(void *context, struct error *error)
{
	struct job *job = context;
	struct catalog *catalog = job->library->catalog;
	const struct catalog_drive *row = &job->subject->row;
	return (!row->medium[0] || catalog_drive_set_place(catalog, row->name, "", false,
					   job->actor, "eject", error)) &&
	       catalog_drive_remove(catalog, row->name, error) &&
	       catalog_history_add(catalog, job->actor, "drive-remove", row->name, "", error);
}

static void step_unshown(struct job *job, enum job_wake wake, unsigned events)
{
	struct library *library = job->library;
	struct drive *drive = job->subject;
	drive->job = NULL;
	if (job->error.code != ERROR_NONE ||
		!catalog_batch(library->catalog, write_removal, job, &job->error)) {
		set_going(drive, false);
		look_again(library);
		if (drive->row.loopback) /* and is not shown there any more, or half */
			drive_set_failure(drive, drive->failure, &job->error);
		job_fail(job, &job->error);
		return;
	}
	targets_reload(&library->targets, library->catalog, NULL); /* without its LUNs */
	drives_remove(library, drive);
	told_file_remove(library->config.told_dir, drive->row.name);
	job->step = step_demolished;
	job_block(job, library->config.control, demolish);
}

static unsigned sessions_of(struct drive *drive)
{
	SCOPED_LOCK(&drive->library->drives_lock);
	return drive->sessions;
}

/* Initiators first: nobody can reach it any more when the kernel's objects go. */
static void step_sessions_gone(struct job *job, enum job_wake wake, unsigned events)
{
	struct drive *drive = job->drive;
	unsigned sessions = sessions_of(drive);
	if (sessions > 0 && wake != WAKE_DEADLINE)
		return;
	if (sessions > 0) {
		set_going(drive, false);
		look_again(job->library);
		error_set(&job->error, ERROR_DRIVE_BUSY,
			"Wait for the commands of its initiators to end, and try again.",
			"%u session(s) of the portal, hosts of the kernel's exports, or devices "
			"of others do not let go of drive %s",
			sessions, drive->row.name);
		job_fail(job, &job->error);
		return;
	}
	job->subject = drive;
	job->drive = NULL; /* it will not be there to describe; drive->job keeps others off */
	job->step = step_unshown;
	job_block(job, job->library->config.control, unshow);
}

static void step_remove(struct job *job, enum job_wake wake, unsigned events)
{
	if (!job_claim_drive(job, job->id))
		return;
	struct drive *drive = job->drive;
	if (drive->row.medium[0] && !job->force) {
		error_set(&job->error, ERROR_DRIVE_BUSY, "Eject the medium first, or use force.",
			"drive %s holds %s", drive->row.name, drive->row.medium);
		job_fail(job, &job->error);
		return;
	}
	set_going(drive, true);
	exports_let_go(job->library, drive->row.name);
	look_again(job->library);
	job->step = step_sessions_gone;
	job_wait(job, SESSIONS_GONE_MS);
	step_sessions_gone(job, WAKE_EVENT, 0);
}

void library_drive_remove(struct library *library, const char *name, bool force, const char *actor,
	library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->id, sizeof job->id, "%s", name);
	job->force = force;
	job->step = step_remove;
	job_post(job);
}
