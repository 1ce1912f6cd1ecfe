/* SPDX-License-Identifier: Apache-2.0 */
/* tus 1.0.0 as clients speak it, and as they should not. */
#include "support.h"

#include <stdio.h>
#include <unistd.h>

#include "base64.h"
#include "web_fixture.h"

#define TUS      "Host: localhost\r\nConnection: close\r\nTus-Resumable: 1.0.0\r\n"
#define PIECE    TUS "Content-Type: application/offset+octet-stream\r\n"
#define CREATION "POST /api/v1/uploads HTTP/1.1\r\n"
#define PATCH    "PATCH /api/v1/uploads/u1 HTTP/1.1\r\n"

static void send_text(const struct fixture *fixture, const char *text, int status, const char *code)
{
	struct reply reply;
	raw(fixture, text, &reply);
	assert_reply(&reply, status, code);
}

static void assert_header(const struct reply *reply, const char *line)
{
	char ended[256];
	snprintf(ended, sizeof ended, "\r\n%s\r\n", line);
	if (!strstr(reply->text, ended))
		fail_msg("there is no \"%s\" in: %s", line, reply->text);
}

static void begin(const struct fixture *fixture, unsigned length)
{
	char text[256];
	snprintf(text, sizeof text, CREATION TUS "Upload-Length: %u\r\n\r\n", length);
	send_text(fixture, text, 201, "");
}

static void what_there_is_is_said(void **state)
{
	struct reply reply;
	raw(*state, "OPTIONS /api/v1/uploads HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		&reply);
	assert_int_equal(reply.status, 204);
	assert_header(&reply, "Tus-Version: 1.0.0");
	assert_header(&reply, "Tus-Max-Size: 1073741824");
	assert_header(&reply, "Tus-Checksum-Algorithm: sha256,sha1");
	assert_non_null(strstr(reply.text, "creation,creation-with-upload"));
	reply_finish(&reply);
}

static void an_upload_is_made_and_sent(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	raw(fixture, CREATION TUS "Upload-Length: 10\r\nUpload-Metadata: filename eA==\r\n\r\n",
		&reply);
	assert_int_equal(reply.status, 201);
	assert_header(&reply, "Location: /api/v1/uploads/u1");
	assert_header(&reply, "Upload-Offset: 0");
	reply_finish(&reply);
	raw(fixture, PATCH PIECE "Upload-Offset: 0\r\nContent-Length: 4\r\n\r\nabcd", &reply);
	assert_int_equal(reply.status, 204);
	assert_header(&reply, "Upload-Offset: 4");
	assert_header(&reply, "Upload-Expires: Fri, 02 Jan 2026 00:00:00 GMT");
	reply_finish(&reply);
	raw(fixture, "HEAD /api/v1/uploads/u1 HTTP/1.1\r\n" TUS "\r\n", &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "");
	assert_header(&reply, "Upload-Offset: 4");
	assert_header(&reply, "Upload-Length: 10");
	assert_header(&reply, "Upload-Metadata: filename eA==");
	assert_header(&reply, "Cache-Control: no-store");
	reply_finish(&reply);
	raw(fixture,
		PATCH PIECE "Upload-Offset: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
			    "6\r\nefghij\r\n0\r\n\r\n",
		&reply);
	assert_header(&reply, "Upload-Offset: 10");
	reply_finish(&reply);
}

static void the_first_piece_may_come_at_once(void **state)
{
	struct reply reply;
	raw(*state, CREATION PIECE "Upload-Length: 10\r\nContent-Length: 4\r\n\r\nabcd", &reply);
	assert_int_equal(reply.status, 201);
	assert_header(&reply, "Location: /api/v1/uploads/u1");
	assert_header(&reply, "Upload-Offset: 4");
	reply_finish(&reply);
}

static void the_length_may_come_later(void **state)
{
	struct reply reply;
	raw(*state, CREATION TUS "Upload-Defer-Length: 1\r\n\r\n", &reply);
	assert_header(&reply, "Upload-Defer-Length: 1");
	assert_null(strstr(reply.text, "Upload-Length"));
	reply_finish(&reply);
	send_text(*state, CREATION TUS "Upload-Defer-Length: 2\r\n\r\n", 400, "invalid_request");
	send_text(*state, CREATION TUS "Upload-Defer-Length: 1\r\nUpload-Length: 1\r\n\r\n", 400,
		"invalid_request");
}

static void it_is_listed_and_removed(void **state)
{
	struct reply reply;
	begin(*state, 10);
	ask(*state, "GET", "/api/v1/uploads", NULL, &reply);
	json_t *item = json_array_get(json_object_get(reply.json, "items"), 0);
	assert_string_equal(text_of(item, "id"), "u1");
	assert_int_equal(json_integer_value(json_object_get(item, "length")), 10);
	reply_finish(&reply);
	send_text(*state, "DELETE /api/v1/uploads/u1 HTTP/1.1\r\n" TUS "\r\n", 204, "");
	send_text(*state, "DELETE /api/v1/uploads/u1 HTTP/1.1\r\n" TUS "\r\n", 404,
		"upload_not_found");
	expect(*state, "GET", "/api/v1/uploads/u1", NULL, 404, "upload_not_found");
}

#define OVER " /api/v1/uploads/over HTTP/1.1\r\n"

/* The answer to the last piece was lost. */
static void one_that_is_over_names_its_job(void **state)
{
	static const char *const requests[] = {"GET" OVER TUS "\r\n", "DELETE" OVER TUS "\r\n",
		"PATCH" OVER PIECE "Upload-Offset: 0\r\nContent-Length: 4\r\n\r\nabcd"};
	struct reply reply;
	for (size_t i = 0; i < 3; i++) {
		raw(*state, requests[i], &reply);
		assert_header(&reply, "Link: </api/v1/jobs/4>; rel=\"related\"");
		assert_int_equal(json_integer_value(json_object_get(reply.json, "job")), 4);
		assert_reply(&reply, 410, "upload_ended");
	}
	raw(*state, "HEAD" OVER TUS "\r\n", &reply);
	assert_int_equal(reply.status, 410);
	assert_header(&reply, "Link: </api/v1/jobs/4>; rel=\"related\"");
	reply_finish(&reply);
}

/* ---- what is wrong ------------------------------------------------------------------------------
 */

static void nothing_is_begun_with_a_wrong_first_piece(void **state)
{
	struct reply reply;
	send_text(*state, CREATION PIECE "Upload-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 413,
		"too_large");
	send_text(*state,
		CREATION PIECE "Upload-Length: 4\r\nContent-Length: 4\r\n"
			       "Upload-Checksum: md5 x\r\n\r\nabcd",
		400, "invalid_request");
	send_text(*state,
		CREATION PIECE "Upload-Length: 9000000\r\nContent-Length: 8999999\r\n"
			       "Upload-Checksum: sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\nabcd",
		413, "too_large");
	ask(*state, "GET", "/api/v1/uploads", NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 0);
	reply_finish(&reply);
}

static void other_versions_are_refused(void **state)
{
	struct reply reply;
	raw(*state,
		CREATION "Host: x\r\nConnection: close\r\nTus-Resumable: 0.2.2\r\n"
			 "Upload-Length: 1\r\n\r\n",
		&reply);
	assert_header(&reply, "Tus-Version: 1.0.0");
	assert_reply(&reply, 412, "upload_version");
	expect(*state, "POST", "/api/v1/uploads", NULL, 412, "upload_version");
	begin(*state, 1);
	expect(*state, "DELETE", "/api/v1/uploads/u1", NULL, 412, "upload_version");
}

static void numbers_are_numbers(void **state)
{
	static const char *const lengths[] = {
		"-1", "1e3", "", " ", "+1", "0x10", "99999999999999999999", "18446744073709551617"};
	char text[256];
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		snprintf(text, sizeof text, CREATION TUS "Upload-Length: %s\r\n\r\n", lengths[i]);
		send_text(*state, text, 400, "invalid_request");
	}
	send_text(*state, CREATION TUS "Upload-Length: 1\r\nUpload-Length: 2\r\n\r\n", 400,
		"invalid_request");
	send_text(*state, CREATION TUS "\r\n", 400, "invalid_request");
	send_text(*state, CREATION TUS "Upload-Length: 0\r\n\r\n", 422, "image_empty");
	send_text(*state, CREATION TUS "Upload-Length: 1073741825\r\n\r\n", 413, "too_large");
}

static void a_wrong_offset_says_the_right_one(void **state)
{
	struct reply reply;
	begin(*state, 10);
	raw(*state, PATCH PIECE "Upload-Offset: 3\r\nContent-Length: 1\r\n\r\na", &reply);
	assert_header(&reply, "Upload-Offset: 0");
	assert_reply(&reply, 409, "upload_offset");
	send_text(*state, PATCH PIECE "Content-Length: 1\r\n\r\na", 400, "invalid_request");
	send_text(*state, PATCH TUS "Upload-Offset: 0\r\nContent-Length: 1\r\n\r\na", 415,
		"unsupported_media_type");
	send_text(*state, PATCH PIECE "Upload-Offset: 0\r\nContent-Length: 11\r\n\r\n", 413,
		"too_large");
}

/* Before the body is sent: a client that waits for "100 Continue" never sends it. */
static void who_waits_is_refused_at_once(void **state)
{
	struct reply reply;
	raw(*state,
		"PATCH /api/v1/uploads/none HTTP/1.1\r\n" PIECE "Upload-Offset: 0\r\n"
		"Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n",
		&reply);
	assert_null(strstr(reply.text, "100 Continue"));
	assert_reply(&reply, 404, "upload_not_found");
}

static void checksums_are_read(void **state)
{
	struct reply reply;
	begin(*state, 10);
	raw(*state,
		PATCH PIECE "Upload-Offset: 0\r\nContent-Length: 1\r\n"
			    "Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=\r\n\r\na",
		&reply);
	assert_non_null(strstr(reply.body, "Checksum Mismatch"));
	assert_reply(&reply, 460, "upload_checksum");
	static const char *const wrong[] = {"md5 AAAA", "sha1 AAAA", "sha256", "sha1 ====", ""};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char text[512];
		snprintf(text, sizeof text,
			PATCH PIECE "Upload-Offset: 0\r\nContent-Length: 1\r\n"
				    "Upload-Checksum: %s\r\n\r\na",
			wrong[i]);
		send_text(*state, text, 400, "invalid_request");
	}
}

static void wait_receiving(const struct fixture *fixture)
{
	bool receiving = false;
	for (unsigned i = 0; i < 60000 && !receiving; i++) {
		struct reply reply;
		usleep(1000);
		ask(fixture, "GET", "/api/v1/uploads/u1", NULL, &reply);
		receiving = json_is_true(json_object_get(reply.json, "receiving"));
		reply_finish(&reply);
	}
	assert_true(receiving);
}

static void one_piece_at_a_time(void **state)
{
	static const char head[] = PATCH PIECE "Upload-Offset: 0\r\nContent-Length: 10\r\n\r\nab";
	struct fixture *fixture = *state;
	struct reply reply;
	begin(fixture, 10);
	int first = connect_local(fixture);
	send_all(first, head, strlen(head));
	wait_receiving(fixture);
	send_text(fixture, PATCH PIECE "Upload-Offset: 0\r\nContent-Length: 1\r\n\r\na", 409,
		"under_way");
	send_all(first, "cdefghij", 8);
	receive(first, &reply);
	assert_int_equal(reply.status, 204);
	reply_finish(&reply);
}

static void a_client_that_goes_leaves_what_it_sent(void **state)
{
	static const char head[] = PATCH PIECE "Upload-Offset: 0\r\nContent-Length: 10\r\n\r\nabc";
	struct fixture *fixture = *state;
	struct reply reply;
	long long offset = 0;
	begin(fixture, 10);
	int first = connect_local(fixture);
	send_all(first, head, strlen(head));
	wait_receiving(fixture);
	close(first);
	for (unsigned i = 0; i < 60000 && offset == 0; i++) {
		usleep(1000);
		ask(fixture, "GET", "/api/v1/uploads/u1", NULL, &reply);
		offset = json_integer_value(json_object_get(reply.json, "offset"));
		reply_finish(&reply);
	}
	assert_int_equal(offset, 3);
}

/* So many MiB after the ten bytes that were promised; the client looks at nothing meanwhile. */
static int send_far_too_much(const struct fixture *fixture, unsigned megabytes)
{
	static char chunk[(1 << 20) + 16] = "100000\r\n";
	static const char head[] =
		PATCH "Host: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
		      "Content-Type: application/offset+octet-stream\r\n"
		      "Transfer-Encoding: chunked\r\n\r\n";
	memset(chunk + 8, 'x', 1 << 20);
	memcpy(chunk + 8 + (1 << 20), "\r\n", 2);
	begin(fixture, 10);
	int fd = connect_local(fixture);
	send_all(fd, head, strlen(head));
	while (megabytes--)
		send_all(fd, chunk, 8 + (1 << 20) + 2);
	send_all(fd, "0\r\n\r\n", 5);
	return fd;
}

static void what_fails_in_the_middle_of_a_long_piece_is_said(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	receive(send_far_too_much(fixture, 40), &reply);
	assert_header(&reply, "Content-Type: application/problem+json");
	assert_header(&reply, "Connection: close");
	assert_header(&reply, "Upload-Offset: 0");
	assert_reply(&reply, 413, "too_large");
	fixture_await_log(fixture, "status=413 ");
	assert_true(fixture_logged(fixture, "before all of it had come"));
}

static void when_little_is_left_the_connection_stays(void **state)
{
	static const char another[] =
		"GET /api/v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct fixture *fixture = *state;
	struct reply reply;
	int fd = send_far_too_much(fixture, 3);
	send_all(fd, another, strlen(another));
	receive(fd, &reply);
	assert_non_null(strstr(reply.text, "HTTP/1.1 200 OK"));
	assert_int_equal(reply.status, 413);
	reply_finish(&reply);
}

static void metadata_are_not_endless(void **state)
{
	static char text[8192];
	int length = snprintf(
		text, sizeof text, CREATION TUS "Upload-Length: 1\r\nUpload-Metadata: filename ");
	memset(text + length, 'Q', 5000);
	strcpy(text + length + 5000, "\r\n\r\n");
	send_text(*state, text, 400, "invalid_request");
}

static void base64_is_strict(void **state)
{
	uint8_t bytes[8];
	assert_int_equal(base64_decode("", bytes, sizeof bytes), 0);
	assert_int_equal(base64_decode("YWJj", bytes, sizeof bytes), 3);
	assert_memory_equal(bytes, "abc", 3);
	assert_int_equal(base64_decode("YWI=", bytes, sizeof bytes), 2);
	assert_int_equal(base64_decode("YQ==", bytes, sizeof bytes), 1);
	assert_int_equal(base64_decode("YWJjZA==", bytes, 3), 0);
	static const char *const wrong[] = {"YWJ", "Y===", "====", "YQ==YWJj", "YW J", "Y=Jj"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(base64_decode(wrong[i], bytes, sizeof bytes), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_there_is_is_said),
		TEST(an_upload_is_made_and_sent),
		TEST(the_first_piece_may_come_at_once),
		TEST(nothing_is_begun_with_a_wrong_first_piece),
		TEST(the_length_may_come_later),
		TEST(it_is_listed_and_removed),
		TEST(one_that_is_over_names_its_job),
		TEST(other_versions_are_refused),
		TEST(numbers_are_numbers),
		TEST(a_wrong_offset_says_the_right_one),
		TEST(who_waits_is_refused_at_once),
		TEST(checksums_are_read),
		TEST(one_piece_at_a_time),
		TEST(a_client_that_goes_leaves_what_it_sent),
		TEST(what_fails_in_the_middle_of_a_long_piece_is_said),
		TEST(when_little_is_left_the_connection_stays),
		TEST(metadata_are_not_endless),
		cmocka_unit_test(base64_is_strict),
	};
	return cmocka_run_group_tests_name("web/uploads", tests, NULL, NULL);
}
