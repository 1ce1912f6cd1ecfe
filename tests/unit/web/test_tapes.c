/* SPDX-License-Identifier: Apache-2.0 */
/* Tapes, their drives and their history over the API. */
#include "support.h"

#include <stdio.h>

#include "tape_alerts.h"
#include "web_fixture.h"

static int setup(void **state)
{
	fixture_setup(state);
	struct fixture *fixture = *state;
	fake_library_add_tapes(fixture->library);
	return 0;
}

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

static bool is_true(json_t *object, const char *name)
{
	assert_true(json_is_boolean(json_object_get(object, name)));
	return json_is_true(json_object_get(object, name));
}

/* ---- what is shown ------------------------------------------------------------------------- */

static void a_tape_has_what_discs_do_not(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/media/arc002l8", NULL, &reply);
	assert_string_equal(text_of(reply.json, "kind"), "tape");
	assert_string_equal(text_of(reply.json, "barcode"), "ARC002L8");
	assert_string_equal(text_of(reply.json, "medium_type"), "LTO-8");
	assert_int_equal(number_of(reply.json, "capacity"), 12000000000000);
	assert_true(is_true(reply.json, "write_protected"));
	assert_int_equal(number_of(reply.json, "loads"), 3);
	assert_string_equal(text_of(reply.json, "drive"), "lto1");
	assert_true(is_null(reply.json, "profile"));
	assert_reply(&reply, 200, "");
}

static void a_disc_has_null_for_it(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/media/netinst", NULL, &reply);
	assert_true(is_null(reply.json, "barcode"));
	assert_true(is_null(reply.json, "medium_type"));
	assert_true(is_null(reply.json, "capacity"));
	assert_true(is_null(reply.json, "write_protected"));
	assert_int_equal(number_of(reply.json, "loads"), 0);
	assert_true(is_null(reply.json, "drive"));
	assert_reply(&reply, 200, "");
}

static void a_tape_drive_shows_its_tape(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/drives/lto0", NULL, &reply);
	assert_string_equal(text_of(reply.json, "kind"), "tape");
	assert_true(is_null(reply.json, "tray"));
	json_t *tape = json_object_get(reply.json, "tape");
	assert_true(is_true(tape, "threaded"));
	assert_true(is_true(tape, "writable"));
	assert_true(is_null(tape, "reason"));
	assert_false(is_true(tape, "damaged"));
	assert_true(is_null(tape, "damaged_object"));
	assert_int_equal(number_of(tape, "position"), 1234);
	assert_int_equal(number_of(tape, "end"), 5678);
	assert_int_equal(number_of(tape, "filemarks"), 3);
	assert_int_equal(number_of(tape, "bytes"), 8800000000000);
	assert_int_equal(number_of(tape, "used"), 4440000000000);
	assert_int_equal(number_of(tape, "capacity"), 12000000000000);
	assert_int_equal(number_of(tape, "mounts"), 12);
	assert_int_equal(json_array_size(json_object_get(reply.json, "alerts")), 0);
	json_t *counters = json_object_get(reply.json, "counters");
	assert_int_equal(number_of(counters, "bytes_written"), 1300000000000);
	assert_reply(&reply, 200, "");
}

static void an_optical_drive_has_a_tray_and_no_tape(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/drives/dvd0", NULL, &reply);
	assert_string_equal(text_of(reply.json, "tray"), "closed");
	assert_true(is_null(reply.json, "tape"));
	assert_int_equal(json_array_size(json_object_get(reply.json, "alerts")), 0);
	assert_reply(&reply, 200, "");
}

static void an_empty_tape_drive_has_no_tape(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/drives/lto4", NULL, &reply);
	assert_true(is_null(reply.json, "tape"));
	assert_reply(&reply, 200, "");
}

static void damage_says_from_where_on(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/drives/lto2", NULL, &reply);
	json_t *tape = json_object_get(reply.json, "tape");
	assert_true(is_true(tape, "damaged"));
	assert_int_equal(number_of(tape, "damaged_object"), 17);
	assert_false(is_true(tape, "writable"));
	assert_string_equal(text_of(tape, "reason"), "it is damaged");
	assert_reply(&reply, 200, "");
}

static void alerts_come_in_words(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/drives/lto2", NULL, &reply);
	json_t *alerts = json_object_get(reply.json, "alerts");
	assert_int_equal(json_array_size(alerts), 2);
	json_t *first = json_array_get(alerts, 0), *second = json_array_get(alerts, 1);
	assert_int_equal(number_of(first, "flag"), 4);
	assert_string_equal(text_of(first, "name"), "Medium");
	assert_string_equal(text_of(first, "severity"), "critical");
	assert_int_equal(number_of(second, "flag"), 5);
	assert_string_equal(text_of(second, "name"), "Read failure");
	assert_reply(&reply, 200, "");
}

/* Some of every part of the table, so that a row that slipped in or out is seen. */
static void alerts_are_in_their_places(void **state)
{
	static const struct {
		unsigned flag;
		const char *name, *severity;
	} known[] = {{1, "Read warning", "warning"}, {6, "Write failure", "critical"},
		{10, "Volume removal prevented", "information"},
		{20, "Cleaning required", "critical"}, {21, "Cleaning requested", "warning"},
		{32, "Primary interface", "warning"}, {39, "Diagnostics required", "warning"},
		{50, "Lost statistics", "warning"},
		{55, "Loading or threading failure", "critical"},
		{58, "Microcode failure", "warning"},
		{60, "WORM volume - overwrite attempted", "warning"}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		assert_string_equal(tape_alert(known[i].flag)->name, known[i].name);
		assert_string_equal(tape_alert(known[i].flag)->severity, known[i].severity);
	}
	assert_null(tape_alert(40)->severity);
	assert_string_equal(tape_alert(40)->name, "Obsolete (28h)");
	assert_string_equal(tape_alert(64)->name, "Reserved (40h)");
}

static void all_64_alerts_are_listed(void **state)
{
	json_t *all = shape_tape_alerts(UINT64_MAX);
	assert_int_equal(json_array_size(all), 64);
	for (unsigned i = 0; i < 64; i++) {
		json_t *alert = json_array_get(all, i);
		assert_int_equal(number_of(alert, "flag"), i + 1);
		assert_true(*text_of(alert, "name"));
		assert_non_null(json_object_get(alert, "severity"));
	}
	json_decref(all);
}

static void media_of_one_kind(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/media?kind=tape&limit=4", NULL, &reply);
	assert_int_equal(number_of(reply.json, "total"), 6);
	assert_string_equal(text_of(reply.json, "next"), "arc004l8");
	assert_non_null(strstr(reply.text,
		"\r\nLink: </api/v1/media?after=arc004l8&limit=4&kind=tape>; rel=\"next\"\r\n"));
	reply_finish(&reply);
	ask(*state, "GET", "/api/v1/media?kind=disc&match=iso&limit=1", NULL, &reply);
	assert_int_equal(number_of(reply.json, "total"), 4);
	assert_non_null(strstr(reply.text, "limit=1&match=iso&kind=disc>; rel=\"next\"\r\n"));
	reply_finish(&reply);
	ask(*state, "GET", "/api/v1/media", NULL, &reply);
	assert_int_equal(number_of(reply.json, "total"), 10);
	reply_finish(&reply);
}

static void there_are_two_kinds(void **state)
{
	static const char *const wrong[] = {"floppy", "", "tape%20", "Tape", "%00"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char path[64];
		snprintf(path, sizeof path, "/api/v1/media?kind=%s", wrong[i]);
		expect(*state, "GET", path, NULL, 400, "invalid_request");
	}
	struct reply reply;
	ask(*state, "GET", "/api/v1/media?kind=floppy", NULL, &reply);
	assert_string_equal(text_of(reply.json, "detail"), "parameter kind cannot be \"floppy\"");
	assert_string_equal(text_of(reply.json, "remedy"), "Use disc or tape.");
	reply_finish(&reply);
}

/* ---- what is done -------------------------------------------------------------------------- */

static void tapes_are_made(void **state)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/tapes",
		"{\"medium_type\":\"LTO-8\",\"prefix\":\"NEW\",\"count\":20,\"capacity\":"
		"5000000000000}",
		&reply);
	assert_int_equal(number_of(reply.json, "added"), 20);
	json_t *media = json_object_get(reply.json, "media");
	assert_int_equal(json_array_size(media), 20);
	assert_string_equal(json_string_value(json_array_get(media, 0)), "new001l8");
	assert_string_equal(json_string_value(json_array_get(media, 19)), "new020l8");
	assert_null(strstr(reply.text, "\r\nLocation:"));
	assert_reply(&reply, 201, "");
	ask(*state, "GET", "/api/v1/media/new020l8", NULL, &reply);
	assert_int_equal(number_of(reply.json, "capacity"), 5000000000000);
	assert_reply(&reply, 200, "");
}

static void one_tape_of_the_usual_type_is_made(void **state)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/tapes", "{\"prefix\":\"ARC\"}", &reply);
	assert_int_equal(number_of(reply.json, "added"), 1);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(reply.json, "media"), 0)),
		"arc007l8");
	assert_reply(&reply, 201, "");
}

static void a_thousand_tapes_are_made(void **state)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/tapes", "{\"prefix\":\"T\",\"count\":1000}", &reply);
	json_t *media = json_object_get(reply.json, "media");
	assert_int_equal(json_array_size(media), 1000);
	assert_string_equal(json_string_value(json_array_get(media, 999)), "t01000l8");
	assert_reply(&reply, 201, "");
	expect(*state, "POST", "/api/v1/tapes", "{\"prefix\":\"U\",\"count\":1000}", 507,
		"host_full");
}

static void what_cannot_be_tapes(void **state)
{
	static const char *const wrong[] = {"{}", "{\"count\":1}", "{\"prefix\":\"\"}",
		"{\"prefix\":1}", "{\"prefix\":null}", "{\"prefix\":\"ARC\",\"count\":0}",
		"{\"prefix\":\"ARC\",\"count\":1001}", "{\"prefix\":\"ARC\",\"count\":-1}",
		"{\"prefix\":\"ARC\",\"count\":65537}", "{\"prefix\":\"ARC\",\"count\":4294967297}",
		"{\"prefix\":\"ARC\",\"count\":1.5}", "{\"prefix\":\"ARC\",\"count\":\"20\"}",
		"{\"prefix\":\"ARC\",\"count\":null}", "{\"prefix\":\"ARC\",\"count\":true}",
		"{\"prefix\":\"ARC\",\"capacity\":-1}", "{\"prefix\":\"ARC\",\"capacity\":1e12}",
		"{\"prefix\":\"ARC\",\"capacity\":\"12TB\"}",
		"{\"prefix\":\"ARC\",\"capacity\":9223372036854775808}",
		"{\"prefix\":\"ARC\",\"capacity\":[1]}", "{\"prefix\":\"ARC\",\"type\":\"LTO-8\"}",
		"{\"prefix\":\"ARC\",\"medium_type\":8}", "{\"prefix\":\"ARC\",\"worm\":true}",
		"{\"prefix\":\"ARC\",\"medium_type\":\"LTO-8-and-more-than-fits\"}",
		"{\"prefix\":\"ARCHIVE-OF-THE-CELLAR\"}", "[{\"prefix\":\"ARC\"}]"};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		expect(fixture, "POST", "/api/v1/tapes", wrong[i], 400, "invalid_request");
	assert_int_equal(fake_library_started(fixture->library), 0);
}

static void a_number_out_of_range_says_the_range(void **state)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/tapes", "{\"prefix\":\"ARC\",\"count\":1001}", &reply);
	assert_string_equal(
		text_of(reply.json, "detail"), "member \"count\" of the body is out of range");
	assert_string_equal(
		text_of(reply.json, "remedy"), "Send a number from 1 to 1000, without quotes.");
	assert_reply(&reply, 400, "invalid_request");
}

static void what_the_library_refuses(void **state)
{
	expect(*state, "POST", "/api/v1/tapes", "{\"prefix\":\"arc\"}", 400, "invalid_request");
	expect(*state, "POST", "/api/v1/tapes", "{\"prefix\":\"ARC\",\"medium_type\":\"DDS-4\"}",
		400, "invalid_request");
}

static void protect(void **state, bool on)
{
	struct reply reply;
	ask(*state, "PUT", "/api/v1/media/arc003l8/write-protection",
		on ? "{\"write_protected\":true}" : "{\"write_protected\":false}", &reply);
	assert_string_equal(text_of(reply.json, "id"), "arc003l8");
	assert_true(is_true(reply.json, "write_protected") == on);
	assert_reply(&reply, 200, "");
}

static void the_tab_is_set_and_cleared(void **state)
{
	protect(state, true);
	protect(state, true);
	protect(state, false);
}

static void a_tab_that_cannot_be_moved(void **state)
{
	static const char on[] = "{\"write_protected\":true}";
	expect(*state, "PUT", "/api/v1/media/arc001l8/write-protection", on, 409, "medium_in_use");
	expect(*state, "PUT", "/api/v1/media/netinst/write-protection", on, 400, "invalid_request");
	expect(*state, "PUT", "/api/v1/media/nope/write-protection", on, 404, "medium_not_found");
}

static void what_is_no_tab(void **state)
{
	static const char *const wrong[] = {"{}", "{\"write_protected\":1}",
		"{\"write_protected\":\"true\"}", "{\"write_protected\":null}", "true",
		"{\"write_protected\":true,\"force\":true}"};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		expect(fixture, "PUT", "/api/v1/media/arc003l8/write-protection", wrong[i], 400,
			"invalid_request");
	assert_int_equal(fake_library_started(fixture->library), 0);
}

static void a_tape_is_in_one_place(void **state)
{
	struct reply reply;
	expect(*state, "PUT", "/api/v1/drives/lto4/medium", "{\"medium\":\"ARC001L8\"}", 409,
		"medium_in_use");
	expect(*state, "PUT", "/api/v1/drives/dvd1/medium", "{\"medium\":\"ARC003L8\"}", 422,
		"medium_does_not_fit");
	ask(*state, "PUT", "/api/v1/drives/any/medium", "{\"medium\":\"ARC003L8\"}", &reply);
	assert_string_equal(text_of(reply.json, "name"), "lto4");
	json_t *medium = json_object_get(reply.json, "medium");
	assert_string_equal(text_of(medium, "drive"), "lto4");
	assert_int_equal(number_of(medium, "loads"), 1);
	assert_reply(&reply, 200, "");
	ask(*state, "DELETE", "/api/v1/drives/lto4/medium", NULL, &reply);
	assert_true(is_null(reply.json, "tape"));
	assert_true(is_null(reply.json, "tray"));
	assert_reply(&reply, 200, "");
}

static void a_tape_drive_is_added(void **state)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/drives", "{\"name\":\"lto9\",\"personality\":\"lto-8\"}",
		&reply);
	assert_string_equal(text_of(reply.json, "kind"), "tape");
	assert_reply(&reply, 201, "");
}

static void methods_that_are_not_there(void **state)
{
	expect(*state, "GET", "/api/v1/tapes", NULL, 405, "method_not_allowed");
	expect(*state, "DELETE", "/api/v1/history", NULL, 405, "method_not_allowed");
	expect(*state, "GET", "/api/v1/media/arc001l8/write-protection", NULL, 405,
		"method_not_allowed");
}

static void strangers_change_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	raw_tcp(fixture,
		"POST /api/v1/tapes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
		"Content-Type: application/json\r\nContent-Length: 16\r\n\r\n"
		"{\"prefix\":\"ARC\"}",
		&reply);
	assert_reply(&reply, 401, "unauthorized");
	assert_int_equal(fake_library_started(fixture->library), 0);
}

/* ---- history ------------------------------------------------------------------------------- */

static void history_is_newest_first(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/history", NULL, &reply);
	json_t *items = json_object_get(reply.json, "items");
	assert_int_equal(json_array_size(items), 6);
	json_t *newest = json_array_get(items, 0);
	assert_int_equal(number_of(newest, "number"), 6);
	assert_string_equal(text_of(newest, "when"), "2026-01-01T00:00:06Z");
	assert_string_equal(text_of(newest, "actor"), "host iqn.1993-08.org.debian:01:aa");
	assert_string_equal(text_of(newest, "verb"), "eject");
	assert_string_equal(text_of(newest, "drive"), "dvd1");
	assert_string_equal(text_of(newest, "medium"), "netinst");
	assert_true(is_null(json_array_get(items, 3), "drive"));
	assert_true(is_null(reply.json, "next"));
	assert_null(strstr(reply.text, "\r\nLink:"));
	assert_reply(&reply, 200, "");
}

static void history_comes_in_pages_with_a_link(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/history?limit=2&drive=lto0", NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 2);
	assert_int_equal(number_of(reply.json, "next"), 2);
	assert_non_null(strstr(reply.text,
		"\r\nLink: </api/v1/history?before=2&limit=2&drive=lto0>; rel=\"next\"\r\n"));
	assert_reply(&reply, 200, "");
	ask(*state, "GET", "/api/v1/history?before=2&limit=2&drive=lto0", NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 1);
	assert_true(is_null(reply.json, "next"));
	assert_reply(&reply, 200, "");
}

/* Exactly as long as a page: there is no other. */
static void a_full_last_page_has_no_next(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/history?limit=6", NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 6);
	assert_true(is_null(reply.json, "next"));
	assert_reply(&reply, 200, "");
}

static void history_of_a_medium(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/history?medium=ARC001L8&limit=1", NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 1);
	assert_non_null(strstr(reply.text, "before=4&limit=1&medium=arc001l8>; rel=\"next\"\r\n"));
	assert_reply(&reply, 200, "");
	ask(*state, "GET", "/api/v1/history?medium=old001l8", NULL, &reply); /* is gone */
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 2);
	assert_reply(&reply, 200, "");
	ask(*state, "GET", "/api/v1/history?medium=nothing&drive=nowhere", NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 0);
	assert_reply(&reply, 200, "");
}

static void what_is_done_is_history(void **state)
{
	struct reply reply;
	expect(*state, "PUT", "/api/v1/drives/lto4/medium", "{\"medium\":\"arc003l8\"}", 200, "");
	ask(*state, "GET", "/api/v1/history?limit=1", NULL, &reply);
	json_t *newest = json_array_get(json_object_get(reply.json, "items"), 0);
	assert_memory_equal(text_of(newest, "actor"), "uid:", 4);
	assert_string_equal(text_of(newest, "medium"), "arc003l8");
	reply_finish(&reply);
	expect(*state, "DELETE", "/api/v1/drives/lto4/medium", NULL, 200, "");
	expect(*state, "PUT", "/api/v1/media/arc003l8/write-protection",
		"{\"write_protected\":true}", 200, "");
	ask(*state, "GET", "/api/v1/history?limit=1", NULL, &reply);
	newest = json_array_get(json_object_get(reply.json, "items"), 0);
	assert_string_equal(text_of(newest, "verb"), "write-protect");
	assert_reply(&reply, 200, "");
}

static void history_takes_numbers_in_range(void **state)
{
	static const char *const wrong[] = {"limit=0", "limit=1001", "limit=", "before=0",
		"before=-1", "before=x", "before=1x", "before=", "before=9223372036854775808",
		"before=1&before=2", "after=1", "host=x"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char path[96];
		snprintf(path, sizeof path, "/api/v1/history?%s", wrong[i]);
		expect(*state, "GET", path, NULL, 400, "invalid_request");
	}
	expect(*state, "GET", "/api/v1/history?before=9223372036854775807", NULL, 200, "");
}

#define TAPE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TAPE_TEST(a_tape_has_what_discs_do_not),
		TAPE_TEST(a_disc_has_null_for_it),
		TAPE_TEST(a_tape_drive_shows_its_tape),
		TAPE_TEST(an_optical_drive_has_a_tray_and_no_tape),
		TAPE_TEST(an_empty_tape_drive_has_no_tape),
		TAPE_TEST(damage_says_from_where_on),
		TAPE_TEST(alerts_come_in_words),
		cmocka_unit_test(alerts_are_in_their_places),
		cmocka_unit_test(all_64_alerts_are_listed),
		TAPE_TEST(media_of_one_kind),
		TAPE_TEST(there_are_two_kinds),
		TAPE_TEST(tapes_are_made),
		TAPE_TEST(one_tape_of_the_usual_type_is_made),
		TAPE_TEST(a_thousand_tapes_are_made),
		TAPE_TEST(what_cannot_be_tapes),
		TAPE_TEST(a_number_out_of_range_says_the_range),
		TAPE_TEST(what_the_library_refuses),
		TAPE_TEST(the_tab_is_set_and_cleared),
		TAPE_TEST(a_tab_that_cannot_be_moved),
		TAPE_TEST(what_is_no_tab),
		TAPE_TEST(a_tape_is_in_one_place),
		TAPE_TEST(a_tape_drive_is_added),
		TAPE_TEST(methods_that_are_not_there),
		TAPE_TEST(strangers_change_nothing),
		TAPE_TEST(history_is_newest_first),
		TAPE_TEST(history_comes_in_pages_with_a_link),
		TAPE_TEST(a_full_last_page_has_no_next),
		TAPE_TEST(history_of_a_medium),
		TAPE_TEST(what_is_done_is_history),
		TAPE_TEST(history_takes_numbers_in_range),
	};
	return cmocka_run_group_tests_name("web/tapes", tests, NULL, NULL);
}
