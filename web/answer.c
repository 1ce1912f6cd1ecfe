/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "json_shapes.h"

void answer_finish(struct answer *answer)
{
	json_decref(answer->body);
	free(answer->text);
	if (answer->content == ANSWER_STREAM)
		answer->stream.finish(answer->stream.context);
	for (unsigned i = 0; i < answer->header_count; i++)
		free(answer->headers[i].value);
	*answer = (struct answer){0};
}

static void answer_no_memory(struct answer *answer)
{
	struct error error;
	error_set(
		&error, ERROR_NO_MEMORY, "Try again later.", "the answer does not fit into memory");
	answer_problem(answer, &error, "");
}

void answer_json(struct answer *answer, int status, json_t *body)
{
	if (!body) {
		answer_no_memory(answer);
		return;
	}
	answer->status = status;
	answer->body = body;
}

void answer_no_content(struct answer *answer)
{
	answer->status = MHD_HTTP_NO_CONTENT;
}

void answer_text(struct answer *answer, int status, const char *content_type, char *text)
{
	if (!text) {
		answer_no_memory(answer);
		return;
	}
	answer->status = status;
	answer->content = ANSWER_TEXT;
	answer->content_type = content_type;
	answer->text = text;
}

void answer_stream(struct answer *answer, int status, const char *content_type,
	const struct answer_stream *stream)
{
	answer->status = status;
	answer->content = ANSWER_STREAM;
	answer->content_type = content_type;
	answer->stream = *stream;
}

void answer_header(struct answer *answer, const char *name, const char *format, ...)
{
	struct answer_header *header = &answer->headers[answer->header_count];
	va_list args;
	if (answer->header_count == ANSWER_HEADERS_MAX)
		return;
	va_start(args, format);
	if (vasprintf(&header->value, format, args) >= 0) {
		header->name = name;
		answer->header_count++;
	}
	va_end(args);
}

/* 460 is of tus, and unknown to the HTTP library. */
static const char *title(int status)
{
	return status == 460 ? "Checksum Mismatch" : MHD_get_reason_phrase_for((unsigned)status);
}

enum { RETRY_AFTER_S = 5 };

void answer_problem(struct answer *answer, const struct error *error, const char *instance)
{
	int status = error_http_status(error->code);
	answer->status = status;
	answer->problem = true;
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		answer_header(answer, "Retry-After", "%d", RETRY_AFTER_S);
	answer->body = json_pack("{s:s, s:s, s:i, s:s, s:o*, s:o, s:o}", "type", "about:blank",
		"title", title(status), "status", status, "code", error_code_name(error->code),
		"instance", *instance ? shape_text(instance) : NULL, "detail",
		shape_text(error->sentence), "remedy", shape_text(error->remedy));
}
