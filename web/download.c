/* SPDX-License-Identifier: Apache-2.0 */
#include "download.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "readers.h"

struct sending {
	struct reading *reading;
	uint64_t at;
	struct request *request;
};

static void say_why(struct sending *sending, int error)
{
	char *ret = sending->request->broken;
	size_t size = sizeof sending->request->broken;
	switch (error) {
	case ESTALE:
		snprintf(ret, size, "the file was changed while it was sent");
		break;
	case ENODATA:
		snprintf(ret, size, "the file is shorter than its size");
		break;
	case ECANCELED:
		snprintf(ret, size, "the daemon stops");
		break;
	default:
		snprintf(ret, size, "the file cannot be read: %s", strerror(error));
	}
}

static ssize_t read_on(void *context, char *buffer, size_t size)
{
	struct sending *sending = context;
	ssize_t count = reading_read(sending->reading, sending->at, buffer, size);
	if (count < 0) {
		say_why(sending, (int)-count);
		return ANSWER_STREAM_BROKEN;
	}
	sending->at += (uint64_t)count;
	return count;
}

static void finish(void *context)
{
	struct sending *sending = context;
	reading_release(sending->reading);
	free(sending);
}

static struct sending *begin(struct request *request, const struct download *download)
{
	const struct reading_waiter waiter = {request->suspend, request->resume, request->waiter};
	struct reading *reading =
		reading_create(request->readers, download->fd, &download->identity, &waiter);
	struct sending *sending = reading ? malloc(sizeof *sending) : NULL;
	if (sending)
		*sending = (struct sending){reading, download->offset, request};
	else if (reading)
		reading_release(reading);
	return sending;
}

void answer_download(struct request *request, struct answer *answer, int status,
	const char *content_type, const struct download *download)
{
	struct sending *sending = begin(request, download);
	struct error error;
	if (!sending) {
		error_set(&error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
		request_problem(request, answer, &error);
		return;
	}
	answer_stream(answer, status, content_type,
		&(struct answer_stream){.read = read_on,
			.finish = finish,
			.context = sending,
			.ends = true,
			.length = download->length});
}
