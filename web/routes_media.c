/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body_fields.h"
#include "byte_range.h"
#include "json_shapes.h"
#include "name_page.h"
#include "router.h"
#include "routes.h"
#include "util/cleanup.h"

static void set_etag(const struct library_medium *medium, struct answer *answer)
{
	snprintf(answer->etag, sizeof answer->etag, "\"%" PRId64 "\"", medium->version);
}

static bool is_known(const struct request *request, const struct answer *answer)
{
	return request->if_none_match && etag_listed(request->if_none_match, answer->etag, true);
}

void get_medium(struct request *request, struct answer *answer)
{
	struct library_medium medium;
	struct error error;
	if (!library_medium_get(request->library, request->id, &medium, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	set_etag(&medium, answer);
	if (is_known(request, answer))
		answer->status = MHD_HTTP_NOT_MODIFIED;
	else
		answer_json(answer, MHD_HTTP_OK, shape_medium(&medium));
}

/* ---- what people say of them -------------------------------------------------------------------
 */

/* One of several: that of the medium as it is now, if it is among them. */
static bool choose_version(const struct request *request, int64_t *ret, struct error *error)
{
	struct library_medium medium;
	struct answer now = {0};
	if (!library_medium_get(request->library, request->id, &medium, error))
		return false;
	set_etag(&medium, &now);
	if (!etag_listed(request->if_match, now.etag, false))
		return error_set(error, ERROR_CHANGED_MEANWHILE,
			"Look at it again, and send its ETag.",
			"If-Match has no ETag of this medium");
	*ret = medium.version;
	return true;
}

/* RFC 9110 13.1.1: 0 for none and for "*". */
static bool read_if_match(const struct request *request, int64_t *ret, struct error *error)
{
	const char *value = request->if_match;
	char *end;
	*ret = 0;
	if (!value || !strcmp(value, "*"))
		return true;
	if (strchr(value, ','))
		return choose_version(request, ret, error);
	if (value[0] == '"' && value[1] >= '1' && value[1] <= '9') {
		errno = 0;
		*ret = strtoll(value + 1, &end, 10);
		if (errno == 0 && !strcmp(end, "\""))
			return true;
	}
	return error_set(error, ERROR_CHANGED_MEANWHILE, "Look at it again, and send its ETag.",
		"If-Match is not an ETag of this medium");
}

static void join_tags(const struct media_words *said, char ret[LIBRARY_TAGS_MAX])
{
	size_t length = 0;
	ret[0] = '\0';
	for (unsigned i = 0; i < said->tag_count && length < LIBRARY_TAGS_MAX; i++)
		length += (size_t)snprintf(ret + length, LIBRARY_TAGS_MAX - length, "%s%s",
			i ? " " : "", said->tags[i]);
}

/* A list of words in which one has a blank would become others. */
static bool check_tags(const struct media_words *said, struct error *error)
{
	for (unsigned i = 0; i < said->tag_count; i++)
		if (!said->tags[i][0] || strpbrk(said->tags[i], " \t\r\n"))
			return error_set(error, ERROR_INVALID,
				"Use a-z, 0-9, '.', '_', ':' and '-', beginning with a letter or "
				"digit, at most 32.",
				"\"%s\" is not allowed as a tag", said->tags[i]);
	return true;
}

void patch_medium(struct request *request, struct answer *answer)
{
	struct media_words said = {0};
	struct library_media_words words = {0};
	struct error error;
	char tags[LIBRARY_TAGS_MAX];
	if (!json_body_read(request->body, media_words_fields, &said, &error) ||
		!check_tags(&said, &error) || !read_if_match(request, &words.version, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	join_tags(&said, tags);
	words.id = said.id;
	words.notes = said.notes;
	words.tags = json_object_get(request->body, "tags") ? tags : NULL;
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_media_describe(request->library, request->id, &words, request->actor,
			operation_done, operation);
}

void get_details(struct request *request, struct answer *answer)
{
	_cleanup_free_ char *details = NULL;
	struct library_medium medium;
	struct error error;
	if (!library_medium_get(request->library, request->id, &medium, &error) ||
		!library_medium_details(request->library, medium.id, &details, &error))
		request_problem(request, answer, &error);
	else
		answer_json(answer, MHD_HTTP_OK,
			json_pack("{s:o, s:o}", "id", shape_text(medium.id), "details",
				shape_object(details)));
}

static bool append_tag(void *context, const char *tag, uint64_t media)
{
	struct name_page *page = context;
	if (!name_page_has(page, tag))
		return false;
	return !json_array_append_new(page->items,
		json_pack("{s:o, s:o}", "tag", shape_text(tag), "media", shape_number(media)));
}

void get_tags(struct request *request, struct answer *answer)
{
	struct name_page page;
	struct error error;
	bool ok = name_page_read(request, &page, &error) &&
		  library_tags(request->library, page.after, append_tag, &page, &error);
	name_page_conclude(&page, ok, request, &error, answer);
}

/* ---- adding and forgetting ---------------------------------------------------------------------
 */

static bool read_media_add(
	const struct request *request, struct library_media_add *ret, struct error *error)
{
	if (!json_body_read(request->body, media_add_fields, ret, error))
		return false;
	if (ret->path[0] != '/')
		return error_set(error, ERROR_INVALID, "Give the whole path, from /.",
			"\"%.200s\" is not an absolute path", ret->path);
	return true;
}

void post_medium(struct request *request, struct answer *answer)
{
	struct library_media_add add = {0};
	struct error error;
	if (!read_media_add(request, &add, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_media_add(
			request->library, &add, request->actor, operation_done, operation);
}

void put_profile(struct request *request, struct answer *answer)
{
	struct media_profile wanted = {0};
	struct error error;
	if (!json_body_read(request->body, media_profile_fields, &wanted, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_media_set_profile(request->library, request->id, wanted.profile,
			request->actor, operation_done, operation);
}

void delete_medium(struct request *request, struct answer *answer)
{
	int64_t version;
	struct error error;
	if (!read_if_match(request, &version, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_media_remove(request->library, request->id, version, request->actor,
			operation_done, operation);
}
