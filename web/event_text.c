/* SPDX-License-Identifier: Apache-2.0 */
#include "event_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_shapes.h"
#include "util/cleanup.h"

const char *const event_kinds[] = {
	"drive", "medium", "export", "job", "token", "upload", "pool", NULL};

/* NULL without memory. */
static char *format(const struct library_history_entry *entry)
{
	char *text;
	json_t *shape = shape_notice(entry);
	_cleanup_free_ char *json = shape ? json_dumps(shape, JSON_COMPACT) : NULL;
	json_decref(shape);
	if (!json || asprintf(&text, "id: %" PRId64 "\nevent: %s\ndata: %s\n\n", entry->number,
			     entry->verb, json) < 0)
		return NULL;
	return text;
}

bool event_text_make(const struct library_history_entry *entry, struct event_text *ret)
{
	bool refused = *entry->outcome && strcmp(entry->outcome, "ok") != 0;
	*ret = (struct event_text){.number = entry->number};
	snprintf(ret->drive, sizeof ret->drive, "%s", entry->drive);
	snprintf(ret->medium, sizeof ret->medium, "%s", entry->medium);
	snprintf(ret->kind, sizeof ret->kind, "%s", entry->subject_kind);
	snprintf(ret->subject, sizeof ret->subject, "%s", entry->subject);
	if (!refused)
		ret->text = format(entry);
	return refused || ret->text;
}

void event_text_finish(struct event_text *event)
{
	free(event->text);
	event->text = NULL;
}

static bool is_of_kind(const char *kind, const struct event_text *event)
{
	if (!strcmp(kind, "drive"))
		return *event->drive;
	if (!strcmp(kind, "medium"))
		return *event->medium;
	return !strcmp(kind, event->kind);
}

bool event_filter_wants(const struct event_filter *filter, const struct event_text *event)
{
	return event->text && (!*filter->drive || !strcmp(filter->drive, event->drive)) &&
	       (!*filter->medium || !strcmp(filter->medium, event->medium)) &&
	       (!*filter->kind || is_of_kind(filter->kind, event));
}
