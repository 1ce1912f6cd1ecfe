/* SPDX-License-Identifier: Apache-2.0 */
#include "caller.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "daemon/tokens.h"
#include "peer.h"
#include "router.h"
#include "web.h"

#define TOKEN_ACTOR "token:"

/* What the catalog calls them; of what it does not know, the least. */
static enum scope read_scope(const char *text)
{
	for (enum scope scope = SCOPE_ADMIN; scope > SCOPE_READ; scope--)
		if (!strcmp(text, scope_text(scope)))
			return scope;
	return SCOPE_READ;
}

/* The one of the token file, or one of the catalog. */
static bool identify_by_token(const struct listener *listener, const struct head *head,
	struct request *request, struct error *error)
{
	struct library_token token;
	const char *given = access_bearer(head, error);
	if (!given)
		return false;
	if (access_is_token(given, listener->token)) {
		snprintf(request->actor, sizeof request->actor, "token");
		request->scope = SCOPE_ADMIN;
		return true;
	}
	if (!library_token_find(request->library, given, &token, error))
		return false;
	snprintf(request->actor, sizeof request->actor, TOKEN_ACTOR "%.57s", token.name);
	request->scope = read_scope(token.scope);
	return true;
}

static bool identify(struct listener *listener, struct MHD_Connection *connection,
	const struct head *head, struct request *request, struct error *error)
{
	if (listener->token)
		return identify_by_token(listener, head, request, error);
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	request->scope = SCOPE_ADMIN;
	return access_peer(
		info->connect_fd, listener->group, request->actor, sizeof request->actor, error);
}

static bool is_for_anybody(const struct request *request)
{
	return request->route && request->route->scope == SCOPE_PUBLIC;
}

/* A wrong token is counted; a right one opens all the same, so that nobody shuts others out. */
static bool refuse_unknown(struct limits *limits, const char *address, const struct head *head,
	unsigned *ret_wait, struct error *error)
{
	if (error->code != ERROR_UNAUTHORIZED)
		return false;
	if (head->authorization)
		limits_failure(limits, address, ret_wait, error);
	else
		limits_request(limits, address, ret_wait, error);
	return false;
}

bool caller_admit(struct listener *listener, struct MHD_Connection *connection,
	const struct head *head, struct request *request, unsigned *ret_wait, struct error *error)
{
	struct limits *limits = &listener->web->limits;
	char address[RATE_NAME_MAX];
	if (!listener->token)
		return is_for_anybody(request) ||
		       identify(listener, connection, head, request, error);
	limits_name(peer_of(connection), address);
	if (is_for_anybody(request))
		return limits_request(limits, address, ret_wait, error);
	if (!identify(listener, connection, head, request, error))
		return refuse_unknown(limits, address, head, ret_wait, error);
	return limits_request(limits, request->actor, ret_wait, error);
}

bool caller_may_stay(const struct request *request)
{
	struct library_token token;
	struct error error = {0};
	if (strncmp(request->actor, TOKEN_ACTOR, strlen(TOKEN_ACTOR)) != 0)
		return true;
	const char *given = access_bearer(request->head, &error);
	return (given && library_token_find(request->library, given, &token, &error)) ||
	       error.code != ERROR_UNAUTHORIZED;
}

bool caller_may(const struct request *request, struct error *error)
{
	enum scope needed = request->route->scope;
	return request->scope >= needed ||
	       error_set(error, ERROR_FORBIDDEN,
		       "Ask somebody with the scope admin for another token.",
		       "this needs the scope %s, and %s has %s", scope_text(needed), request->actor,
		       scope_text(request->scope));
}
