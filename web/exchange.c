/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "caller.h"
#include "head.h"
#include "http_tally.h"
#include "idempotency.h"
#include "peer.h"
#include "percent.h"
#include "refusals.h"
#include "router.h"
#include "send.h"
#include "tls.h"
#include "web.h"

enum { DRAINED_MAX = 4 * BODY_MAX }; /* of a body that is too long, before the line is cut */

struct exchange {
	struct listener *listener;
	struct MHD_Connection *connection;
	char *path;
	struct head head;
	struct request request;
	struct answer answer;
	struct sent sent;
	bool streams; /* and counts as such */
	char *body;
	bool waits_for_body;  /* a body_receiver has waited for something before */
	unsigned retry_after; /* seconds; 0: not said */
	size_t body_length;   /* received; only BODY_MAX bytes of it are kept */
	struct idempotency idempotency;
};

static void suspend(void *waiter)
{
	MHD_suspend_connection(waiter);
}

static void resume(void *waiter)
{
	MHD_resume_connection(waiter);
}

/* ---- judging the head ---------------------------------------------------------------------- */

struct query_scan {
	struct request *request;
	struct error *error;
	bool failed;
};

static bool take_parameter(
	struct request *request, const char *name, const char *value, struct error *error)
{
	if (!router_takes_parameter(request->route, name))
		return error_set(error, ERROR_INVALID, "GET /api/v1 lists the parameters.",
			"there is no parameter \"%.64s\" here", name);
	if (request_query(request, name))
		return error_set(error, ERROR_INVALID, "Give it once.",
			"parameter %s comes more than once", name);
	struct query_item *item = &request->query[request->query_count];
	if (!percent_decode(value, strlen(value), item->value, sizeof item->value))
		return error_set(error, ERROR_INVALID, "Send shorter, percent-encoded UTF-8.",
			"parameter %s cannot be read", name);
	snprintf(item->name, sizeof item->name, "%s", name);
	request->query_count++;
	return true;
}

/* Every name is one of the route's and comes once, so that their number stays below the maximum. */
static enum MHD_Result note_parameter(
	void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct query_scan *scan = context;
	scan->failed = !take_parameter(scan->request, name, value ? value : "", scan->error);
	return scan->failed ? MHD_NO : MHD_YES;
}

static bool read_query(struct exchange *exchange, struct error *error)
{
	struct query_scan scan = {&exchange->request, error, false};
	MHD_get_connection_values(
		exchange->connection, MHD_GET_ARGUMENT_KIND, note_parameter, &scan);
	return !scan.failed;
}

static bool judge_body(const struct exchange *exchange, struct error *error)
{
	if (!exchange->head.has_body)
		return true;
	if (exchange->request.route->receive)
		return true;
	if (!exchange->request.route->fields)
		return error_set(error, ERROR_INVALID,
			"Send no body; parameters go into the query.", "%s does not take a body",
			exchange->request.path);
	return head_promises_json(&exchange->head, error);
}

static bool judge_site(const struct exchange *exchange, const char *method, struct error *error)
{
	const struct listener *listener = exchange->listener;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	return !listener->token ||
	       access_site(&exchange->head, method, listener->web->hosts, info->connect_fd, error);
}

/* Who asks is settled before anybody learns what is there. */
static bool find_route(struct exchange *exchange, const char *method, struct error *error)
{
	struct request *request = &exchange->request;
	struct error missing;
	request->route = router_find(method, request->path, request->id, exchange->answer.allow,
		sizeof exchange->answer.allow, &missing);
	if (!caller_admit(exchange->listener, exchange->connection, &exchange->head, request,
		    &exchange->retry_after, error)) {
		exchange->answer.allow[0] = '\0';
		return false;
	}
	if (!request->route) {
		*error = missing;
		return false;
	}
	return request->route->scope == SCOPE_PUBLIC || caller_may(request, error);
}

static bool judge(struct exchange *exchange, const char *method, struct error *error)
{
	if (!head_read(exchange->connection, &exchange->head, error)) {
		exchange->answer.close = true;
		return false;
	}
	exchange->request.head_only = !strcmp(method, "HEAD");
	exchange->request.if_match = exchange->head.if_match;
	exchange->request.if_none_match = exchange->head.if_none_match;
	return judge_site(exchange, method, error) && find_route(exchange, method, error) &&
	       read_query(exchange, error) && judge_body(exchange, error);
}

/* ---- the life of an exchange --------------------------------------------------------------- */

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

static struct exchange *open_exchange(
	struct listener *listener, struct MHD_Connection *connection, const char *path)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);
	char *own_path = strdup(path);
	if (!exchange || !own_path) {
		free(exchange);
		free(own_path);
		return NULL;
	}
	exchange->path = own_path;
	exchange->listener = listener;
	exchange->connection = connection;
	exchange->request = (struct request){
		.library = listener->web->library,
		.tally = listener->web->tally,
		.path = own_path,
		.head = &exchange->head,
		.lot = listener->web->lot,
		.certificate_expires = listener->web->tls ? tls_expires(listener->web->tls) : 0,
		.feed = listener->web->feed,
		.readers = listener->web->readers,
		.suspend = suspend,
		.resume = resume,
		.waiter = connection,
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
		return MHD_NO;
	if (exchange->body_length > BODY_MAX)
		return MHD_YES;
	char *body = realloc(exchange->body, exchange->body_length);
	if (!body)
		return MHD_NO;
	memcpy(body + exchange->body_length - length, data, length);
	exchange->body = body;
	return MHD_YES;
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
	operation_release(exchange->request.operation);
	json_decref(exchange->request.body);
	answer_finish(&exchange->answer);
	free(exchange->body);
	free(exchange->path);
	free(exchange);
	*state = NULL;
	lot_leave(web->lot);
}

size_t exchange_keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}
