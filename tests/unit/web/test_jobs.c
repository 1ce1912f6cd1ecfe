/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs, and what is said of media, over the API. */
#include "support.h"

#include <stdio.h>

#include "web_fixture.h"

static long long number_of(json_t *object, const char *name)
{
	assert_true(json_is_integer(json_object_get(object, name)));
	return json_integer_value(json_object_get(object, name));
}

static bool is_null(json_t *object, const char *name)
{
	assert_non_null(json_object_get(object, name));
	return json_is_null(json_object_get(object, name));
}

static void an_import_is_a_job(void **state)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/imports", "{\"path\":\"/srv/x.iso\",\"copy\":true}", &reply);
	assert_int_equal(number_of(reply.json, "id"), 1);
	assert_string_equal(text_of(reply.json, "kind"), "import");
	assert_string_equal(text_of(reply.json, "state"), "queued");
	assert_true(is_null(reply.json, "result") && is_null(reply.json, "error"));
	assert_true(is_null(reply.json, "started") && is_null(reply.json, "total"));
	json_t *parameters = json_object_get(reply.json, "parameters");
	assert_string_equal(text_of(parameters, "path"), "/srv/x.iso");
	assert_true(json_is_true(json_object_get(parameters, "copy")));
	assert_non_null(strstr(reply.text, "Location: /api/v1/jobs/1\r\n"));
	assert_reply(&reply, 202, "");
	expect(*state, "GET", "/api/v1/jobs/1", NULL, 200, "");
}

static void an_import_that_cannot_be_is_refused(void **state)
{
	expect(*state, "POST", "/api/v1/imports", "{}", 400, "invalid_request");
	expect(*state, "POST", "/api/v1/imports", "{\"path\":\"x.iso\"}", 400, "invalid_request");
	expect(*state, "POST", "/api/v1/imports", "{\"path\":\"/x\",\"url\":\"http://x\"}", 400,
		"invalid_request");
	expect(*state, "POST", "/api/v1/verifications", "{\"older_than\":-1}", 400,
		"invalid_request");
}

static void jobs_are_listed_page_by_page(void **state)
{
	struct reply reply;
	for (unsigned i = 0; i < 3; i++)
		expect(*state, "POST", "/api/v1/scans", "{}", 202, "");
	ask(*state, "GET", "/api/v1/jobs?limit=2", NULL, &reply);
	json_t *items = json_object_get(reply.json, "items");
	assert_int_equal(json_array_size(items), 2);
	assert_int_equal(number_of(json_array_get(items, 0), "id"), 3);
	assert_int_equal(number_of(reply.json, "next"), 2);
	assert_non_null(strstr(reply.text, "</api/v1/jobs?before=2&limit=2>; rel=\"next\""));
	assert_reply(&reply, 200, "");
	ask(*state, "GET", "/api/v1/jobs?before=2&limit=2", NULL, &reply);
	assert_true(is_null(reply.json, "next"));
	assert_reply(&reply, 200, "");
	expect(*state, "GET", "/api/v1/jobs?state=dead", NULL, 400, "invalid_request");
}

static void a_job_is_cancelled_once(void **state)
{
	struct reply reply;
	expect(*state, "POST", "/api/v1/verifications", "{\"medium\":\"netinst\"}", 202, "");
	ask(*state, "DELETE", "/api/v1/jobs/1", NULL, &reply);
	assert_string_equal(text_of(reply.json, "state"), "cancelled");
	assert_reply(&reply, 202, "");
	expect(*state, "DELETE", "/api/v1/jobs/1", NULL, 409, "job_ended");
}

static void what_is_no_number_is_no_job(void **state)
{
	expect(*state, "GET", "/api/v1/jobs/7", NULL, 404, "job_not_found");
	expect(*state, "GET", "/api/v1/jobs/0", NULL, 404, "job_not_found");
	expect(*state, "GET", "/api/v1/jobs/01x", NULL, 404, "job_not_found");
	expect(*state, "GET", "/api/v1/jobs/99999999999999999999", NULL, 404, "job_not_found");
	expect(*state, "DELETE", "/api/v1/jobs/-1", NULL, 404, "job_not_found");
}

/* ---- media -------------------------------------------------------------------------------------
 */

static void tags_are_a_list(void **state)
{
	struct reply reply;
	ask(*state, "PATCH", "/api/v1/media/netinst",
		"{\"tags\":[\"golden\",\"x\"],\"notes\":\"n\"}", &reply);
	json_t *tags = json_object_get(reply.json, "tags");
	assert_int_equal(json_array_size(tags), 2);
	assert_string_equal(json_string_value(json_array_get(tags, 0)), "golden");
	assert_string_equal(text_of(reply.json, "notes"), "n");
	assert_reply(&reply, 200, "");
	ask(*state, "PATCH", "/api/v1/media/netinst", "{\"notes\":\"\"}", &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "tags")), 2);
	assert_reply(&reply, 200, "");
	ask(*state, "PATCH", "/api/v1/media/netinst", "{\"tags\":[]}", &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "tags")), 0);
	assert_reply(&reply, 200, "");
	expect(*state, "PATCH", "/api/v1/media/netinst", "{\"tags\":[\"a b\"]}", 400,
		"invalid_request");
	expect(*state, "PATCH", "/api/v1/media/nothing", "{\"notes\":\"\"}", 404,
		"medium_not_found");
}

static void if_it(const struct fixture *fixture, const char *header, int status, const char *code)
{
	char text[512];
	struct reply reply;
	snprintf(text, sizeof text,
		"PATCH /api/v1/media/netinst HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n"
		"Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"notes\":\"n\"}",
		header);
	raw(fixture, text, &reply);
	assert_reply(&reply, status, code);
}

static void only_what_was_seen_is_changed(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/media/netinst", NULL, &reply);
	assert_non_null(strstr(reply.text, "ETag: \"1\"\r\n"));
	assert_reply(&reply, 200, "");
	if_it(*state, "If-Match: \"1\"", 200, "");
	if_it(*state, "If-Match: \"1\"", 412, "changed_meanwhile");
	if_it(*state, "If-Match: *", 200, "");
	if_it(*state, "If-Match: nonsense", 412, "changed_meanwhile");
	if_it(*state, "If-Match: \"1\", \"2\"", 412, "changed_meanwhile");
	if_it(*state, "If-Match: \"1\", \"3\"", 200, "");
}

static void only_what_was_seen_is_forgotten(void **state)
{
	static const char request[] = "DELETE /api/v1/media/netinst HTTP/1.1\r\nHost: x\r\n"
				      "Connection: close\r\nIf-Match: %s\r\n\r\n";
	static const struct {
		const char *tag;
		int status;
		const char *code;
	} tries[] = {{"\"2\"", 412, "changed_meanwhile"}, {"W/\"1\"", 412, "changed_meanwhile"},
		{"\"1\"", 204, ""}, {"*", 404, "medium_not_found"}};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		char text[256];
		struct reply reply;
		snprintf(text, sizeof text, request, tries[i].tag);
		raw(*state, text, &reply);
		assert_reply(&reply, tries[i].status, tries[i].code);
	}
}

static void what_is_known_is_not_sent_again(void **state)
{
	struct reply reply;
	raw(*state,
		"GET /api/v1/media/netinst HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		"If-None-Match: \"1\"\r\n\r\n",
		&reply);
	assert_reply(&reply, 304, "");
	raw(*state,
		"GET /api/v1/media/netinst HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		"If-None-Match: \"2\"\r\n\r\n",
		&reply);
	assert_reply(&reply, 200, "");
}

static void details_are_an_object_or_null(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/media/debian-12/details", NULL, &reply);
	assert_non_null(json_object_get(json_object_get(reply.json, "details"), "boot"));
	assert_reply(&reply, 200, "");
	ask(*state, "GET", "/api/v1/media/netinst/details", NULL, &reply);
	assert_true(is_null(reply.json, "details"));
	assert_reply(&reply, 200, "");
	expect(*state, "GET", "/api/v1/media/nothing/details", NULL, 404, "medium_not_found");
}

static void tags_are_listed(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/tags", NULL, &reply);
	json_t *first = json_array_get(json_object_get(reply.json, "items"), 0);
	assert_string_equal(text_of(first, "tag"), "golden");
	assert_int_equal(number_of(first, "media"), 2);
	assert_reply(&reply, 200, "");
}

static void the_audit_log_says_what_came_of_it(void **state)
{
	struct reply reply;
	expect(*state, "PUT", "/api/v1/drives/dvd1/medium", "{\"medium\":\"netinst\"}", 200, "");
	ask(*state, "GET", "/api/v1/audit?limit=1", NULL, &reply);
	json_t *entry = json_array_get(json_object_get(reply.json, "items"), 0);
	assert_string_equal(text_of(entry, "outcome"), "ok");
	assert_true(is_null(entry, "subject") && is_null(entry, "detail"));
	assert_true(text_of(entry, "actor")[0]);
	assert_reply(&reply, 200, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_import_is_a_job),
		TEST(an_import_that_cannot_be_is_refused),
		TEST(jobs_are_listed_page_by_page),
		TEST(a_job_is_cancelled_once),
		TEST(what_is_no_number_is_no_job),
		TEST(tags_are_a_list),
		TEST(only_what_was_seen_is_changed),
		TEST(only_what_was_seen_is_forgotten),
		TEST(what_is_known_is_not_sent_again),
		TEST(details_are_an_object_or_null),
		TEST(tags_are_listed),
		TEST(the_audit_log_says_what_came_of_it),
	};
	return cmocka_run_group_tests_name("web/jobs", tests, NULL, NULL);
}
