/* SPDX-License-Identifier: Apache-2.0 */
#include "background_refusals.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "util/hash.h"

enum { PATH_SAID = 512 };

static json_t *list_of(struct background_job *job, const char *name)
{
	json_t *list = json_object_get(job->result, name);
	if (!list) {
		list = json_array();
		json_object_set_new(job->result, name, list);
	}
	return list;
}

/* Names of files may be anything; JSON is UTF-8, and what of a name is none becomes '?'. */
static json_t *text(const char *bytes)
{
	char ascii[LIBRARY_PATH_MAX];
	json_t *string = json_string(bytes);
	if (string)
		return string;
	snprintf(ascii, sizeof ascii, "%s", bytes);
	for (char *at = ascii; *at; at++)
		*at = *at & 0x80 ? '?' : *at;
	return json_string(ascii);
}

static const char *member(const json_t *refusal, const char *name)
{
	const char *found = json_string_value(json_object_get(refusal, name));
	return found ? found : "";
}

/*
 * A pool has its lists of digests and its notes beside the images, and is looked through again and
 * again. What falls out of the table is said once more.
 */
static bool was_said(struct background *background, const char *path, const char *detail)
{
	uint64_t hash = hash_text(path) ^ hash_text(detail) * 3;
	return atomic_exchange(&background->said[hash % BACKGROUND_SAID], hash) == hash;
}

/* A line of the log ends somewhere: the sentence has the beginning of a long path. */
static void say(const struct background_job *job, const json_t *refusal)
{
	const char *path = member(refusal, "path");
	bool is_long = strlen(path) > PATH_SAID;
	if (was_said(job->background, path, member(refusal, "detail")))
		return;
	log_warning("job %lld refuses %s%s%s. %s", (long long)job->row->id, is_long ? "" : path,
		is_long ? "" : ": ", member(refusal, "detail"), member(refusal, "remedy"));
}

void background_refuse(struct background_job *job, const char *list, size_t most, const char *path,
	const struct error *why)
{
	json_t *refusals = list_of(job, list);
	if (json_array_size(refusals) >= most)
		return;
	json_t *refusal = json_pack("{s:s, s:o, s:o, s:o}", "code", error_code_name(why->code),
		"path", text(path), "detail", text(why->sentence), "remedy", text(why->remedy));
	say(job, refusal);
	json_array_append_new(refusals, refusal);
}
