/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of the fake library, which never end by themselves, and what is said of its media. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/jobs.h"
#include "fake_library_parts.h"
#include "util/cleanup.h"

static struct library_job *find_job(struct library *library, int64_t id, struct error *error)
{
	for (unsigned i = 0; i < library->job_count; i++)
		if (library->jobs[i].id == id)
			return &library->jobs[i];
	error_set(error, ERROR_JOB_NOT_FOUND, "List the jobs with `carousel job ls`.",
		"there is no job %lld", (long long)id);
	return NULL;
}

/* ---- operations --------------------------------------------------------------------------------
 */

static void run_begin(struct library *library, const struct job *job, struct library_result *ret)
{
	if (library->job_count == JOBS_MAX) {
		ret->ok = error_set(&ret->error, ERROR_HOST_FULL, "Stop.", "too many jobs");
		return;
	}
	struct library_job *begun = &library->jobs[library->job_count++];
	*begun = job->begun;
	begun->id = library->job_count;
	begun->created = 1767225600 + begun->id;
	begun->eta = -1;
	COPY(begun->state, "queued");
	COPY(begun->actor, library->actor);
	ret->job = begun->id;
	ret->created = ret->ok = true;
}

static void begin(struct library *library, const char *kind, const char *parameters,
	const char *actor, library_done done, void *context)
{
	struct job job = {.run = run_begin, .done = done, .context = context};
	COPY(job.begun.kind, kind);
	COPY(job.begun.parameters, parameters);
	fake_submit(library, &job, actor);
}

void library_import(struct library *library, const struct library_import *import, const char *actor,
	library_done done, void *context)
{
	char parameters[LIBRARY_PATH_MAX + 64];
	snprintf(parameters, sizeof parameters, "{\"path\":\"%s\",\"copy\":%s}", import->path,
		import->copy ? "true" : "false");
	begin(library, "import", parameters, actor, done, context);
}

void library_scan(struct library *library, const char *pool, const char *actor, library_done done,
	void *context)
{
	begin(library, "scan", *pool ? "{\"pool\":\"one\"}" : "{}", actor, done, context);
}

void library_verify(struct library *library, const struct library_verify *verify, const char *actor,
	library_done done, void *context)
{
	char parameters[128];
	snprintf(parameters, sizeof parameters, "{\"medium\":\"%s\"}", verify->medium);
	begin(library, "verify", parameters, actor, done, context);
}

static void run_cancel(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_job *found = find_job(library, job->begun.id, &ret->error);
	ret->ok = found;
	if (!found)
		return;
	if (found->ended) {
		ret->ok = error_set(&ret->error, ERROR_JOB_ENDED, "There is nothing to cancel.",
			"job %lld has ended already: %s", (long long)found->id, found->state);
		return;
	}
	COPY(found->state, "cancelled");
	found->ended = found->created + 1;
	ret->job = found->id;
}

/* Who waits sees the end of a job; the verification of one medium takes longer. */
static void run_await(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_job *found = find_job(library, job->begun.id, &ret->error);
	ret->ok = found;
	if (!found)
		return;
	if (!found->ended && strcmp(found->parameters, "{\"medium\":\"debian-12\"}")) {
		COPY(found->state, "succeeded");
		found->ended = found->created + 1;
	}
	ret->job = found->id;
}

void library_job_await(struct library *library, int64_t id, unsigned milliseconds,
	const char *actor, library_done done, void *context)
{
	struct job job = {.run = run_await, .done = done, .context = context, .reads_only = true};
	job.begun.id = id;
	fake_submit(library, &job, actor);
}

void library_job_cancel(
	struct library *library, int64_t id, const char *actor, library_done done, void *context)
{
	struct job job = {.run = run_cancel, .done = done, .context = context};
	job.begun.id = id;
	fake_submit(library, &job, actor);
}

static void run_describe(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_medium *medium = fake_find_medium(library, job->name, &ret->error);
	ret->ok = medium;
	if (!medium)
		return;
	if (job->words.version && job->words.version != medium->version) {
		ret->ok = error_set(&ret->error, ERROR_CHANGED_MEANWHILE, "Look at it again.",
			"%s was changed meanwhile", medium->id);
		return;
	}
	if (job->words.tags)
		COPY(medium->tags, job->tags);
	if (job->words.notes)
		COPY(medium->notes, job->notes);
	medium->version++;
	ret->has_medium = true;
	ret->medium = *medium;
}

void library_media_describe(struct library *library, const char *id,
	const struct library_media_words *words, const char *actor, library_done done,
	void *context)
{
	struct job job = {.run = run_describe, .done = done, .context = context, .words = *words};
	COPY(job.name, id);
	COPY(job.tags, words->tags ? words->tags : "");
	COPY(job.notes, words->notes ? words->notes : "");
	fake_submit(library, &job, actor);
}

static const struct library_job some_jobs[] = {
	{.kind = "scan",
		.state = "succeeded",
		.actor = "uid:0",
		.parameters = "{\"pool\":\"/srv/iso\"}",
		.result =
			"{\"unchanged\":40,\"added\":1,\"refused\":34,\"under_way\":1,\"refusals\":"
			"["
			"{\"code\":\"image_unrecognised\",\"path\":\"/srv/iso/"
			"SHA256SUMS\",\"detail\":"
			"\"/srv/iso/SHA256SUMS is no image that is known\",\"remedy\":\"Convert "
			"it.\"},"
			"{\"code\":\"image_truncated\",\"path\":\"/srv/iso/short.iso\",\"detail\":"
			"\"it ends too early\",\"remedy\":\"Fetch it again.\"}]}",
		.created = 1767225600,
		.started = 1767225601,
		.ended = 1767225785,
		.done = 75,
		.eta = -1},
	{.kind = "import",
		.state = "running",
		.actor = "token:backup",
		.parameters = "{\"path\":\"/srv/incoming/a/directory/with/a/very/long/name/"
			      "ubuntu-24.04.1-live"
			      "-server-amd64.iso\",\"copy\":true}",
		.created = 1767225600,
		.started = 1767225602,
		.done = 1200000000,
		.total = 3200000000,
		.rate = 110000000,
		.eta = 18},
	{.kind = "import",
		.state = "succeeded",
		.actor = "uid:1000",
		.parameters = "{\"path\":\"/srv/incoming\"}",
		.result = "{\"media\":[{\"id\":\"netinst\",\"new\":true,\"sha256\":\"\"},{\"id\":"
			  "\"copy\","
			  "\"new\":true,\"sha256\":\"\",\"duplicate_of\":\"netinst\"}],"
			  "\"problems\":[{\"code\":"
			  "\"image_empty\",\"path\":\"/srv/incoming/empty.iso\",\"detail\":"
			  "\"/srv/incoming/empty.iso is empty\",\"remedy\":\"Look at what wrote "
			  "it.\"}]}",
		.created = 1767225600,
		.started = 1767225603,
		.ended = 1767225603,
		.done = 5000000,
		.total = 5000000,
		.eta = -1},
	{.kind = "verify",
		.state = "failed",
		.actor = "uid:0",
		.parameters = "{\"medium\":\"win11\"}",
		.result = "{\"mismatch\":1,\"problems\":[{\"medium\":\"win11\",\"result\":"
			  "\"mismatch\","
			  "\"detail\":\"its bytes are not those that were added\"}]}",
		.error = "digest_mismatch",
		.sentence = "1 of 1 discs is not what it was",
		.remedy = "Fetch it again.",
		.created = 1767225600,
		.started = 1767225604,
		.ended = 1767229204,
		.done = 6000000000,
		.total = 6000000000,
		.eta = -1},
};

void fake_library_add_jobs(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	for (size_t i = 0; i < sizeof some_jobs / sizeof *some_jobs; i++) {
		library->jobs[library->job_count] = some_jobs[i];
		library->jobs[library->job_count].id = library->job_count + 1;
		library->job_count++;
	}
}

/* ---- readers -----------------------------------------------------------------------------------
 */

bool library_job_get(
	struct library *library, int64_t id, struct library_job *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct library_job *job = find_job(library, id, error);
	if (job)
		*ret = *job;
	return job;
}

bool library_jobs(struct library *library, const char *state, int64_t before, unsigned limit,
	bool (*each)(void *context, const struct library_job *job), void *context,
	struct error *error)
{
	SCOPED_LOCK(&library->lock);
	(void)error;
	for (unsigned i = library->job_count; i-- && limit;) {
		const struct library_job *job = &library->jobs[i];
		if ((before && job->id >= before) || (state && strcmp(job->state, state) != 0))
			continue;
		limit--;
		if (!each(context, job))
			break;
	}
	return true;
}

unsigned library_jobs_unfinished(struct library *library)
{
	unsigned count = 0;
	SCOPED_LOCK(&library->lock);
	for (unsigned i = 0; i < library->job_count; i++)
		count += !library->jobs[i].ended;
	return count;
}

/* Everything that can be said, in one image and in short. */
static const char details_of_win11[] =
	"{\"boot\":{\"targets\":[\"BIOS\",\"UEFI x64\"],\"disk_targets\":[\"UEFI x64\"],"
	"\"file_targets\":[\"UEFI x64\",\"UEFI ia32\"],\"entries\":3,\"catalog\":["
	"{\"platform\":\"bios\",\"bootable\":true,\"emulation\":\"floppy-1440\",\"block\":30,"
	"\"sectors\":4},"
	"{\"platform\":77,\"bootable\":false,\"emulation\":\"none\",\"block\":31,\"sectors\":4}]},"
	"\"partitions\":{\"isohybrid\":true,\"gpt\":true,\"hfs_plus\":true},"
	"\"iso9660\":{\"volume_id\":\"CCCOMA\",\"joliet_volume_id\":\"Cccoma X64\",\"joliet\":3,"
	"\"rock_ridge\":true,\"publisher\":\"EXAMPLE\",\"preparer\":\"MASTERING\",\"volume_set_"
	"id\":\"SET\","
	"\"application\":\"CDIMAGE 2.56\",\"created\":1700000000,\"effective\":0},"
	"\"udf\":{\"volume_id\":\"CCCOMA_UDF\"},\"truncated\":true}";

static const char *details_of(const char *id)
{
	if (!strcmp(id, "win11"))
		return details_of_win11;
	return !strcmp(id, "debian-12") ? "{\"boot\":{\"targets\":[\"BIOS\"]}}" : "";
}

bool library_medium_details(
	struct library *library, const char *id, char **ret, struct error *error)
{
	struct library_medium medium;
	if (!library_medium_get(library, id, &medium, error))
		return false;
	*ret = strdup(details_of(medium.id));
	return *ret || error_set(error, ERROR_NO_MEMORY, "", "out of memory");
}

bool library_tags(struct library *library, const char *after,
	bool (*each)(void *context, const char *tag, uint64_t media), void *context,
	struct error *error)
{
	(void)library;
	(void)error;
	if (strcmp("golden", after) > 0 && !each(context, "golden", 2))
		return true;
	if (strcmp("rescue", after) > 0)
		each(context, "rescue", 1);
	return true;
}
