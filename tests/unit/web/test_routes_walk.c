/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every route of the table, tried at every one of them. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "described.h"
#include "head.h"
#include "router.h"
#include "web_fixture.h"

#define HEAD "Host: localhost\r\nConnection: close\r\n"
#define JSON "Content-Type: application/json\r\n"

enum { REQUEST_MAX = 1 << 13 };

/* ---- requests ------------------------------------------------------------------------------ */

/* The pattern with `id` for {id}. */
static const char *path_of(const struct route *route, const char *id)
{
	static char path[256];
	const char *hole = strstr(route->pattern, "{id}");
	snprintf(path, sizeof path, "%.*s%s%s",
		(int)(hole ? hole - route->pattern : (long)strlen(route->pattern)), route->pattern,
		hole ? id : "", hole ? hole + strlen("{id}") : "");
	return path;
}

/* An answer that does not end by itself. */
static bool is_stream(const struct route *route)
{
	const struct described *described = described_find(route);
	return described->content && !strcmp(described->content, "text/event-stream");
}

static void fail_at(const struct route *route, const char *what, const struct reply *reply)
{
	fail_msg("%s %s: %s: %.2000s", route->method, route->pattern, what, reply->text);
}

static void assert_problem(const struct route *route, struct reply *reply, int status,
	const char *code, const char *mention)
{
	if (reply->status != status || strcmp(text_of(reply->json, "code"), code) ||
		!strstr(text_of(reply->json, "detail"), mention))
		fail_at(route, code, reply);
	reply_finish(reply);
}

/* With headers and a body as they are. */
static void send_request(void **state, const struct route *route, const char *path,
	const char *headers, const char *body, struct reply *ret)
{
	char text[REQUEST_MAX];
	int length = snprintf(text, sizeof text, "%s %s HTTP/1.1\r\n" HEAD "%s\r\n%s",
		route->method, path, headers, body);
	assert_in_range(length, 1, sizeof text - 1);
	raw(*state, text, ret);
}

static void send_json(void **state, const struct route *route, const char *path, const char *body,
	struct reply *ret)
{
	char headers[128];
	snprintf(headers, sizeof headers, JSON "Content-Length: %zu\r\n", strlen(body));
	send_request(state, route, path, headers, body, ret);
}

/* ---- bodies -------------------------------------------------------------------------------- */

static const char *right_value(const struct json_field *field)
{
	static const char *const values[] = {
		[JSON_FIELD_TEXT] = "\"x\"",
		[JSON_FIELD_BORROWED] = "\"x\"",
		[JSON_FIELD_BOOL] = "true",
		[JSON_FIELD_NUMBER] = "1",
		[JSON_FIELD_LIST] = "[]",
		[JSON_FIELD_OBJECT] = "null",
	};
	return values[field->type];
}

static const char *wrong_value(const struct json_field *field)
{
	static const char *const values[] = {
		[JSON_FIELD_TEXT] = "7",
		[JSON_FIELD_BORROWED] = "7",
		[JSON_FIELD_BOOL] = "\"true\"",
		[JSON_FIELD_NUMBER] = "\"1\"",
		[JSON_FIELD_LIST] = "\"x\"",
		[JSON_FIELD_OBJECT] = "\"x\"",
	};
	return values[field->type];
}

/* All members that the route demands; `other` has `value`, if it is not NULL. */
static void make_body(const struct json_field *fields, const char *other, const char *value,
	char *ret, size_t size)
{
	size_t length = (size_t)snprintf(ret, size, "{");
	for (; fields->name; fields++)
		if (fields->required && (!other || strcmp(fields->name, other)))
			length += (size_t)snprintf(ret + length, size - length, "\"%s\":%s,",
				fields->name, right_value(fields));
	if (other)
		length += (size_t)snprintf(ret + length, size - length, "\"%s\":%s,", other, value);
	snprintf(ret + length - (length > 1), size - length, "}");
}

/* ---- who may ask --------------------------------------------------------------------------- */

static void ask_over_tcp(
	void **state, const struct route *route, const char *token, struct reply *ret)
{
	char text[REQUEST_MAX], authorization[256] = "", body[1024] = "", about_body[128] = "";
	if (token)
		snprintf(
			authorization, sizeof authorization, "Authorization: Bearer %s\r\n", token);
	if (route->fields) {
		make_body(route->fields, NULL, NULL, body, sizeof body);
		snprintf(about_body, sizeof about_body, JSON "Content-Length: %zu\r\n",
			strlen(body));
	}
	snprintf(text, sizeof text, "%s %s HTTP/1.1\r\n" HEAD "%s%s\r\n%s", route->method,
		path_of(route, "nothing"), authorization, about_body, body);
	raw_tcp(*state, text, ret);
}

static void without_a_token_everything_but_health_is_401(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		struct reply reply;
		ask_over_tcp(state, &routes[i], NULL, &reply);
		if (routes[i].scope == SCOPE_PUBLIC) {
			assert_int_equal(reply.status, 200);
			reply_finish(&reply);
			continue;
		}
		if (!strstr(reply.text, "\r\nWWW-Authenticate: Bearer"))
			fail_at(&routes[i], "no challenge", &reply);
		if (strstr(reply.text, "\r\nAllow:"))
			fail_at(&routes[i], "says what is there", &reply);
		assert_problem(&routes[i], &reply, 401, "unauthorized", "");
	}
}

static void make_token(void **state, enum scope scope, char *ret, size_t size)
{
	char body[128];
	struct reply reply;
	snprintf(body, sizeof body, "{\"name\":\"of-%s\",\"scope\":\"%s\"}", scope_text(scope),
		scope_text(scope));
	ask(*state, "POST", "/api/v1/tokens", body, &reply);
	snprintf(ret, size, "%s", text_of(reply.json, "token"));
	assert_reply(&reply, 201, "");
}

static void judge_scope(const struct route *route, enum scope scope, struct reply *reply)
{
	if (scope < route->scope) {
		assert_problem(route, reply, 403, "forbidden", scope_text(route->scope));
		return;
	}
	if (reply->status == 401 || reply->status == 403 || !reply->status)
		fail_at(route, scope_text(scope), reply);
	reply_finish(reply);
}

static void a_scope_opens_what_needs_no_more(void **state)
{
	for (enum scope scope = SCOPE_READ; scope <= SCOPE_ADMIN; scope++) {
		char token[128];
		make_token(state, scope, token, sizeof token);
		for (size_t i = 0; i < routes_count; i++) {
			struct reply reply;
			if (is_stream(&routes[i]) && scope >= routes[i].scope)
				continue;
			ask_over_tcp(state, &routes[i], token, &reply);
			judge_scope(&routes[i], scope, &reply);
		}
	}
}

/* ---- methods ------------------------------------------------------------------------------- */

static bool takes(const char *pattern, const char *method)
{
	for (size_t i = 0; i < routes_count; i++)
		if (!strcmp(routes[i].pattern, pattern) && !strcmp(routes[i].method, method))
			return true;
	return false;
}

/* "Allow: GET, HEAD, POST", in the order of the table. */
static void expected_allow(const char *pattern, char *ret, size_t size)
{
	size_t length = (size_t)snprintf(ret, size, "\r\nAllow: ");
	for (size_t i = 0, count = 0; i < routes_count; i++)
		if (!strcmp(routes[i].pattern, pattern))
			length += (size_t)snprintf(ret + length, size - length, "%s%s%s",
				count++ ? ", " : "", routes[i].method,
				strcmp(routes[i].method, "GET") ? "" : ", HEAD");
	snprintf(ret + length, size - length, "\r\n");
}

static void another_method_is_405_with_those_that_are(void **state)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
	for (size_t i = 0; i < routes_count; i++)
		for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
			struct route other = routes[i];
			char allow[128];
			struct reply reply;
			other.method = methods[m];
			if (takes(other.pattern, !strcmp(methods[m], "HEAD") ? "GET" : methods[m]))
				continue;
			send_request(state, &other, path_of(&other, "nothing"), "", "", &reply);
			expected_allow(other.pattern, allow, sizeof allow);
			if (reply.status != 405 || !strstr(reply.text, allow))
				fail_at(&other, allow, &reply);
			reply_finish(&reply);
		}
}

/* ---- parameters and ids -------------------------------------------------------------------- */

static void an_unknown_parameter_is_named(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		char path[300];
		struct reply reply;
		snprintf(path, sizeof path, "%s?nonsense=1", path_of(&routes[i], "nothing"));
		send_request(state, &routes[i], path, "", "", &reply);
		assert_problem(&routes[i], &reply, 400, "invalid_request", "nonsense");
	}
}

/* But an export, which is made by putting it. */
static void an_unknown_id_is_404(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		const struct route *route = &routes[i];
		char body[1024] = "";
		struct reply reply;
		if (!strstr(route->pattern, "{id}") ||
			(!strcmp(route->method, "PUT") &&
				!strcmp(route->pattern, "/api/v1/exports/{id}")))
			continue;
		if (route->fields)
			make_body(route->fields, NULL, NULL, body, sizeof body);
		if (*body)
			send_json(state, route, path_of(route, "nothing"), body, &reply);
		else
			send_request(state, route, path_of(route, "nothing"), "", "", &reply);
		if (reply.status != 404 || !strstr(text_of(reply.json, "code"), "_not_found"))
			fail_at(route, "404", &reply);
		reply_finish(&reply);
	}
}

/* ---- HEAD ---------------------------------------------------------------------------------- */

static void without(const char *header, char *text)
{
	char *at = strstr(text, header);
	if (at)
		memmove(at, strstr(at + 2, "\r\n"), strlen(strstr(at + 2, "\r\n")) + 1);
}

/* Figures are others a moment later, and may be longer. */
static void without_what_changes(const struct route *route, char *text)
{
	without("\r\nDate: ", text);
	if (!strcmp(route->pattern, "/metrics"))
		without("\r\nContent-Length: ", text);
}

static void head_is_get_without_its_body(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		struct route head = routes[i];
		struct reply got, headed;
		if (strcmp(head.method, "GET") || is_stream(&head))
			continue;
		send_request(state, &routes[i], path_of(&head, "dvd0"), "", "", &got);
		head.method = "HEAD";
		send_request(state, &head, path_of(&head, "dvd0"), "", "", &headed);
		if (*headed.body)
			fail_at(&head, "has a body", &headed);
		got.text[got.body - got.text] = '\0';
		without_what_changes(&head, got.text);
		without_what_changes(&head, headed.text);
		assert_string_equal(headed.text, got.text);
		reply_finish(&got);
		reply_finish(&headed);
	}
}

/* ---- bodies -------------------------------------------------------------------------------- */

static void a_body_where_none_belongs_is_refused(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		struct reply reply;
		if (routes[i].fields || routes[i].receive)
			continue;
		send_json(state, &routes[i], path_of(&routes[i], "nothing"), "{}", &reply);
		assert_problem(&routes[i], &reply, 400, "invalid_request", "does not take a body");
	}
}

static void another_content_type_is_415(void **state)
{
	static const char *const types[] = {"", "Content-Type: text/plain\r\n",
		"Content-Type: application/x-www-form-urlencoded\r\n",
		"Content-Type: multipart/form-data\r\n"};
	for (size_t i = 0; i < routes_count; i++)
		for (size_t t = 0; routes[i].fields && t < sizeof types / sizeof *types; t++) {
			char headers[128];
			struct reply reply;
			snprintf(headers, sizeof headers, "%sContent-Length: 2\r\n", types[t]);
			send_request(state, &routes[i], path_of(&routes[i], "nothing"), headers,
				"{}", &reply);
			assert_problem(&routes[i], &reply, 415, "unsupported_media_type", "");
		}
}

static void a_body_that_is_too_long_is_413(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		char headers[128];
		struct reply reply;
		if (!routes[i].fields)
			continue;
		snprintf(headers, sizeof headers, JSON "Content-Length: %d\r\n", BODY_MAX + 1);
		send_request(
			state, &routes[i], path_of(&routes[i], "nothing"), headers, "", &reply);
		assert_problem(&routes[i], &reply, 413, "too_large", "");
	}
}

static void assert_body_refused(
	void **state, const struct route *route, const char *body, const char *mention)
{
	struct reply reply;
	send_json(state, route, path_of(route, "nothing"), body, &reply);
	assert_problem(route, &reply, 400, "invalid_request", mention);
}

static void what_is_no_object_is_refused(void **state)
{
	char bomb[4001];
	memset(bomb, '[', sizeof bomb - 1);
	bomb[sizeof bomb - 1] = '\0';
	for (size_t i = 0; i < routes_count; i++) {
		if (!routes[i].fields)
			continue;
		assert_body_refused(state, &routes[i], "", "JSON");
		assert_body_refused(state, &routes[i], "{", "JSON");
		assert_body_refused(state, &routes[i], "{} {}", "JSON");
		assert_body_refused(state, &routes[i], "[]", "not an object");
		assert_body_refused(state, &routes[i], "null", "JSON");
		assert_body_refused(state, &routes[i], bomb, "JSON");
		assert_body_refused(state, &routes[i], "{\"a\":1,\"a\":1}", "duplicate");
	}
}

static void an_unknown_member_is_named(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		char body[1024];
		if (!routes[i].fields)
			continue;
		make_body(routes[i].fields, "nonsense", "1", body, sizeof body);
		assert_body_refused(state, &routes[i], body, "\"nonsense\"");
	}
}

static void a_member_of_another_type_is_named(void **state)
{
	for (size_t i = 0; i < routes_count; i++)
		for (const struct json_field *field = routes[i].fields; field && field->name;
			field++) {
			char body[1024], mention[80];
			make_body(routes[i].fields, field->name, wrong_value(field), body,
				sizeof body);
			snprintf(mention, sizeof mention, "\"%s\"", field->name);
			assert_body_refused(state, &routes[i], body, mention);
			make_body(routes[i].fields, field->name, "{\"a\":{}}", body, sizeof body);
			if (field->type != JSON_FIELD_OBJECT)
				assert_body_refused(state, &routes[i], body, mention);
		}
}

static void a_member_that_is_missing_is_named(void **state)
{
	for (size_t i = 0; i < routes_count; i++)
		for (const struct json_field *field = routes[i].fields; field && field->name;
			field++) {
			char mention[80];
			if (!field->required)
				continue;
			snprintf(mention, sizeof mention, "\"%s\"", field->name);
			assert_body_refused(state, &routes[i], "{}", mention);
			break; /* the first one is what is told */
		}
}

/* Nothing of what was refused has come as far as the library. */
static int teardown_untouched(void **state)
{
	struct fixture *fixture = *state;
	unsigned started = fake_library_started(fixture->library);
	return fixture_teardown(state) || started;
}

/* ---- conditions ---------------------------------------------------------------------------- */

static void with_condition(
	void **state, const struct route *route, const char *condition, struct reply *ret)
{
	char headers[256], body[1024] = "";
	if (route->fields)
		make_body(route->fields, NULL, NULL, body, sizeof body);
	snprintf(headers, sizeof headers, "%s\r\n" JSON "Content-Length: %zu\r\n", condition,
		strlen(body));
	send_request(state, route, path_of(route, "nothing"), headers, body, ret);
}

static void a_condition_that_cannot_be_met_is_not_passed_over(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		const struct route *route = &routes[i];
		struct reply reply;
		if (!strcmp(route->method, "GET") || !strcmp(route->method, "OPTIONS"))
			continue;
		with_condition(state, route, "If-Match: \"nothing\"", &reply);
		assert_problem(route, &reply, 412, "changed_meanwhile", "");
		with_condition(state, route, "If-None-Match: *", &reply);
		assert_problem(route, &reply, 400, "invalid_request", "If-None-Match");
	}
}

#define WALK(test)      cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
#define UNTOUCHED(test) cmocka_unit_test_setup_teardown(test, fixture_setup, teardown_untouched)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNTOUCHED(without_a_token_everything_but_health_is_401),
		WALK(a_scope_opens_what_needs_no_more),
		UNTOUCHED(another_method_is_405_with_those_that_are),
		UNTOUCHED(an_unknown_parameter_is_named),
		WALK(an_unknown_id_is_404),
		WALK(head_is_get_without_its_body),
		UNTOUCHED(a_body_where_none_belongs_is_refused),
		UNTOUCHED(another_content_type_is_415),
		UNTOUCHED(a_body_that_is_too_long_is_413),
		UNTOUCHED(what_is_no_object_is_refused),
		UNTOUCHED(an_unknown_member_is_named),
		UNTOUCHED(a_member_of_another_type_is_named),
		UNTOUCHED(a_member_that_is_missing_is_named),
		UNTOUCHED(a_condition_that_cannot_be_met_is_not_passed_over),
	};
	return cmocka_run_group_tests_name("web/routes-walk", tests, NULL, NULL);
}
