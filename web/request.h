/* SPDX-License-Identifier: Apache-2.0 */
/* One request as the handlers of routes see it: no HTTP library, no sockets. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "answer.h"
#include "daemon/library.h"
#include "operation.h"

enum {
	QUERY_ITEMS_MAX = 12,
	QUERY_NAME_MAX = 16,
};

/* What a caller may do; each includes those before it. */
enum scope {
	SCOPE_PUBLIC, /* anybody who can connect: up or down, nothing else */
	SCOPE_READ,   /* see everything but who did what */
	SCOPE_LOAD,   /* put media into drives and take them out */
	SCOPE_ADMIN,  /* everything */
};

const char *scope_text(enum scope scope); /* "read" */

struct query_item {
	char name[QUERY_NAME_MAX];
	char value[LIBRARY_TEXT_MAX];
};

struct feed;
struct head;
struct library_result;
struct media_search;
struct readers;
struct request;
struct route;
struct http_tally;

/* How a route takes a body that is not JSON: piece by piece, while it comes. */
struct body_receiver {
	/*
	 * The head was judged, and nothing of the body has come: the only moment at which a client
	 * that waits for "100 Continue" can be refused. Answers, waits, or does nothing.
	 */
	void (*begin)(struct request *request, struct answer *answer);
	/* What `begin` waited for has come, and nothing of the body. Answers, or does nothing. */
	void (*resume)(struct request *request, struct answer *answer);
	/* Says how many bytes were taken; fewer: it has suspended the connection. Or answers. */
	size_t (*take)(
		struct request *request, const char *data, size_t length, struct answer *answer);
	/* The connection is gone while `receiving` is set. */
	void (*drop)(struct request *request);
};

struct request {
	struct library *library;
	struct http_tally *tally; /* of the server */
	const struct route *route;
	const char *path;        /* as it was sent */
	char id[LIBRARY_ID_MAX]; /* the {id} of the path, decoded */
	unsigned query_count;
	struct query_item query[QUERY_ITEMS_MAX];
	struct feed *feed;
	struct readers *readers;
	const struct head *head;
	const char *if_match, *if_none_match; /* NULL when they were not sent */
	void *receiving;                      /* of the body_receiver */
	bool head_only;                       /* HEAD of what GET answers */
	json_t *body;                         /* an object, for routes that take one; else NULL */
	char actor[64];                       /* who asks, for the history */
	enum scope scope;                     /* what it may do */
	int64_t certificate_expires;          /* seconds since the epoch; 0: there is no TLS */

	/* Waiting for an operation: set by request_wait. */
	struct lot *lot;
	void (*suspend)(void *waiter);
	void (*resume)(void *waiter);
	void *waiter;
	struct operation *operation;
	struct media_search *search; /* that it waits for; NULL: none */
	int socket;                  /* of the connection */
	bool awaited;                /* the end of the job, as was preferred */

	char broken[128]; /* why an answer ends before its end; "": it does not */
};

/* NULL when it was not given. */
const char *request_query(const struct request *request, const char *name);
/* false when it was not given. */
bool request_query_bool(
	const struct request *request, const char *name, bool *ret, struct error *error);
bool request_query_number(const struct request *request, const char *name, unsigned low,
	unsigned high, unsigned *ret, struct error *error);
bool request_query_integer(const struct request *request, const char *name, int64_t low,
	int64_t high, int64_t *ret, struct error *error);
/* One of `words`, which end in NULL; NULL when it was not given. */
bool request_query_word(const struct request *request, const char *name, const char *const *words,
	const char **ret, struct error *error);

void request_problem(
	const struct request *request, struct answer *answer, const struct error *error);

/*
 * Leaves the answer to an operation that the caller starts next, with operation_done and this as
 * the context. NULL when the server stops; then it has answered.
 */
struct operation *request_wait(struct request *request, struct answer *answer);

/* Answers with the outcome of the operation it waited for. */
void request_conclude(struct request *request, struct answer *answer);
