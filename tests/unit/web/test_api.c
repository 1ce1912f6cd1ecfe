/* SPDX-License-Identifier: Apache-2.0 */
/* What every route answers. */
#include "support.h"

#include "router.h"
#include "web_fixture.h"

static void alive_and_ready_are_public_and_terse(void **state)
{
	struct reply reply;
	raw_tcp(*state, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
		&reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "{\"alive\":true}\n");
	reply_finish(&reply);
	raw_tcp(*state, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
		&reply);
	assert_string_equal(reply.body, "{\"ready\":true}\n");
	assert_reply(&reply, 200, "");
}

static void not_ready_is_503(void **state)
{
	struct fixture *fixture = *state;
	fake_library_set_ready(fixture->library, false);
	expect(fixture, "GET", "/readyz", NULL, 503, "");
}

static void the_index_lists_every_route(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_array_size(json_object_get(reply.json, "routes")), routes_count);
	assert_non_null(
		strstr(reply.body, "\"path\":\"/api/v1/media\",\"summary\":\"add an image file, or "
				   "all of a directory\","
				   "\"body\":{\"path\":{\"type\":\"string\",\"required\":true}"));
	reply_finish(&reply);
}

static void status_is_the_health(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/status", NULL, &reply);
	assert_string_equal(text_of(reply.json, "transport"), "target_core_user");
	assert_int_equal(json_integer_value(json_object_get(reply.json, "media")), 4);
	json_t *portal = json_object_get(reply.json, "portal");
	assert_int_equal(json_array_size(portal), 2);
	assert_string_equal(json_string_value(json_array_get(portal, 1)), "[::1]:3260");
	assert_int_equal(json_integer_value(json_object_get(reply.json, "sessions")), 2);
	assert_reply(&reply, 200, "");
}

static void a_portal_that_is_off_has_no_address(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	fake_library_set_portal(fixture->library, "");
	ask(fixture, "GET", "/api/v1/status", NULL, &reply);
	json_t *portal = json_object_get(reply.json, "portal");
	assert_true(json_is_array(portal));
	assert_int_equal(json_array_size(portal), 0);
	assert_reply(&reply, 200, "");
}

static void the_index_shows_members_of_members(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1", NULL, &reply);
	assert_non_null(strstr(reply.body, "\"luns\":{\"type\":\"array\",\"required\":false,"
					   "\"items\":{\"lun\":{\"type\":\"integer\","
					   "\"required\":true}"));
	assert_non_null(strstr(reply.body, "\"chap\":{\"type\":\"object\",\"required\":false,"
					   "\"members\":{\"user\":{\"type\":\"string\""));
	assert_reply(&reply, 200, "");
}

static void drives_come_with_their_media_and_hosts(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/drives", NULL, &reply);
	json_t *items = json_object_get(reply.json, "items");
	assert_int_equal(json_array_size(items), 4);
	json_t *drive = json_array_get(items, 0);
	assert_string_equal(text_of(drive, "name"), "dvd0");
	assert_string_equal(text_of(json_object_get(drive, "medium"), "id"), "debian-12");
	assert_int_equal(json_array_size(json_object_get(drive, "hosts")), 2);
	assert_true(json_is_null(json_object_get(json_array_get(items, 1), "medium")));
	assert_true(json_is_true(json_object_get(json_array_get(items, 2), "locked")));
	reply_finish(&reply);
}

static void one_drive(void **state)
{
	expect(*state, "GET", "/api/v1/drives/dvd0", NULL, 200, "");
	expect(*state, "GET", "/api/v1/drives/nope", NULL, 404, "drive_not_found");
}

static void loading_answers_the_drive(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	char actor[64];
	ask(fixture, "PUT", "/api/v1/drives/dvd1/medium", "{\"medium\":\"netinst\"}", &reply);
	assert_string_equal(text_of(reply.json, "state"), "loaded");
	assert_string_equal(text_of(json_object_get(reply.json, "medium"), "id"), "netinst");
	assert_reply(&reply, 200, "");
	fake_library_actor(fixture->library, actor, sizeof actor);
	assert_memory_equal(actor, "uid:", 4);
}

static void any_is_the_first_empty_drive(void **state)
{
	struct reply reply;
	ask(*state, "PUT", "/api/v1/drives/any/medium", "{\"medium\":\"netinst\"}", &reply);
	assert_string_equal(text_of(reply.json, "name"), "dvd1");
	assert_reply(&reply, 200, "");
	expect(*state, "PUT", "/api/v1/drives/any/medium", "{\"medium\":\"win11\"}", 409,
		"drive_full");
}

static void replace_and_force_reach_the_library(void **state)
{
	const char *path = "/api/v1/drives/dvd2/medium";
	expect(*state, "PUT", path, "{\"medium\":\"netinst\"}", 409, "drive_full");
	expect(*state, "PUT", path, "{\"medium\":\"netinst\",\"replace\":true}", 409,
		"removal_prevented");
	expect(*state, "PUT", path, "{\"medium\":\"netinst\",\"replace\":true,\"force\":true}", 200,
		"");
}

static void a_problem_says_what_to_do(void **state)
{
	struct reply reply;
	ask(*state, "DELETE", "/api/v1/drives/dvd2/medium", NULL, &reply);
	assert_string_equal(text_of(reply.json, "type"), "about:blank");
	assert_string_equal(text_of(reply.json, "title"), "Conflict");
	assert_int_equal(json_integer_value(json_object_get(reply.json, "status")), 409);
	assert_string_equal(text_of(reply.json, "detail"), "drive dvd2 is locked by loopback");
	assert_string_equal(text_of(reply.json, "remedy"), "Unmount it there, or use force.");
	assert_string_equal(text_of(reply.json, "instance"), "/api/v1/drives/dvd2/medium");
	assert_reply(&reply, 409, "removal_prevented");
}

static void ejecting_answers_the_drive(void **state)
{
	struct reply reply;
	ask(*state, "DELETE", "/api/v1/drives/dvd0/medium?force=false", NULL, &reply);
	assert_string_equal(text_of(reply.json, "state"), "empty");
	assert_reply(&reply, 200, "");
	expect(*state, "DELETE", "/api/v1/drives/dvd2/medium?force=true", NULL, 200, "");
}

static void what_hosts_have_reserved_is_shown_and_taken_back(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/drives/dvd2", NULL, &reply);
	json_t *reservation = json_object_get(reply.json, "reservation");
	assert_string_equal(text_of(reservation, "type"), "write exclusive, registrants only");
	assert_string_equal(text_of(reservation, "holder"), "loopback");
	assert_string_equal(text_of(reservation, "key"), "0xabc");
	assert_int_equal(json_integer_value(json_object_get(reservation, "registrants")), 2);
	assert_true(json_is_true(json_object_get(reservation, "lasting")));
	json_t *host = json_array_get(json_object_get(reply.json, "hosts"), 0);
	assert_true(json_is_true(json_object_get(host, "reserves")));
	assert_string_equal(text_of(host, "key"), "0xabc");
	reply_finish(&reply);
	ask(*state, "DELETE", "/api/v1/drives/dvd2/reservation", NULL, &reply);
	assert_true(json_is_null(json_object_get(reply.json, "reservation")));
	assert_reply(&reply, 200, "");
	expect(*state, "DELETE", "/api/v1/drives/dvd2/reservation", NULL, 200, "");
	expect(*state, "DELETE", "/api/v1/drives/dvd9/reservation", NULL, 404, "drive_not_found");
}

static void drives_are_added_and_removed(void **state)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/drives", "{\"name\":\"bd0\",\"personality\":\"bd-rom\"}",
		&reply);
	assert_non_null(strstr(reply.text, "\r\nLocation: /api/v1/drives/bd0\r\n"));
	assert_string_equal(text_of(reply.json, "personality"), "bd-rom");
	assert_reply(&reply, 201, "");
	expect(*state, "POST", "/api/v1/drives", "{\"name\":\"bd0\"}", 409, "already_exists");
	expect(*state, "DELETE", "/api/v1/drives/bd0", NULL, 204, "");
	expect(*state, "DELETE", "/api/v1/drives/dvd0", NULL, 409, "drive_busy");
	expect(*state, "DELETE", "/api/v1/drives/dvd0?force=true", NULL, 204, "");
}

static void a_drive_is_shown_to_this_machine_where_that_can_be(void **state)
{
	struct fixture *fixture = *state;
	fake_library_set_kernel_target(fixture->library, false);
	expect(fixture, "POST", "/api/v1/drives", "{\"name\":\"a\",\"loopback\":true}", 500,
		"kernel_target");
	expect(fixture, "POST", "/api/v1/drives", "{\"name\":\"a\"}", 201, "");
}

static void media_come_in_pages_with_a_link(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/media?limit=2&match=iso", NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 2);
	assert_int_equal(json_integer_value(json_object_get(reply.json, "total")), 4);
	assert_string_equal(text_of(reply.json, "next"), "netinst");
	assert_non_null(strstr(reply.text,
		"\r\nLink: </api/v1/media?after=netinst&limit=2&match=iso>; rel=\"next\"\r\n"));
	reply_finish(&reply);
	ask(*state, "GET", "/api/v1/media?after=netinst&limit=2&match=iso", NULL, &reply);
	assert_true(json_is_null(json_object_get(reply.json, "next")));
	assert_null(strstr(reply.text, "\r\nLink:"));
	assert_reply(&reply, 200, "");
}

static void a_digest_that_is_none_is_refused(void **state)
{
	static const char whole[] =
		"/api/v1/media?sha256="
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	char path[128];
	expect(*state, "GET", whole, NULL, 200, "");
	expect(*state, "GET", "/api/v1/media?sha256=x", NULL, 400, "invalid_request");
	expect(*state, "GET", "/api/v1/media?sha256=", NULL, 400, "invalid_request");
	snprintf(path, sizeof path, "%s0", whole);
	expect(*state, "GET", path, NULL, 400, "invalid_request");
	snprintf(path, sizeof path, "%s", whole);
	path[30] = 'G';
	expect(*state, "GET", path, NULL, 400, "invalid_request");
	expect(*state, "GET", "/api/v1/media?sha265=x", NULL, 400, "invalid_request");
}

static void more_media_than_were_counted_have_no_total(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	fake_library_count_to(fixture->library, 3);
	ask(fixture, "GET", "/api/v1/media?limit=2&match=iso", NULL, &reply);
	assert_true(json_is_null(json_object_get(reply.json, "total")));
	assert_int_equal(json_integer_value(json_object_get(reply.json, "total_at_least")), 4);
	assert_reply(&reply, 200, "");
	ask(fixture, "GET", "/api/v1/media?match=netinst", NULL, &reply);
	assert_int_equal(json_integer_value(json_object_get(reply.json, "total")), 1);
	assert_int_equal(json_integer_value(json_object_get(reply.json, "total_at_least")), 1);
	assert_reply(&reply, 200, "");
}

/* The names of all items, page by page of `limit`. */
static void walk(void **state, const char *list, unsigned limit, const char *key, char ret[256])
{
	char path[256], next[128] = "";
	size_t length = 0;
	do {
		struct reply reply;
		size_t i;
		json_t *item;
		snprintf(path, sizeof path, "%s?limit=%u%s%s", list, limit, *next ? "&after=" : "",
			next);
		ask(*state, "GET", path, NULL, &reply);
		assert_true(json_array_size(json_object_get(reply.json, "items")) <= limit);
		json_array_foreach(json_object_get(reply.json, "items"), i, item) length +=
			(size_t)snprintf(ret + length, 256 - length, "%s ", text_of(item, key));
		snprintf(next, sizeof next, "%s", text_of(reply.json, "next"));
		assert_int_equal(*next != 0, strstr(reply.text, "; rel=\"next\"") != NULL);
		assert_reply(&reply, 200, "");
	} while (*next);
}

static void lists_of_names_come_in_pages(void **state)
{
	char names[256];
	for (unsigned limit = 1; limit <= 5; limit++) {
		walk(state, "/api/v1/drives", limit, "name", names);
		assert_string_equal(names, "dvd0 dvd1 dvd2 dvd3 ");
		walk(state, "/api/v1/exports", limit, "name", names);
		assert_string_equal(names, "backup lab ");
		walk(state, "/api/v1/tags", limit, "tag", names);
		assert_string_equal(names, "golden rescue ");
	}
	expect(*state, "POST", "/api/v1/tokens", "{\"name\":\"z\",\"scope\":\"read\"}", 201, "");
	expect(*state, "POST", "/api/v1/tokens", "{\"name\":\"a\",\"scope\":\"read\"}", 201, "");
	walk(state, "/api/v1/tokens", 1, "name", names);
	assert_string_equal(names, "a z ");
}

/* What the page ended with may be gone meanwhile. */
static void a_page_goes_on_behind_what_is_gone(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/drives?after=dvd1x&limit=1", NULL, &reply);
	assert_string_equal(
		text_of(json_array_get(json_object_get(reply.json, "items"), 0), "name"), "dvd2");
	assert_non_null(strstr(
		reply.text, "\r\nLink: </api/v1/drives?after=dvd2&limit=1>; rel=\"next\"\r\n"));
	reply_finish(&reply);
	expect(*state, "GET", "/api/v1/drives?limit=0", NULL, 400, "invalid_request");
	expect(*state, "GET", "/api/v1/exports?limit=1001", NULL, 400, "invalid_request");
	ask(*state, "GET", "/api/v1/exports?after=zz", NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 0);
	assert_reply(&reply, 200, "");
}

static void a_medium_is_added_and_forgotten(void **state)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/media", "{\"path\":\"/srv/iso/new one.iso\"}", &reply);
	assert_non_null(strstr(reply.text, "\r\nLocation: /api/v1/media/new%20one\r\n"));
	assert_reply(&reply, 201, "");
	expect(*state, "GET", "/api/v1/media/new%20one", NULL, 200, "");
	expect(*state, "POST", "/api/v1/media", "{\"path\":\"/srv/iso/new one.iso\"}", 200, "");
	expect(*state, "DELETE", "/api/v1/media/new%20one", NULL, 204, "");
	expect(*state, "GET", "/api/v1/media/new%20one", NULL, 404, "medium_not_found");
	expect(*state, "DELETE", "/api/v1/media/win11", NULL, 409, "medium_in_use");
}

static void a_directory_answers_counts(void **state)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/media", "{\"path\":\"/srv/iso/\"}", &reply);
	assert_int_equal(json_integer_value(json_object_get(reply.json, "added")), 2);
	assert_int_equal(json_integer_value(json_object_get(reply.json, "refused")), 1);
	json_t *refusal = json_object_get(reply.json, "first_refusal");
	assert_string_equal(text_of(refusal, "detail"), "/srv/iso/zero.iso is empty");
	assert_reply(&reply, 200, "");
}

static void a_missing_file_is_422(void **state)
{
	expect(*state, "POST", "/api/v1/media", "{\"path\":\"/missing.iso\"}", 422, "file_missing");
	expect(*state, "POST", "/api/v1/media", "{\"path\":\"here.iso\"}", 400, "invalid_request");
}

static void a_disc_is_pressed_to_another(void **state)
{
	static const char place[] = "/api/v1/media/netinst/profile";
	struct reply reply;
	ask(*state, "PUT", place, "{\"profile\":\"dvd-rom\"}", &reply);
	assert_string_equal(text_of(reply.json, "profile"), "DVD-ROM");
	assert_true(json_is_true(json_object_get(reply.json, "profile_set")));
	assert_reply(&reply, 200, "");
	ask(*state, "PUT", place, "{\"profile\":\"auto\"}", &reply);
	assert_string_equal(text_of(reply.json, "profile"), "CD-ROM");
	assert_true(json_is_false(json_object_get(reply.json, "profile_set")));
	assert_reply(&reply, 200, "");
	ask(*state, "POST", "/api/v1/media", "{\"path\":\"/srv/x.iso\",\"profile\":\"BD-ROM\"}",
		&reply);
	assert_string_equal(text_of(reply.json, "profile"), "BD-ROM");
	assert_reply(&reply, 201, "");
}

static void a_disc_that_cannot_be_pressed_so(void **state)
{
	static const char dvd[] = "{\"profile\":\"dvd-rom\"}",
			  place[] = "/api/v1/media/netinst/profile";
	expect(*state, "PUT", "/api/v1/media/nope/profile", dvd, 404, "medium_not_found");
	expect(*state, "PUT", "/api/v1/media/win11/profile", dvd, 409, "medium_in_use");
	expect(*state, "DELETE", "/api/v1/drives/dvd2/medium?force=true", NULL, 200, "");
	expect(*state, "PUT", "/api/v1/media/win11/profile", "{\"profile\":\"cd-rom\"}", 422,
		"medium_does_not_fit");
	static const char *const wrong[] = {"{}", "{\"profile\":\"\"}", "{\"profile\":\"dvd\"}",
		"{\"profile\":16}", "{\"profile\":null}",
		"{\"profile\":\"a profile of that length\"}",
		"{\"profile\":\"dvd-rom\",\"force\":true}"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		expect(*state, "PUT", place, wrong[i], 400, "invalid_request");
	expect(*state, "POST", "/api/v1/media", "{\"path\":\"/srv/y.iso\",\"profile\":\"dvd\"}",
		400, "invalid_request");
	expect(*state, "GET", "/api/v1/media/y", NULL, 404, "medium_not_found");
}

static void names_that_are_not_utf8_are_repaired(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/media/odd", NULL, &reply);
	assert_string_equal(text_of(reply.json, "volume_id"), "bell\a caf\xef\xbf\xbd");
	assert_string_equal(text_of(reply.json, "fault"), "the file changed while it was loaded");
	assert_reply(&reply, 200, "");
}

static void the_trace_shows_cdb_and_sense(void **state)
{
	struct reply reply;
	ask(*state, "GET", "/api/v1/drives/dvd0/trace", NULL, &reply);
	json_t *items = json_object_get(reply.json, "items"), *entry = json_array_get(items, 0);
	assert_int_equal(json_array_size(items), 3);
	assert_string_equal(text_of(entry, "cdb"), "00 00 00 00 00 00");
	json_t *sense = json_object_get(entry, "sense");
	assert_int_equal(json_integer_value(json_object_get(sense, "asc")), 0x28);
	assert_true(json_is_null(json_object_get(json_array_get(items, 1), "sense")));
	reply_finish(&reply);
	ask(*state, "GET", "/api/v1/drives/dvd0/trace?limit=2&host=loopback", NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 1);
	reply_finish(&reply);
	expect(*state, "GET", "/api/v1/drives/nope/trace", NULL, 404, "drive_not_found");
}

#define API_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		API_TEST(alive_and_ready_are_public_and_terse),
		API_TEST(not_ready_is_503),
		API_TEST(the_index_lists_every_route),
		API_TEST(status_is_the_health),
		API_TEST(a_portal_that_is_off_has_no_address),
		API_TEST(the_index_shows_members_of_members),
		API_TEST(drives_come_with_their_media_and_hosts),
		API_TEST(one_drive),
		API_TEST(loading_answers_the_drive),
		API_TEST(any_is_the_first_empty_drive),
		API_TEST(replace_and_force_reach_the_library),
		API_TEST(a_problem_says_what_to_do),
		API_TEST(ejecting_answers_the_drive),
		API_TEST(what_hosts_have_reserved_is_shown_and_taken_back),
		API_TEST(drives_are_added_and_removed),
		API_TEST(a_drive_is_shown_to_this_machine_where_that_can_be),
		API_TEST(media_come_in_pages_with_a_link),
		API_TEST(a_digest_that_is_none_is_refused),
		API_TEST(more_media_than_were_counted_have_no_total),
		API_TEST(lists_of_names_come_in_pages),
		API_TEST(a_page_goes_on_behind_what_is_gone),
		API_TEST(a_medium_is_added_and_forgotten),
		API_TEST(a_directory_answers_counts),
		API_TEST(a_missing_file_is_422),
		API_TEST(a_disc_is_pressed_to_another),
		API_TEST(a_disc_that_cannot_be_pressed_so),
		API_TEST(names_that_are_not_utf8_are_repaired),
		API_TEST(the_trace_shows_cdb_and_sense),
	};
	return cmocka_run_group_tests_name("web/api", tests, NULL, NULL);
}
