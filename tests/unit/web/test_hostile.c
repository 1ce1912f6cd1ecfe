/* SPDX-License-Identifier: Apache-2.0 */
/* Requests nobody should send: each is refused in a way that says why. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "util/cleanup.h"
#include "web_fixture.h"

#define HEAD "Host: localhost\r\nConnection: close\r\n"
#define PUT  "PUT /api/v1/drives/dvd1/medium HTTP/1.1\r\n" HEAD
#define JSON "Content-Type: application/json\r\n"
#define LOAD "{\"medium\":\"netinst\"}"

static void assert_refused(void **state, const char *text, int status, const char *code)
{
	struct fixture *fixture = *state;
	struct reply reply;
	raw(fixture, text, &reply);
	assert_reply(&reply, status, code);
	assert_int_equal(fake_library_started(fixture->library), 0);
}

/* ---- framing ------------------------------------------------------------------------------- */

static void chunked_and_length_together(void **state)
{
	assert_refused(state,
		PUT JSON "Content-Length: 20\r\nTransfer-Encoding: chunked\r\n\r\n"
			 "14\r\n" LOAD "\r\n0\r\n\r\n",
		400, "invalid_request");
}

static void two_lengths(void **state)
{
	assert_refused(state, PUT JSON "Content-Length: 20\r\nContent-Length: 20\r\n\r\n" LOAD, 400,
		"invalid_request");
	assert_refused(state, PUT JSON "Content-Length: 20\r\ncontent-length: 5\r\n\r\n" LOAD, 400,
		"invalid_request");
}

static void an_unknown_transfer_encoding(void **state)
{
	assert_refused(state, PUT JSON "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400,
		"invalid_request");
}

static void a_smuggled_request_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	raw(fixture,
		"POST /api/v1/media HTTP/1.1\r\nHost: localhost\r\n" JSON
		"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
		"0\r\n\r\nDELETE /api/v1/media/netinst HTTP/1.1\r\nHost: localhost\r\n\r\n",
		&reply);
	assert_non_null(strstr(reply.text, "\r\nConnection: close\r\n"));
	assert_null(strstr(reply.body, "HTTP/1.1"));
	assert_reply(&reply, 400, "invalid_request");
	assert_int_equal(fake_library_started(fixture->library), 0);
}

static void two_hosts(void **state)
{
	assert_refused(state, "GET /api/v1 HTTP/1.1\r\nHost: evil\r\n" HEAD "\r\n", 400,
		"invalid_request");
}

static void no_host(void **state)
{
	struct reply reply;
	raw(*state, "GET /api/v1 HTTP/1.1\r\nConnection: close\r\n\r\n", &reply);
	assert_int_equal(reply.status, 400);
	reply_finish(&reply);
}

static void a_broken_length(void **state)
{
	struct reply reply;
	raw(*state, PUT JSON "Content-Length: -5\r\n\r\n", &reply);
	assert_int_equal(reply.status, 400);
	reply_finish(&reply);
}

/* A proxy in between may take such a name for another one. */
static void a_blank_before_the_colon(void **state)
{
	struct reply reply;
	raw(*state, "GET /api/v1/status HTTP/1.1\r\nHost : localhost\r\nConnection: close\r\n\r\n",
		&reply);
	assert_int_equal(reply.status, 400);
	reply_finish(&reply);
	raw(*state, PUT JSON "Content-Length : 20\r\n\r\n" LOAD, &reply);
	assert_int_equal(reply.status, 400);
	reply_finish(&reply);
}

/* Lines that end in LF alone are lines (RFC 9112 2.2), so that nothing can hide behind one. */
static void bare_line_feeds_hide_nothing(void **state)
{
	assert_refused(state,
		PUT JSON "Content-Length: 20\nTransfer-Encoding: chunked\n\n"
			 "14\n" LOAD "\n0\n\n",
		400, "invalid_request");
	assert_refused(state, PUT JSON "X: y\nContent-Length: 5\r\nContent-Length: 20\r\n\r\n" LOAD,
		400, "invalid_request");
}

/* ---- headers ------------------------------------------------------------------------------- */

static void headers_that_are_too_long(void **state)
{
	char text[20000] = "GET /api/v1 HTTP/1.1\r\n" HEAD "X-Long: ";
	size_t length = strlen(text);
	memset(text + length, 'x', 17000);
	strcpy(text + length + 17000, "\r\n\r\n");
	assert_refused(state, text, 431, "headers_too_large");
}

/* More than a connection has memory for: the HTTP library refuses it, and no other request. */
static void headers_beyond_all_memory(void **state)
{
	enum { LENGTH = 200000 };
	_cleanup_free_ char *text = malloc(LENGTH + 256);
	struct reply reply;
	int head = sprintf(text, "GET /api/v1 HTTP/1.1\r\n" HEAD "X-Long: ");
	memset(text + head, 'x', LENGTH);
	strcpy(text + head + LENGTH, "\r\n\r\n");
	int fd = connect_local(*state);
	send_all(fd, text, strlen(text));
	receive(fd, &reply); /* a reset may overtake the answer */
	assert_true(reply.status == 431 || reply.status == 0);
	reply_finish(&reply);
	expect(*state, "GET", "/api/v1/status", NULL, 200, "");
}

static void too_many_headers(void **state)
{
	char text[4096] = "GET /api/v1 HTTP/1.1\r\n" HEAD;
	for (int i = 0; i < 120; i++)
		strcat(text, "X-Many: 1\r\n");
	strcat(text, "\r\n");
	assert_refused(state, text, 431, "headers_too_large");
}

/* ---- methods and paths --------------------------------------------------------------------- */

static void another_method_is_405_with_allow(void **state)
{
	struct reply reply;
	ask(*state, "PATCH", "/api/v1/drives/dvd0", NULL, &reply);
	assert_non_null(strstr(reply.text, "\r\nAllow: GET, HEAD, DELETE\r\n"));
	assert_reply(&reply, 405, "method_not_allowed");
	ask(*state, "FOO", "/api/v1/media", NULL, &reply);
	assert_non_null(strstr(reply.text, "\r\nAllow: GET, HEAD, POST\r\n"));
	assert_reply(&reply, 405, "method_not_allowed");
}

static void head_is_get_without_a_body(void **state)
{
	struct reply reply;
	ask(*state, "HEAD", "/api/v1/status", NULL, &reply);
	assert_string_equal(reply.body, "");
	assert_null(strstr(reply.text, "Content-Length: 0"));
	assert_reply(&reply, 200, "");
}

static void unknown_paths(void **state)
{
	static const char *const paths[] = {"/", "/api/v1/", "/api/v2", "/api/v1/drives/",
		"/api/v1/drives//medium", "/api/v1/drives/dvd0/medium/x", "/api/v1/drives/%00",
		"/api/v1/drives/%zz", "/api/v1/drives/%ff", "/api/v1%2Fdrives",
		"/api/v1/../v1/status"};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		expect(*state, "GET", paths[i], NULL, 404, "not_found");
}

static void an_encoded_slash_stays_in_its_segment(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/drives/dvd0%2Fmedium", NULL, &reply);
	assert_string_equal(text_of(reply.json, "detail"), "there is no drive dvd0/medium");
	assert_reply(&reply, 404, "drive_not_found");
}

static void an_encoded_nul_does_not_cut_the_name(void **state)
{
	expect(*state, "DELETE", "/api/v1/media/netinst%00x", NULL, 404, "not_found");
	expect(*state, "GET", "/api/v1/media/netinst", NULL, 200, "");
}

static void a_name_as_long_as_it_can_be(void **state)
{
	char path[128] = "/api/v1/media/";
	memset(path + 14, 'n', 63);
	expect(*state, "GET", path, NULL, 404, "medium_not_found");
	path[14 + 63] = 'n';
	expect(*state, "GET", path, NULL, 404, "not_found");
}

static void parameters_are_known_by_name(void **state)
{
	const char *path = "/api/v1/drives/dvd0/medium";
	char text[128];
	static const char *const wrong[] = {"?forse=true", "?force=yes", "?force",
		"?force=", "?force=true&force=true", "?force=%zz"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(text, sizeof text, "%s%s", path, wrong[i]);
		expect(*state, "DELETE", text, NULL, 400, "invalid_request");
	}
	expect(*state, "GET", "/api/v1/drives?force=true", NULL, 400, "invalid_request");
}

static void limits_are_numbers_in_range(void **state)
{
	static const char *const wrong[] = {
		"0", "1001", "-1", "x", "1x", "", "%201", "99999999999999999999"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char path[64];
		snprintf(path, sizeof path, "/api/v1/media?limit=%s", wrong[i]);
		expect(*state, "GET", path, NULL, 400, "invalid_request");
	}
	expect(*state, "GET", "/api/v1/drives/dvd0/trace?limit=257", NULL, 400, "invalid_request");
}

/* ---- bodies -------------------------------------------------------------------------------- */

static void bodies_that_are_not_json(void **state)
{
	assert_refused(state, PUT "Content-Length: 20\r\n\r\n" LOAD, 415, "unsupported_media_type");
	assert_refused(state, PUT "Content-Type: text/plain\r\nContent-Length: 20\r\n\r\n" LOAD,
		415, "unsupported_media_type");
	assert_refused(state,
		PUT "Content-Type: application/jsonp\r\nContent-Length: 20\r\n\r\n" LOAD, 415,
		"unsupported_media_type");
}

static void bodies_that_are_wrong_json(void **state)
{
	static const char *const wrong[] = {"", "{", "[]", "null", "\"medium\"", "{}", LOAD "x",
		"{\"medium\":1}", "{\"medium\":\"\"}", "{\"medium\":null}",
		"{\"medium\":\"a\",\"medium\":\"b\"}", "{\"medium\":\"a\\u0000b\"}",
		"{\"medium\":\"caf\xe9\"}", "{\"medium\":\"netinst\",\"force\":1}",
		"{\"medium\":\"netinst\",\"force\":\"true\"}"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		expect(*state, "PUT", "/api/v1/drives/dvd1/medium", wrong[i], 400,
			"invalid_request");
}

static void an_unknown_member_is_named(void **state)
{
	struct reply reply;
	ask(*state, "PUT", "/api/v1/drives/dvd1/medium", "{\"medium\":\"netinst\",\"forse\":true}",
		&reply);
	assert_string_equal(
		text_of(reply.json, "detail"), "the body has an unknown member \"forse\"");
	assert_string_equal(
		text_of(reply.json, "remedy"), "Send only \"medium\", \"replace\", \"force\".");
	assert_reply(&reply, 400, "invalid_request");
}

static void deep_nesting(void **state)
{
	char body[6000];
	memset(body, '[', sizeof body - 1);
	body[sizeof body - 1] = '\0';
	expect(*state, "PUT", "/api/v1/drives/dvd1/medium", body, 400, "invalid_request");
}

static void a_body_where_none_belongs(void **state)
{
	expect(*state, "DELETE", "/api/v1/drives/dvd0/medium", "{\"force\":true}", 400,
		"invalid_request");
	expect(*state, "GET", "/api/v1/drives", "{}", 400, "invalid_request");
}

static void a_declared_length_that_is_too_much(void **state)
{
	assert_refused(state, PUT JSON "Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n",
		413, "too_large");
}

static void who_waits_is_told_to_go_on(void **state)
{
	static const char head[] = PUT JSON "Content-Length: 20\r\nExpect: 100-continue\r\n\r\n";
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	char interim[sizeof go_on] = "";
	struct reply reply;
	int fd = connect_local(*state);
	send_all(fd, head, strlen(head));
	assert_int_equal(recv(fd, interim, strlen(go_on), MSG_WAITALL), strlen(go_on));
	assert_string_equal(interim, go_on);
	send_all(fd, LOAD, strlen(LOAD));
	receive(fd, &reply);
	assert_reply(&reply, 200, "");
}

static void chunks(void **state)
{
	struct reply reply;
	raw(*state,
		PUT JSON "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"med\r\nf\r\n"
			 "ium\":\"netinst\"}\r\n0\r\n\r\n",
		&reply);
	assert_reply(&reply, 200, "");
}

static void send_chunks(int fd, unsigned count)
{
	static char chunk[65536 + 16] = "10000\r\n";
	memset(chunk + 7, ' ', 65536);
	memcpy(chunk + 7 + 65536, "\r\n", 2);
	static const char head[] = PUT JSON "Transfer-Encoding: chunked\r\n\r\n";
	send_all(fd, head, strlen(head));
	while (count--)
		send_all(fd, chunk, 7 + 65536 + 2);
	send_all(fd, "0\r\n\r\n", 5);
}

static void chunks_that_are_too_much(void **state)
{
	struct reply reply;
	int fd = connect_local(*state);
	send_chunks(fd, 17);
	receive(fd, &reply);
	assert_reply(&reply, 413, "too_large");
}

static void chunks_without_end_lose_the_line(void **state)
{
	struct reply reply;
	int fd = connect_local(*state);
	send_chunks(fd, 800);
	receive(fd, &reply);
	assert_non_null(strstr(reply.text, "\r\nConnection: close\r\n"));
	assert_reply(&reply, 413, "too_large");
	expect(*state, "GET", "/api/v1/status", NULL, 200, "");
}

static void the_largest_body(void **state)
{
	static char text[(1 << 20) + 512];
	struct reply reply;
	int head = snprintf(text, sizeof text, PUT JSON "Content-Length: %d\r\n\r\n" LOAD, 1 << 20);
	size_t length = (size_t)head - strlen(LOAD) + (1 << 20);
	memset(text + head, ' ', length - (size_t)head);
	int fd = connect_local(*state);
	send_all(fd, text, length);
	receive(fd, &reply);
	assert_reply(&reply, 200, "");
}

static void forged_log_lines(void **state)
{
	struct fixture *fixture = *state;
	expect(fixture, "GET", "/api/v1/drives/%0a\x1b[2J", NULL, 404, "drive_not_found");
	fixture_stop(fixture);
	assert_non_null(strstr(fixture->log, "GET /api/v1/drives/%0a?[2J status=404"));
}

#define HOSTILE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOSTILE_TEST(chunked_and_length_together),
		HOSTILE_TEST(two_lengths),
		HOSTILE_TEST(an_unknown_transfer_encoding),
		HOSTILE_TEST(a_smuggled_request_is_not_read),
		HOSTILE_TEST(two_hosts),
		HOSTILE_TEST(no_host),
		HOSTILE_TEST(a_broken_length),
		HOSTILE_TEST(a_blank_before_the_colon),
		HOSTILE_TEST(bare_line_feeds_hide_nothing),
		HOSTILE_TEST(headers_that_are_too_long),
		HOSTILE_TEST(headers_beyond_all_memory),
		HOSTILE_TEST(too_many_headers),
		HOSTILE_TEST(another_method_is_405_with_allow),
		HOSTILE_TEST(head_is_get_without_a_body),
		HOSTILE_TEST(unknown_paths),
		HOSTILE_TEST(an_encoded_slash_stays_in_its_segment),
		HOSTILE_TEST(an_encoded_nul_does_not_cut_the_name),
		HOSTILE_TEST(a_name_as_long_as_it_can_be),
		HOSTILE_TEST(parameters_are_known_by_name),
		HOSTILE_TEST(limits_are_numbers_in_range),
		HOSTILE_TEST(bodies_that_are_not_json),
		HOSTILE_TEST(bodies_that_are_wrong_json),
		HOSTILE_TEST(an_unknown_member_is_named),
		HOSTILE_TEST(deep_nesting),
		HOSTILE_TEST(a_body_where_none_belongs),
		HOSTILE_TEST(a_declared_length_that_is_too_much),
		HOSTILE_TEST(who_waits_is_told_to_go_on),
		HOSTILE_TEST(chunks),
		HOSTILE_TEST(chunks_that_are_too_much),
		HOSTILE_TEST(chunks_without_end_lose_the_line),
		HOSTILE_TEST(the_largest_body),
		HOSTILE_TEST(forged_log_lines),
	};
	return cmocka_run_group_tests_name("web/hostile", tests, NULL, NULL);
}
