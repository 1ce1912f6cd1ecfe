/* SPDX-License-Identifier: Apache-2.0 */
#include "follower.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "caller.h"

enum {
	PAGE = 32,
	TURNS_MAX = 16, /* before other connections have theirs */
	CHECK_S = 1,    /* how long it is believed that the caller may listen */
};

struct follower {
	const struct request *request;
	struct feed *feed;
	struct library *library;
	struct sleeper sleeper;
	struct event_filter filter;
	int64_t after;
	unsigned beats;
	time_t checked; /* CLOCK_MONOTONIC; 0: the caller may have lost his token since */
	/* What did not fit into the buffer. */
	char *pending;
	size_t pending_sent;
	/* During one call of follower_read. */
	char *buffer;
	size_t size, used;
	bool stuck;
};

struct follower *follower_create(
	const struct request *request, int64_t after, const struct event_filter *filter)
{
	struct follower *follower = calloc(1, sizeof *follower);
	char *greeting;
	if (!follower)
		return NULL;
	*follower = (struct follower){.request = request,
		.feed = request->feed,
		.library = request->library,
		.sleeper = {.suspend = request->suspend,
			.resume = request->resume,
			.waiter = request->waiter},
		.filter = *filter,
		.after = after};
	list_init(&follower->sleeper.node);
	/* Whoever is cut off before the first event comes back to here. */
	if (asprintf(&greeting, "retry: %d\nid: %" PRId64 "\n\n", FOLLOWER_RETRY_MS, after) >= 0)
		follower->pending = greeting;
	return follower;
}

static void put(struct follower *follower, const char *text, size_t length)
{
	memcpy(follower->buffer + follower->used, text, length);
	follower->used += length;
}

static void send_pending(struct follower *follower)
{
	if (!follower->pending)
		return;
	size_t left = strlen(follower->pending + follower->pending_sent);
	size_t room = follower->size - follower->used;
	size_t length = left < room ? left : room;
	put(follower, follower->pending + follower->pending_sent, length);
	follower->pending_sent += length;
	if (length < left)
		return;
	free(follower->pending);
	follower->pending = NULL;
	follower->pending_sent = 0;
}

/* One that is longer than the whole buffer goes in pieces; others wait for the next buffer. */
static bool take(void *context, const struct event_text *event)
{
	struct follower *follower = context;
	if (!strcmp(event->kind, "token"))
		follower->checked = 0;
	if (event_filter_wants(&follower->filter, event)) {
		size_t length = strlen(event->text);
		if (length <= follower->size - follower->used) {
			put(follower, event->text, length);
		} else if (follower->used) {
			return false;
		} else {
			follower->pending = strdup(event->text);
			follower->stuck = !follower->pending;
			send_pending(follower);
		}
	}
	follower->after = event->number;
	return !follower->pending && !follower->stuck;
}

struct behind {
	struct follower *follower;
	unsigned rows;
};

static bool take_row(void *context, const struct library_history_entry *entry)
{
	struct behind *behind = context;
	struct event_text event;
	behind->rows++;
	behind->follower->stuck = !event_text_make(entry, &event);
	bool more = !behind->follower->stuck && take(behind->follower, &event);
	event_text_finish(&event);
	return more;
}

/* From the catalog; what is not there any more is passed over. */
static void catch_up(struct follower *follower)
{
	struct behind behind = {follower, 0};
	int64_t newest = feed_newest(follower->feed);
	if (!library_events_after(
		    follower->library, follower->after, PAGE, take_row, &behind, NULL))
		follower->stuck = true;
	else if (!behind.rows)
		follower->after = newest;
}

static enum feed_turn one_turn(struct follower *follower)
{
	enum feed_turn turn = feed_next(follower->feed, &follower->sleeper, follower->after,
		&follower->beats, take, follower);
	if (turn == FEED_BEHIND)
		catch_up(follower);
	if (turn == FEED_BEAT)
		put(follower, ":\n\n", 3);
	return turn;
}

/* A stream lasts longer than many a token; nothing is sent to who may not see it any more. */
static bool may_listen(struct follower *follower)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (follower->checked && now.tv_sec - follower->checked <= CHECK_S)
		return true;
	follower->checked = now.tv_sec;
	return caller_may_stay(follower->request);
}

/* Until there is something to send. Who passes over much sends a comment meanwhile. */
static enum feed_turn take_turns(struct follower *follower)
{
	enum feed_turn turn = FEED_EVENTS;
	for (unsigned i = 0; !follower->used && !follower->stuck; i++) {
		if (i == TURNS_MAX)
			put(follower, ":\n\n", 3);
		else
			turn = one_turn(follower);
		if (turn == FEED_ASLEEP || turn == FEED_END)
			break;
	}
	return turn;
}

/* What cannot go on ends: the client comes back with the number it has seen. */
ssize_t follower_read(void *context, char *buffer, size_t size)
{
	struct follower *follower = context;
	follower->buffer = buffer;
	follower->size = size;
	follower->used = 0;
	follower->stuck = size < 3;
	send_pending(follower);
	enum feed_turn turn = take_turns(follower);
	if (follower->used)
		return may_listen(follower) ? (ssize_t)follower->used : ANSWER_STREAM_END;
	return turn == FEED_ASLEEP ? 0 : ANSWER_STREAM_END;
}

void follower_destroy(void *context)
{
	struct follower *follower = context;
	feed_leave(follower->feed);
	free(follower->pending);
	free(follower);
}
