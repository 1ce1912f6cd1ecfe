/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens over the API: made, shown once, and what each scope opens. */
#include "support.h"

#include <stdio.h>

#include "described.h"
#include "router.h"
#include "web_fixture.h"

static void make(void **state, const char *name, const char *scope, char *ret, size_t size)
{
	char body[128];
	struct reply reply;
	snprintf(body, sizeof body, "{\"name\":\"%s\",\"scope\":\"%s\"}", name, scope);
	ask(*state, "POST", "/api/v1/tokens", body, &reply);
	snprintf(ret, size, "%s", text_of(reply.json, "token"));
	assert_reply(&reply, 201, "");
	assert_int_equal(strncmp(ret, "csl_", 4), 0);
}

static void ask_with(void **state, const char *token, const char *request, struct reply *ret)
{
	char text[1024];
	snprintf(text, sizeof text,
		"%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
		"Authorization: Bearer %s\r\n\r\n",
		request, token);
	raw_tcp(*state, text, ret);
}

static void expect_with(
	void **state, const char *token, const char *request, int status, const char *code)
{
	struct reply reply;
	ask_with(state, token, request, &reply);
	assert_reply(&reply, status, code);
}

static void a_token_is_shown_once(void **state)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/tokens", "{\"name\":\"ci\",\"scope\":\"load\"}", &reply);
	assert_non_null(strstr(reply.text, "Location: /api/v1/tokens/ci\r\n"));
	assert_non_null(strstr(reply.text, "Cache-Control: no-store\r\n"));
	assert_string_equal(text_of(reply.json, "scope"), "load");
	assert_true(json_is_null(json_object_get(reply.json, "expires")));
	assert_reply(&reply, 201, "");
	ask(*state, "GET", "/api/v1/tokens/ci", NULL, &reply);
	assert_string_equal(text_of(reply.json, "name"), "ci");
	assert_null(strstr(reply.text, "csl_"));
	assert_reply(&reply, 200, "");
	ask(*state, "GET", "/api/v1/tokens", NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 1);
	assert_null(strstr(reply.text, "csl_"));
	assert_reply(&reply, 200, "");
}

static void the_history_names_the_token(void **state)
{
	char token[64], actor[64];
	struct fixture *fixture = *state;
	make(state, "ci", "load", token, sizeof token);
	expect_with(state, token, "DELETE /api/v1/drives/dvd0/medium", 200, "");
	fake_library_actor(fixture->library, actor, sizeof actor);
	assert_string_equal(actor, "token:ci");
	fixture_await_log(fixture, "actor=token:ci");
	assert_false(fixture_logged(fixture, token));
}

static void a_token_that_was_taken_back_opens_nothing(void **state)
{
	char token[64];
	make(state, "ci", "admin", token, sizeof token);
	expect_with(state, token, "GET /api/v1/drives", 200, "");
	expect(*state, "DELETE", "/api/v1/tokens/ci", NULL, 204, "");
	expect_with(state, token, "GET /api/v1/drives", 401, "unauthorized");
	expect(*state, "DELETE", "/api/v1/tokens/ci", NULL, 404, "token_not_found");
	expect(*state, "GET", "/api/v1/tokens/ci", NULL, 404, "token_not_found");
}

static void one_that_has_expired_opens_nothing(void **state)
{
	char token[64];
	struct reply reply;
	ask(*state, "POST", "/api/v1/tokens",
		"{\"name\":\"old\",\"scope\":\"read\",\"expires_in\":1}", &reply);
	snprintf(token, sizeof token, "%s", text_of(reply.json, "token"));
	assert_string_equal(text_of(reply.json, "expires"), "1970-01-01T00:00:01Z");
	assert_reply(&reply, 201, "");
	expect_with(state, token, "GET /api/v1/drives", 401, "unauthorized");
}

static void what_cannot_be_is_refused(void **state)
{
	char token[64];
	make(state, "ci", "read", token, sizeof token);
	expect(*state, "POST", "/api/v1/tokens", "{\"name\":\"ci\",\"scope\":\"read\"}", 409,
		"already_exists");
	expect(*state, "POST", "/api/v1/tokens", "{\"name\":\"x\"}", 400, "invalid_request");
	expect(*state, "POST", "/api/v1/tokens", "{\"name\":\"x\",\"scope\":\"root\"}", 400,
		"invalid_request");
	expect(*state, "POST", "/api/v1/tokens",
		"{\"name\":\"x\",\"scope\":\"read\",\"expires_in\":-1}", 400, "invalid_request");
}

/* ---- scopes -------------------------------------------------------------------------------- */

/* With something in place of {id}. */
static void request_of(const struct route *route, char *ret, size_t size)
{
	const char *hole = strstr(route->pattern, "{id}");
	int before = (int)(hole ? hole - route->pattern : (long)strlen(route->pattern));
	snprintf(ret, size, "%s %.*s%s%s", route->method, before, route->pattern,
		hole ? "nothing" : "", hole ? hole + strlen("{id}") : "");
}

/* Its answer does not end by itself. */
static bool is_stream(const struct route *route)
{
	const struct described *described = described_find(route);
	return described->content && !strcmp(described->content, "text/event-stream");
}

/* What is let in gets as far as something else that is wrong with the request. */
static void assert_scope(void **state, const char *token, enum scope scope)
{
	for (size_t i = 0; i < routes_count; i++) {
		char request[256];
		struct reply reply;
		if (is_stream(&routes[i]) && scope >= routes[i].scope)
			continue;
		request_of(&routes[i], request, sizeof request);
		ask_with(state, token, request, &reply);
		bool refused = reply.status == 403;
		if (refused != (routes[i].scope > scope))
			fail_msg("%s with scope %s: %s", request, scope_text(scope), reply.text);
		if (refused && !strstr(text_of(reply.json, "detail"), scope_text(routes[i].scope)))
			fail_msg("%s does not name the scope: %s", request, reply.text);
		reply_finish(&reply);
	}
}

static void read_sees_and_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	char token[64];
	make(state, "watcher", "read", token, sizeof token);
	unsigned before = fake_library_started(fixture->library);
	assert_scope(state, token, SCOPE_READ);
	assert_int_equal(fake_library_started(fixture->library), before);
	for (size_t i = 0; i < routes_count; i++)
		if (strcmp(routes[i].method, "GET") && strcmp(routes[i].method, "OPTIONS"))
			assert_true(routes[i].scope > SCOPE_READ);
}

static void load_moves_media(void **state)
{
	char token[64];
	make(state, "robot", "load", token, sizeof token);
	assert_scope(state, token, SCOPE_LOAD);
}

static void admin_may_all(void **state)
{
	char token[64];
	make(state, "root", "admin", token, sizeof token);
	assert_scope(state, token, SCOPE_ADMIN);
}

#define IN_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FIXTURE(a_token_is_shown_once),
		IN_FIXTURE(the_history_names_the_token),
		IN_FIXTURE(a_token_that_was_taken_back_opens_nothing),
		IN_FIXTURE(one_that_has_expired_opens_nothing),
		IN_FIXTURE(what_cannot_be_is_refused),
		IN_FIXTURE(read_sees_and_changes_nothing),
		IN_FIXTURE(load_moves_media),
		IN_FIXTURE(admin_may_all),
	};
	return cmocka_run_group_tests_name("web/tokens", tests, NULL, NULL);
}
