/* SPDX-License-Identifier: Apache-2.0 */
/* The stream of events, and clients that do not treat it well. */
#include "support.h"

#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "feed.h"
#include "web_fixture.h"

enum {
	PATIENCE_MS = 60000,
	CROWD = 200,
};

struct stream {
	int fd;
	size_t length;
	char text[1 << 20];
};

static struct stream *open_stream(
	const struct fixture *fixture, const char *query, const char *head)
{
	char text[1024];
	struct stream *stream = calloc(1, sizeof *stream);
	assert_non_null(stream);
	stream->fd = connect_local(fixture);
	snprintf(text, sizeof text, "GET /api/v1/events%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
		query, head);
	send_all(stream->fd, text, strlen(text));
	return stream;
}

static void close_stream(struct stream *stream)
{
	close(stream->fd);
	free(stream);
}

/* False at the end of the stream. */
static bool read_more(struct stream *stream)
{
	struct pollfd poll_fd = {.fd = stream->fd, .events = POLLIN};
	if (poll(&poll_fd, 1, PATIENCE_MS) != 1)
		fail_msg("nothing came; so far: %.2000s", stream->text);
	ssize_t count = recv(stream->fd, stream->text + stream->length,
		sizeof stream->text - 1 - stream->length, 0);
	if (count <= 0)
		return false;
	stream->length += (size_t)count;
	stream->text[stream->length] = '\0';
	return true;
}

static void read_until(struct stream *stream, const char *text)
{
	while (!strstr(stream->text, text))
		if (!read_more(stream))
			fail_msg("the stream ended without \"%s\": %.2000s", text, stream->text);
}

static void put(
	const struct fixture *fixture, const char *verb, const char *drive, const char *medium)
{
	struct library_history_entry entry = {0};
	snprintf(entry.actor, sizeof entry.actor, "uid:0");
	snprintf(entry.verb, sizeof entry.verb, "%s", verb);
	snprintf(entry.drive, sizeof entry.drive, "%s", drive);
	snprintf(entry.medium, sizeof entry.medium, "%s", medium);
	fake_library_put_event(fixture->library, &entry);
}

static void put_subject(const struct fixture *fixture, const char *verb, const char *kind,
	const char *subject, const char *outcome)
{
	struct library_history_entry entry = {0};
	snprintf(entry.verb, sizeof entry.verb, "%s", verb);
	snprintf(entry.subject_kind, sizeof entry.subject_kind, "%s", kind);
	snprintf(entry.subject, sizeof entry.subject, "%s", subject);
	snprintf(entry.outcome, sizeof entry.outcome, "%s", outcome);
	fake_library_put_event(fixture->library, &entry);
}

/* ---- what is streamed --------------------------------------------------------------------------
 */

static void a_stream_begins_with_where_it_is(void **state)
{
	struct fixture *fixture = *state;
	fake_library_add_history(fixture->library, 3);
	put(fixture, "load", "dvd1", "netinst");
	struct stream *stream = open_stream(fixture, "", "");
	read_until(stream, "\n\n");
	assert_non_null(strstr(stream->text, "HTTP/1.1 200"));
	assert_non_null(strstr(stream->text, "Content-Type: text/event-stream\r\n"));
	assert_non_null(strstr(stream->text, "Cache-Control: no-store\r\n"));
	assert_non_null(strstr(stream->text, "X-Accel-Buffering: no\r\n"));
	assert_non_null(strstr(stream->text, "retry: 2000\nid: "));
	assert_null(strstr(stream->text, "data:"));
	close_stream(stream);
}

static void what_happens_is_sent_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = open_stream(fixture, "", "");
	read_until(stream, "\n\n");
	put(fixture, "eject", "dvd0", "debian-12");
	put_subject(fixture, "job-succeeded", "job", "17", "ok");
	read_until(stream, "event: eject\ndata: {\"number\":");
	read_until(stream, "\"drive\":\"dvd0\",\"medium\":\"debian-12\",\"detail\":null,"
			   "\"subject\":null}\n\n");
	read_until(stream, "\"subject\":{\"kind\":\"job\",\"name\":\"17\"}}\n\n");
	close_stream(stream);
}

static void what_a_client_has_missed_comes_first(void **state)
{
	struct fixture *fixture = *state;
	put(fixture, "load", "dvd1", "a");
	put(fixture, "eject", "dvd1", "a");
	put(fixture, "load", "dvd1", "b");
	struct stream *all = open_stream(fixture, "?after=0", "");
	read_until(all, "\"medium\":\"b\"");
	char *second = strstr(all->text, "\nevent: eject");
	assert_non_null(second);
	while (second[-1] != ' ')
		second--;
	char header[64];
	snprintf(header, sizeof header, "Last-Event-ID: %ld\r\n", strtol(second, NULL, 10));
	struct stream *rest = open_stream(fixture, "?after=0", header);
	read_until(rest, "\"medium\":\"b\"");
	assert_null(strstr(rest->text, "\"medium\":\"a\""));
	close_stream(rest);
	close_stream(all);
}

/* More than the feed keeps: the rest is in the catalog only. */
static void a_long_way_behind(void **state)
{
	struct fixture *fixture = *state;
	char text[64];
	int64_t first, last;
	library_event_last(fixture->library, &first, NULL);
	fake_library_add_history(fixture->library, 2 * FEED_EVENTS_KEPT);
	struct stream *stream = open_stream(fixture, "?after=0", "");
	put(fixture, "load", "dvd1", "the-last-one");
	read_until(stream, "the-last-one");
	library_event_last(fixture->library, &last, NULL);
	const char *at = stream->text;
	for (int64_t number = first + 1; number <= last; number++) {
		snprintf(text, sizeof text, "\nid: %lld\nevent", (long long)number);
		at = strstr(at, text); /* in this order */
		if (!at)
			fail_msg("event %lld is missing", (long long)number);
		assert_null(strstr(at + 1, text));
	}
	close_stream(stream);
}

static unsigned count_of(const char *text, const char *what)
{
	unsigned count = 0;
	for (; (text = strstr(text, what)); text += strlen(what))
		count++;
	return count;
}

/* What is passed over takes its time too: others have their turns in between. */
static void who_passes_over_much_holds_up_nobody(void **state)
{
	struct fixture *fixture = *state;
	enum { PASSED_OVER = 2000, TURNS_MAX = 500 }; /* with heartbeats, where it is slow */
	struct stream *now = open_stream(fixture, "", "");
	read_until(now, "\n\n");
	fake_library_add_history(fixture->library, PASSED_OVER);
	put_subject(fixture, "token-create", "token", "ci", "ok");
	read_until(now, "token-create"); /* so the feed has come so far */
	close_stream(now);
	struct stream *stream = open_stream(fixture, "?after=0&kind=token", "");
	read_until(stream, "token-create");
	assert_in_range(count_of(stream->text, "\n:\n\n"), 1, TURNS_MAX);
	close_stream(stream);
}

static void filters_choose(void **state)
{
	struct fixture *fixture = *state;
	struct stream *drive = open_stream(fixture, "?drive=dvd1", "");
	struct stream *medium = open_stream(fixture, "?medium=netinst", "");
	struct stream *jobs = open_stream(fixture, "?kind=job", "");
	struct stream *media = open_stream(fixture, "?kind=medium&drive=dvd0", "");
	read_until(drive, "\n\n");
	read_until(medium, "\n\n");
	read_until(jobs, "\n\n");
	read_until(media, "\n\n");
	put(fixture, "load", "dvd0", "netinst");
	put(fixture, "load", "dvd1", "win11");
	put_subject(fixture, "job-queued", "job", "1", "ok");
	put(fixture, "eject", "dvd1", "netinst");
	put_subject(fixture, "job-failed", "job", "1", "ok");
	put(fixture, "eject", "dvd0", "end");
	read_until(drive, "\"drive\":\"dvd1\",\"medium\":\"netinst\"");
	read_until(medium, "\"drive\":\"dvd1\",\"medium\":\"netinst\"");
	read_until(jobs, "job-failed");
	read_until(media, "\"medium\":\"end\"");
	assert_non_null(strstr(drive->text, "win11"));
	assert_null(strstr(drive->text, "dvd0"));
	assert_null(strstr(drive->text, "job"));
	assert_null(strstr(medium->text, "win11"));
	assert_null(strstr(jobs->text, "dvd"));
	assert_null(strstr(media->text, "dvd1"));
	assert_null(strstr(media->text, "job"));
	close_stream(drive);
	close_stream(medium);
	close_stream(jobs);
	close_stream(media);
}

static void what_was_refused_is_not_shown(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = open_stream(fixture, "", "");
	read_until(stream, "\n\n");
	put_subject(fixture, "token-create", "token", "spy", "forbidden");
	put_subject(fixture, "token-create", "token", "friend", "ok");
	read_until(stream, "friend");
	assert_null(strstr(stream->text, "spy"));
	close_stream(stream);
}

static void where_nothing_happens_the_heart_beats(void **state)
{
	struct stream *stream = open_stream(*state, "", "");
	read_until(stream, "\n\n");
	read_until(stream, ":\n\n\r\n");
	close_stream(stream);
}

static void one_that_is_still_to_come_is_now(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = open_stream(fixture, "", "Last-Event-ID: 9223372036854775807\r\n");
	read_until(stream, "\n\n");
	put(fixture, "load", "dvd1", "netinst");
	read_until(stream, "netinst");
	close_stream(stream);
}

static void a_last_event_that_is_none(void **state)
{
	static const char *const bad[] = {"", "-1", "one", "1.5", "0x10", " 7 8",
		"9223372036854775808", "99999999999999999999999999"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[256];
		struct reply reply;
		snprintf(text, sizeof text,
			"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
			"Last-Event-ID: %s\r\n\r\n",
			bad[i]);
		raw(*state, text, &reply);
		assert_reply(&reply, 400, "invalid_request");
	}
	expect(*state, "GET", "/api/v1/events?after=-1", NULL, 400, "invalid_request");
	expect(*state, "GET", "/api/v1/events?kind=weather", NULL, 400, "invalid_request");
	expect(*state, "GET", "/api/v1/events?colour=red", NULL, 400, "invalid_request");
}

static void a_head_has_no_end_to_wait_for(void **state)
{
	struct reply reply;
	ask(*state, "HEAD", "/api/v1/events", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "");
	reply_finish(&reply);
}

/* ---- who may listen ----------------------------------------------------------------------------
 */

static void make_token(const struct fixture *fixture, const char *name, char *ret, size_t size)
{
	char body[64];
	struct reply reply;
	snprintf(body, sizeof body, "{\"name\":\"%s\",\"scope\":\"read\"}", name);
	ask(fixture, "POST", "/api/v1/tokens", body, &reply);
	snprintf(ret, size, "%s", text_of(reply.json, "token"));
	assert_reply(&reply, 201, "");
}

static struct stream *listen_with(const struct fixture *fixture, const char *token)
{
	char text[512];
	struct stream *stream = calloc(1, sizeof *stream);
	assert_non_null(stream);
	stream->fd = connect_tcp(fixture);
	snprintf(text, sizeof text,
		"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n"
		"Authorization: Bearer %s\r\n\r\n",
		token);
	send_all(stream->fd, text, strlen(text));
	read_until(stream, "\n\n");
	return stream;
}

/* Also when it is made anew under the same name: others have that one. */
static void who_has_lost_his_token_hears_no_more(void **state)
{
	struct fixture *fixture = *state;
	char lost[64], kept[64], again[64];
	make_token(fixture, "lost", lost, sizeof lost);
	make_token(fixture, "kept", kept, sizeof kept);
	struct stream *loser = listen_with(fixture, lost), *keeper = listen_with(fixture, kept);
	put(fixture, "load", "dvd1", "before-it");
	read_until(loser, "before-it");
	expect(fixture, "DELETE", "/api/v1/tokens/lost", NULL, 204, "");
	make_token(fixture, "LOST", again, sizeof again);
	put_subject(fixture, "token-remove", "token", "lost", "ok");
	put(fixture, "load", "dvd1", "behind-it");
	read_until(loser, "\r\n0\r\n\r\n"); /* the last chunk */
	assert_null(strstr(loser->text, "token-remove"));
	assert_null(strstr(loser->text, "behind-it"));
	read_until(keeper, "behind-it");
	close_stream(loser);
	close_stream(keeper);
}

/* ---- many --------------------------------------------------------------------------------------
 */

static void open_crowd(const struct fixture *fixture, struct stream **crowd, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		crowd[i] = open_stream(fixture, "", "");
		read_until(crowd[i], "\n\n");
	}
}

static void close_crowd(struct stream **crowd, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close_stream(crowd[i]);
}

static void two_hundred_hear_of_it_from_one_read(void **state)
{
	struct fixture *fixture = *state;
	struct stream *crowd[CROWD];
	open_crowd(fixture, crowd, CROWD);
	unsigned before = fake_library_event_reads(fixture->library);
	put(fixture, "load", "dvd1", "netinst");
	for (unsigned i = 0; i < CROWD; i++)
		read_until(crowd[i], "\"medium\":\"netinst\"");
	/* One for the commit; the others, if any, for heartbeats meanwhile. */
	assert_in_range(fake_library_event_reads(fixture->library) - before, 1, CROWD / 4);
	close_crowd(crowd, CROWD);
}

static void one_too_many_is_told_to_come_again(void **state)
{
	struct fixture *fixture = *state;
	struct stream *crowd[FEED_FOLLOWERS_MAX];
	struct reply reply;
	open_crowd(fixture, crowd, FEED_FOLLOWERS_MAX);
	ask(fixture, "GET", "/api/v1/events", NULL, &reply);
	assert_non_null(strstr(reply.text, "Retry-After: 5\r\n"));
	assert_reply(&reply, 503, "too_many_followers");
	expect(fixture, "GET", "/api/v1/status", NULL, 200, ""); /* others are served */
	close_crowd(crowd, FEED_FOLLOWERS_MAX);
}

/* The place of a client that is gone is free again after a heartbeat or two. */
static void who_vanishes_leaves_his_place(void **state)
{
	struct fixture *fixture = *state;
	struct stream *crowd[FEED_FOLLOWERS_MAX];
	struct stream *stream = NULL;
	open_crowd(fixture, crowd, FEED_FOLLOWERS_MAX);
	close_crowd(crowd, FEED_FOLLOWERS_MAX);
	for (unsigned i = 0; i < 1200; i++) {
		stream = open_stream(fixture, "", "");
		read_until(stream, "\r\n\r\n");
		if (strstr(stream->text, "HTTP/1.1 200"))
			break;
		close_stream(stream);
		stream = NULL;
		usleep(50000);
	}
	assert_non_null(stream);
	close_stream(stream);
}

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* What is allocated; what is freed is kept a while by sanitizers. */
static size_t allocated(void)
{
	return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes()
						       : mallinfo2().uordblks;
}

static void who_never_reads_costs_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct stream *idle[8], *stream = open_stream(fixture, "", "");
	for (unsigned i = 0; i < 8; i++)
		idle[i] = open_stream(fixture, "?after=0", "");
	read_until(stream, "\n\n");
	size_t before = allocated();
	for (unsigned i = 0; i < 4000; i++)
		put(fixture, "load", "dvd1",
			"a-medium-with-a-name-that-is-long-enough-to-fill-a-pipe");
	put(fixture, "load", "dvd1", "the-end");
	while (!strstr(stream->text, "the-end")) {
		stream->length = 0; /* nobody wants to see them all again */
		assert_true(read_more(stream));
	}
	assert_true(allocated() < before + (2 << 20));
	close_crowd(idle, 8);
	close_stream(stream);
}

static void stopping_ends_every_stream(void **state)
{
	struct fixture *fixture = *state;
	struct stream *crowd[CROWD];
	open_crowd(fixture, crowd, CROWD);
	put(fixture, "load", "dvd1", "netinst"); /* some are awake when it comes */
	fixture_stop(fixture);
	for (unsigned i = 0; i < CROWD; i++) {
		while (read_more(crowd[i]))
			;
		assert_non_null(strstr(crowd[i]->text, "\r\n0\r\n"));
		close_stream(crowd[i]);
	}
}

static void stopping_does_not_wait_for_who_never_reads(void **state)
{
	struct fixture *fixture = *state;
	struct stream *crowd[CROWD];
	for (unsigned i = 0; i < CROWD; i++)
		crowd[i] = open_stream(fixture, "?after=0", "");
	for (unsigned i = 0; i < 4000; i++)
		put(fixture, "load", "dvd1",
			"a-medium-with-a-name-that-is-long-enough-to-fill-a-pipe");
	fixture_stop(fixture);
	close_crowd(crowd, CROWD);
}

#define EVENTS_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVENTS_TEST(a_stream_begins_with_where_it_is),
		EVENTS_TEST(what_happens_is_sent_at_once),
		EVENTS_TEST(what_a_client_has_missed_comes_first),
		EVENTS_TEST(a_long_way_behind),
		EVENTS_TEST(who_passes_over_much_holds_up_nobody),
		EVENTS_TEST(filters_choose),
		EVENTS_TEST(who_has_lost_his_token_hears_no_more),
		EVENTS_TEST(what_was_refused_is_not_shown),
		EVENTS_TEST(where_nothing_happens_the_heart_beats),
		EVENTS_TEST(one_that_is_still_to_come_is_now),
		EVENTS_TEST(a_last_event_that_is_none),
		EVENTS_TEST(a_head_has_no_end_to_wait_for),
		EVENTS_TEST(two_hundred_hear_of_it_from_one_read),
		EVENTS_TEST(one_too_many_is_told_to_come_again),
		EVENTS_TEST(who_vanishes_leaves_his_place),
		EVENTS_TEST(who_never_reads_costs_nothing),
		EVENTS_TEST(stopping_ends_every_stream),
		EVENTS_TEST(stopping_does_not_wait_for_who_never_reads),
	};
	return cmocka_run_group_tests_name("web/events", tests, NULL, NULL);
}
