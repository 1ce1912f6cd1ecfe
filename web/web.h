/* SPDX-License-Identifier: Apache-2.0 */
/* The server's own parts, for its other files. */
#pragma once

#include "caller_limits.h"
#include "operation.h"
#include "web/server.h"

struct MHD_Daemon;

struct listener {
	struct web *web;
	struct MHD_Daemon *daemon; /* NULL: not listening */
	int quiesced; /* the socket that the server gave back, until its thread has ended; or -1 */
	const char *token; /* TCP; NULL on the unix socket, which knows its peers */
	gid_t group;
};

struct web {
	struct library *library;
	struct lot *lot;
	struct feed *feed;
	struct readers *readers;
	struct http_tally *tally;
	void (*log)(void *context, int priority, const char *line);
	void *log_context;
	char *socket_path; /* ours to remove; NULL when there is none */
	char *token;
	char *hosts;     /* names of the TCP listener, separated by spaces; NULL */
	struct tls *tls; /* NULL: not encrypted */
	uint16_t port;
	struct limits limits; /* of the TCP listener */
	struct refusals *refusals;
	unsigned idle_seconds;
	unsigned connections, connections_per_address; /* of the TCP listener */
	struct listener local, tcp;
};

void web_log(struct web *web, int priority, const char *line);
