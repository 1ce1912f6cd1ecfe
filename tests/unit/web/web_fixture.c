/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "web_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "util/cleanup.h"

enum { PATIENCE_MS = 60000 };

void fixture_keep_line(void *context, int priority, const char *line)
{
	struct fixture *fixture = context;
	SCOPED_LOCK(&fixture->log_lock);
	size_t length = strlen(fixture->log);
	snprintf(fixture->log + length, sizeof fixture->log - length, "<%d>%s\n", priority, line);
}

bool fixture_logged(struct fixture *fixture, const char *text)
{
	SCOPED_LOCK(&fixture->log_lock);
	return strstr(fixture->log, text);
}

void fixture_await_log(struct fixture *fixture, const char *text)
{
	for (unsigned i = 0; i < PATIENCE_MS / 10 && !fixture_logged(fixture, text); i++)
		usleep(10000);
	if (fixture_logged(fixture, text))
		return;
	SCOPED_LOCK(&fixture->log_lock);
	fail_msg("\"%s\" is not in: %s", text, fixture->log);
}

int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	struct error error;
	strcpy(fixture->directory, "/tmp/carousel-web-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	assert_int_equal(chmod(fixture->directory, 0755), 0);
	snprintf(fixture->socket_path, sizeof fixture->socket_path, "%s/api.sock",
		fixture->directory);
	pthread_mutex_init(&fixture->log_lock, NULL);
	fixture->library = fake_library_create();
	struct web_config config = {
		.library = fixture->library,
		.socket_path = fixture->socket_path,
		.socket_mode = 0666,
		.socket_group = getuid() ? (gid_t)-1 : 54321,
		.listen_address = "127.0.0.1",
		.token = TOKEN,
		.heartbeat_ms = 200,
		.log = fixture_keep_line,
		.log_context = fixture,
	};
	fixture->web = web_start(&config, &error);
	if (!fixture->web)
		fail_msg("%s", error.sentence);
	fixture->port = web_port(fixture->web);
	*state = fixture;
	return 0;
}

void fixture_stop(struct fixture *fixture)
{
	web_stop(fixture->web);
	fixture->web = NULL;
}

int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;
	fixture_stop(fixture);
	fake_library_destroy(fixture->library);
	pthread_mutex_destroy(&fixture->log_lock);
	int left = rmdir(fixture->directory); /* fails when the socket is still there */
	free(fixture);
	return left;
}

void reply_finish(struct reply *reply)
{
	json_decref(reply->json);
	reply->json = NULL;
}

int connect_local(const struct fixture *fixture)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, fixture->socket_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

int connect_tcp(const struct fixture *fixture)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(fixture->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

void send_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);
		if (sent <= 0)
			return; /* the server may cut the line: receive will tell */
		text += sent;
		length -= (size_t)sent;
	}
}

static void parse_reply(struct reply *reply)
{
	reply->status = 0;
	sscanf(reply->text, "HTTP/1.1 %d", &reply->status);
	const char *end = strstr(reply->text, "\r\n\r\n");
	reply->body = end ? end + 4 : "";
	reply->json = json_loads(reply->body, 0, NULL);
}

void receive(int fd, struct reply *ret)
{
	size_t length = 0;
	ssize_t count;
	while ((count = recv(fd, ret->text + length, REPLY_MAX - 1 - length, 0)) > 0)
		length += (size_t)count;
	ret->text[length] = '\0';
	close(fd);
	parse_reply(ret);
}

static void raw_at(int fd, const char *text, struct reply *ret)
{
	send_all(fd, text, strlen(text));
	receive(fd, ret);
}

void raw(const struct fixture *fixture, const char *text, struct reply *ret)
{
	raw_at(connect_local(fixture), text, ret);
}

void raw_tcp(const struct fixture *fixture, const char *text, struct reply *ret)
{
	raw_at(connect_tcp(fixture), text, ret);
}

void ask(const struct fixture *fixture, const char *method, const char *path, const char *body,
	struct reply *ret)
{
	char text[8192], headers[128] = "";
	if (body)
		snprintf(headers, sizeof headers,
			"Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
	int length = snprintf(text, sizeof text,
		"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n%s", method, path,
		headers, body ? body : "");
	assert_in_range(length, 1, sizeof text - 1);
	raw(fixture, text, ret);
}

const char *text_of(json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

void assert_reply(struct reply *reply, int status, const char *code)
{
	if (reply->status != status || strcmp(text_of(reply->json, "code"), code))
		fail_msg("expected %d %s, got: %s", status, code, reply->text);
	if (*code)
		assert_non_null(strstr(reply->text, "Content-Type: application/problem+json"));
	reply_finish(reply);
}

void expect(const struct fixture *fixture, const char *method, const char *path, const char *body,
	int status, const char *code)
{
	struct reply reply;
	ask(fixture, method, path, body, &reply);
	assert_reply(&reply, status, code);
}

void wait_started(const struct fixture *fixture, unsigned count)
{
	for (unsigned i = 0; i < PATIENCE_MS && fake_library_started(fixture->library) < count; i++)
		usleep(1000);
	assert_int_equal(fake_library_started(fixture->library), count);
}
