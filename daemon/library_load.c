/* SPDX-License-Identifier: Apache-2.0 */
/* Loading and ejecting, as far as all kinds of drives do it alike: which medium, which drive. */
#include <stdio.h>
#include <string.h>

#include "library_private.h"
#include "util/cleanup.h"

bool load_full(struct job *job)
{
	return error_set(&job->error, ERROR_DRIVE_FULL,
		"Eject it first, or use replace (carousel load --replace).",
		"drive %s holds %s already", job->drive->row.name, job->drive->row.medium);
}

void load_fail_to_fit(struct job *job)
{
	const struct catalog_drive *drive = &job->drive->row;
	const struct catalog_medium *medium = &job->medium;
	if (strcmp(job->drive->kind->medium_kind, medium->kind) != 0)
		error_set(&job->error, ERROR_MEDIUM_DOES_NOT_FIT,
			"Use a drive of its kind (carousel drive ls).",
			"drive %s takes a %s, and %s is a %s", drive->name,
			job->drive->kind->medium_kind, medium->id, medium->kind);
	else
		error_set(&job->error, ERROR_MEDIUM_DOES_NOT_FIT,
			"Use a drive of a newer family (carousel drive add NAME --personality "
			"bd-rom), or press it to another disc (carousel media set --profile).",
			"drive %s (%s) cannot read %s, which is a %s", drive->name,
			drive->personality, medium->id, mmc_profile_name(medium_profile(medium)));
	job_fail(job, &job->error);
}

bool drive_fits(const struct drive *drive, const struct catalog_medium *medium)
{
	return strcmp(drive->kind->medium_kind, medium->kind) == 0 &&
	       drive->kind->fits(drive->row.personality, medium);
}

bool drive_find_holder(struct drive *drive, char ret[SCSI_NEXUS_NAME_MAX])
{
	bool found = false;
	SCOPED_LOCK(&drive->lu->lock);
	list_for_each (node, &drive->lu->nexuses) {
		const struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (!nexus->prevent && !nexus->prevent_persistent)
			continue;
		snprintf(ret, SCSI_NEXUS_NAME_MAX, "%s", nexus->name);
		found = true;
	}
	return found;
}

/* ---- load -------------------------------------------------------------------------------------
 */

/* The first drive that is empty, free, and of a family that reads this size. */
static struct drive *any_drive(struct job *job)
{
	struct library *library = job->library;
	for (unsigned i = 0; i < library->drive_count; i++) {
		struct drive *drive = library->drives[i];
		if (!drive->job && !drive->row.medium[0] && drive_fits(drive, &job->medium))
			return drive;
	}
	return NULL;
}

static bool claim_target(struct job *job)
{
	if (strcmp(job->id, "any") != 0)
		return job_claim_drive(job, job->id);
	struct drive *drive = any_drive(job);
	if (drive) {
		job_claim(job, drive);
		return true;
	}
	error_set(&job->error, ERROR_DRIVE_FULL, "Eject one, or name the drive and use --replace.",
		"no empty drive takes %s", job->medium.id);
	job_fail(job, &job->error);
	return false;
}

static void step_load(struct job *job, enum job_wake wake, unsigned events)
{
	if (!catalog_medium_find(job->library->catalog, job->path, &job->medium, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	if (claim_target(job))
		job->drive->kind->load(job);
}

void library_load(struct library *library, const struct library_load *load, const char *actor,
	library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->id, sizeof job->id, "%s", load->drive);
	snprintf(job->path, sizeof job->path, "%s", load->medium);
	job->replace = load->replace;
	job->force = load->force;
	job->step = step_load;
	job_post(job);
}

/* ---- eject ------------------------------------------------------------------------------------
 */

static void step_eject(struct job *job, enum job_wake wake, unsigned events)
{
	if (job_claim_drive(job, job->id))
		job->drive->kind->eject(job);
}

void library_eject(struct library *library, const struct library_eject *eject, const char *actor,
	library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->id, sizeof job->id, "%s", eject->drive);
	job->force = eject->force;
	job->removing = true;
	job->step = step_eject;
	job_post(job);
}
