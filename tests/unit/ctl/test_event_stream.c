/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of events are taken apart as the standard says, wherever they are cut. */
#include "support.h"

#include <stdio.h>

#include "event_stream.h"

struct seen {
	struct event_stream stream;
	char text[4096]; /* the data of all events, each in brackets */
	unsigned left;   /* events that are wanted */
};

static bool note(void *context, const char *data)
{
	struct seen *seen = context;
	size_t length = strlen(seen->text);
	snprintf(seen->text + length, sizeof seen->text - length, "[%s]", data);
	return --seen->left;
}

/* In pieces of so many bytes. */
static struct seen take(const char *text, size_t size, size_t piece)
{
	struct seen seen = {.left = 1000};
	for (size_t at = 0; at < size; at += piece)
		assert_int_equal(event_stream_take(&seen.stream, text + at,
					 piece < size - at ? piece : size - at, note, &seen),
			EVENT_MORE);
	return seen;
}

static void expect_bytes(const char *text, size_t size, const char *events, const char *id)
{
	for (size_t piece = 1; piece <= size; piece++) {
		struct seen seen = take(text, size, piece);
		assert_string_equal(seen.text, events);
		assert_string_equal(seen.stream.id, id);
		event_stream_finish(&seen.stream);
	}
}

static void expect(const char *text, const char *events, const char *id)
{
	expect_bytes(text, strlen(text), events, id);
}

static void an_event_is_its_data(void **state)
{
	expect("id: 7\nevent: load\ndata: {\"a\":1}\n\n", "[{\"a\":1}]", "7");
	expect("data:x\n\ndata:  y\n\n", "[x][ y]", "");
	expect("data: one\ndata: two\ndata\ndata:\n\n", "[one\ntwo\n\n]", "");
}

static void lines_end_in_any_way(void **state)
{
	expect("data: a\r\n\r\ndata: b\r\rdata: c\n\n", "[a][b][c]", "");
	expect("data: a\r\n\ndata: b\n\r\n", "[a][b]", "");
}

static void comments_and_unknown_fields_are_nothing(void **state)
{
	expect(":\n\n: a comment\ndatum: x\nDATA: y\n data: z\ndata : w\n\n", "", "");
	expect(":\ndata: a\n:\ndata: b\n\n", "[a\nb]", "");
}

static void what_is_not_whole_is_no_event(void **state)
{
	expect("id: 1\ndata: a\n\nid: 2\ndata: b\n", "[a]", "1");
	expect("data: a", "", "");
}

static void an_id_may_come_alone(void **state)
{
	expect("retry: 2000\nid: 41\n\n", "", "41");
	expect("id: 41\n\ndata: a\n\n", "[a]", "41");
	expect("id: 41\n\nid\ndata: a\n\n", "[a]", "");
	expect_bytes("id: 4\n\nid: 5\0006\ndata: a\n\n", 24, "[a]", "4");
	expect("id: 4\n\nid: 0123456789012345678901234567890123456789012345678901234567890123\n\n",
		"", "4");
}

static void the_byte_order_mark_is_passed_over(void **state)
{
	expect("\xef\xbb\xbf"
	       "data: a\n\n",
		"[a]", "");
	expect("\n\xef\xbb\xbf"
	       "data: a\n\n",
		"", "");
}

static unsigned retry_of(const char *text)
{
	struct seen seen = take(text, strlen(text), strlen(text));
	unsigned retry_ms = seen.stream.retry_ms;
	event_stream_finish(&seen.stream);
	return retry_ms;
}

static void when_to_come_back(void **state)
{
	assert_int_equal(retry_of("retry: 2000\n"), 2000);
	assert_int_equal(retry_of("retry: 99999999999999999999999\n"), 60000);
	assert_int_equal(retry_of("retry: soon\nretry: -1\nretry: 1s\nretry:\n"), 0);
}

/* The last event that was whole counts; half of one that was cut off is not glued to the next. */
static void a_new_connection_begins_anew(void **state)
{
	static const char half[] = "id: 1\ndata: a\n\nid: 2\ndata: half\nda";
	static const char rest[] = "data: c\n\n";
	struct seen seen = take(half, strlen(half), 3);
	event_stream_begin(&seen.stream);
	assert_string_equal(seen.stream.id, "1");
	event_stream_take(&seen.stream, rest, strlen(rest), note, &seen);
	assert_string_equal(seen.text, "[a][c]");
	assert_string_equal(seen.stream.id, "1");
	event_stream_finish(&seen.stream);
}

static void enough_is_enough(void **state)
{
	static const char text[] = "id: 1\ndata: a\n\nid: 2\ndata: b\n\n";
	struct seen seen = {.left = 1};
	assert_int_equal(
		event_stream_take(&seen.stream, text, strlen(text), note, &seen), EVENT_ENOUGH);
	assert_string_equal(seen.text, "[a]");
	assert_string_equal(seen.stream.id, "1");
	event_stream_finish(&seen.stream);
}

static void nobody_fills_the_memory(void **state)
{
	static char text[1 << 16];
	struct seen seen = {.left = 1000};
	enum event_verdict verdict = EVENT_MORE;
	memset(text, 'x', sizeof text);
	for (unsigned i = 0; i <= EVENT_TEXT_MAX / sizeof text; i++)
		verdict = event_stream_take(&seen.stream, text, sizeof text, note, &seen);
	assert_int_equal(verdict, EVENT_WRONG);
	event_stream_finish(&seen.stream);
	memcpy(text, "data", 4);
	text[4] = ':';
	text[sizeof text - 1] = '\n';
	for (unsigned i = 0; i <= EVENT_TEXT_MAX / sizeof text; i++)
		verdict = event_stream_take(&seen.stream, text, sizeof text, note, &seen);
	assert_int_equal(verdict, EVENT_WRONG);
	event_stream_finish(&seen.stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_its_data),
		cmocka_unit_test(lines_end_in_any_way),
		cmocka_unit_test(comments_and_unknown_fields_are_nothing),
		cmocka_unit_test(what_is_not_whole_is_no_event),
		cmocka_unit_test(an_id_may_come_alone),
		cmocka_unit_test(the_byte_order_mark_is_passed_over),
		cmocka_unit_test(when_to_come_back),
		cmocka_unit_test(a_new_connection_begins_anew),
		cmocka_unit_test(enough_is_enough),
		cmocka_unit_test(nobody_fills_the_memory),
	};
	return cmocka_run_group_tests_name("ctl/event_stream", tests, NULL, NULL);
}
