/* SPDX-License-Identifier: Apache-2.0 */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "json_shapes.h"
#include "next_link.h"
#include "router.h"
#include "routes.h"

enum {
	HISTORY_DEFAULT = 100,
	HISTORY_MAX = 1000,
};

struct page {
	json_t *items;
	unsigned limit;
	int64_t last; /* the number of the last one that is on it */
	bool more;
	bool whole; /* the audit log */
};

static bool append_entry(void *context, const struct library_history_entry *entry)
{
	struct page *page = context;
	json_t *(*shape)(const struct library_history_entry *) =
		page->whole ? shape_event : shape_history_entry;
	page->more = json_array_size(page->items) == page->limit;
	if (page->more)
		return true;
	page->last = entry->number;
	return !json_array_append_new(page->items, shape(entry));
}

static void link_next(
	int64_t before, const struct library_history_query *query, struct answer *answer)
{
	struct next_link link;
	next_link_begin(&link);
	next_link_segment(&link, query->refused ? "audit" : "history");
	next_link_number(&link, "before", before);
	next_link_number(&link, "limit", query->limit);
	next_link_text(&link, "medium", query->medium);
	next_link_text(&link, "drive", query->drive);
	next_link_text(&link, "actor", query->actor);
	next_link_text(&link, "subject_kind", query->subject_kind);
	next_link_text(&link, "subject", query->subject);
	next_link_end(&link, answer);
}

static void answer_page(
	const struct page *page, const struct library_history_query *query, struct answer *answer)
{
	json_t *next = page->more ? json_integer(page->last) : json_null();
	answer_json(
		answer, MHD_HTTP_OK, json_pack("{s:o, s:o}", "items", page->items, "next", next));
	if (page->more)
		link_next(page->last, query, answer);
}

/* History knows media by their ids; what is no medium any more is taken as it is. */
static void settle_medium(
	struct library *library, struct library_history_query *query, struct library_medium *medium)
{
	if (query->medium && *query->medium &&
		library_medium_get(library, query->medium, medium, NULL))
		query->medium = medium->id;
}

/* One more than the page holds is asked for, to know whether there is another page. */
static void answer_history(
	const struct request *request, struct library_history_query *query, struct answer *answer)
{
	struct library_medium medium;
	struct error error;
	struct page page = {.items = json_array(), .limit = query->limit, .whole = query->refused};
	settle_medium(request->library, query, &medium);
	query->limit++;
	bool ok = library_history(request->library, query, append_entry, &page, &error);
	query->limit--;
	if (ok) {
		answer_page(&page, query, answer);
		return;
	}
	json_decref(page.items);
	request_problem(request, answer, &error);
}

static void answer_query(
	struct request *request, struct library_history_query *query, struct answer *answer)
{
	struct error error;
	query->medium = request_query(request, "medium");
	query->drive = request_query(request, "drive");
	query->limit = HISTORY_DEFAULT;
	if (request_query_number(request, "limit", 1, HISTORY_MAX, &query->limit, &error) &&
		request_query_integer(request, "before", 1, INT64_MAX, &query->before, &error))
		answer_history(request, query, answer);
	else
		request_problem(request, answer, &error);
}

void get_history(struct request *request, struct answer *answer)
{
	struct library_history_query query = {0};
	answer_query(request, &query, answer);
}

void get_audit(struct request *request, struct answer *answer)
{
	struct library_history_query query = {.actor = request_query(request, "actor"),
		.subject_kind = request_query(request, "subject_kind"),
		.subject = request_query(request, "subject"),
		.refused = true};
	answer_query(request, &query, answer);
}
