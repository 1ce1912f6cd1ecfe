/* SPDX-License-Identifier: Apache-2.0 */
#include "changes.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"

static const char *or_none(const char *text)
{
	return *text ? text : "none";
}

/* What was added has no value before that anybody would miss. */
static void add(const char *what, const json_t *change, bool is_new, char ret[CHANGES_TEXT_MAX])
{
	size_t length = strlen(ret);
	snprintf(ret + length, CHANGES_TEXT_MAX - length, "%s%.32s: %.300s%s%.300s",
		length ? "; " : "", what, is_new ? "" : or_none(text_of(change, "from")),
		is_new ? "" : " -> ", or_none(text_of(change, "to")));
}

const char *changes_text(const json_t *event, char ret[CHANGES_TEXT_MAX])
{
	const char *what;
	json_t *change, *detail = json_object_get(event, "detail");
	bool is_new = !strcmp(text_of(event, "verb"), "media-add");
	*ret = '\0';
	json_object_foreach(detail, what, change)
	{
		if (json_is_object(change) && json_object_get(change, "to"))
			add(what, change, is_new, ret);
	}
	return ret;
}
