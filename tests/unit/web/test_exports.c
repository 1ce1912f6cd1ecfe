/* SPDX-License-Identifier: Apache-2.0 */
/* Exports and sessions: what is answered, what is refused, and that secrets stay inside. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "web_fixture.h"

#define EXPORTS "/api/v1/exports"
#define BACKUP  EXPORTS "/backup"
#define SECRET  "0123456789abcdef"
#define OTHER   "fedcba9876543210"

static json_t *member(json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);
	assert_non_null(value);
	return value;
}

static void assert_secret(
	const struct fixture *fixture, const char *name, bool mutual, const char *expected)
{
	char secret[LIBRARY_SECRET_MAX];
	fake_library_secret(fixture->library, name, mutual, secret, sizeof secret);
	assert_string_equal(secret, expected);
}

/* ---- reading ------------------------------------------------------------------------------- */

static void exports_come_with_all_but_secrets(void **state)
{
	struct reply reply;
	ask(*state, "GET", EXPORTS, NULL, &reply);
	json_t *items = member(reply.json, "items");
	assert_int_equal(json_array_size(items), 2);
	json_t *export = json_array_get(items, 0);
	char *text = json_dumps(export, JSON_COMPACT);
	assert_string_equal(text,
		"{\"name\":\"backup\",\"target\":\"iqn.2026-11.org.example:backup\",\"transport\":"
		"\"portal\","
		"\"luns\":[{\"lun\":0,\"drive\":\"dvd0\"},{\"lun\":1,\"drive\":\"dvd1\"}],"
		"\"initiators\":[\"iqn.1993-08.org.debian:*\"],"
		"\"networks\":[\"10.0.0.0/8\",\"fd00::/8\"],"
		"\"chap\":{\"user\":\"bob\"},\"mutual_chap\":{\"user\":\"library\"},"
		"\"open\":false,\"warning\":null,\"session_count\":2}");
	free(text);
	assert_true(json_is_null(member(json_array_get(items, 1), "chap")));
	assert_reply(&reply, 200, "");
}

static void one_export(void **state)
{
	struct reply reply;
	ask(*state, "GET", EXPORTS "/lab", NULL, &reply);
	assert_string_equal(text_of(reply.json, "warning"),
		"only this machine may log in: neither a rule nor CHAP");
	assert_reply(&reply, 200, "");
	expect(*state, "GET", EXPORTS "/nope", NULL, 404, "export_not_found");
}

static void sessions_of_all_and_of_one_export(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/sessions", NULL, &reply);
	json_t *session = json_array_get(member(reply.json, "items"), 0);
	char *text = json_dumps(session, JSON_COMPACT);
	assert_string_equal(text, "{\"id\":3,\"export\":\"backup\","
				  "\"initiator\":\"iqn.1993-08.org.debian:01:8d1f37c2aa\","
				  "\"isid\":\"0x00023d000001\",\"address\":\"10.1.2.3\","
				  "\"since\":\"2026-11-25T09:46:40Z\"}");
	free(text);
	reply_finish(&reply);
	ask(*state, "GET", BACKUP "/sessions", NULL, &reply);
	assert_int_equal(json_array_size(member(reply.json, "items")), 2);
	reply_finish(&reply);
	ask(*state, "GET", EXPORTS "/lab/sessions", NULL, &reply);
	assert_int_equal(json_array_size(member(reply.json, "items")), 0);
	assert_reply(&reply, 200, "");
	expect(*state, "GET", EXPORTS "/nope/sessions", NULL, 404, "export_not_found");
}

static void sessions_come_in_pages(void **state)
{
	struct reply reply;
	ask(*state, "GET", BACKUP "/sessions?limit=1", NULL, &reply);
	assert_int_equal(json_integer_value(member(reply.json, "next")), 3);
	assert_non_null(strstr(reply.text,
		"\r\nLink: </api/v1/exports/backup/sessions?after=3&limit=1>; rel=\"next\"\r\n"));
	reply_finish(&reply);
	ask(*state, "GET", "/api/v1/sessions?limit=1", NULL, &reply);
	assert_non_null(strstr(
		reply.text, "\r\nLink: </api/v1/sessions?after=3&limit=1>; rel=\"next\"\r\n"));
	reply_finish(&reply);
	ask(*state, "GET", "/api/v1/sessions?limit=1&after=3", NULL, &reply);
	json_t *session = json_array_get(member(reply.json, "items"), 0);
	assert_int_equal(json_integer_value(member(session, "id")), 5);
	assert_true(json_is_null(member(reply.json, "next")));
	assert_null(strstr(reply.text, "\r\nLink:"));
	reply_finish(&reply);
	ask(*state, "GET", "/api/v1/sessions?after=4", NULL, &reply); /* who has left meanwhile */
	assert_int_equal(json_array_size(member(reply.json, "items")), 1);
	assert_reply(&reply, 200, "");
	expect(*state, "GET", "/api/v1/sessions?after=x", NULL, 400, "invalid_request");
	expect(*state, "GET", "/api/v1/sessions?after=-1", NULL, 400, "invalid_request");
	expect(*state, "GET", "/api/v1/sessions?limit=1001", NULL, 400, "invalid_request");
	expect(*state, "GET", EXPORTS "/lab/sessions?limit=0", NULL, 400, "invalid_request");
}

/* ---- changing ------------------------------------------------------------------------------ */

static void an_export_is_added(void **state)
{
	struct reply reply;
	ask(*state, "POST", EXPORTS,
		"{\"name\":\"new\",\"luns\":[{\"lun\":16383,\"drive\":\"dvd0\"}],"
		"\"initiators\":[\"iqn.2026-01.org.example:*\"],\"open\":true,"
		"\"chap\":{\"user\":\"alice\",\"secret\":\"" SECRET "\"}}",
		&reply);
	assert_non_null(strstr(reply.text, "\r\nLocation: /api/v1/exports/new\r\n"));
	assert_string_equal(text_of(reply.json, "target"), "iqn.2026-11.org.example:new");
	json_t *lun = json_array_get(member(reply.json, "luns"), 0);
	assert_int_equal(json_integer_value(member(lun, "lun")), 16383);
	assert_true(json_is_true(member(reply.json, "open")));
	assert_null(strstr(reply.text, SECRET));
	assert_reply(&reply, 201, "");
	assert_secret(*state, "new", false, SECRET);
	expect(*state, "POST", EXPORTS, "{\"name\":\"new\"}", 409, "already_exists");
}

static void put_makes_what_is_not_there(void **state)
{
	struct reply reply;
	ask(*state, "PUT", EXPORTS "/fresh", "{}", &reply);
	assert_non_null(strstr(reply.text, "\r\nLocation: /api/v1/exports/fresh\r\n"));
	assert_string_equal(text_of(reply.json, "name"), "fresh");
	assert_reply(&reply, 201, "");
	expect(*state, "PUT", EXPORTS "/fresh", "{\"target\":\"iqn.2026-01.x:y\"}", 200, "");
}

static void put_replaces_all_that_is_not_said(void **state)
{
	struct reply reply;
	ask(*state, "PUT", BACKUP, "{\"luns\":[{\"lun\":5,\"drive\":\"dvd2\"}]}", &reply);
	assert_int_equal(json_array_size(member(reply.json, "luns")), 1);
	assert_int_equal(json_array_size(member(reply.json, "initiators")), 0);
	assert_true(json_is_null(member(reply.json, "chap")));
	assert_true(json_is_null(member(reply.json, "mutual_chap")));
	assert_int_equal(json_integer_value(member(reply.json, "session_count")), 0);
	assert_reply(&reply, 200, "");
	assert_secret(*state, "backup", false, "");
	assert_secret(*state, "backup", true, "");
}

static void a_secret_that_is_not_sent_is_kept(void **state)
{
	expect(*state, "PUT", BACKUP,
		"{\"chap\":{\"user\":\"bob\"},\"mutual_chap\":{\"user\":\"library\"}}", 200, "");
	assert_secret(*state, "backup", false, "secret-of-backup");
	assert_secret(*state, "backup", true, "mutual-of-backup");
	expect(*state, "PUT", BACKUP,
		"{\"chap\":{\"user\":\"bob\",\"secret\":\"" SECRET "\"},"
		"\"mutual_chap\":{\"user\":\"library\",\"secret\":\"" OTHER "\"}}",
		200, "");
	assert_secret(*state, "backup", false, SECRET);
	assert_secret(*state, "backup", true, OTHER);
	expect(*state, "PUT", BACKUP, "{\"chap\":{\"user\":\"bob\"},\"mutual_chap\":null}", 200,
		"");
	assert_secret(*state, "backup", false, SECRET);
	assert_secret(*state, "backup", true, "");
}

static void another_user_needs_a_secret(void **state)
{
	expect(*state, "PUT", BACKUP, "{\"chap\":{\"user\":\"alice\"}}", 400, "invalid_request");
	assert_secret(*state, "backup", false, "secret-of-backup");
}

static void an_export_is_removed(void **state)
{
	expect(*state, "DELETE", BACKUP, NULL, 204, "");
	expect(*state, "DELETE", BACKUP, NULL, 404, "export_not_found");
	struct reply reply;
	ask(*state, "GET", "/api/v1/sessions", NULL, &reply);
	assert_int_equal(json_array_size(member(reply.json, "items")), 0);
	assert_reply(&reply, 200, "");
}

static void what_the_library_refuses(void **state)
{
	expect(*state, "POST", EXPORTS,
		"{\"name\":\"x\",\"luns\":[{\"lun\":0,\"drive\":\"dvd9\"}]}", 404,
		"drive_not_found");
	expect(*state, "POST", EXPORTS, "{\"name\":\"public\"}", 409, "export_unprotected");
}

static void methods_that_are_not_there(void **state)
{
	struct reply reply;
	ask(*state, "PATCH", BACKUP, NULL, &reply);
	assert_non_null(strstr(reply.text, "\r\nAllow: GET, HEAD, PUT, DELETE\r\n"));
	assert_reply(&reply, 405, "method_not_allowed");
	expect(*state, "DELETE", "/api/v1/sessions", NULL, 405, "method_not_allowed");
}

/* As of every other change: known by the socket's credentials or the token, else refused. */
static void strangers_change_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	raw_tcp(fixture,
		"DELETE " BACKUP " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
		&reply);
	assert_reply(&reply, 401, "unauthorized");
	raw_tcp(fixture,
		"GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
		&reply);
	assert_reply(&reply, 401, "unauthorized");
	raw_tcp(fixture,
		"DELETE " BACKUP " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
		"Authorization: Bearer " TOKEN "\r\nOrigin: http://evil.example\r\n\r\n",
		&reply);
	assert_reply(&reply, 403, "forbidden");
	assert_int_equal(fake_library_started(fixture->library), 0);
}

/* ---- bodies that are wrong ----------------------------------------------------------------- */

static void assert_named(void **state, const char *body, const char *detail)
{
	struct fixture *fixture = *state;
	struct reply reply;
	ask(fixture, "POST", EXPORTS, body, &reply);
	if (strcmp(text_of(reply.json, "detail"), detail))
		fail_msg("%s: expected \"%s\", got \"%s\"", body, detail,
			text_of(reply.json, "detail"));
	assert_true(*text_of(reply.json, "remedy"));
	assert_reply(&reply, 400, "invalid_request");
	assert_int_equal(fake_library_started(fixture->library), 0);
}

#define NEW(members) "{\"name\":\"new\"," members "}"

static void a_wrong_member_is_named(void **state)
{
	assert_named(state, "{}", "the body lacks the member \"name\"");
	assert_named(state, NEW("\"lun\":[]"), "the body has an unknown member \"lun\"");
	assert_named(
		state, NEW("\"open\":1"), "member \"open\" of the body is neither true nor false");
	assert_named(state, NEW("\"luns\":{}"), "member \"luns\" of the body is not a list");
	assert_named(state, NEW("\"luns\":null"), "member \"luns\" of the body is not a list");
	assert_named(state, NEW("\"luns\":[0]"), "member \"luns[0]\" of the body is not an object");
	assert_named(state, NEW("\"initiators\":\"iqn\""),
		"member \"initiators\" of the body is not a list");
	assert_named(state, NEW("\"initiators\":[\"a\",\"\"]"),
		"member \"initiators[1]\" of the body is empty");
	assert_named(state, NEW("\"networks\":[4]"),
		"member \"networks[0]\" of the body is not a string");
	assert_named(
		state, NEW("\"chap\":\"bob\""), "member \"chap\" of the body is not an object");
	assert_named(state, NEW("\"chap\":{}"), "the body lacks the member \"chap.user\"");
	assert_named(state, NEW("\"chap\":{\"user\":\"\"}"),
		"member \"chap.user\" of the body is empty");
	assert_named(state, NEW("\"chap\":{\"user\":\"b\",\"password\":\"x\"}"),
		"the body has an unknown member \"chap.password\"");
	assert_named(state, NEW("\"mutual_chap\":{\"user\":\"b\"}"),
		"member \"mutual_chap\" of the body is of no use without \"chap\"");
	assert_named(state, NEW("\"session_count\":0"),
		"the body has an unknown member \"session_count\"");
}

static void a_name_in_body_and_path_is_refused(void **state)
{
	expect(*state, "PUT", BACKUP, "{\"name\":\"backup\"}", 400, "invalid_request");
}

static void luns_are_numbers_from_0_to_16383(void **state)
{
	static const char *const wrong[] = {"-1", "16384", "65536", "4294967296",
		"9223372036854775807", "-9223372036854775808"};
	char body[256];
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(body, sizeof body,
			"{\"name\":\"new\",\"luns\":[{\"lun\":0,\"drive\":\"dvd0\"},"
			"{\"lun\":%s,\"drive\":\"dvd1\"}]}",
			wrong[i]);
		assert_named(state, body, "member \"luns[1].lun\" of the body is out of range");
	}
	assert_named(state, NEW("\"luns\":[{\"lun\":1.0,\"drive\":\"dvd0\"}]"),
		"member \"luns[0].lun\" of the body is not a whole number");
	assert_named(state, NEW("\"luns\":[{\"lun\":\"1\",\"drive\":\"dvd0\"}]"),
		"member \"luns[0].lun\" of the body is not a whole number");
	assert_named(state, NEW("\"luns\":[{\"drive\":\"dvd0\"}]"),
		"the body lacks the member \"luns[0].lun\"");
	assert_named(state, NEW("\"luns\":[{\"lun\":0}]"),
		"the body lacks the member \"luns[0].drive\"");
	assert_named(state, NEW("\"luns\":[{\"lun\":0,\"drive\":\"dvd0\",\"x\":0}]"),
		"the body has an unknown member \"luns[0].x\"");
	assert_named(state,
		NEW("\"luns\":[{\"lun\":7,\"drive\":\"dvd0\"},{\"lun\":7,\"drive\":\"dvd1\"}]"),
		"member \"luns[1].lun\" of the body is 7 again");
}

/* {"name":"new","LIST":[…]} with `count` items. */
static void make_list(char *ret, size_t size, const char *list, unsigned count,
	int (*item)(char *ret, size_t size, unsigned number))
{
	size_t length = (size_t)snprintf(ret, size, "{\"name\":\"new\",\"%s\":[", list);
	for (unsigned i = 0; i < count; i++) {
		length += (size_t)snprintf(ret + length, size - length, "%s", i ? "," : "");
		length += (size_t)item(ret + length, size - length, i);
	}
	snprintf(ret + length, size - length, "]}");
}

static int make_lun(char *ret, size_t size, unsigned number)
{
	return snprintf(ret, size, "{\"lun\":%u,\"drive\":\"dvd0\"}", number);
}

static int make_rule(char *ret, size_t size, unsigned number)
{
	return snprintf(ret, size, "\"10.0.0.%u\"", number);
}

static void ask_long(const struct fixture *fixture, const char *body, struct reply *ret)
{
	static char text[1 << 16];
	int length = snprintf(text, sizeof text,
		"POST " EXPORTS " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		strlen(body), body);
	assert_in_range(length, 1, sizeof text - 1);
	raw(fixture, text, ret);
}

static void ask_list(const struct fixture *fixture, const char *list, unsigned count,
	int (*item)(char *ret, size_t size, unsigned number), struct reply *ret)
{
	static char body[1 << 15];
	make_list(body, sizeof body, list, count, item);
	ask_long(fixture, body, ret);
}

static void too_many_of_anything(void **state)
{
	struct reply reply;
	ask_list(*state, "initiators", 33, make_rule, &reply);
	assert_string_equal(text_of(reply.json, "detail"),
		"member \"initiators\" of the body has 33 items, the limit is 32");
	assert_reply(&reply, 400, "invalid_request");
	ask_list(*state, "networks", 1000, make_rule, &reply);
	assert_string_equal(text_of(reply.json, "detail"),
		"member \"networks\" of the body has 1000 items, the limit is 32");
	assert_reply(&reply, 400, "invalid_request");
	ask_list(*state, "luns", 257, make_lun, &reply);
	assert_string_equal(text_of(reply.json, "detail"),
		"member \"luns\" of the body has 257 items, the limit is 256");
	assert_reply(&reply, 400, "invalid_request");
}

static void as_many_as_there_may_be(void **state)
{
	struct reply reply;
	ask_list(*state, "luns", 256, make_lun, &reply);
	json_t *luns = member(reply.json, "luns");
	assert_int_equal(json_array_size(luns), 256);
	json_t *last = json_array_get(luns, 255);
	assert_int_equal(json_integer_value(member(last, "lun")), 255);
	assert_string_equal(text_of(last, "drive"), "dvd0");
	assert_reply(&reply, 201, "");
	expect(*state, "DELETE", EXPORTS "/new", NULL, 204, "");
	ask_list(*state, "initiators", 32, make_rule, &reply);
	json_t *rules = member(reply.json, "initiators");
	assert_int_equal(json_array_size(rules), 32);
	assert_string_equal(json_string_value(json_array_get(rules, 31)), "10.0.0.31");
	assert_reply(&reply, 201, "");
}

static void assert_length(void **state, const char *before, unsigned length, const char *after,
	int status, const char *detail)
{
	char text[1024], body[2048];
	struct reply reply;
	memset(text, 'x', sizeof text);
	text[length] = '\0';
	snprintf(body, sizeof body, "{%s\"%s\"%s}", before, text, after);
	ask(*state, "POST", EXPORTS, body, &reply);
	assert_string_equal(text_of(reply.json, "detail"), detail);
	assert_reply(&reply, status, status == 400 ? "invalid_request" : "");
}

static void texts_as_long_as_they_may_be(void **state)
{
	assert_length(state, "\"name\":\"a\",\"chap\":{\"user\":\"b\",\"secret\":", 11, "}", 400,
		"member \"chap.secret\" of the body has 11 bytes, the least is 12");
	assert_length(
		state, "\"name\":\"a\",\"chap\":{\"user\":\"b\",\"secret\":", 12, "}", 201, "");
	assert_length(
		state, "\"name\":\"b\",\"chap\":{\"user\":\"b\",\"secret\":", 255, "}", 201, "");
	assert_length(state, "\"name\":\"c\",\"chap\":{\"user\":\"b\",\"secret\":", 256, "}", 400,
		"member \"chap.secret\" of the body has 256 bytes, the limit is 255");
	assert_length(state, "\"name\":\"c\",\"target\":", 224, "", 400,
		"member \"target\" of the body has 224 bytes, the limit is 223");
	assert_length(state, "\"name\":\"c\",\"networks\":[", 256, "]", 400,
		"member \"networks[0]\" of the body has 256 bytes, the limit is 255");
	assert_length(state, "\"name\":", 64, "", 400,
		"member \"name\" of the body has 64 bytes, the limit is 63");
}

/* ---- secrets stay inside ------------------------------------------------------------------- */

static void refuse_without_quoting(void **state, const char *body)
{
	struct fixture *fixture = *state;
	struct reply reply;
	ask(fixture, "PUT", BACKUP, body, &reply);
	if (strstr(reply.text, SECRET))
		fail_msg("the secret is in: %s", reply.text);
	assert_reply(&reply, 400, "invalid_request");
}

static void a_refusal_does_not_quote_a_secret(void **state)
{
	static const char *const wrong[] = {
		"{\"chap\":{\"user\":\"bob\",\"secret\":\"" SECRET "\"", /* no end */
		"{\"chap\":{\"user\":\"bob\",\"secret\":\"" SECRET "\" \"x\":1}}",
		"{\"chap\":{\"user\":\"bob\",\"secret\":\"" SECRET "\n\"}}",
		"{\"chap\":{\"user\":\"bob\",\"secret\":\"" SECRET "\xff\"}}",
		"{\"chap\":{\"user\":\"bob\",\"secret\":" SECRET "}}",
		"{\"chap\":{\"user\":\"bob\",\"secret\":[\"" SECRET "\"]}}",
		"{\"chap\":{\"user\":\"bob\",\"secret\":\"" SECRET "\\u0000\"}}",
		"{\"chap\":{\"user\":\"bob\",\"secret\":\"" SECRET "\"},"
		"\"mutual_chap\":{\"user\":\"library\",\"secret\":\"" SECRET "\"}}",
		"{\"chap\":\"" SECRET "\"}",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		refuse_without_quoting(state, wrong[i]);
	struct fixture *fixture = *state;
	assert_int_equal(fake_library_started(fixture->library), 0);
}

static void no_answer_and_no_log_has_a_secret(void **state)
{
	struct fixture *fixture = *state;
	static const char *const paths[] = {EXPORTS, BACKUP, BACKUP "/sessions", "/api/v1/sessions",
		"/api/v1/status", "/api/v1"};
	struct reply reply;
	ask(fixture, "PUT", BACKUP,
		"{\"chap\":{\"user\":\"bob\",\"secret\":\"" SECRET "\"},"
		"\"mutual_chap\":{\"user\":\"library\",\"secret\":\"" OTHER "\"}}",
		&reply);
	assert_null(strstr(reply.text, SECRET));
	assert_null(strstr(reply.text, OTHER));
	assert_reply(&reply, 200, "");
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		ask(fixture, "GET", paths[i], NULL, &reply);
		assert_null(strstr(reply.text, SECRET));
		assert_null(strstr(reply.text, OTHER));
		assert_reply(&reply, 200, "");
	}
	fixture_stop(fixture);
	fixture_await_log(fixture, "PUT " BACKUP " status=200");
	assert_false(fixture_logged(fixture, SECRET));
	assert_false(fixture_logged(fixture, OTHER));
}

#define EXPORT_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPORT_TEST(exports_come_with_all_but_secrets),
		EXPORT_TEST(one_export),
		EXPORT_TEST(sessions_of_all_and_of_one_export),
		EXPORT_TEST(sessions_come_in_pages),
		EXPORT_TEST(an_export_is_added),
		EXPORT_TEST(put_makes_what_is_not_there),
		EXPORT_TEST(put_replaces_all_that_is_not_said),
		EXPORT_TEST(a_secret_that_is_not_sent_is_kept),
		EXPORT_TEST(another_user_needs_a_secret),
		EXPORT_TEST(an_export_is_removed),
		EXPORT_TEST(what_the_library_refuses),
		EXPORT_TEST(methods_that_are_not_there),
		EXPORT_TEST(strangers_change_nothing),
		EXPORT_TEST(a_wrong_member_is_named),
		EXPORT_TEST(a_name_in_body_and_path_is_refused),
		EXPORT_TEST(luns_are_numbers_from_0_to_16383),
		EXPORT_TEST(too_many_of_anything),
		EXPORT_TEST(as_many_as_there_may_be),
		EXPORT_TEST(texts_as_long_as_they_may_be),
		EXPORT_TEST(a_refusal_does_not_quote_a_secret),
		EXPORT_TEST(no_answer_and_no_log_has_a_secret),
	};
	return cmocka_run_group_tests_name("web/exports", tests, NULL, NULL);
}
