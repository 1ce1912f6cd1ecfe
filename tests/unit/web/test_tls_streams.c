/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that last, over TLS: streams of events and downloads, many at once. */
#include "support.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "certificates.h"
#include "gated_io.h"
#include "util/cleanup.h"
#include "web_fixture.h"

#define HEAD    " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " TOKEN "\r\n\r\n"
#define EVENTS  "GET /api/v1/events" HEAD
#define CONTENT "GET /api/v1/media/netinst/content" HEAD

enum {
	A_YEAR = 365 * 86400,
	CROWD = 50,
	SIZE = 4 << 20,
};

struct stream {
	struct tls_client client;
	size_t length;
	char text[1 << 16];
};

struct lab {
	struct fixture *fixture; /* its library, its directory */
	struct web *web;
	struct gated_io gated;
	char certificate[128], key[128], content[128];
	struct stream streams[CROWD];
};

static void make_content(struct lab *lab)
{
	_cleanup_free_ char *bytes = malloc(SIZE);
	for (unsigned i = 0; i < SIZE; i++)
		bytes[i] = (char)(unsigned char)(i % 251);
	int fd = open(lab->content, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, bytes, SIZE), SIZE);
	close(fd);
	fake_library_set_content(lab->fixture->library, lab->content);
}

static void start(struct lab *lab)
{
	struct error error;
	struct web_config config = {.library = lab->fixture->library,
		.listen_address = "127.0.0.1",
		.token = TOKEN,
		.certificate_path = lab->certificate,
		.key_path = lab->key,
		.connections_per_address = 4 * CROWD,
		.heartbeat_ms = 100,
		.io = &lab->gated.io};
	lab->web = web_start(&config, &error);
	if (!lab->web)
		fail_msg("%s", error.sentence);
}

static int setup(void **state)
{
	void *fixture;
	struct lab *lab = calloc(1, sizeof *lab);
	if (fixture_setup(&fixture))
		return -1;
	lab->fixture = fixture;
	snprintf(lab->certificate, sizeof lab->certificate, "%s/c.pem", lab->fixture->directory);
	snprintf(lab->key, sizeof lab->key, "%s/k.pem", lab->fixture->directory);
	snprintf(lab->content, sizeof lab->content, "%s/content", lab->fixture->directory);
	make_certificate(lab->certificate, lab->key, 1, time(NULL) + A_YEAR);
	make_content(lab);
	gated_io_init(&lab->gated);
	start(lab);
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;
	void *fixture = lab->fixture;
	web_stop(lab->web);
	unlink(lab->certificate);
	unlink(lab->key);
	unlink(lab->content);
	free(lab);
	return fixture_teardown(&fixture);
}

static void open_one(const struct lab *lab, struct tls_client *client)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(web_port(lab->web)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	tls_connect(client, fd, NULL);
	assert_true(client->connected);
}

static bool read_more(struct stream *stream)
{
	size_t count = tls_receive(&stream->client, stream->text + stream->length,
		sizeof stream->text - 1 - stream->length);
	stream->length += count;
	stream->text[stream->length] = '\0';
	return count;
}

static void read_until(struct stream *stream, const char *text)
{
	while (!strstr(stream->text, text))
		if (!read_more(stream))
			fail_msg("nothing comes any more; so far: %s", stream->text);
}

static void open_streams(struct lab *lab)
{
	for (unsigned i = 0; i < CROWD; i++) {
		struct stream *stream = &lab->streams[i];
		*stream = (struct stream){0};
		open_one(lab, &stream->client);
		tls_send(&stream->client, EVENTS);
		read_until(stream, "\n\n");
	}
}

static void close_streams(struct lab *lab)
{
	for (unsigned i = 0; i < CROWD; i++)
		tls_close(&lab->streams[i].client);
}

static void put_event(struct lab *lab, const char *medium)
{
	struct library_history_entry entry = {.verb = "load", .drive = "dvd1"};
	snprintf(entry.medium, sizeof entry.medium, "%s", medium);
	fake_library_put_event(lab->fixture->library, &entry);
}

static void assert_all_hear(struct lab *lab, const char *medium)
{
	put_event(lab, medium);
	for (unsigned i = 0; i < CROWD; i++)
		read_until(&lab->streams[i], medium);
}

/* What is behind the head of an answer that may be cut anywhere. */
static size_t read_head(struct tls_client *client, char *ret, size_t size)
{
	size_t length = 0;
	char *body;
	ret[0] = '\0';
	while (!(body = strstr(ret, "\r\n\r\n"))) {
		size_t count = tls_receive(client, ret + length, size - 1 - length);
		assert_true(count);
		length += count;
		ret[length] = '\0';
	}
	assert_memory_equal(ret, "HTTP/1.1 200", 12);
	length -= (size_t)(body + 4 - ret);
	memmove(ret, body + 4, length);
	return length;
}

static void assert_bytes(const char *bytes, size_t offset, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)bytes[i] != (offset + i) % 251)
			fail_msg("byte %zu is wrong", offset + i);
}

static void assert_download(struct tls_client *client)
{
	static char bytes[1 << 16];
	size_t length = read_head(client, bytes, sizeof bytes), offset = 0;
	while (assert_bytes(bytes, offset, length), (offset += length) < SIZE) {
		length = tls_receive(client, bytes, sizeof bytes);
		assert_true(length);
	}
	assert_int_equal(offset, SIZE);
}

/* ---- tests --------------------------------------------------------------------------------- */

static void many_follow(void **state)
{
	struct lab *lab = *state;
	open_streams(lab);
	assert_all_hear(lab, "first");
	for (unsigned i = 0; i < CROWD; i++)
		read_until(&lab->streams[i], ":\n\n"); /* and while nothing happens */
	assert_all_hear(lab, "second");
	close_streams(lab);
}

static void many_fetch_from_a_slow_disk(void **state)
{
	static struct tls_client clients[CROWD];
	struct lab *lab = *state;
	atomic_store(&lab->gated.delay_us, 1000);
	for (unsigned i = 0; i < CROWD; i++) {
		open_one(lab, &clients[i]);
		tls_send(&clients[i], CONTENT);
	}
	for (unsigned i = 0; i < CROWD; i++) {
		assert_download(&clients[i]);
		tls_close(&clients[i]);
	}
}

static void renew_certificate(struct lab *lab, unsigned char serial)
{
	struct error error;
	make_certificate(lab->certificate, lab->key, serial, time(NULL) + A_YEAR);
	assert_true(web_reload(lab->web, &error));
}

/* Streams and downloads go on with the certificate that they began with. */
static void a_certificate_is_renewed_in_the_middle(void **state)
{
	struct tls_client download, fresh;
	struct lab *lab = *state;
	open_streams(lab);
	open_one(lab, &download);
	gated_io_shut(&lab->gated, true);
	tls_send(&download, CONTENT);
	gated_io_await(&lab->gated, 1);
	renew_certificate(lab, 2);
	assert_all_hear(lab, "behind-the-renewal");
	open_one(lab, &fresh);
	assert_int_equal(fresh.serial, 2);
	tls_send(&fresh, CONTENT);
	gated_io_shut(&lab->gated, false);
	assert_download(&download);
	assert_download(&fresh);
	assert_int_equal(download.serial, 1);
	tls_send(&download, CONTENT); /* the connection is used again */
	assert_download(&download);
	tls_close(&download);
	tls_close(&fresh);
	close_streams(lab);
}

static void a_file_that_changes_cuts_the_connection(void **state)
{
	char bytes[1 << 16];
	struct tls_client client;
	struct lab *lab = *state;
	open_one(lab, &client);
	gated_io_shut(&lab->gated, true);
	tls_send(&client, CONTENT);
	gated_io_await(&lab->gated, 1);
	assert_int_equal(truncate(lab->content, SIZE / 2), 0);
	gated_io_shut(&lab->gated, false);
	assert_int_equal(read_head(&client, bytes, sizeof bytes), 0);
	assert_int_equal(tls_receive(&client, bytes, sizeof bytes), 0);
	tls_close(&client);
}

static void stopping_ends_all_of_them(void **state)
{
	struct tls_client download;
	struct lab *lab = *state;
	open_streams(lab);
	open_one(lab, &download);
	gated_io_shut(&lab->gated, true);
	tls_send(&download, CONTENT);
	gated_io_await(&lab->gated, 1);
	web_stop(steal(lab->web));
	for (unsigned i = 0; i < CROWD; i++) {
		while (read_more(&lab->streams[i]))
			;
		assert_non_null(strstr(lab->streams[i].text, "\r\n0\r\n"));
	}
	gated_io_shut(&lab->gated, false);
	gated_io_await_closed(&lab->gated, 1);
	tls_close(&download);
	close_streams(lab);
	usleep(100000); /* the thread that was left behind ends */
}

#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* A MiB of a body that nobody wants. */
static void send_megabyte(struct tls_client *client)
{
	static char chunk[16384 + 1];
	memset(chunk, ' ', 16384);
	tls_send(client, "100000\r\n");
	for (unsigned i = 0; i < 64; i++)
		tls_send(client, chunk);
	tls_send(client, "\r\n");
}

static void an_answer_comes_in_the_middle_of_a_long_body(void **state)
{
	struct lab *lab = *state;
	struct stream *stream = &lab->streams[0];
	open_one(lab, &stream->client);
	tls_send(&stream->client,
		"PUT /api/v1/drives/dvd0/medium HTTP/1.1\r\nHost: localhost\r\n"
		"Authorization: Bearer " TOKEN "\r\nContent-Type: application/json\r\n"
		"Transfer-Encoding: chunked\r\n\r\n");
	for (unsigned i = 0; i < 6; i++)
		send_megabyte(&stream->client);
	read_until(stream, "HTTP/1.1 413 ");
	read_until(stream, "\"code\":\"too_large\"");
	send_megabyte(&stream->client);
	while (read_more(stream))
		;
	tls_close(&stream->client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(an_answer_comes_in_the_middle_of_a_long_body),
		IN_LAB(many_follow),
		IN_LAB(many_fetch_from_a_slow_disk),
		IN_LAB(a_certificate_is_renewed_in_the_middle),
		IN_LAB(a_file_that_changes_cuts_the_connection),
		IN_LAB(stopping_ends_all_of_them),
	};
	return cmocka_run_group_tests_name("web/tls_streams", tests, NULL, NULL);
}
