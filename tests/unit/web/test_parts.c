/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes, UTF-8, body tables and the route table, without a server. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>

#include "answer.h"
#include "body_fields.h"
#include "byte_range.h"
#include "daemon/library.h"
#include "download.h"
#include "percent.h"
#include "prefer.h"
#include "readers.h"
#include "router.h"
#include "utf8.h"

static void good_utf8(void **state)
{
	assert_true(utf8_valid(""));
	assert_true(utf8_valid("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x92\xbf \xf4\x8f\xbf\xbf"));
}

static void bad_utf8(void **state)
{
	static const char *const bad[] = {"\x80", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
		"\xe2\x82", "\xe2\x28\xa1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(utf8_valid(bad[i]));
}

static void repaired_utf8_is_valid_and_keeps_the_rest(void **state)
{
	char *repaired = utf8_repair("a\xff\xe2\x82z\xc3\xa9");
	assert_string_equal(repaired, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xc3\xa9");
	assert_true(utf8_valid(repaired));
	free(repaired);
}

static void escapes_are_decoded(void **state)
{
	char text[8];
	assert_true(percent_decode("a%2Fb%c3%A9c", 12, text, sizeof text));
	assert_string_equal(text, "a/b\xc3\xa9"
				  "c");
}

static void broken_escapes_change_nothing(void **state)
{
	static const char *const bad[] = {"%", "%4", "%zz", "a%00b", "%c3", "%-1", "12345678"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[8] = "before";
		assert_false(percent_decode(bad[i], strlen(bad[i]), text, sizeof text));
		assert_string_equal(text, "before");
	}
}

static void everything_but_the_unreserved_is_escaped(void **state)
{
	char text[32];
	percent_encode("a-Z_9.~/ \xc3\xa9", text, sizeof text);
	assert_string_equal(text, "a-Z_9.~%2F%20%C3%A9");
}

static void an_encoding_that_does_not_fit_ends_between_escapes(void **state)
{
	char text[6];
	percent_encode("///", text, sizeof text);
	assert_string_equal(text, "%2F");
}

static bool decode(const char *text, struct library_load *ret, struct error *error)
{
	*ret = (struct library_load){0};
	json_t *body = json_body_parse(text, strlen(text), error);
	bool ok = body && json_body_read(body, load_fields, ret, error);
	json_decref(body);
	return ok;
}

static void a_body_fills_its_structure(void **state)
{
	struct library_load load;
	struct error error;
	assert_true(decode("{\"medium\":\"m\",\"force\":true,\"replace\":false}", &load, &error));
	assert_string_equal(load.medium, "m");
	assert_true(load.force);
	assert_false(load.replace);
}

static void text_of_63_bytes_fits_and_of_64_does_not(void **state)
{
	struct library_load load;
	struct error error;
	char name[65] = "", body[128];
	memset(name, 'n', 63);
	snprintf(body, sizeof body, "{\"medium\":\"%s\"}", name);
	assert_true(decode(body, &load, &error));
	name[63] = 'n';
	snprintf(body, sizeof body, "{\"medium\":\"%s\"}", name);
	assert_false(decode(body, &load, &error));
	assert_string_equal(
		error.sentence, "member \"medium\" of the body has 64 bytes, the limit is 63");
}

static void a_drive_in_the_body_is_not_the_one_in_the_path(void **state)
{
	struct library_load load;
	struct error error;
	assert_false(decode("{\"medium\":\"m\",\"drive\":\"dvd1\"}", &load, &error));
}

static void every_route_can_be_found(void **state)
{
	char id[LIBRARY_ID_MAX], allow[64];
	struct error error;
	for (size_t i = 0; i < routes_count; i++)
		assert_ptr_equal(&routes[i], router_find(routes[i].method, routes[i].pattern, id,
						     allow, sizeof allow, &error));
}

static void every_route_says_what_it_does(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		assert_non_null(routes[i].handle);
		assert_true(strlen(routes[i].summary) > 3);
	}
}

static void only_health_is_public(void **state)
{
	for (size_t i = 0; i < routes_count; i++)
		assert_int_equal(routes[i].scope == SCOPE_PUBLIC,
			!strncmp(routes[i].pattern, "/healthz", 8) ||
				!strncmp(routes[i].pattern, "/readyz", 7));
}

/* A request keeps its parameters in an array of fixed size, each of them once. */
static void no_route_takes_more_parameters_than_fit(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		unsigned count = 0;
		for (const char *const *name = routes[i].query; name && *name; name++, count++)
			assert_true(strlen(*name) < QUERY_NAME_MAX);
		assert_in_range(count, 0, QUERY_ITEMS_MAX);
	}
}

static void an_id_is_decoded(void **state)
{
	char id[LIBRARY_ID_MAX], allow[64];
	struct error error;
	assert_non_null(router_find("GET", "/api/v1/media/a%20b", id, allow, sizeof allow, &error));
	assert_string_equal(id, "a b");
}

/* ---- answers ---------------------------------------------------------------------------------
 */

static void count_finish(void *context)
{
	++*(unsigned *)context;
}

static void an_answer_that_is_not_sent_lets_go_of_its_stream(void **state)
{
	unsigned finished = 0;
	struct answer answer = {0};
	answer_stream(&answer, 200, "text/event-stream",
		&(struct answer_stream){.finish = count_finish, .context = &finished});
	assert_int_equal(answer.status, 200);
	answer_finish(&answer);
	assert_int_equal(finished, 1);
	answer_finish(&answer);
	assert_int_equal(finished, 1);
}

static void an_answer_that_is_not_sent_closes_its_file(void **state)
{
	struct error error;
	struct readers *readers = readers_create(&file_io_posix, &error);
	struct request request = {.readers = readers};
	struct answer answer = {0};
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	answer_download(&request, &answer, 206, "application/octet-stream",
		&(struct download){.fd = fd, .offset = 1, .length = 2});
	assert_int_equal(answer.status, 206);
	answer_finish(&answer);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	readers_close(readers);
	readers_destroy(readers);
}

static void a_text_that_could_not_be_made_is_a_problem(void **state)
{
	struct answer answer = {0};
	answer_text(&answer, 200, "text/plain", NULL);
	assert_int_equal(answer.status, 500);
	assert_true(answer.problem);
	answer_finish(&answer);
}

static void headers_are_formatted_and_bounded(void **state)
{
	struct answer answer = {0};
	for (unsigned i = 0; i < ANSWER_HEADERS_MAX + 3; i++)
		answer_header(&answer, "Retry-After", "%u", i);
	assert_int_equal(answer.header_count, ANSWER_HEADERS_MAX);
	assert_string_equal(answer.headers[7].value, "7");
	answer_finish(&answer);
}

static void preferences_are_read_or_ignored(void **state)
{
	static const struct {
		const char *prefer;
		unsigned seconds;
	} cases[] = {{NULL, 0}, {"", 0}, {"wait=5", 5}, {"Wait = 7", 7}, {"wait=\"9\"", 9},
		{"respond-async, wait=3", 3}, {"wait=3, wait=4", 3}, {"respond-async", 0},
		{"handling=lenient; wait=2", 0}, {"wait=2; x=y", 2}, {"wait", 0}, {"wait=", 0},
		{"wait=-1", 0}, {"wait=x", 0}, {"waiting=4", 0}, {"wait=61", 60},
		{"wait=99999999999999999999999", 60}, {",,, ,wait=1", 1}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(prefer_wait(cases[i].prefer), cases[i].seconds);
}

/* RFC 9110 8.8.3.2, 13.1.1, 13.1.2. */
static void lists_of_entity_tags(void **state)
{
	static const char *const in_both[] = {"*", "\"7\"", "\"x\", \"7\"", "\"x\",\"7\",W/\"y\"",
		"W/\"7\", \"7\"", ", \"7\" ,", "\"a, b\", \"7\""};
	static const char *const in_none[] = {"", "7", "\"77\"", "\"x\"", "\"x \"7", "w/\"7\"",
		"\"7", "x\"7\"", "\"W/\", \"\"", "\"x\", *"};
	for (size_t i = 0; i < sizeof in_both / sizeof *in_both; i++) {
		assert_true(etag_listed(in_both[i], "\"7\"", false));
		assert_true(etag_listed(in_both[i], "\"7\"", true));
	}
	for (size_t i = 0; i < sizeof in_none / sizeof *in_none; i++)
		assert_false(etag_listed(in_none[i], "\"7\"", true));
	assert_true(etag_listed("\"x\", W/\"7\"", "\"7\"", true));
	assert_false(etag_listed("\"x\", W/\"7\"", "\"7\"", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_entity_tags),
		cmocka_unit_test(good_utf8),
		cmocka_unit_test(bad_utf8),
		cmocka_unit_test(repaired_utf8_is_valid_and_keeps_the_rest),
		cmocka_unit_test(escapes_are_decoded),
		cmocka_unit_test(broken_escapes_change_nothing),
		cmocka_unit_test(everything_but_the_unreserved_is_escaped),
		cmocka_unit_test(an_encoding_that_does_not_fit_ends_between_escapes),
		cmocka_unit_test(a_body_fills_its_structure),
		cmocka_unit_test(text_of_63_bytes_fits_and_of_64_does_not),
		cmocka_unit_test(a_drive_in_the_body_is_not_the_one_in_the_path),
		cmocka_unit_test(every_route_can_be_found),
		cmocka_unit_test(every_route_says_what_it_does),
		cmocka_unit_test(only_health_is_public),
		cmocka_unit_test(no_route_takes_more_parameters_than_fit),
		cmocka_unit_test(preferences_are_read_or_ignored),
		cmocka_unit_test(an_id_is_decoded),
		cmocka_unit_test(an_answer_that_is_not_sent_lets_go_of_its_stream),
		cmocka_unit_test(an_answer_that_is_not_sent_closes_its_file),
		cmocka_unit_test(a_text_that_could_not_be_made_is_a_problem),
		cmocka_unit_test(headers_are_formatted_and_bounded),
	};
	return cmocka_run_group_tests_name("web/parts", tests, NULL, NULL);
}
