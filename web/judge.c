/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <stdio.h>
#include <string.h>

#include "access.h"
#include "caller.h"
#include "conditions.h"
#include "exchange_private.h"
#include "percent.h"
#include "router.h"
#include "web.h"

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

bool judge(struct exchange *exchange, const char *method, struct error *error)
{
	if (!head_read(exchange->connection, &exchange->head, error)) {
		exchange->answer.close = true;
		return false;
	}
	if (exchange->authority)
		exchange->head.host = exchange->authority;
	exchange->request.head_only = !strcmp(method, "HEAD");
	exchange->request.if_match = exchange->head.if_match;
	exchange->request.if_none_match = exchange->head.if_none_match;
	return judge_site(exchange, method, error) && find_route(exchange, method, error) &&
	       conditions_judge(&exchange->request, error) && read_query(exchange, error) &&
	       judge_body(exchange, error);
}
