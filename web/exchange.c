/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "early.h"
#include "exchange_private.h"
#include "http_tally.h"
#include "judge.h"
#include "media_search.h"
#include "peer.h"
#include "refusals.h"
#include "target.h"
#include "tls.h"
#include "web.h"

enum { DRAINED_MAX = 4 * BODY_MAX }; /* of what nobody wants, before the answer goes out early */

static void suspend(void *waiter)
{
	MHD_suspend_connection(waiter);
}

static void resume(void *waiter)
{
	MHD_resume_connection(waiter);
}

static void refuse(struct exchange *exchange, const struct error *error)
{
	request_problem(&exchange->request, &exchange->answer, error);
}

/* Who may not, for the audit log. */
static void note_refusal(struct exchange *exchange, const struct error *error)
{
	const struct request *request = &exchange->request;
	const struct route *route = request->route;
	char address[RATE_NAME_MAX];
	if (error->code != ERROR_UNAUTHORIZED && error->code != ERROR_FORBIDDEN &&
		error->code != ERROR_TOO_MANY)
		return;
	limits_name(exchange->listener->token ? peer_of(exchange->connection) : NULL, address);
	refusals_note(exchange->listener->web->refusals, *request->actor ? request->actor : address,
		error->code, route ? route->method : "", route ? route->pattern : "",
		limits_now_ms() / 1000);
}

static void refuse_caller(struct exchange *exchange, const struct error *error)
{
	if (exchange->retry_after)
		answer_header(&exchange->answer, "Retry-After", "%u", exchange->retry_after);
	note_refusal(exchange, error);
	refuse(exchange, error);
}

static void free_exchange(struct exchange *exchange)
{
	if (!exchange)
		return;
	free(exchange->body);
	free(exchange->path);
	free(exchange->authority);
	free(exchange);
}

static struct exchange *open_exchange(
	struct listener *listener, struct MHD_Connection *connection, const char *target)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (!exchange || !target_read(target, &exchange->path, &exchange->authority)) {
		free_exchange(exchange);
		return NULL;
	}
	exchange->listener = listener;
	exchange->connection = connection;
	exchange->request = (struct request){
		.library = listener->web->library,
		.tally = listener->web->tally,
		.path = exchange->path,
		.head = &exchange->head,
		.lot = listener->web->lot,
		.certificate_expires = listener->web->tls ? tls_expires(listener->web->tls) : 0,
		.feed = listener->web->feed,
		.readers = listener->web->readers,
		.suspend = suspend,
		.resume = resume,
		.waiter = connection,
		.socket = info->connect_fd,
	};
	return exchange;
}

static enum MHD_Result send_answer(struct exchange *exchange)
{
	exchange->streams =
		exchange->answer.content == ANSWER_STREAM && !exchange->answer.stream.ends;
	if (exchange->streams)
		http_tally_stream(exchange->request.tally, true);
	return send_http(exchange->connection, &exchange->answer, &exchange->sent);
}

static enum MHD_Result begin(struct exchange *exchange, const char *method)
{
	struct error error;
	sent_begin(&exchange->sent, method);
	refusals_settle(exchange->listener->web->refusals, limits_now_ms() / 1000);
	if (!lot_enter(exchange->listener->web->lot)) {
		error_set(&error, ERROR_STOPPING, "Ask again when the daemon is back.",
			"the daemon is stopping");
		exchange->answer.close = true;
		refuse(exchange, &error);
	} else if (!judge(exchange, method, &error)) {
		refuse_caller(exchange, &error);
	} else if (exchange->request.route->receive) {
		exchange->request.route->receive->begin(&exchange->request, &exchange->answer);
		exchange->waits_for_body = exchange->head.has_body && exchange->request.operation;
	}
	/* Unread bodies are not waited for; without one, the connection can go on afterwards. */
	return exchange->answer.status && exchange->head.has_body ? send_answer(exchange) : MHD_YES;
}

/* The HTTP library asks once more before the body when it was made to wait there. */
static void resume_body(struct exchange *exchange)
{
	exchange->waits_for_body = false;
	exchange->request.route->receive->resume(&exchange->request, &exchange->answer);
}

static bool takes_pieces(const struct exchange *exchange)
{
	const struct route *route = exchange->request.route;
	return route && route->receive && !exchange->answer.status;
}

static void refuse_length(struct exchange *exchange)
{
	struct error error;
	error_set(&error, ERROR_TOO_LARGE, "Send less.", "the body is longer than %d bytes",
		BODY_MAX);
	refuse(exchange, &error);
}

/* Much more may come: who listens while it sends can spare itself that. */
static enum MHD_Result answer_early(struct exchange *exchange)
{
	if (!exchange->answer.status)
		refuse_length(exchange);
	exchange->cut_ms = limits_now_ms() + UINT64_C(1000) * exchange->listener->web->idle_seconds;
	return early_send(exchange->connection, &exchange->answer, &exchange->sent) ? MHD_YES
										    : MHD_NO;
}

static enum MHD_Result throw_away(const struct exchange *exchange)
{
	return limits_now_ms() < exchange->cut_ms ? MHD_YES : MHD_NO;
}

static enum MHD_Result keep(struct exchange *exchange, const char *data, size_t length)
{
	char *body = realloc(exchange->body, exchange->body_length);
	if (!body)
		return MHD_NO;
	memcpy(body + exchange->body_length - length, data, length);
	exchange->body = body;
	return MHD_YES;
}

static enum MHD_Result take_body(struct exchange *exchange, const char *data, size_t *size)
{
	if (exchange->waits_for_body)
		resume_body(exchange);
	if (takes_pieces(exchange)) {
		*size -= exchange->request.route->receive->take(
			&exchange->request, data, *size, &exchange->answer);
		return MHD_YES;
	}
	size_t length = *size;
	*size = 0;
	exchange->body_length += length;
	if (exchange->body_length > DRAINED_MAX)
		return exchange->sent.early ? throw_away(exchange) : answer_early(exchange);
	if (exchange->answer.status || exchange->body_length > BODY_MAX)
		return MHD_YES;
	return keep(exchange, data, length);
}

static bool parse_body(struct exchange *exchange, struct error *error)
{
	if (!exchange->request.route->fields)
		return true;
	if (exchange->body_length > BODY_MAX)
		return error_set(error, ERROR_TOO_LARGE, "Send less.",
			"the body is longer than %d bytes", BODY_MAX);
	exchange->request.body =
		json_body_parse(exchange->body ? exchange->body : "", exchange->body_length, error);
	return exchange->request.body;
}

static void handle(struct exchange *exchange)
{
	exchange->request.route->handle(&exchange->request, &exchange->answer);
}

static void dispatch(struct exchange *exchange)
{
	struct error error;
	if (!parse_body(exchange, &error))
		refuse(exchange, &error);
	else if (!exchange->head.idempotency_key)
		handle(exchange);
	else if (!idempotency_begin(&exchange->idempotency, &exchange->request, exchange->body,
			 exchange->body_length, &exchange->answer))
		handle(exchange);
}

static void conclude(struct exchange *exchange)
{
	if (exchange->idempotency.stage != IDEMPOTENCY_TAKING)
		request_conclude(&exchange->request, &exchange->answer);
	else if (idempotency_taken(&exchange->idempotency, &exchange->request, &exchange->answer))
		handle(exchange);
}

/* All of the request is there, or the operation it waited for has an outcome. */
static enum MHD_Result proceed(struct exchange *exchange)
{
	if (exchange->sent.early)
		return MHD_NO;
	if (exchange->waits_for_body)
		resume_body(exchange);
	else if (!exchange->answer.status && exchange->request.operation)
		conclude(exchange);
	else if (!exchange->answer.status)
		dispatch(exchange);
	if (!exchange->answer.status ||
		idempotency_keep(&exchange->idempotency, &exchange->request, &exchange->answer))
		return MHD_YES;
	return send_answer(exchange);
}

enum MHD_Result exchange_handle(void *context, struct MHD_Connection *connection, const char *path,
	const char *method, const char *version, const char *data, size_t *size, void **state)
{
	struct exchange *exchange = *state;
	if (exchange)
		return *size ? take_body(exchange, data, size) : proceed(exchange);
	exchange = *state = open_exchange(context, connection, path);
	return exchange ? begin(exchange, method) : MHD_NO;
}

static void count(const struct exchange *exchange)
{
	struct http_tally *tally = exchange->request.tally;
	if (exchange->sent.status)
		http_tally_add(tally, exchange->request.route, exchange->sent.status);
	if (exchange->streams)
		http_tally_stream(tally, false);
}

void exchange_completed(void *context, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode why)
{
	struct exchange *exchange = *state;
	if (!exchange)
		return;
	struct web *web = exchange->listener->web;
	sent_log(&exchange->sent, &exchange->request, why, web);
	count(exchange);
	if (exchange->request.receiving)
		exchange->request.route->receive->drop(&exchange->request);
	idempotency_finish(&exchange->idempotency, &exchange->request);
	media_search_drop(exchange->request.search);
	operation_release(exchange->request.operation);
	json_decref(exchange->request.body);
	answer_finish(&exchange->answer);
	free_exchange(exchange);
	*state = NULL;
	lot_leave(web->lot);
}

size_t exchange_keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}
