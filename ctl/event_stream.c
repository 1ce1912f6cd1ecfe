/* SPDX-License-Identifier: Apache-2.0 */
#include "event_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

enum { RETRY_MAX_MS = 60000 };

struct taker {
	struct event_stream *stream;
	bool (*each)(void *context, const char *data);
	void *context;
};

static bool append(struct growing_text *text, const char *bytes, size_t length)
{
	return length <= EVENT_TEXT_MAX - text->length && growing_text_append(text, bytes, length);
}

void event_stream_begin(struct event_stream *stream)
{
	stream->line.length = stream->data.length = 0;
	stream->has_data = stream->after_return = stream->after_mark = false;
	snprintf(stream->next_id, sizeof stream->next_id, "%s", stream->id);
}

void event_stream_finish(struct event_stream *stream)
{
	free(stream->line.bytes);
	free(stream->data.bytes);
	*stream = (struct event_stream){0};
}

/* ---- lines ---------------------------------------------------------------------------------- */

/* An id with a NUL in it is none. */
static void take_id(struct event_stream *stream, const char *value, size_t length)
{
	if (!memchr(value, '\0', length) && length < EVENT_ID_MAX)
		snprintf(stream->next_id, sizeof stream->next_id, "%.*s", (int)length, value);
}

static void take_retry(struct event_stream *stream, const char *value)
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);
	if (*value >= '0' && *value <= '9' && !*end)
		stream->retry_ms = number < RETRY_MAX_MS ? (unsigned)number : RETRY_MAX_MS;
}

static bool take_data(struct event_stream *stream, const char *value, size_t length)
{
	bool first = !stream->has_data;
	stream->has_data = true;
	return (first || append(&stream->data, "\n", 1)) && append(&stream->data, value, length);
}

static bool is_field(const char *line, size_t length, const char *name)
{
	return length == strlen(name) && !memcmp(line, name, length);
}

static enum event_verdict take_field(
	struct event_stream *stream, size_t name_length, const char *value, size_t length)
{
	const char *line = stream->line.bytes;
	if (is_field(line, name_length, "id"))
		take_id(stream, value, length);
	else if (is_field(line, name_length, "retry"))
		take_retry(stream, value);
	else if (is_field(line, name_length, "data") && !take_data(stream, value, length))
		return EVENT_WRONG;
	return EVENT_MORE;
}

/* An event without data sets the id all the same. */
static enum event_verdict dispatch(const struct taker *taker)
{
	struct event_stream *stream = taker->stream;
	bool has_data = stream->has_data;
	memcpy(stream->id, stream->next_id, sizeof stream->id);
	stream->has_data = false;
	bool more = !has_data || taker->each(taker->context, stream->data.bytes);
	stream->data.length = 0;
	return more ? EVENT_MORE : EVENT_ENOUGH;
}

/* A line that is whole, without its end. */
static enum event_verdict take_line(const struct taker *taker)
{
	const struct growing_text *line = &taker->stream->line;
	if (!line->length)
		return dispatch(taker);
	const char *colon = memchr(line->bytes, ':', line->length);
	size_t name_length = colon ? (size_t)(colon - line->bytes) : line->length;
	const char *value = line->bytes + name_length + (colon ? 1 : 0);
	if (colon && *value == ' ')
		value++;
	return take_field(
		taker->stream, name_length, value, line->length - (size_t)(value - line->bytes));
}

/* ---- bytes ---------------------------------------------------------------------------------- */

/* The mark may come in pieces: it is taken off the first line. */
static void drop_mark(struct event_stream *stream)
{
	size_t length = strlen(BYTE_ORDER_MARK);
	struct growing_text *line = &stream->line;
	if (!stream->after_mark && line->length >= length &&
		!memcmp(line->bytes, BYTE_ORDER_MARK, length)) {
		line->length -= length;
		memmove(line->bytes, line->bytes + length, line->length + 1);
	}
	stream->after_mark = true;
}

static enum event_verdict end_line(const struct taker *taker, char end)
{
	struct event_stream *stream = taker->stream;
	bool second = end == '\n' && stream->after_return;
	stream->after_return = end == '\r';
	if (second)
		return EVENT_MORE;
	drop_mark(stream);
	enum event_verdict verdict = take_line(taker);
	stream->line.length = 0;
	return verdict;
}

/* Up to the end of a line, or of what there is. */
static size_t length_of_piece(const char *bytes, size_t length)
{
	size_t i = 0;
	while (i < length && bytes[i] != '\n' && bytes[i] != '\r')
		i++;
	return i;
}

enum event_verdict event_stream_take(struct event_stream *stream, const char *bytes, size_t length,
	bool (*each)(void *context, const char *data), void *context)
{
	const struct taker taker = {stream, each, context};
	enum event_verdict verdict = EVENT_MORE;
	while (length && verdict == EVENT_MORE) {
		size_t piece = length_of_piece(bytes, length);
		if (piece) {
			stream->after_return = false;
			if (!append(&stream->line, bytes, piece))
				return EVENT_WRONG;
		} else {
			verdict = end_line(&taker, *bytes);
			piece = 1;
		}
		bytes += piece;
		length -= piece;
	}
	return verdict;
}
