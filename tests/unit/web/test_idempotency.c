/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency-Key: a request that is sent again is answered again, and done once. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "web_fixture.h"

#define TAPES "{\"medium_type\":\"LTO-8\",\"prefix\":\"KEY\",\"count\":2}"
#define MORE  "{\"medium_type\":\"LTO-8\",\"prefix\":\"KEY\",\"count\":3}"

static void write_request(const char *path, const char *key, const char *body, char ret[1024])
{
	snprintf(ret, 1024,
		"POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
		"Idempotency-Key: %s\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		path, key, strlen(body), body);
}

static void post(
	void **state, const char *path, const char *key, const char *body, struct reply *ret)
{
	char text[1024];
	write_request(path, key, body, text);
	raw(*state, text, ret);
}

static void expect_post(void **state, const char *path, const char *key, const char *body,
	int status, const char *code)
{
	struct reply reply;
	post(state, path, key, body, &reply);
	assert_reply(&reply, status, code);
}

static bool is_replayed(const struct reply *reply)
{
	return strstr(reply->text, "Idempotency-Replayed: true\r\n");
}

static size_t count_media(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/media?limit=1000", NULL, &reply);
	size_t count = json_array_size(json_object_get(reply.json, "items"));
	assert_reply(&reply, 200, "");
	return count;
}

static void it_is_done_once_and_answered_twice(void **state)
{
	struct reply first, second;
	size_t before = count_media(state);
	post(state, "/api/v1/tapes", "one", TAPES, &first);
	assert_int_equal(first.status, 201);
	assert_false(is_replayed(&first));
	post(state, "/api/v1/tapes", "\"one\"", TAPES, &second); /* as RFC 8941 spells it */
	assert_true(is_replayed(&second));
	assert_int_equal(second.status, 201);
	assert_true(json_equal(first.json, second.json));
	reply_finish(&first);
	reply_finish(&second);
	assert_int_equal(count_media(state), before + 2);
}

static void the_location_is_answered_again(void **state)
{
	struct reply reply;
	const char *body = "{\"name\":\"key0\",\"personality\":\"dvd-rom\"}";
	expect_post(state, "/api/v1/drives", "two", body, 201, "");
	post(state, "/api/v1/drives", "two", body, &reply);
	assert_true(is_replayed(&reply));
	assert_non_null(strstr(reply.text, "Location: /api/v1/drives/key0\r\n"));
	assert_reply(&reply, 201, "");
}

static void another_request_with_the_key_is_refused(void **state)
{
	size_t before = count_media(state);
	expect_post(state, "/api/v1/tapes", "three", TAPES, 201, "");
	expect_post(state, "/api/v1/tapes", "three", MORE, 422, "idempotency_key_reused");
	expect_post(state, "/api/v1/scans", "three", "{}", 422, "idempotency_key_reused");
	assert_int_equal(count_media(state), before + 2);
	expect_post(state, "/api/v1/scans", "other", "{}", 202, "");
}

static void what_was_refused_may_be_tried_again(void **state)
{
	const char *body = "{\"name\":\"key1\",\"personality\":\"dvd-rom\"}";
	expect_post(state, "/api/v1/drives", "four", body, 201, "");
	expect_post(state, "/api/v1/drives", "five", body, 409, "already_exists");
	expect(*state, "DELETE", "/api/v1/drives/key1", NULL, 204, "");
	expect_post(state, "/api/v1/drives", "five", body, 201, "");
}

static void one_that_is_under_way_is_said_to_be(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	char text[1024];
	write_request("/api/v1/tapes", "six", TAPES, text);
	fake_library_hold(fixture->library, true);
	int first = connect_local(fixture), second = connect_local(fixture);
	send_all(first, text, strlen(text));
	wait_started(fixture, 1); /* its key is about to be taken */
	send_all(second, text, strlen(text));
	wait_started(fixture, 2);
	fake_library_hold(fixture->library, false);
	receive(first, &reply);
	assert_reply(&reply, 201, "");
	receive(second, &reply);
	assert_reply(&reply, 409, "under_way");
	post(state, "/api/v1/tapes", "six", TAPES, &reply);
	assert_true(is_replayed(&reply));
	assert_reply(&reply, 201, "");
}

static void keys_that_are_none_are_refused(void **state)
{
	char key[300];
	memset(key, 'k', sizeof key);
	key[256] = '\0';
	expect_post(state, "/api/v1/scans", key, "{}", 400, "invalid_request");
	key[255] = '\0';
	expect_post(state, "/api/v1/scans", key, "{}", 202, "");
	expect_post(state, "/api/v1/scans", "", "{}", 400, "invalid_request");
	expect_post(state, "/api/v1/scans", "\"\"", "{}", 400, "invalid_request");
	expect_post(state, "/api/v1/scans", "a b", "{}", 400, "invalid_request");
	expect_post(state, "/api/v1/scans", "\xc3\xa9", "{}", 400, "invalid_request");
}

static void a_secret_is_not_kept(void **state)
{
	expect_post(state, "/api/v1/tokens", "seven", "{\"name\":\"ci\",\"scope\":\"read\"}", 400,
		"invalid_request");
	expect(*state, "GET", "/api/v1/tokens/ci", NULL, 404, "token_not_found");
}

/* It is in the headers what they are of, and a repetition goes on at an offset. */
static void uploads_know_no_keys(void **state)
{
	static const char *const sizes[] = {"3", "7"};
	struct reply reply;
	char text[1024];
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		snprintf(text, sizeof text,
			"POST /api/v1/uploads HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
			"Idempotency-Key: eight\r\nTus-Resumable: 1.0.0\r\nUpload-Length: %s\r\n"
			"Upload-Metadata: filename YS5pc28=\r\n"
			"Content-Type: application/offset+octet-stream\r\n"
			"Content-Length: 3\r\n\r\nabc",
			sizes[i]);
		raw(*state, text, &reply);
		assert_false(is_replayed(&reply));
		assert_int_equal(
			json_integer_value(json_object_get(reply.json, "length")), atoi(sizes[i]));
		assert_reply(&reply, 201, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			it_is_done_once_and_answered_twice, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			the_location_is_answered_again, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			another_request_with_the_key_is_refused, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			what_was_refused_may_be_tried_again, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			one_that_is_under_way_is_said_to_be, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			keys_that_are_none_are_refused, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_secret_is_not_kept, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			uploads_know_no_keys, fixture_setup, fixture_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
