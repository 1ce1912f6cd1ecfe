/* SPDX-License-Identifier: Apache-2.0 */
#include "send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "request.h"
#include "util/cleanup.h"
#include "web.h"

/* Buffers of a connection that has such an answer. */
enum {
	STREAM_BLOCK = 4 << 10,
	FILE_BLOCK = 128 << 10,
};

/* The body and a newline, so that terminals stay tidy; NULL without content or memory. */
static char *make_text(const struct answer *answer)
{
	_cleanup_free_ char *json = NULL;
	char *text;
	if (answer->body)
		json = json_dumps(answer->body, JSON_COMPACT | JSON_REAL_PRECISION(9));
	return json && asprintf(&text, "%s\n", json) >= 0 ? text : NULL;
}

static struct MHD_Response *json_response(const struct answer *answer)
{
	char *text = make_text(answer);
	if (!text)
		return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	return MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
}

static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t size)
{
	const struct answer_stream *stream = context;
	ssize_t length = stream->read(stream->context, buffer, size);
	if (length == ANSWER_STREAM_BROKEN)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return length == ANSWER_STREAM_END ? MHD_CONTENT_READER_END_OF_STREAM : length;
}

static void finish_stream(void *context)
{
	struct answer_stream *stream = context;
	stream->finish(stream->context);
	free(stream);
}

static struct MHD_Response *stream_response(struct answer *answer)
{
	struct answer_stream *stream = malloc(sizeof *stream);
	if (!stream)
		return NULL;
	*stream = answer->stream;
	struct MHD_Response *response = MHD_create_response_from_callback(
		stream->ends ? stream->length : MHD_SIZE_UNKNOWN,
		stream->ends ? FILE_BLOCK : STREAM_BLOCK, read_stream, stream, finish_stream);
	if (response)
		answer->content = ANSWER_JSON; /* its stream is the response's now */
	else
		free(stream);
	return response;
}

static struct MHD_Response *text_response(struct answer *answer)
{
	char *text = steal(answer->text);
	return MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
}

/* What is sent belongs to the response afterwards. */
static struct MHD_Response *make_response(struct answer *answer, bool head_only)
{
	/* The HTTP library would end what has not begun. */
	if (head_only && answer->content == ANSWER_STREAM && !answer->stream.ends)
		return json_response(answer);
	switch (answer->content) {
	case ANSWER_TEXT:
		return text_response(answer);
	case ANSWER_STREAM:
		return stream_response(answer);
	case ANSWER_JSON:
		break;
	}
	return json_response(answer);
}

/* Headers go into a response of the HTTP library, or into a text. */
struct headers {
	struct MHD_Response *response;
	FILE *stream;
};

static void add_header(const struct headers *headers, const char *name, const char *value)
{
	if (!*value)
		return;
	if (headers->response)
		MHD_add_response_header(headers->response, name, value);
	else
		fprintf(headers->stream, "%s: %s\r\n", name, value);
}

static const char *content_type(const struct answer *answer)
{
	if (answer->content_type && !answer->problem)
		return answer->content_type;
	if (!answer->body)
		return "";
	return answer->problem ? "application/problem+json" : "application/json";
}

static const char *cache_control(const struct answer *answer)
{
	for (unsigned i = 0; i < answer->header_count; i++)
		if (!strcmp(answer->headers[i].name, "Cache-Control"))
			return "";
	return "no-store";
}

static void add_headers(const struct headers *headers, const struct answer *answer)
{
	bool challenge = answer->status == MHD_HTTP_UNAUTHORIZED;
	add_header(headers, "Content-Type", content_type(answer));
	add_header(headers, "Cache-Control", cache_control(answer));
	add_header(headers, "X-Content-Type-Options", "nosniff");
	add_header(headers, "Location", answer->location);
	add_header(headers, "Allow", answer->allow);
	add_header(headers, "ETag", answer->etag);
	add_header(headers, "WWW-Authenticate", challenge ? "Bearer realm=\"carousel\"" : "");
	add_header(headers, "Connection", answer->close ? "close" : "");
	for (unsigned i = 0; i < answer->header_count; i++)
		add_header(headers, answer->headers[i].name, answer->headers[i].value);
}

enum MHD_Result send_http(
	struct MHD_Connection *connection, struct answer *answer, struct sent *sent)
{
	struct MHD_Response *response = make_response(answer, !strcmp(sent->method, "HEAD"));
	if (!response)
		return MHD_NO;
	add_headers(&(struct headers){.response = response}, answer);
	sent->status = answer->status;
	enum MHD_Result result = MHD_queue_response(connection, (unsigned)answer->status, response);
	MHD_destroy_response(response);
	return result;
}

void send_text(FILE *stream, const struct answer *answer)
{
	_cleanup_free_ char *body = make_text(answer);
	fprintf(stream, "HTTP/1.1 %d %s\r\n", answer->status,
		MHD_get_reason_phrase_for((unsigned)answer->status));
	add_headers(&(struct headers){.stream = stream}, answer);
	fprintf(stream, "Content-Length: %zu\r\n\r\n%s", body ? strlen(body) : 0, body ? body : "");
}

void sent_begin(struct sent *sent, const char *method)
{
	snprintf(sent->method, sizeof sent->method, "%s", method);
	clock_gettime(CLOCK_MONOTONIC, &sent->begun);
}

static long milliseconds_since(const struct timespec *begun)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - begun->tv_sec) * 1000 + (now.tv_nsec - begun->tv_nsec) / 1000000;
}

/* What anybody can send must not forge lines of the log. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static int priority(const struct sent *sent, const struct request *request)
{
	if (sent->status >= MHD_HTTP_INTERNAL_SERVER_ERROR || *request->broken)
		return LOG_WARNING;
	bool reads = !strcmp(sent->method, "GET") || !strcmp(sent->method, "HEAD");
	return reads ? LOG_DEBUG : LOG_INFO;
}

/* Why it was not all that was to be sent. */
static const char *ending(
	const struct sent *sent, const struct request *request, enum MHD_RequestTerminationCode why)
{
	if (*request->broken)
		return request->broken;
	if (sent->early)
		return "before all of it had come";
	switch (why) {
	case MHD_REQUEST_TERMINATED_COMPLETED_OK:
		return "";
	case MHD_REQUEST_TERMINATED_TIMEOUT_REACHED:
		return "client too slow";
	case MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN:
		return "the daemon stops";
	default:
		return "client gone";
	}
}

void sent_log(const struct sent *sent, const struct request *request,
	enum MHD_RequestTerminationCode why, struct web *web)
{
	char line[640];
	const char *end = ending(sent, request, why);
	snprintf(line, sizeof line, "%s %.300s status=%d actor=%s ms=%ld%s%s", sent->method,
		request->path, sent->status, *request->actor ? request->actor : "-",
		milliseconds_since(&sent->begun), *end ? " " : "", end);
	make_printable(line);
	web_log(web, priority(sent, request), line);
}
