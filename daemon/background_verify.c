/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification: files are read whole, and their digests compared with those that are known. A file
 * that has the same identity and other bytes rots. Tapes are verified by `carousel tape verify`:
 * their files change with every use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "background.h"
#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

/* What a file was found to be. */
struct verdict {
	char id[CATALOG_ID_MAX];
	char sha256[CATALOG_DIGEST_MAX]; /* "": it could not be read */
	const char *result, *state;
	const char *fault; /* NULL: as it is */
	const char *actor;
};

static bool write_verdict(struct catalog *catalog, void *context, struct error *error)
{
	const struct verdict *verdict = context;
	return catalog_medium_set_state(
		       catalog, verdict->id, verdict->state, verdict->actor, error) &&
	       (!verdict->fault ||
		       catalog_medium_set_fault(catalog, verdict->id, verdict->fault, error)) &&
	       catalog_medium_set_digest(catalog, verdict->id,
		       strcmp(verdict->result, "ok") == 0 ? verdict->sha256 : "", verdict->result,
		       verdict->actor, error);
}

static void count(struct background_job *job, const char *what)
{
	json_t *number = json_object_get(job->result, what);
	json_object_set_new(job->result, what, json_integer(json_integer_value(number) + 1));
}

static void note_problem(
	struct background_job *job, const char *id, const char *result, const char *sentence)
{
	json_t *problems = json_object_get(job->result, "problems");
	if (!problems) {
		problems = json_array();
		json_object_set_new(job->result, "problems", problems);
	}
	json_array_append_new(problems,
		json_pack("{s:s, s:s, s:s}", "medium", id, "result", result, "detail", sentence));
	log_warning("verifying %s: %s", id, sentence);
}

/* The file could be read. */
static void compare(const struct catalog_medium *medium, const struct file_identity *identity,
	struct verdict *verdict)
{
	bool same_file = file_identity_lasts(&medium->identity, identity);
	bool same_bytes = !medium->sha256[0] || strcmp(medium->sha256, verdict->sha256) == 0;
	verdict->result = same_bytes ? "ok" : "mismatch";
	verdict->state = same_file ? "ok" : "changed";
	if (!same_file && same_bytes && medium->sha256[0])
		verdict->state = medium->state; /* touched, or copied over: a scan settles it */
	if (same_file && !same_bytes)
		verdict->fault = "its bytes are not those that were added, though nobody wrote to "
				 "it: the disk under it may be failing";
}

static const char *sentence_of(const struct verdict *verdict)
{
	if (verdict->fault)
		return verdict->fault;
	return strcmp(verdict->state, "changed") == 0 ? "another file is there than was added"
						      : "its bytes are not those that were added";
}

/* Something else is in its place, or nothing; as a scan says it. */
static bool is_gone(const struct error *why)
{
	return why->code == ERROR_FILE_MISSING || why->code == ERROR_FILE_TYPE ||
	       why->code == ERROR_FILE_OUTSIDE_POOLS;
}

static void note(struct background_job *job, const struct verdict *verdict, const char *sentence)
{
	count(job, verdict->result);
	if (strcmp(verdict->result, "ok") != 0)
		note_problem(job, verdict->id, verdict->result, sentence);
}

/* The id that it has now: an operator may have given it another one while it was read. */
static void follow(struct background_job *job, const struct catalog_medium *medium, char *ret)
{
	struct error ignored = {0};
	_cleanup_free_ struct catalog_medium *now = malloc(sizeof *now);
	bool is_it = now && catalog_medium_find(job->reader, medium->path, now, &ignored) &&
		     now->added == medium->added;
	snprintf(ret, CATALOG_ID_MAX, "%s", is_it ? now->id : medium->id);
}

/* False: leave off. A file that cannot be read is found out about, and the next one comes. */
static bool verify(
	struct background_job *job, const struct catalog_medium *medium, struct error *error)
{
	struct verdict verdict = {
		.result = "unreadable", .state = medium->state, .actor = job->row->actor};
	struct file_identity identity;
	uint64_t base = atomic_load(&job->done);
	struct error why = {0};
	if (background_digest(job, medium->path, -1, &identity, verdict.sha256, &why)) {
		compare(medium, &identity, &verdict);
	} else if (!background_go_on(job, error)) {
		return false;
	} else {
		verdict.sha256[0] = '\0';
		verdict.state = is_gone(&why) ? "missing" : medium->state;
		background_progress(job, base + medium->size, atomic_load(&job->total));
	}
	follow(job, medium, verdict.id);
	if (strcmp(verdict.result, "ok") == 0 && !medium->os[0] &&
		!background_look_inside(job, verdict.id, medium->path, error))
		return false;
	if (!background_commit(job, verdict.id, write_verdict, &verdict, error))
		return false;
	note(job, &verdict, verdict.sha256[0] ? sentence_of(&verdict) : why.sentence);
	return true;
}

/* ---- which ones --------------------------------------------------------------------------------
 */

struct choice {
	int64_t verified_before; /* of all discs; those that were not verified since */
	struct catalog_medium *found;
	uint64_t bytes; /* of all of them */
	char after[CATALOG_ID_MAX];
	bool any;
};

static bool weigh(void *context, const struct catalog_medium *medium)
{
	struct choice *choice = context;
	if (medium->verified < choice->verified_before)
		choice->bytes += medium->size;
	return true;
}

static bool choose_next(void *context, const struct catalog_medium *medium)
{
	struct choice *choice = context;
	snprintf(choice->after, sizeof choice->after, "%s", medium->id);
	choice->any = medium->verified < choice->verified_before;
	if (choice->any)
		*choice->found = *medium;
	return !choice->any;
}

/* It was forgotten while it was read. */
static bool is_forgotten(const struct error *why)
{
	return why->code == ERROR_MEDIUM_NOT_FOUND;
}

static bool verify_discs(struct background_job *job, struct choice *choice, struct error *error)
{
	const struct catalog_media_filter discs = {.kind = "disc"};
	if (!catalog_media_list(job->reader, "", UINT32_MAX, &discs, weigh, choice, error))
		return false;
	background_progress(job, 0, choice->bytes);
	do {
		choice->any = false;
		if (!background_go_on(job, error) ||
			!catalog_media_list(job->reader, choice->after, UINT32_MAX, &discs,
				choose_next, choice, error))
			return false;
		if (choice->any && !verify(job, choice->found, error) && !is_forgotten(error))
			return false;
	} while (choice->any);
	return true;
}

static bool verify_one(struct background_job *job, const char *id, struct catalog_medium *medium,
	struct error *error)
{
	if (!catalog_medium_find(job->reader, id, medium, error))
		return false;
	if (strcmp(medium->kind, "disc") != 0)
		return error_set(error, ERROR_INVALID, "Eject it and use `carousel tape verify`.",
			"%s is a tape, whose file changes with every use", medium->id);
	return verify(job, medium, error);
}

/* Rot that was found is a failure of the job: whoever watches jobs must see it. */
static bool conclude(struct background_job *job, struct error *error)
{
	json_int_t bad = json_integer_value(json_object_get(job->result, "mismatch")) +
			 json_integer_value(json_object_get(job->result, "unreadable"));
	if (!bad)
		return true;
	return error_set(error, ERROR_DIGEST, "Restore them from a copy, then verify them again.",
		"%lld media are not what they were, or cannot be read", (long long)bad);
}

static bool run(struct background_job *job, struct error *error)
{
	_cleanup_free_ struct catalog_medium *medium = malloc(sizeof *medium);
	const char *id = json_string_value(json_object_get(job->parameters, "medium"));
	json_int_t age = json_integer_value(json_object_get(job->parameters, "older_than"));
	struct choice choice = {.verified_before = job->row->created - age + 1, .found = medium};
	if (!medium)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	bool ok = id ? verify_one(job, id, medium, error) : verify_discs(job, &choice, error);
	return ok && conclude(job, error);
}

const struct background_kind background_verify = {"verify", run};
