/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events (WHATWG HTML 9.2.6), taken apart as they come. The sender is not trusted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "growing_text.h"

enum {
	EVENT_ID_MAX = 64,
	EVENT_TEXT_MAX = 1 << 20, /* of a line, and of the data of one event */
};

struct event_stream {
	char id[EVENT_ID_MAX]; /* of the last event that was whole: what to go on behind; "" */
	unsigned retry_ms;     /* when to come back after the connection was lost; 0: not said */
	/* Of the event that is not whole yet. */
	char next_id[EVENT_ID_MAX];
	struct growing_text line, data;
	bool has_data;
	bool after_return; /* a line feed belongs to the carriage return before it */
	bool after_mark;   /* it is not the beginning any more, where a byte order mark may be */
};

/* A connection begins: what was not whole is forgotten, the id stays. Zeroed before the first. */
void event_stream_begin(struct event_stream *stream);

enum event_verdict {
	EVENT_MORE, /* all was taken */
	EVENT_ENOUGH /* `each` returned false */,
	EVENT_WRONG, /* a line or an event is longer than any, or there is no memory */
};

/* `each` gets the data of every event that has become whole, with a NUL behind them. */
enum event_verdict event_stream_take(struct event_stream *stream, const char *bytes, size_t length,
	bool (*each)(void *context, const char *data), void *context);

void event_stream_finish(struct event_stream *stream);
