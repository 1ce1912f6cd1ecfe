/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency keys of the fake library. */
#include <stdlib.h>
#include <string.h>

#include "fake_library_parts.h"
#include "util/cleanup.h"

static struct fake_key *find(struct library *library, const struct library_key *key)
{
	for (unsigned i = 0; i < library->key_count; i++)
		if (!strcmp(library->keys[i].key.actor, key->actor) &&
			!strcmp(library->keys[i].key.key, key->key))
			return &library->keys[i];
	return NULL;
}

static void run_take(struct library *library, const struct job *job, struct library_result *ret)
{
	struct fake_key *known = find(library, &job->key);
	ret->ok = true;
	if (!known) {
		known = &library->keys[library->key_count++];
		*known = (struct fake_key){.key = job->key};
	} else if (memcmp(known->key.request, job->key.request, sizeof job->key.request)) {
		ret->ok = error_set(&ret->error, ERROR_KEY_REUSED, "Send a fresh one.", "reused");
	} else if (!known->kept.status) {
		ret->ok = error_set(&ret->error, ERROR_UNDER_WAY, "Ask again later.", "under way");
	}
	ret->kept = &known->kept;
}

void library_key_take(
	struct library *library, const struct library_key *key, library_done done, void *context)
{
	struct job job = {.run = run_take, .done = done, .context = context, .key = *key};
	fake_submit(library, &job, key->actor);
}

static void run_keep(struct library *library, const struct job *job, struct library_result *ret)
{
	struct fake_key *known = find(library, &job->key);
	if (known)
		known->kept = *job->kept;
	free(job->kept);
	ret->ok = known;
}

void library_key_keep(struct library *library, const struct library_key *key,
	const struct library_kept_answer *answer, library_done done, void *context)
{
	struct job job = {.run = run_keep,
		.done = done,
		.context = context,
		.key = *key,
		.kept = malloc(sizeof *answer),
		.reads_only = true};
	*job.kept = *answer;
	fake_submit(library, &job, key->actor);
}

void library_key_drop(struct library *library, const struct library_key *key)
{
	SCOPED_LOCK(&library->lock);
	struct fake_key *known = find(library, key);
	if (known)
		*known = library->keys[--library->key_count];
}
