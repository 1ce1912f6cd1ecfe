/* SPDX-License-Identifier: Apache-2.0 */
/* What operators say of media, and what jobs found in them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_private.h"
#include "util/cleanup.h"

struct describing {
	bool has_id, has_notes, has_tags;
	int64_t version;
	char id[LIBRARY_ID_MAX];
	char notes[LIBRARY_NOTES_MAX];
	char tags[LIBRARY_TAGS_MAX];
};

static void describing_free(struct job *job)
{
	free(job->describing);
}

static bool describe(struct job *job)
{
	const struct describing *said = job->describing;
	const struct catalog_medium_words words = {.id = said->has_id ? said->id : NULL,
		.notes = said->has_notes ? said->notes : NULL,
		.tags = said->has_tags ? said->tags : NULL};
	struct catalog *catalog = job->library->catalog;
	if (!medium_find_exactly(job) || (words.id && !medium_check_rests(job)))
		return false;
	return catalog_medium_describe(
		       catalog, job->medium.id, &words, said->version, job->actor, &job->error) &&
	       catalog_medium_find(
		       catalog, words.id ? words.id : job->medium.id, &job->medium, &job->error);
}

static void step_describe(struct job *job, enum job_wake wake, unsigned events)
{
	if (!describe(job)) {
		job_fail(job, &job->error);
		return;
	}
	drives_refresh_medium(job->library, &job->medium);
	job->result.has_medium = true;
	medium_show(job->library, &job->medium, &job->result.medium);
	job_succeed(job);
}

static bool copy_text(char *to, size_t size, const char *from, bool *ret_given)
{
	*ret_given = from != NULL;
	return !from || snprintf(to, size, "%s", from) < (int)size;
}

static bool copy_words(struct describing *to, const struct library_media_words *from)
{
	to->version = from->version;
	return copy_text(to->id, sizeof to->id, from->id, &to->has_id) &&
	       copy_text(to->notes, sizeof to->notes, from->notes, &to->has_notes) &&
	       copy_text(to->tags, sizeof to->tags, from->tags, &to->has_tags);
}

void library_media_describe(struct library *library, const char *id,
	const struct library_media_words *words, const char *actor, library_done done,
	void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	job->step = step_describe;
	snprintf(job->path, sizeof job->path, "%s", id);
	job->describing = calloc(1, sizeof *job->describing);
	if (!job_owns(job, job->describing, describing_free))
		return;
	if (!copy_words(job->describing, words)) {
		error_set(&job->error, ERROR_INVALID, "Use fewer words.",
			"an id has at most %d bytes, notes %d, tags %d", LIBRARY_ID_MAX - 1,
			LIBRARY_NOTES_MAX - 1, LIBRARY_TAGS_MAX - 1);
		job_fail(job, &job->error);
	} else {
		job_post(job);
	}
}

/* ---- readers -----------------------------------------------------------------------------------
 */

bool library_medium_details(
	struct library *library, const char *id, char **ret, struct error *error)
{
	SCOPED_LOCK(&library->reader_lock);
	return catalog_medium_details(library->reader, id, ret, error);
}

bool library_tags(struct library *library, const char *after,
	bool (*each)(void *context, const char *tag, uint64_t media), void *context,
	struct error *error)
{
	SCOPED_LOCK(&library->reader_lock);
	return catalog_tags_list(library->reader, after, each, context, error);
}

bool library_event_last(struct library *library, int64_t *ret, struct error *error)
{
	SCOPED_LOCK(&library->reader_lock);
	return catalog_events_last(library->reader, ret, error);
}
