/* SPDX-License-Identifier: Apache-2.0 */
/* Who wants to know when something has happened. */
#include "library_private.h"
#include "util/cleanup.h"

void library_events_subscribe(
	struct library *library, void (*committed)(void *context), void *context)
{
	SCOPED_LOCK(&library->subscriber_lock);
	library->committed = committed;
	library->committed_context = context;
}

void library_events_tell(struct library *library)
{
	uint64_t added = catalog_events_added(library->catalog);
	if (added == library->events_told)
		return;
	library->events_told = added;
	SCOPED_LOCK(&library->subscriber_lock);
	if (library->committed)
		library->committed(library->committed_context);
}
