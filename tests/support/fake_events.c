/* SPDX-License-Identifier: Apache-2.0 */
/* The fake library's events, oldest first, and who wants to know of them. */
#include <stdio.h>

#include "fake_library_parts.h"
#include "util/cleanup.h"

void library_events_subscribe(
	struct library *library, void (*committed)(void *context), void *context)
{
	SCOPED_LOCK(&library->subscriber_lock);
	library->committed = committed;
	library->committed_context = context;
}

void fake_tell_events(struct library *library)
{
	SCOPED_LOCK(&library->subscriber_lock);
	if (library->committed)
		library->committed(library->committed_context);
}

bool library_events_after(struct library *library, int64_t after, unsigned limit,
	bool (*each)(void *context, const struct library_history_entry *entry), void *context,
	struct error *error)
{
	SCOPED_LOCK(&library->lock);
	(void)error;
	library->event_reads++;
	for (unsigned i = 0; i < library->event_count && limit; i++) {
		if (library->events[i].number <= after)
			continue;
		limit--;
		if (!each(context, &library->events[i]))
			break;
	}
	return true;
}

bool library_event_last(struct library *library, int64_t *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	(void)error;
	*ret = library->last_event;
	return true;
}

unsigned fake_library_event_reads(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	return library->event_reads;
}

void fake_library_put_event(struct library *library, const struct library_history_entry *entry)
{
	SCOPED_LOCK(&library->lock);
	fake_put_event(library, entry->actor, entry->verb, entry->drive, entry->medium);
	struct library_history_entry *event = &library->events[library->event_count - 1];
	COPY(event->subject_kind, entry->subject_kind);
	COPY(event->subject, entry->subject);
	COPY(event->outcome, entry->outcome);
}
