/* SPDX-License-Identifier: Apache-2.0 */
/* Media, page by page, and those that are looked for. */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "json_shapes.h"
#include "media_search.h"
#include "next_link.h"
#include "router.h"
#include "routes.h"

enum {
	MEDIA_DEFAULT = 100,
	MEDIA_MAX = 1000,
};

static bool append_medium(void *items, const struct library_medium *medium)
{
	return !json_array_append_new(items, shape_medium(medium));
}

static void link_next(
	const char *next, const struct library_media_query *query, struct answer *answer)
{
	struct next_link link;
	next_link_begin(&link);
	next_link_segment(&link, "media");
	next_link_text(&link, "after", next);
	next_link_number(&link, "limit", query->limit);
	next_link_text(&link, "match", query->match);
	next_link_text(&link, "kind", query->kind);
	next_link_text(&link, "tag", query->tag);
	next_link_text(&link, "state", query->state);
	next_link_text(&link, "sha256", query->sha256);
	next_link_text(&link, "duplicates", query->duplicates ? "true" : NULL);
	next_link_text(&link, "annotated", query->annotated ? "true" : NULL);
	next_link_end(&link, answer);
}

/* Digests are kept in lower case. */
static bool check_digest(const char *digest, struct error *error)
{
	enum { DIGITS = 64 };
	return !digest ||
	       (strlen(digest) == DIGITS && strspn(digest, "0123456789abcdef") == DIGITS) ||
	       error_set(error, ERROR_INVALID, "Give its 64 hexadecimal digits, in lower case.",
		       "sha256=%.70s is not a SHA-256 digest", digest);
}

static bool read_query(
	const struct request *request, struct library_media_query *ret, struct error *error)
{
	static const char *const kinds[] = {"disc", "tape", NULL};
	static const char *const states[] = {"ok", "missing", "changed", NULL};
	*ret = (struct library_media_query){.after = request_query(request, "after"),
		.match = request_query(request, "match"),
		.tag = request_query(request, "tag"),
		.sha256 = request_query(request, "sha256"),
		.limit = MEDIA_DEFAULT};
	return request_query_number(request, "limit", 1, MEDIA_MAX, &ret->limit, error) &&
	       request_query_word(request, "kind", kinds, &ret->kind, error) &&
	       request_query_word(request, "state", states, &ret->state, error) &&
	       request_query_bool(request, "duplicates", &ret->duplicates, error) &&
	       request_query_bool(request, "annotated", &ret->annotated, error) &&
	       check_digest(ret->sha256, error);
}

static void answer_page(const struct library_media_query *query, json_t *items,
	const struct library_media_page *read, struct answer *answer)
{
	json_t *page = json_pack("{s:o, s:o, s:o, s:o}", "items", items, "next",
		*read->next ? shape_text(read->next) : json_null(), "total",
		read->exact ? shape_number(read->at_least) : json_null(), "total_at_least",
		shape_number(read->at_least));
	answer_json(answer, MHD_HTTP_OK, page);
	if (*read->next)
		link_next(read->next, query, answer);
}

/* What has to be looked for may take a while. */
static bool is_search(const struct library_media_query *query)
{
	return query->match || query->kind || query->tag || query->state || query->sha256 ||
	       query->duplicates || query->annotated;
}

static void answer_at_once(
	struct request *request, const struct library_media_query *query, struct answer *answer)
{
	struct library_media_page read;
	struct error error;
	json_t *items = json_array();
	if (library_media_page(request->library, query, append_medium, items, &read, &error)) {
		answer_page(query, items, &read, answer);
		return;
	}
	json_decref(items);
	request_problem(request, answer, &error);
}

void get_media(struct request *request, struct answer *answer)
{
	struct library_media_query query;
	struct error error;
	if (!read_query(request, &query, &error))
		request_problem(request, answer, &error);
	else if (is_search(&query))
		media_search_begin(request, &query, answer);
	else
		answer_at_once(request, &query, answer);
}

void conclude_media(
	struct request *request, const struct library_result *result, struct answer *answer)
{
	struct library_media_query query;
	struct error error;
	if (!result->ok)
		request_problem(request, answer, &result->error);
	else if (read_query(request, &query, &error)) /* as before */
		answer_page(
			&query, media_search_items(request->search), &result->media_page, answer);
}
