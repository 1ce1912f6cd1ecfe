/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that are old, in a hurry, slow, or gone without a word; and many of one address. */
#include "support.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "web_fixture.h"

#define LOCAL  "Host: localhost\r\n"
#define BEARER LOCAL "Authorization: Bearer " TOKEN "\r\n"
#define EVENTS "GET /api/v1/events HTTP/1.1\r\n" BEARER "\r\n"

enum {
	CONTENT_BYTES = 100000,
	PATIENCE_MS = 60000,
};

static struct web *web; /* beside the fixture's, with what a test wants of it */

static void start(struct fixture *fixture, struct web_config config)
{
	struct error error;
	config.library = fixture->library;
	config.listen_address = "127.0.0.1";
	config.token = TOKEN;
	config.heartbeat_ms = config.heartbeat_ms ? config.heartbeat_ms : 100;
	config.log = fixture_keep_line;
	config.log_context = fixture;
	web = web_start(&config, &error);
	assert_non_null(web);
}

static int teardown(void **state)
{
	web_stop(steal(web));
	return fixture_teardown(state);
}

static int dial_with(int receive_buffer, int segment)
{
	const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(web_port(web)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (receive_buffer) {
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
		setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
	}
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static int dial(void)
{
	return dial_with(0, 0);
}

/* One for which neither side keeps much: its segments are short, and so are the server's buffers.
 */
static int dial_narrow(void)
{
	return dial_with(4096, 536);
}

static int dial_and_send(const char *text)
{
	int fd = dial();
	send_all(fd, text, strlen(text));
	return fd;
}

/* Until `text` is there; at most `size` - 1 bytes. False: the connection ended before. */
static bool read_until(int fd, const char *text, char *ret, size_t size)
{
	size_t length = 0;
	ssize_t count;
	ret[0] = '\0';
	while (!strstr(ret, text)) {
		count = recv(fd, ret + length, size - 1 - length, 0);
		if (count <= 0)
			return false;
		length += (size_t)count;
		ret[length] = '\0';
	}
	return true;
}

static bool begins(int fd, const char *text)
{
	char answer[4096];
	return read_until(fd, text, answer, sizeof answer);
}

/* ---- HTTP/1.0 ------------------------------------------------------------------------------ */

static void an_old_client_is_answered_and_cut(void **state)
{
	struct reply reply;
	raw(*state, "GET /api/v1/status HTTP/1.0\r\n\r\n", &reply);
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.text, "\r\nConnection: close\r\n"));
	assert_null(strstr(reply.text, "Transfer-Encoding"));
	assert_non_null(reply.json);
	reply_finish(&reply);
}

static void an_old_client_over_tcp_names_the_host(void **state)
{
	struct reply reply;
	start(*state, (struct web_config){0});
	receive(dial_and_send("GET /api/v1/drives HTTP/1.0\r\n" BEARER "\r\n"), &reply);
	assert_reply(&reply, 200, "");
	receive(dial_and_send(
			"GET /api/v1/drives HTTP/1.0\r\nAuthorization: Bearer " TOKEN "\r\n\r\n"),
		&reply);
	assert_reply(&reply, 403, "forbidden");
}

/* Chunks are of HTTP/1.1 (RFC 9112 6.1). */
static void an_old_client_follows_without_chunks(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	char text[4096];
	start(fixture, (struct web_config){0});
	int fd = dial_and_send("GET /api/v1/events HTTP/1.0\r\n" BEARER "\r\n");
	assert_true(read_until(fd, ":\n\n:\n\n", text, sizeof text));
	assert_null(strstr(text, "Transfer-Encoding"));
	assert_non_null(strstr(text, "\r\n\r\nretry: 2000\nid: "));
	web_stop(steal(web));
	receive(fd, &reply); /* it ends */
	reply_finish(&reply);
}

static void an_old_client_fetches_a_disc(void **state)
{
	struct reply *reply = malloc(sizeof *reply);
	raw(*state, "GET /api/v1/media/netinst/content HTTP/1.0\r\nRange: bytes=7-56\r\n\r\n",
		reply);
	assert_int_equal(reply->status, 206);
	assert_non_null(strstr(reply->text, "\r\nContent-Length: 50\r\n"));
	assert_int_equal(reply->body[0], 7);
	assert_int_equal(reply->body[49], 56);
	reply_finish(reply);
	free(reply);
}

/* ---- pipelining ---------------------------------------------------------------------------- */

static void answers_come_in_the_order_of_requests(void **state)
{
	static const char requests[] =
		"GET /api/v1/drives/dvd0 HTTP/1.1\r\n" BEARER "\r\n"
		"GET /api/v1/media/netinst/content HTTP/1.1\r\n" BEARER
		"Range: bytes=97-146\r\n\r\n"
		"GET /nothing HTTP/1.1\r\n" BEARER "\r\n"
		"PATCH /api/v1/media/netinst HTTP/1.1\r\n" BEARER
		"Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"notes\":\"x\"}"
		"GET /healthz HTTP/1.1\r\n" BEARER "Connection: close\r\n\r\n";
	static const char *const order[] = {"\"name\":\"dvd0\"", "bytes 97-146/100000",
		"abcdefghij", "\"code\":\"not_found\"", "\"notes\":\"x\"", "{\"alive\":true}"};
	struct reply *reply = malloc(sizeof *reply);
	start(*state, (struct web_config){0});
	receive(dial_and_send(requests), reply);
	const char *at = reply->text;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		at = strstr(at, order[i]);
		if (!at)
			fail_msg("%s is not there: %s", order[i], reply->text);
	}
	reply_finish(reply);
	free(reply);
}

/* The second is not begun before the first is answered. */
static void one_that_waits_holds_up_those_behind_it(void **state)
{
	static const char requests[] =
		"PUT /api/v1/drives/dvd1/medium HTTP/1.1\r\n" BEARER
		"Content-Type: application/json\r\nContent-Length: "
		"20\r\n\r\n{\"medium\":\"netinst\"}"
		"DELETE /api/v1/drives/dvd1/medium HTTP/1.1\r\n" BEARER "Connection: close\r\n\r\n";
	struct fixture *fixture = *state;
	struct reply *reply = malloc(sizeof *reply);
	start(fixture, (struct web_config){0});
	fake_library_hold(fixture->library, true);
	int fd = dial_and_send(requests);
	wait_started(fixture, 1);
	usleep(50000);
	assert_int_equal(fake_library_started(fixture->library), 1);
	fake_library_hold(fixture->library, false);
	receive(fd, reply);
	const char *second = strstr(reply->body, "HTTP/1.1 200");
	assert_non_null(second);
	assert_non_null(strstr(second, "\"state\":\"empty\""));
	reply_finish(reply);
	free(reply);
}

/* What came behind a request that is not understood is not taken for requests. */
static void what_is_behind_a_refused_body_is_not_read(void **state)
{
	static const char requests[] = "DELETE /api/v1/drives/dvd0/medium HTTP/1.1\r\n" BEARER
				       "Content-Length: 5\r\n\r\nhello"
				       "DELETE /api/v1/media/netinst HTTP/1.1\r\n" BEARER "\r\n";
	struct fixture *fixture = *state;
	struct reply reply;
	start(fixture, (struct web_config){0});
	receive(dial_and_send(requests), &reply);
	assert_int_equal(reply.status, 400);
	assert_null(strstr(reply.body, "HTTP/1.1"));
	assert_int_equal(fake_library_started(fixture->library), 0);
	reply_finish(&reply);
}

static void a_thousand_at_once(void **state)
{
	static const char get[] = "GET /healthz HTTP/1.1\r\n" LOCAL "\r\n";
	enum { REQUESTS = 1000 };
	static const char last[] = "GET /healthz HTTP/1.1\r\n" LOCAL "Connection: close\r\n\r\n";
	_cleanup_free_ char *all = calloc(REQUESTS + 1, sizeof last);
	static char answers[1 << 20];
	start(*state, (struct web_config){0});
	for (unsigned i = 0; i < REQUESTS; i++)
		memcpy(all + i * strlen(get), get, strlen(get));
	int fd = dial();
	strcpy(all + REQUESTS * strlen(get), last);
	send_all(fd, all, strlen(all));
	read_until(fd, "no such text", answers, sizeof answers);
	close(fd);
	unsigned count = 0;
	for (const char *at = answers; (at = strstr(at, "{\"alive\":true}")); at++)
		count++;
	assert_int_equal(count, REQUESTS + 1);
}

/* ---- many of one address ------------------------------------------------------------------- */

static bool is_served(void)
{
	int fd = dial_and_send("GET /healthz HTTP/1.1\r\n" LOCAL "Connection: close\r\n\r\n");
	bool served = begins(fd, "{\"alive\":true}");
	close(fd);
	return served;
}

static void await_served(void)
{
	for (unsigned i = 0; i < PATIENCE_MS / 20 && !is_served(); i++)
		usleep(20000);
	assert_true(is_served());
}

/* A stream is a connection like any other, asleep or not. */
static void streams_take_places_of_their_address(void **state)
{
	int fds[5];
	struct reply reply;
	start(*state, (struct web_config){.connections_per_address = 5});
	for (unsigned i = 0; i < 5; i++) {
		fds[i] = dial_and_send(EVENTS);
		assert_true(begins(fds[i], "\n\n"));
	}
	assert_false(is_served());
	ask(*state, "GET", "/api/v1/status", NULL, &reply); /* the unix socket has its own */
	assert_reply(&reply, 200, "");
	close(fds[0]);
	await_served();
	for (unsigned i = 1; i < 5; i++)
		close(fds[i]);
}

/* ---- slow, and gone ------------------------------------------------------------------------ */

static unsigned clients_that_follow(struct fixture *fixture)
{
	struct reply *reply = malloc(sizeof *reply);
	unsigned count = 0;
	int fd = dial_and_send("GET /metrics HTTP/1.1\r\n" BEARER "Connection: close\r\n\r\n");
	receive(fd, reply);
	const char *line = strstr(reply->text, "\ncarousel_sse_clients ");
	assert_non_null(line);
	assert_int_equal(sscanf(line, " carousel_sse_clients %u", &count), 1);
	reply_finish(reply);
	free(reply);
	return count;
}

static void put_events(struct fixture *fixture, unsigned count)
{
	struct library_history_entry entry = {.verb = "load", .drive = "dvd1"};
	snprintf(entry.actor, sizeof entry.actor, "uid:0");
	snprintf(entry.medium, sizeof entry.medium,
		"a-medium-with-a-name-that-is-long-enough-to-fill-a-socket");
	while (count--)
		fake_library_put_event(fixture->library, &entry);
}

/* Its buffers are full, so that nothing can be sent: it is dropped, and the log says so. */
static void who_does_not_read_events_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	start(fixture, (struct web_config){.idle_seconds = 2});
	int fd = dial_narrow();
	send_all(fd, EVENTS, strlen(EVENTS));
	assert_true(begins(fd, "\n\n"));
	put_events(fixture, 4000);
	fixture_await_log(fixture, "<7>GET /api/v1/events status=200 actor=token");
	fixture_await_log(fixture, "client too slow");
	assert_int_equal(clients_that_follow(fixture), 0);
	close(fd);
}

/* Nothing that is sent to it arrives, and it says nothing: a cable that was pulled. */
static void pull_the_cable(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog program = {1, &drop};
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
}

static void who_vanishes_without_a_word_is_noticed(void **state)
{
	struct fixture *fixture = *state;
	start(fixture, (struct web_config){.idle_seconds = 2});
	int fd = dial_and_send(EVENTS);
	assert_true(begins(fd, "\n\n"));
	assert_int_equal(clients_that_follow(fixture), 1);
	pull_the_cable(fd);
	fixture_await_log(fixture, "GET /api/v1/events status=200");
	assert_int_equal(clients_that_follow(fixture), 0);
	for (char level = '0'; level < '7'; level++) /* it is nothing that anybody has to know */
		assert_false(fixture_logged(fixture, (const char[]){'<', level, '>', '\0'}));
	close(fd);
}

static void who_is_quiet_and_listens_stays(void **state)
{
	struct fixture *fixture = *state;
	start(fixture, (struct web_config){.idle_seconds = 1});
	int fd = dial_and_send(EVENTS);
	assert_true(begins(fd, "\n\n"));
	sleep(3);
	put_events(fixture, 1);
	assert_true(begins(fd, "event: load"));
	assert_false(fixture_logged(fixture, "GET /api/v1/events"));
	close(fd);
}

/* What waits for an operation has nothing to be sent, and is not idle. */
static void who_waits_for_an_operation_is_not_idle(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	start(fixture, (struct web_config){.idle_seconds = 1});
	fake_library_hold(fixture->library, true);
	int fd = dial_and_send("DELETE /api/v1/drives/dvd0/medium HTTP/1.1\r\n" BEARER
			       "Connection: close\r\n\r\n");
	wait_started(fixture, 1);
	sleep(3);
	fake_library_hold(fixture->library, false);
	receive(fd, &reply);
	assert_reply(&reply, 200, "");
}

/* Half a MiB of a body that nobody wants, until it cannot be sent any more. */
static void send_without_end(int fd)
{
	static const char head[] = "PUT /api/v1/drives/dvd0/medium HTTP/1.1\r\n" BEARER
				   "Content-Type: application/json\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n";
	static char chunk[(512 << 10) + 16] = "80000\r\n";
	memset(chunk + 7, ' ', 512 << 10);
	memcpy(chunk + 7 + (512 << 10), "\r\n", 2);
	ssize_t n = send(fd, head, strlen(head), MSG_NOSIGNAL);
	while (n > 0)
		n = send(fd, chunk, 7 + (512 << 10) + 2, MSG_NOSIGNAL);
}

/* It was answered long ago. */
static void who_never_ends_its_body_is_cut_off(void **state)
{
	struct fixture *fixture = *state;
	struct timespec begun, now;
	struct reply reply;
	start(fixture, (struct web_config){.idle_seconds = 2});
	int fd = dial_and_send("");
	clock_gettime(CLOCK_MONOTONIC, &begun);
	send_without_end(fd);
	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_in_range(now.tv_sec - begun.tv_sec, 1, PATIENCE_MS / 1000);
	receive(fd, &reply);
	assert_reply(&reply, 413, "too_large");
}

#define IN_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FIXTURE(who_never_ends_its_body_is_cut_off),
		IN_FIXTURE(an_old_client_is_answered_and_cut),
		IN_FIXTURE(an_old_client_over_tcp_names_the_host),
		IN_FIXTURE(an_old_client_follows_without_chunks),
		IN_FIXTURE(an_old_client_fetches_a_disc),
		IN_FIXTURE(answers_come_in_the_order_of_requests),
		IN_FIXTURE(one_that_waits_holds_up_those_behind_it),
		IN_FIXTURE(what_is_behind_a_refused_body_is_not_read),
		IN_FIXTURE(a_thousand_at_once),
		IN_FIXTURE(streams_take_places_of_their_address),
		IN_FIXTURE(who_does_not_read_events_is_dropped),
		IN_FIXTURE(who_vanishes_without_a_word_is_noticed),
		IN_FIXTURE(who_is_quiet_and_listens_stays),
		IN_FIXTURE(who_waits_for_an_operation_is_not_idle),
	};
	return cmocka_run_group_tests_name("web/clients", tests, NULL, NULL);
}
