/* SPDX-License-Identifier: Apache-2.0 */
/* What discs are pressed to: what their content and size say, or the operator. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "library_private.h"

enum mmc_profile medium_profile(const struct catalog_medium *medium)
{
	return (enum mmc_profile)(
		medium->profile_override ? medium->profile_override : medium->profile);
}

static bool refuse_profile(struct job *job)
{
	return error_set(&job->error, ERROR_INVALID, "Use cd-rom, dvd-rom, bd-rom or auto.",
		"there is no profile \"%s\"", job->profile_text);
}

bool profile_read(struct job *job)
{
	const char *text = job->profile_text;
	job->profile_said = text[0];
	job->profile = mmc_profile_find(text);
	if (!text[0] || job->profile != PROFILE_NONE || strcasecmp(text, "auto") == 0)
		return true;
	return refuse_profile(job);
}

static bool check_disc(struct job *job, const struct catalog_medium *medium)
{
	if (strcmp(medium->kind, "disc") == 0)
		return true;
	return error_set(&job->error, ERROR_INVALID, "Name a disc: carousel media ls.",
		"%.250s is a tape, which has no profile", medium->path);
}

static bool check_size(struct job *job, const struct catalog_medium *medium)
{
	return medium->profile_override == PROFILE_NONE ||
	       image_check_profile(medium->path, medium->size, medium_profile(medium), &job->error);
}

/* What is on its way into a drive, or out of it, was opened as the disc that it is now. */
static bool check_rests(struct job *job, const char *id)
{
	const struct library *library = job->library;
	for (unsigned i = 0; i < library->drive_count; i++) {
		const struct drive *drive = library->drives[i];
		if (drive->job && drive->job != job && strcmp(drive->job->medium.id, id) == 0)
			return error_set(&job->error, ERROR_MEDIUM_IN_USE,
				"Wait until that is done, then eject it there first.",
				"%s is on its way in drive %s", id, drive->row.name);
	}
	return true;
}

bool profile_choose(
	struct job *job, const struct catalog_medium *known, struct catalog_medium *medium)
{
	if (job->profile_said && !check_disc(job, medium))
		return false;
	if (job->profile_said)
		medium->profile_override = job->profile;
	else if (known)
		medium->profile_override = known->profile_override;
	return check_size(job, medium) &&
	       (!job->profile_said || !known || check_rests(job, known->id));
}

static bool set_profile(struct job *job)
{
	struct catalog_medium *medium = &job->medium;
	if (!profile_read(job))
		return false;
	if (!job->profile_said)
		return refuse_profile(job);
	if (!medium_find_exactly(job) || !check_disc(job, medium) || !check_rests(job, medium->id))
		return false;
	medium->profile_override = job->profile;
	return check_size(job, medium) &&
	       catalog_medium_set_profile(
		       job->library->catalog, medium->id, job->profile, job->actor, &job->error);
}

static void step_set_profile(struct job *job, enum job_wake wake, unsigned events)
{
	if (!set_profile(job)) {
		job_fail(job, &job->error);
		return;
	}
	job->result.has_medium = true;
	medium_fill(&job->medium, &job->result.medium);
	job_succeed(job);
}

void library_media_set_profile(struct library *library, const char *id, const char *profile,
	const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->path, sizeof job->path, "%s", id);
	snprintf(job->profile_text, sizeof job->profile_text, "%s", profile);
	job->step = step_set_profile;
	job_post(job);
}
