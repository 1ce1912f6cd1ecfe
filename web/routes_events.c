/* SPDX-License-Identifier: Apache-2.0 */
/* The stream of events (WHATWG HTML 9.2, server-sent events). */
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "follower.h"
#include "head.h"
#include "routes.h"

/* What a client that lost its connection has seen last; *ret stays without one. */
static bool read_last_event(const char *value, int64_t *ret, struct error *error)
{
	char *end;
	if (!value)
		return true;
	errno = 0;
	long long number = strtoll(value, &end, 10);
	if (!errno && *value >= '0' && *value <= '9' && !*end) {
		*ret = number;
		return true;
	}
	return error_set(error, ERROR_INVALID,
		"Send the id of the last event that came, or none to begin with what is next.",
		"the Last-Event-ID is not the number of an event");
}

static void copy_filter(const struct request *request, const char *name, char *ret, size_t size)
{
	const char *value = request_query(request, name);
	snprintf(ret, size, "%s", value ? value : "");
}

/* As the history does: a medium that is there still goes by any of its names. */
static void settle_medium(const struct request *request, struct event_filter *filter)
{
	struct library_medium medium;
	if (*filter->medium && library_medium_get(request->library, filter->medium, &medium, NULL))
		snprintf(filter->medium, sizeof filter->medium, "%s", medium.id);
}

static bool read_filter(
	const struct request *request, struct event_filter *ret, struct error *error)
{
	const char *kind;
	if (!request_query_word(request, "kind", event_kinds, &kind, error))
		return false;
	copy_filter(request, "kind", ret->kind, sizeof ret->kind);
	copy_filter(request, "drive", ret->drive, sizeof ret->drive);
	copy_filter(request, "medium", ret->medium, sizeof ret->medium);
	settle_medium(request, ret);
	return true;
}

/* A number that is still to come is one of another catalog. */
static bool read_start(const struct request *request, int64_t *ret, struct error *error)
{
	int64_t newest = 0, after = INT64_MAX;
	if (!library_event_last(request->library, &newest, error) ||
		!request_query_integer(request, "after", 0, INT64_MAX, &after, error) ||
		!read_last_event(request->head->last_event_id, &after, error))
		return false;
	*ret = after < newest ? after : newest;
	return true;
}

static void begin_stream(const struct request *request, int64_t after,
	const struct event_filter *filter, struct answer *answer)
{
	struct follower *follower = follower_create(request, after, filter);
	struct error error;
	if (!follower) {
		feed_leave(request->feed);
		error_set(&error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
		request_problem(request, answer, &error);
		return;
	}
	answer_stream(answer, MHD_HTTP_OK, "text/event-stream",
		&(struct answer_stream){follower_read, follower_destroy, follower});
	answer_header(answer, "X-Accel-Buffering", "no");
}

static void refuse_full(const struct request *request, struct answer *answer)
{
	struct error error;
	error_set(&error, ERROR_FOLLOWERS, "End some of them, or ask again later.",
		"there are %d followers of events already", FEED_FOLLOWERS_MAX);
	request_problem(request, answer, &error);
}

void get_events(struct request *request, struct answer *answer)
{
	struct event_filter filter = {0};
	struct error error;
	int64_t after = 0;
	if (!read_filter(request, &filter, &error) || !read_start(request, &after, &error))
		request_problem(request, answer, &error);
	else if (!feed_enter(request->feed))
		refuse_full(request, answer);
	else
		begin_stream(request, after, &filter, answer);
}
