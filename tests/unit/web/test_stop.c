/* SPDX-License-Identifier: Apache-2.0 */
/* Operations that outlive their client or the server, and many clients at once. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "web_fixture.h"

enum { PATIENCE_MS = 60000 };

static const char load[] = "PUT /api/v1/drives/dvd1/medium HTTP/1.1\r\nHost: localhost\r\n"
			   "Connection: close\r\nContent-Type: application/json\r\n"
			   "Content-Length: 20\r\n\r\n{\"medium\":\"netinst\"}";

/* One that is under way until the library is not held any more. */
static int begin_load(struct fixture *fixture)
{
	fake_library_hold(fixture->library, true);
	int fd = connect_local(fixture);
	send_all(fd, load, strlen(load));
	wait_started(fixture, 1);
	return fd;
}

static void an_operation_answers_when_it_is_done(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	int fd = begin_load(fixture);
	expect(fixture, "GET", "/api/v1/status", NULL, 200, ""); /* readers go on */
	fake_library_hold(fixture->library, false);
	receive(fd, &reply);
	assert_reply(&reply, 200, "");
}

static void a_client_that_left_is_no_loss(void **state)
{
	struct fixture *fixture = *state;
	int fd = begin_load(fixture);
	close(fd);
	fake_library_hold(fixture->library, false);
	struct reply reply;
	for (unsigned i = 0; i < PATIENCE_MS && !fake_library_completed(fixture->library); i++)
		usleep(1000);
	ask(fixture, "GET", "/api/v1/drives/dvd1", NULL, &reply);
	assert_string_equal(text_of(reply.json, "state"), "loaded");
	assert_reply(&reply, 200, "");
}

static void stopping_answers_those_who_wait(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	int fd = begin_load(fixture);
	fixture_stop(fixture);
	receive(fd, &reply);
	assert_reply(&reply, 503, "stopping");
	fake_library_hold(fixture->library, false); /* it completes after the server's end */
}

static void stopping_with_a_client_that_left(void **state)
{
	struct fixture *fixture = *state;
	int fd = begin_load(fixture);
	close(fd);
	fixture_stop(fixture);
	assert_int_equal(fake_library_completed(fixture->library), 0);
}

static void the_library_may_stop_first(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	int fd = begin_load(fixture);
	fake_library_stop(fixture->library);
	receive(fd, &reply);
	assert_reply(&reply, 503, "stopping");
	fixture_stop(fixture);
}

static const char search[] = "GET /api/v1/media?match=iso HTTP/1.1\r\nHost: localhost\r\n"
			     "Connection: close\r\n\r\n";

static void wait_searching(const struct fixture *fixture)
{
	for (unsigned i = 0; i < PATIENCE_MS && !fake_library_searches(fixture->library); i++)
		usleep(1000);
	assert_int_equal(fake_library_searches(fixture->library), 1);
}

/* One that is under way until the library is not held any more. */
static int begin_search(struct fixture *fixture)
{
	fake_library_hold(fixture->library, true);
	int fd = connect_local(fixture);
	send_all(fd, search, strlen(search));
	wait_searching(fixture);
	return fd;
}

static void others_are_answered_while_somebody_searches(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	int fd = begin_search(fixture);
	expect(fixture, "GET", "/api/v1/drives", NULL, 200, "");
	expect(fixture, "GET", "/api/v1/media?limit=2", NULL, 200, ""); /* nothing is looked for */
	expect(fixture, "GET", "/api/v1/media?match=iso&limit=0", NULL, 400, "invalid_request");
	fake_library_hold(fixture->library, false);
	receive(fd, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 4);
	assert_reply(&reply, 200, "");
}

static void a_client_that_left_ends_its_search(void **state)
{
	struct fixture *fixture = *state;
	int fd = begin_search(fixture);
	close(fd);
	usleep(50000); /* so that it is time to look whether the client is there */
	fake_library_hold(fixture->library, false);
	for (unsigned i = 0; i < PATIENCE_MS && !fake_library_searches_dropped(fixture->library);
		i++)
		usleep(1000);
	assert_int_equal(fake_library_searches_dropped(fixture->library), 1);
	expect(fixture, "GET", "/api/v1/media?match=iso", NULL, 200, "");
}

static void stopping_answers_those_who_search(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	int fd = begin_search(fixture);
	fixture_stop(fixture);
	receive(fd, &reply);
	assert_reply(&reply, 503, "stopping");
	fake_library_hold(fixture->library, false); /* it is done after the server's end */
}

static void stopping_does_not_wait_for_half_a_request(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	int fd = connect_local(fixture);
	send_all(fd, load, strlen(load) - 5);
	usleep(50000);
	fixture_stop(fixture);
	receive(fd, &reply);
	assert_reply(&reply, 0, "");
}

static void a_connection_is_used_again(void **state)
{
	static const char twice[] = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
				    "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
				    "Connection: close\r\n\r\n";
	struct reply reply;
	raw(*state, twice, &reply);
	assert_int_equal(reply.status, 404);
	assert_non_null(strstr(reply.text, "{\"alive\":true}"));
	reply_finish(&reply);
}

/* ---- many ---------------------------------------------------------------------------------- */

enum {
	CLIENTS = 8,
	ROUNDS = 25,
};

struct crowd {
	struct fixture *fixture;
	atomic_bool over;
	atomic_uint answers;
	int lines[CLIENTS]; /* of the rude clients, connected before the stop can come */
	atomic_uint lines_taken;
};

static void one_round(struct crowd *crowd, unsigned round, struct reply *reply)
{
	static const char *const bodies[] = {"{\"medium\":\"netinst\",\"replace\":true}",
		"{\"medium\":\"odd\",\"replace\":true}"};
	switch (round % 4) {
	case 0:
		ask(crowd->fixture, "GET", "/api/v1/drives", NULL, reply);
		break;
	case 1:
		ask(crowd->fixture, "DELETE", "/api/v1/drives/dvd1/medium", NULL, reply);
		break;
	default:
		ask(crowd->fixture, "PUT", "/api/v1/drives/dvd1/medium", bodies[round & 1], reply);
	}
}

static void *crowd_client(void *context)
{
	struct crowd *crowd = context;
	struct reply *reply = malloc(sizeof *reply);
	for (unsigned round = 0; round < ROUNDS; round++) {
		one_round(crowd, round, reply);
		crowd->answers += reply->status == 200;
		reply_finish(reply);
	}
	free(reply);
	return NULL;
}

static void many_clients(void **state)
{
	struct crowd crowd = {.fixture = *state};
	pthread_t threads[CLIENTS];
	for (unsigned i = 0; i < CLIENTS; i++)
		pthread_create(&threads[i], NULL, crowd_client, &crowd);
	for (unsigned i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.answers, CLIENTS * ROUNDS);
}

/* Sends, and leaves or stays as it comes; the server may be gone at any moment. */
static void *rude_client(void *context)
{
	struct crowd *crowd = context;
	struct reply *reply = malloc(sizeof *reply);
	int fd = crowd->lines[crowd->lines_taken++];
	for (unsigned i = 0; !crowd->over && i < ROUNDS; i++)
		send_all(fd, load, strlen(load) - (i & 1));
	receive(fd, reply);
	reply_finish(reply);
	free(reply);
	return NULL;
}

static void *waiting_client(void *context)
{
	struct crowd *crowd = context;
	struct reply *reply = malloc(sizeof *reply);
	raw(crowd->fixture, load, reply);
	crowd->answers += reply->status == 200 || reply->status == 503;
	reply_finish(reply);
	free(reply);
	return NULL;
}

static void stopping_in_the_middle_of_it(void **state)
{
	struct crowd crowd = {.fixture = *state};
	pthread_t threads[CLIENTS];
	fake_library_hold(crowd.fixture->library, true);
	for (unsigned i = 0; i < CLIENTS / 2; i++)
		crowd.lines[i] = connect_tcp(crowd.fixture);
	for (unsigned i = 0; i < CLIENTS; i++)
		pthread_create(&threads[i], NULL, i & 1 ? rude_client : waiting_client, &crowd);
	wait_started(crowd.fixture, CLIENTS / 2);
	fake_library_hold(crowd.fixture->library, false); /* completions race with the stop */
	fixture_stop(crowd.fixture);
	crowd.over = true;
	for (unsigned i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.answers, CLIENTS / 2);
}

#define STOP_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STOP_TEST(an_operation_answers_when_it_is_done),
		STOP_TEST(a_client_that_left_is_no_loss),
		STOP_TEST(stopping_answers_those_who_wait),
		STOP_TEST(others_are_answered_while_somebody_searches),
		STOP_TEST(a_client_that_left_ends_its_search),
		STOP_TEST(stopping_answers_those_who_search),
		STOP_TEST(stopping_with_a_client_that_left),
		STOP_TEST(the_library_may_stop_first),
		STOP_TEST(stopping_does_not_wait_for_half_a_request),
		STOP_TEST(a_connection_is_used_again),
		STOP_TEST(many_clients),
		STOP_TEST(stopping_in_the_middle_of_it),
	};
	return cmocka_run_group_tests_name("web/stop", tests, NULL, NULL);
}
