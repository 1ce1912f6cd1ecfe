/* SPDX-License-Identifier: Apache-2.0 */
/* What people say of media. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "media.h"
#include "plan.h"

enum { WHAT_MAX = 512 };

enum exit_code plan_medium_find(
	const struct plan *plan, const json_t *table, const char *key, json_t **ret)
{
	char path[CLIENT_PATH_MAX];
	struct failure failure;
	const char *name = declared_text(table, key);
	if (strlen(name) >= MEDIUM_ID_MAX)
		return declared_refuse(plan->declared, table, key, "Give a shorter one.",
			"the name %.64s… is too long", name);
	if (!client_path(path, "/api/v1/media/", name, ""))
		return EXIT_USAGE;
	enum exit_code code = client_try(plan->cli, "GET", path, NULL, ret, &failure);
	if (code)
		declared_refuse(plan->declared, table, key,
			code == EXIT_NOT_FOUND ? "Correct it: carousel media ls has the names."
					       : failure.remedy,
			"%s", failure.sentence);
	return code;
}

/* Sets of texts: each of one is in the other. */
static bool has_all(const json_t *set, const json_t *of)
{
	size_t i, k;
	json_t *one, *other;
	json_array_foreach(of, i, one)
	{
		bool found = false;
		json_array_foreach(set, k, other) found |= json_equal(one, other);
		if (!found)
			return false;
	}
	return true;
}

static enum exit_code plan_medium(struct plan *plan, const json_t *table)
{
	char what[WHAT_MAX];
	json_t *medium = NULL, *body = json_object();
	json_t *tags = json_object_get(table, "tags"), *notes = json_object_get(table, "notes");
	enum exit_code code = plan_medium_find(plan, table, "name", &medium);
	const json_t *now = json_object_get(medium, "tags");
	if (tags && (!has_all(now, tags) || !has_all(tags, now)))
		json_object_set(body, "tags", tags);
	if (notes && strcmp(text_of(medium, "notes"), json_string_value(notes)) != 0)
		json_object_set(body, "notes", notes);
	snprintf(what, sizeof what, "medium %s: %s%s%s", text_of(medium, "id"),
		json_object_get(body, "tags") ? "tags" : "", json_object_size(body) > 1 ? ", " : "",
		json_object_get(body, "notes") ? "notes" : "");
	if (!code && json_object_size(body))
		step_add(plan->steps, &(struct step){.action = "change",
					      .kind = "medium",
					      .name = text_of(medium, "id"),
					      .what = what,
					      .method = "PATCH",
					      .before = "/api/v1/media/",
					      .after = "",
					      .body = json_incref(body),
					      .table = table});
	json_decref(medium);
	json_decref(body);
	return code;
}

enum exit_code plan_media(struct plan *plan)
{
	size_t i;
	json_t *table;
	json_array_foreach(plan->declared->media, i, table)
	{
		enum exit_code code = plan_medium(plan, table);
		if (code)
			return code;
	}
	return EXIT_OK;
}
