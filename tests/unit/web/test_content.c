/* SPDX-License-Identifier: Apache-2.0 */
/* The content of discs, whole and in parts. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "byte_range.h"
#include "web_fixture.h"

enum { SIZE = 100000 };

#define PATH "/api/v1/media/netinst/content"
#define TAG  "\"0123abcd\""

/* Like struct reply, but for bytes. */
struct fetched {
	size_t length;
	char *body;
	size_t body_length;
	int status;
	char text[SIZE + 4096];
};

static void fetch(void **state, const char *method, const char *path, const char *headers,
	struct fetched *ret)
{
	char request[1024];
	ssize_t count;
	int fd = connect_local(*state);
	snprintf(request, sizeof request,
		"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", method, path,
		headers);
	send_all(fd, request, strlen(request));
	*ret = (struct fetched){0};
	while ((count = recv(fd, ret->text + ret->length, sizeof ret->text - 1 - ret->length, 0)) >
		0)
		ret->length += (size_t)count;
	close(fd);
	assert_int_equal(sscanf(ret->text, "HTTP/1.1 %d", &ret->status), 1);
	ret->body = strstr(ret->text, "\r\n\r\n") + 4;
	ret->body_length = ret->length - (size_t)(ret->body - ret->text);
}

static void assert_bytes(const struct fetched *fetched, int status, size_t offset, size_t length)
{
	if (fetched->status != status || fetched->body_length != length)
		fail_msg("expected %d with %zu bytes, got %zu: %.600s", status, length,
			fetched->body_length, fetched->text);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)fetched->body[i] != (offset + i) % 251)
			fail_msg("byte %zu is wrong", i);
}

static void all_of_it(void **state)
{
	static struct fetched fetched;
	fetch(state, "GET", PATH, "", &fetched);
	assert_bytes(&fetched, 200, 0, SIZE);
	assert_non_null(strstr(fetched.text, "Content-Type: application/octet-stream\r\n"));
	assert_non_null(strstr(fetched.text, "Accept-Ranges: bytes\r\n"));
	assert_non_null(strstr(fetched.text, "Content-Length: 100000\r\n"));
	assert_non_null(strstr(fetched.text, "Cache-Control: private, no-cache\r\n"));
	assert_non_null(strstr(fetched.text, "ETag: " TAG "\r\n"));
	assert_non_null(strstr(fetched.text,
		"Content-Disposition: attachment; filename=\"debian-12.8.0-amd64-netinst.iso\"; "
		"filename*=UTF-8''debian-12.8.0-amd64-netinst.iso\r\n"));
}

static void its_head(void **state)
{
	static struct fetched fetched;
	fetch(state, "HEAD", PATH, "Range: bytes=5-6\r\n", &fetched);
	assert_bytes(&fetched, 200, 0, 0);
	assert_non_null(strstr(fetched.text, "Content-Length: 100000\r\n"));
}

static void ranges(void **state)
{
	static const struct {
		const char *range;
		int status;
		size_t offset, length;
		const char *content_range;
	} cases[] = {
		{"bytes=0-0", 206, 0, 1, "bytes 0-0/100000"},
		{"bytes=10-19", 206, 10, 10, "bytes 10-19/100000"},
		{"BYTES=99990-", 206, 99990, 10, "bytes 99990-99999/100000"},
		{"bytes=-7", 206, 99993, 7, "bytes 99993-99999/100000"},
		{"bytes=-200000", 206, 0, SIZE, "bytes 0-99999/100000"},
		{"bytes=99999-18446744073709551615", 206, 99999, 1, "bytes 99999-99999/100000"},
		{"bytes=1-99999999999999999999999999", 206, 1, SIZE - 1, "bytes 1-99999/100000"},
		{"bytes=-99999999999999999999999999", 206, 0, SIZE, "bytes 0-99999/100000"},
		/* Several, or none that can be understood. */
		{"bytes=0-1,5-6", 200, 0, SIZE, NULL},
		{"bytes=19-10", 200, 0, SIZE, NULL},
		{"bytes=", 200, 0, SIZE, NULL},
		{"bytes=-", 200, 0, SIZE, NULL},
		{"bytes=a-b", 200, 0, SIZE, NULL},
		{"bytes= 1-2", 200, 0, SIZE, NULL},
		{"bytes=1-2x", 200, 0, SIZE, NULL},
		{"bytes=+1-2", 200, 0, SIZE, NULL},
		{"lines=1-2", 200, 0, SIZE, NULL},
	};
	static struct fetched fetched;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char header[128], wanted[128];
		snprintf(header, sizeof header, "Range: %s\r\n", cases[i].range);
		fetch(state, "GET", PATH, header, &fetched);
		assert_bytes(&fetched, cases[i].status, cases[i].offset, cases[i].length);
		snprintf(wanted, sizeof wanted, "Content-Range: %s\r\n",
			cases[i].content_range ? cases[i].content_range : "");
		assert_int_equal(
			!!strstr(fetched.text, "Content-Range: "), !!cases[i].content_range);
		if (cases[i].content_range)
			assert_non_null(strstr(fetched.text, wanted));
	}
}

static void ranges_beyond_the_end(void **state)
{
	static const char *const beyond[] = {"bytes=100000-", "bytes=100000-100001", "bytes=-0",
		"bytes=18446744073709551615-", "bytes=18446744073709551616-18446744073709551617",
		"bytes=99999999999999999999999999-"};
	static struct fetched fetched;
	for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
		char header[128];
		snprintf(header, sizeof header, "Range: %s\r\n", beyond[i]);
		fetch(state, "GET", PATH, header, &fetched);
		assert_int_equal(fetched.status, 416);
		assert_non_null(strstr(fetched.text, "Content-Range: bytes */100000\r\n"));
		assert_non_null(strstr(fetched.text, "\"code\":\"range_not_satisfiable\""));
	}
}

static void a_range_of_what_it_was(void **state)
{
	static struct fetched fetched;
	fetch(state, "GET", PATH, "Range: bytes=1-2\r\nIf-Range: " TAG "\r\n", &fetched);
	assert_bytes(&fetched, 206, 1, 2);
	fetch(state, "GET", PATH, "Range: bytes=1-2\r\nIf-Range: \"other\"\r\n", &fetched);
	assert_bytes(&fetched, 200, 0, SIZE);
	fetch(state, "GET", PATH, "Range: bytes=1-2\r\nIf-Range: W/" TAG "\r\n", &fetched);
	assert_bytes(&fetched, 200, 0, SIZE);
	fetch(state, "GET", PATH, "Range: bytes=1-2\r\nIf-Range: Thu, 26 Nov 2026 00:00:00 GMT\r\n",
		&fetched);
	assert_bytes(&fetched, 200, 0, SIZE);
}

static void conditions(void **state)
{
	static struct fetched fetched;
	fetch(state, "GET", PATH, "If-None-Match: \"x\", W/" TAG "\r\n", &fetched);
	assert_bytes(&fetched, 304, 0, 0);
	assert_non_null(strstr(fetched.text, "ETag: " TAG "\r\n"));
	fetch(state, "GET", PATH, "If-None-Match: \"x\"\r\n", &fetched);
	assert_bytes(&fetched, 200, 0, SIZE);
	fetch(state, "GET", PATH, "If-Match: " TAG "\r\n", &fetched);
	assert_bytes(&fetched, 200, 0, SIZE);
	fetch(state, "GET", PATH, "If-Match: \"x\"\r\n", &fetched);
	assert_int_equal(fetched.status, 412);
	fetch(state, "GET", PATH, "If-Match: W/" TAG "\r\n", &fetched);
	assert_int_equal(fetched.status, 412);
}

/* "odd": its name is not UTF-8, and has control characters. */
static void a_name_that_cannot_be_a_header(void **state)
{
	static struct fetched fetched;
	fetch(state, "HEAD", "/api/v1/media/odd/content", "", &fetched);
	assert_int_equal(fetched.status, 200);
	char *disposition = strstr(fetched.text, "Content-Disposition: attachment; filename=\"");
	assert_non_null(disposition);
	for (; *disposition != '\r'; disposition++)
		assert_in_range((unsigned char)*disposition, ' ', '~');
}

static void what_is_refused(void **state)
{
	expect(*state, "GET", "/api/v1/media/win11/content", NULL, 409, "file_changed");
	expect(*state, "GET", "/api/v1/media/nothing/content", NULL, 404, "medium_not_found");
	expect(*state, "PUT", PATH, NULL, 405, "method_not_allowed");
}

static void a_client_that_leaves_in_the_middle(void **state)
{
	static const char get[] = "GET " PATH " HTTP/1.1\r\nHost: localhost\r\n\r\n";
	static struct fetched fetched;
	char some[100];
	for (unsigned i = 0; i < 20; i++) {
		int fd = connect_local(*state);
		send_all(fd, get, strlen(get));
		assert_true(recv(fd, some, sizeof some, 0) > 0);
		close(fd);
	}
	fetch(state, "GET", PATH, "", &fetched);
	assert_bytes(&fetched, 200, 0, SIZE);
}

#define CONTENT_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTENT_TEST(all_of_it),
		CONTENT_TEST(its_head),
		CONTENT_TEST(ranges),
		CONTENT_TEST(ranges_beyond_the_end),
		CONTENT_TEST(a_range_of_what_it_was),
		CONTENT_TEST(conditions),
		CONTENT_TEST(a_name_that_cannot_be_a_header),
		CONTENT_TEST(what_is_refused),
		CONTENT_TEST(a_client_that_leaves_in_the_middle),
	};
	return cmocka_run_group_tests_name("web/content", tests, NULL, NULL);
}
