/* SPDX-License-Identifier: Apache-2.0 */
#include "name_page.h"

#include <microhttpd.h>
#include <stdio.h>

#include "json_shapes.h"
#include "percent.h"
#include "router.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

const char *const name_page_query[] = {"after", "limit", NULL};

bool name_page_read(const struct request *request, struct name_page *ret, struct error *error)
{
	const char *after = request_query(request, "after");
	*ret = (struct name_page){.limit = PAGE_DEFAULT, .after = after ? after : ""};
	if (!request_query_number(request, "limit", 1, PAGE_MAX, &ret->limit, error))
		return false;
	ret->items = json_array();
	return true;
}

bool name_page_has(struct name_page *page, const char *name)
{
	page->more = json_array_size(page->items) == page->limit;
	if (!page->more)
		snprintf(page->last, sizeof page->last, "%s", name);
	return !page->more;
}

/* RFC 8288: the address of the next page. */
static void link_next(
	const struct name_page *page, const struct request *request, struct answer *answer)
{
	char after[3 * LIBRARY_TEXT_MAX];
	percent_encode(page->last, after, sizeof after);
	snprintf(answer->link, sizeof answer->link, "<%s?after=%s&limit=%u>; rel=\"next\"",
		request->route->pattern, after, page->limit);
}

void name_page_answer(struct name_page *page, const struct request *request, struct answer *answer)
{
	json_t *next = page->more ? shape_text(page->last) : json_null();
	answer_json(
		answer, MHD_HTTP_OK, json_pack("{s:o, s:o}", "items", page->items, "next", next));
	if (page->more)
		link_next(page, request, answer);
}

void name_page_conclude(struct name_page *page, bool ok, const struct request *request,
	const struct error *error, struct answer *answer)
{
	if (ok) {
		name_page_answer(page, request, answer);
		return;
	}
	json_decref(page->items);
	request_problem(request, answer, error);
}
