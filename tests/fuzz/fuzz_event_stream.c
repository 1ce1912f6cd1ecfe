/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of events of anybody: cut in two places or in one, the same events come out of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "event_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	size_t events, bytes;
};

static bool add(void *context, const char *data)
{
	struct sum *sum = context;
	sum->events++;
	sum->bytes += strlen(data);
	return true;
}

static struct sum take(const char *bytes, size_t first, size_t size)
{
	struct event_stream stream = {0};
	struct sum sum = {0};
	event_stream_begin(&stream);
	if (event_stream_take(&stream, bytes, first, add, &sum) != EVENT_MORE ||
		event_stream_take(&stream, bytes + first, size - first, add, &sum) != EVENT_MORE)
		abort();
	if (strlen(stream.id) >= EVENT_ID_MAX)
		abort();
	event_stream_finish(&stream);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t first = size ? data[0] % size : 0;
	struct sum whole = take((const char *)data, 0, size);
	struct sum halves = take((const char *)data, first, size);
	if (whole.events != halves.events || whole.bytes != halves.bytes)
		abort();
	return 0;
}
