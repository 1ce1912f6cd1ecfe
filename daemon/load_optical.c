/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading and ejecting discs, step by step (ARCHITECTURE.md, "One load"):
 *
 *	load:  find ─► open the image (elsewhere) ─► check ─┐
 *	eject: find ────────────────────────────────────────┤
 *	  [locked: EjectRequest, wait for the host] ─► drain ─► commit ─► publish ─► [hosts told] ─►
 *answer
 */
#include "drive_optical.h"

#include <stdio.h>
#include <string.h>

#include "library_paths.h"

enum { GRACE_MS = 2000, DRAIN_MS = 30000 };

static const char remedy_force[] = "Unmount it on the host, or use force (carousel eject --force) "
				   "and risk an I/O error there.";

static void look_at_drive(struct job *job, struct mmc_drive_status *ret)
{
	mmc_drive_status(job->drive->mmc, ret);
	disc_put(ret->disc);
	ret->disc = NULL;
}

/* ---- the last steps: both operations --------------------------------------------------------- */

static void step_told(struct job *job, enum job_wake wake, unsigned events)
{
	struct mmc_drive_status status;
	look_at_drive(job, &status);
	if (status.all_told || wake == WAKE_DEADLINE)
		job_succeed(job);
}

/* A medium that opened again as the catalog knows it has no fault any more. */
static bool clear_fault(struct job *job, struct error *error)
{
	bool same = strcmp(job->drive->row.medium, job->medium.id) == 0;
	if (job->removing || !(job->medium.fault[0] || (same && job->drive->medium.fault[0])))
		return true;
	job->medium.fault[0] = '\0';
	return catalog_medium_set_fault(job->library->catalog, job->medium.id, "", error);
}

static void commit_and_publish(struct job *job)
{
	struct drive *drive = job->drive;
	struct error error = {0};
	struct mmc_drive_status status;
	look_at_drive(job, &status);
	bool tray_open = job->removing && status.tray_open;
	drive_settle_faults(drive);
	if (!clear_fault(job, &error) ||
		!drive_commit_place(drive, job->removing ? NULL : &job->medium, tray_open,
			job->actor, job->removing ? "eject" : "load", &error)) {
		job_fail(job, &error);
		return;
	}
	pthread_mutex_lock(&job->library->drives_lock);
	drive->medium_failure[0] = '\0';
	pthread_mutex_unlock(&job->library->drives_lock);
	mmc_drive_publish(drive->mmc, job->removing ? NULL : job->disc, tray_open);
	job->changing = false;
	if (job->removing) {
		job_succeed(job);
		return;
	}
	job->step = step_told;
	job_wait(job, job->library->config.told_wait_ms);
	step_told(job, WAKE_EVENT, 0);
}

/* The event may be a leftover of a change that was given up: what counts is what the drive says. */
static void step_drained(struct job *job, enum job_wake wake, unsigned events)
{
	struct error error = {0};
	if (events & 1u << LIBRARY_EVENT_DRAINED && mmc_drive_begin_change(job->drive->mmc)) {
		commit_and_publish(job);
		return;
	}
	if (wake != WAKE_DEADLINE)
		return;
	error_set(&error, ERROR_DRIVE_BUSY,
		"See why its image file answers so slowly, then try again.",
		"drive %s still waits for a read of the old medium", job->drive->row.name);
	job_fail(job, &error);
}

static void change(struct job *job)
{
	job->step = step_drained;
	job_wait(job, DRAIN_MS);
	job->changing = true;
	if (mmc_drive_begin_change(job->drive->mmc))
		commit_and_publish(job);
}

/* ---- asking the hosts to let go ---------------------------------------------------------------
 */

static void fail_prevented(struct job *job)
{
	struct error error = {0};
	char holder[SCSI_NEXUS_NAME_MAX] = "a host"; /* who has let go just now */
	drive_find_holder(job->drive, holder);
	error_set(&error, ERROR_REMOVAL_PREVENTED, remedy_force,
		"drive %s is locked by %s, which was asked and did not let go",
		job->drive->row.name, holder);
	job_fail(job, &error);
}

/* Milliseconds until then, rounded up; 0 when it is over. */
static unsigned left_until(struct job *job, uint64_t then_ns)
{
	uint64_t now = library_now(job->library);
	return now >= then_ns ? 0 : (unsigned)((then_ns - now + 999999) / 1000000);
}

static unsigned grace_ms(const struct job *job)
{
	unsigned wanted = job->library->config.grace_ms;
	return wanted ? wanted : GRACE_MS;
}

/*
 * A host lets go in two commands: PREVENT ALLOW, then START STOP UNIT. Acting on the first alone
 * would let the second throw out the new medium, so it gets a moment to follow. A host that locks
 * and unlocks without end has no more than that moment on top of its time.
 */
static void step_ask(struct job *job, enum job_wake wake, unsigned events)
{
	struct mmc_drive_status status;
	unsigned left = left_until(job, job->give_up_ns);
	look_at_drive(job, &status);
	if (status.tray_open || !status.has_disc)
		change(job);
	else if (wake == WAKE_DEADLINE && !status.removal_prevented)
		change(job);
	else if (wake == WAKE_DEADLINE && left > 0)
		job_wait(job, left); /* locked again in that moment */
	else if (wake == WAKE_DEADLINE)
		fail_prevented(job);
	else if (events & 1u << LIBRARY_EVENT_ALLOWED && !status.removal_prevented && left > 0)
		job_wait(job, grace_ms(job));
}

/* The operator's button (MMC-6 6.6.2: EjectRequest), unless nothing stands in the way. */
static void take_out(struct job *job)
{
	struct mmc_drive_status status;
	look_at_drive(job, &status);
	if (!status.has_disc || status.tray_open || !status.removal_prevented || job->force) {
		change(job);
		return;
	}
	job->step = step_ask;
	job->give_up_ns =
		library_now(job->library) + (uint64_t)job->library->config.eject_wait_ms * 1000000u;
	job_wait(job, job->library->config.eject_wait_ms);
	mmc_drive_request_eject(job->drive->mmc);
}

/* ---- load -------------------------------------------------------------------------------------
 */

static void open_image(struct job *job)
{
	if (library_allows(&job->library->config, job->medium.path, &job->error))
		job->disc = optical_open(job->library, &job->medium, &job->error);
}

/* Another medium lies in the closed drive, and nobody said to take it out. */
static bool check_not_full(struct job *job, const struct mmc_drive_status *status)
{
	return !status->has_disc || status->tray_open || job->replace ||
	       strcmp(job->drive->row.medium, job->medium.id) == 0 || load_full(job);
}

/* A host may have pulled in the open tray meanwhile: it is full then. */
static void step_opened(struct job *job, enum job_wake wake, unsigned events)
{
	struct mmc_drive_status status;
	if (!job->disc) {
		job_fail(job, &job->error);
		return;
	}
	job->disc = optical_share_disc(job->library, job->disc);
	look_at_drive(job, &status);
	if (!mmc_drive_fits(job->drive->mmc, job->disc->profile))
		load_fail_to_fit(job);
	else if (!check_not_full(job, &status))
		job_fail(job, &job->error);
	else
		take_out(job);
}

static bool is_loaded_already(struct job *job, const struct mmc_drive_status *status)
{
	return status->has_disc && !status->tray_open && !job->drive->medium.fault[0] &&
	       !job->drive->medium_failure[0] &&
	       strcmp(job->drive->row.medium, job->medium.id) == 0;
}

void optical_load(struct job *job)
{
	struct mmc_drive_status status;
	look_at_drive(job, &status);
	if (strcmp(job->medium.kind, drive_kind_optical.medium_kind) != 0) {
		load_fail_to_fit(job);
	} else if (is_loaded_already(job, &status)) {
		job_succeed(job);
	} else if (!check_not_full(job, &status)) {
		job_fail(job, &job->error);
	} else {
		job->step = step_opened;
		job_block(job, job->library->config.readers, open_image);
	}
}

void optical_eject(struct job *job)
{
	if (job->drive->row.medium[0])
		take_out(job);
	else
		job_succeed(job);
}

void optical_give_up(struct job *job)
{
	mmc_drive_cancel_change(job->drive->mmc);
}
