/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real server in front of the fake library, and a client that sends bytes as they are: what is
 * tested are requests no client library would send.
 */
#pragma once

#include <jansson.h>

#include "fake_library.h"
#include "web/server.h"

#define TOKEN "a-token-of-thirty-two-characters"

struct fixture {
	struct library *library;
	struct web *web;
	char directory[32];
	char socket_path[64];
	uint16_t port;
	const void *context; /* of the test */
	char log[8192];      /* all lines; log_lock */
	pthread_mutex_t log_lock;
};

/* Both listeners. The socket's group is 54321. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Of a web_config whose log_context is the fixture: the line goes to its log, "<PRIORITY>LINE\n".
 */
void fixture_keep_line(void *context, int priority, const char *line);
bool fixture_logged(struct fixture *fixture, const char *text);
/* A request is logged when it is over, which may be after its answer has come. */
void fixture_await_log(struct fixture *fixture, const char *text);

/* Ends the server now. */
void fixture_stop(struct fixture *fixture);

enum { REPLY_MAX = 1 << 16 };

struct reply {
	int status; /* 0: the connection ended without an answer */
	char text[REPLY_MAX];
	const char *body; /* in text */
	json_t *json;     /* NULL when the body is none */
};

void reply_finish(struct reply *reply);

int connect_local(const struct fixture *fixture);
int connect_tcp(const struct fixture *fixture);

void send_all(int fd, const char *text, size_t length);

/* Reads to the end of the connection, closes it. */
void receive(int fd, struct reply *ret);

/* Sends `text` as it is over the unix socket. The request should say "Connection: close". */
void raw(const struct fixture *fixture, const char *text, struct reply *ret);
void raw_tcp(const struct fixture *fixture, const char *text, struct reply *ret);

/* A well-formed request over the unix socket; `body` may be NULL. */
void ask(const struct fixture *fixture, const char *method, const char *path, const char *body,
	struct reply *ret);

/* Asks, and checks status and, for a problem, its code ("" for any other answer). */
void expect(const struct fixture *fixture, const char *method, const char *path, const char *body,
	int status, const char *code);

/* The same for an answer that is there. Finishes the reply. */
void assert_reply(struct reply *reply, int status, const char *code);

const char *text_of(json_t *object, const char *name);

/* Waits until the library was asked `count` times. */
void wait_started(const struct fixture *fixture, unsigned count);
