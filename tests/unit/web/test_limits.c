/* SPDX-License-Identifier: Apache-2.0 */
/* How much callers over TCP may ask, and what the audit log has of those who were refused. */
#include "support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rate.h"
#include "refusals.h"
#include "web_fixture.h"

/* ---- buckets ------------------------------------------------------------------------------- */

static void a_bucket_fills_again(void **state)
{
	struct rate rate;
	unsigned wait = 0;
	assert_true(rate_init(&rate, 2, 3));
	for (unsigned i = 0; i < 3; i++)
		assert_true(rate_take(&rate, "a", 1000, &wait));
	assert_false(rate_take(&rate, "a", 1000, &wait));
	assert_int_equal(wait, 1);
	assert_true(rate_take(&rate, "b", 1000, &wait));
	assert_true(rate_take(&rate, "a", 1500, &wait));
	assert_false(rate_take(&rate, "a", 1501, &wait));
	for (unsigned i = 0; i < 3; i++)
		assert_true(rate_take(&rate, "a", 100000, &wait));
	assert_false(rate_take(&rate, "a", 100000, &wait));
	rate_finish(&rate);
}

static void a_slow_one_says_how_long_to_wait(void **state)
{
	struct rate rate;
	unsigned wait = 0;
	assert_true(rate_init(&rate, 1.0 / 6, 1));
	assert_true(rate_take(&rate, "a", 1000, &wait));
	assert_false(rate_take(&rate, "a", 1000, &wait));
	assert_in_range(wait, 6, 7);
	assert_true(rate_take(&rate, "a", 1000 + wait * 1000, &wait));
	rate_finish(&rate);
}

/* Many names neither take memory nor free one that goes on asking. */
static void a_crowd_does_not_push_out_who_asks_on(void **state)
{
	struct rate rate;
	unsigned wait = 0, allowed = 0;
	assert_true(rate_init(&rate, 1, 5));
	for (unsigned i = 1; i <= 20000; i++) {
		char name[RATE_NAME_MAX];
		snprintf(name, sizeof name, "address:%u", i);
		assert_true(rate_take(&rate, name, i, &wait));
		allowed += rate_take(&rate, "busy", i, &wait);
	}
	assert_in_range(allowed, 5, 5 + 20); /* and one each second */
	rate_finish(&rate);
}

static void without_a_limit_there_is_none(void **state)
{
	struct rate rate;
	unsigned wait = 0;
	assert_true(rate_init(&rate, 0, 0));
	for (unsigned i = 0; i < 10000; i++)
		assert_true(rate_take(&rate, "a", 1, &wait));
	rate_finish(&rate);
}

/* ---- over TCP ------------------------------------------------------------------------------ */

static struct web *web; /* beside the fixture's, with limits */

static void start(struct fixture *fixture, struct web_config config)
{
	struct error error;
	config.library = fixture->library;
	config.listen_address = "127.0.0.1";
	config.token = TOKEN;
	web = web_start(&config, &error);
	assert_non_null(web);
}

static int teardown(void **state)
{
	web_stop(web);
	web = NULL;
	return fixture_teardown(state);
}

static int dial(void)
{
	const struct timeval patience = {.tv_sec = 60};
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(web_port(web)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void ask_as(const char *token, const char *request, struct reply *ret)
{
	char text[1024];
	snprintf(text, sizeof text,
		"%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s%s%s\r\n", request,
		*token ? "Authorization: Bearer " : "", token, *token ? "\r\n" : "");
	int fd = dial();
	send_all(fd, text, strlen(text));
	receive(fd, ret);
}

static int status_as(const char *token, const char *request)
{
	struct reply reply;
	ask_as(token, request, &reply);
	int status = reply.status;
	reply_finish(&reply);
	return status;
}

/*
 * What it gets when it asks too often: on a machine that pauses, its bucket may fill again between
 * two requests.
 */
static void ask_until_refused(const char *token, const char *request, struct reply *ret)
{
	for (unsigned i = 0; i < 1000; i++) {
		ask_as(token, request, ret);
		if (ret->status == 429)
			return;
		reply_finish(ret);
	}
	fail_msg("it may ask as often as it likes");
}

static void make_token(void **state, char *ret, size_t size)
{
	struct reply reply;
	ask(*state, "POST", "/api/v1/tokens", "{\"name\":\"ci\",\"scope\":\"read\"}", &reply);
	snprintf(ret, size, "%s", text_of(reply.json, "token"));
	assert_reply(&reply, 201, "");
}

static void a_token_that_asks_too_often_waits(void **state)
{
	char token[64];
	struct reply reply;
	make_token(state, token, sizeof token);
	start(*state, (struct web_config){.requests_per_second = 1});
	assert_int_equal(status_as(token, "GET /api/v1/drives"), 200);
	assert_int_equal(status_as(token, "GET /api/v1/drives"), 200);
	ask_until_refused(token, "GET /api/v1/drives", &reply);
	assert_non_null(strstr(reply.text, "\r\nRetry-After: "));
	assert_non_null(strstr(text_of(reply.json, "detail"), "token:ci"));
	assert_reply(&reply, 429, "too_many_requests");
	assert_int_equal(status_as(TOKEN, "GET /api/v1/drives"), 200);
}

static void an_address_without_a_token_waits(void **state)
{
	struct reply reply;
	start(*state, (struct web_config){.requests_per_second = 1});
	assert_int_equal(status_as("", "GET /healthz"), 200);
	assert_int_equal(status_as("", "GET /api/v1/drives"), 401);
	ask_until_refused("", "GET /healthz", &reply);
	assert_reply(&reply, 429, "too_many_requests");
	ask_until_refused("", "GET /api/v1/drives", &reply);
	assert_reply(&reply, 429, "too_many_requests");
	assert_int_equal(status_as(TOKEN, "GET /api/v1/drives"), 200);
}

static void wrong_tokens_are_counted(void **state)
{
	struct reply reply;
	start(*state, (struct web_config){0});
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(status_as("wrong", "GET /api/v1/drives"), 401);
	ask_until_refused("wrong", "GET /api/v1/drives", &reply);
	assert_non_null(strstr(reply.text, "\r\nRetry-After: "));
	assert_reply(&reply, 429, "too_many_requests");
	for (unsigned i = 0; i < 30; i++)
		assert_int_equal(status_as(TOKEN, "GET /api/v1/drives"), 200);
}

static void the_unix_socket_has_no_such_limit(void **state)
{
	start(*state, (struct web_config){.requests_per_second = 1});
	for (unsigned i = 0; i < 50; i++)
		expect(*state, "GET", "/api/v1/drives", NULL, 200, "");
}

/* Whether the server lets it ask. */
static bool is_served(int fd)
{
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
	char text[512];
	send_all(fd, request, strlen(request));
	return recv(fd, text, sizeof text, 0) > 0;
}

static void assert_connections(unsigned limit)
{
	int fds[4];
	for (unsigned i = 0; i < limit; i++) {
		fds[i] = dial();
		assert_true(is_served(fds[i]));
	}
	int more = dial();
	assert_false(is_served(more));
	close(more);
	close(fds[0]);
	for (unsigned i = 0; i < 1200; i++) { /* until the server has seen that it is gone */
		fds[0] = dial();
		if (is_served(fds[0]))
			break;
		close(fds[0]);
		usleep(50000);
	}
	assert_true(is_served(fds[0]));
	for (unsigned i = 0; i < limit; i++)
		close(fds[i]);
}

static void connections_of_an_address_are_counted(void **state)
{
	start(*state, (struct web_config){.connections_per_address = 3});
	assert_connections(3);
}

/* ---- the audit log ------------------------------------------------------------------------- */

static json_t *audit(void **state, struct reply *reply)
{
	ask(*state, "GET", "/api/v1/audit?limit=1000", NULL, reply);
	assert_int_equal(reply->status, 200);
	return json_object_get(reply->json, "items");
}

/* Rows with this outcome; the newest in *ret. */
static unsigned count_rows(json_t *items, const char *outcome, json_t **ret)
{
	size_t i;
	json_t *item;
	unsigned count = 0;
	json_array_foreach(items, i, item) if (!strcmp(text_of(item, "outcome"), outcome))
	{
		*ret = count ? *ret : item;
		count++;
	}
	return count;
}

static void who_tries_again_and_again_is_one_row(void **state)
{
	struct reply reply;
	json_t *row = NULL;
	start(*state, (struct web_config){0});
	for (unsigned i = 0; i < 50; i++)
		status_as("csl_wrong", "DELETE /api/v1/drives/dvd0");
	json_t *items = audit(state, &reply);
	assert_int_equal(count_rows(items, "unauthorized", &row), 1);
	assert_string_equal(text_of(row, "actor"), "address:127.0.0.1");
	assert_string_equal(text_of(row, "verb"), "request");
	assert_string_equal(
		text_of(json_object_get(row, "subject"), "name"), "/api/v1/drives/{id}");
	assert_int_equal(count_rows(items, "too_many_requests", &row), 1);
	assert_null(strstr(reply.text, "csl_wrong"));
	reply_finish(&reply);
}

static void a_scope_that_is_too_low_names_the_token(void **state)
{
	char token[64];
	struct reply reply;
	json_t *row = NULL;
	make_token(state, token, sizeof token);
	start(*state, (struct web_config){0});
	assert_int_equal(status_as(token, "DELETE /api/v1/drives/dvd0"), 403);
	assert_int_equal(count_rows(audit(state, &reply), "forbidden", &row), 1);
	assert_string_equal(text_of(row, "actor"), "token:ci");
	reply_finish(&reply);
}

static void what_is_only_wrong_is_no_refusal(void **state)
{
	struct reply reply;
	json_t *row = NULL;
	start(*state, (struct web_config){0});
	assert_int_equal(status_as(TOKEN, "GET /api/v1/drives/nothing"), 404);
	assert_int_equal(status_as(TOKEN, "GET /nothing"), 404);
	assert_int_equal(count_rows(audit(state, &reply), "not_found", &row), 0);
	reply_finish(&reply);
}

static void a_crowd_is_written_as_others(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	json_t *row = NULL;
	struct refusals *refusals = refusals_create(fixture->library);
	for (unsigned i = 0; i < 5000; i++) {
		char who[64];
		snprintf(who, sizeof who, "address:10.0.%u.%u", i / 256, i % 256);
		refusals_note(refusals, who, ERROR_UNAUTHORIZED, "", "", 1000);
	}
	refusals_destroy(refusals);
	assert_int_equal(
		count_rows(audit(state, &reply), "unauthorized", &row), REFUSALS_CALLERS_MAX + 1);
	assert_string_equal(text_of(row, "actor"), "others");
	reply_finish(&reply);
}

static void what_follows_is_counted_by_the_minute(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	json_t *row = NULL;
	struct refusals *refusals = refusals_create(fixture->library);
	for (uint64_t now = 1000; now < 1000 + 150; now++)
		refusals_note(refusals, "uid:7", ERROR_FORBIDDEN, "", "", now);
	assert_int_equal(count_rows(audit(state, &reply), "forbidden", &row), 3);
	assert_string_equal(text_of(row, "drive"), "60"); /* where the fake has the count */
	reply_finish(&reply);
	refusals_settle(refusals, 1000 + 150 + REFUSALS_SECONDS);
	assert_int_equal(count_rows(audit(state, &reply), "forbidden", &row), 4);
	assert_string_equal(text_of(row, "drive"), "30");
	reply_finish(&reply);
	refusals_settle(refusals, 1000 + 1000);
	refusals_settle(refusals, 1000 + 2000);
	assert_int_equal(count_rows(audit(state, &reply), "forbidden", &row), 4);
	reply_finish(&reply);
	refusals_destroy(refusals);
}

#define IN_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_fills_again),
		cmocka_unit_test(a_slow_one_says_how_long_to_wait),
		cmocka_unit_test(a_crowd_does_not_push_out_who_asks_on),
		cmocka_unit_test(without_a_limit_there_is_none),
		IN_FIXTURE(a_token_that_asks_too_often_waits),
		IN_FIXTURE(an_address_without_a_token_waits),
		IN_FIXTURE(wrong_tokens_are_counted),
		IN_FIXTURE(the_unix_socket_has_no_such_limit),
		IN_FIXTURE(connections_of_an_address_are_counted),
		IN_FIXTURE(who_tries_again_and_again_is_one_row),
		IN_FIXTURE(a_scope_that_is_too_low_names_the_token),
		IN_FIXTURE(what_is_only_wrong_is_no_refusal),
		IN_FIXTURE(a_crowd_is_written_as_others),
		IN_FIXTURE(what_follows_is_counted_by_the_minute),
	};
	return cmocka_run_group_tests_name("web/limits", tests, NULL, NULL);
}
