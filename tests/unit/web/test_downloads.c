/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads of files on slow disks, of files that change meanwhile, and by slow clients. */
#include "support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gated_io.h"
#include "readers.h"
#include "util/cleanup.h"
#include "web_fixture.h"

#define GET_CONTENT                                                                                \
	"GET /api/v1/media/netinst/content HTTP/1.1\r\nHost: localhost\r\n"                        \
	"Authorization: Bearer " TOKEN "\r\nConnection: close\r\n\r\n"

enum {
	SMALL = 1 << 20,
	LARGE = 24 << 20, /* more than what sockets hold */
	MANY = 10,
	PATIENCE_S = 60,
	A_SECOND = 1000000, /* in microseconds */
};

struct lab {
	struct fixture *fixture; /* its library, its directory, its log */
	struct web *web;         /* beside the fixture's */
	struct gated_io gated;
	char path[64];
	size_t size;
};

/* ---- the file ------------------------------------------------------------------------------ */

/* The n-th byte is n modulo 251, and so 1 more with `shift` 1. */
static void fill(char *bytes, size_t offset, size_t length, unsigned shift)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)(unsigned char)((offset + i + shift) % 251);
}

static void write_at(const char *path, size_t offset, size_t length, unsigned shift)
{
	_cleanup_free_ char *bytes = malloc(length);
	fill(bytes, offset, length, shift);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(pwrite(fd, bytes, length, (off_t)offset), length);
	close(fd);
}

static void make_content(struct lab *lab, size_t size)
{
	lab->size = size;
	write_at(lab->path, 0, size, 0);
	fake_library_set_content(lab->fixture->library, lab->path);
	usleep(20000); /* what is written from now on has another time */
}

/* ---- the server ---------------------------------------------------------------------------- */

static void start(struct lab *lab, unsigned idle_seconds)
{
	struct error error;
	struct web_config config = {.library = lab->fixture->library,
		.listen_address = "127.0.0.1",
		.token = TOKEN,
		.heartbeat_ms = 100,
		.idle_seconds = idle_seconds,
		.io = &lab->gated.io,
		.log = fixture_keep_line,
		.log_context = lab->fixture};
	lab->web = web_start(&config, &error);
	assert_non_null(lab->web);
}

static int setup(void **state)
{
	void *fixture;
	struct lab *lab = calloc(1, sizeof *lab);
	if (fixture_setup(&fixture))
		return -1;
	lab->fixture = fixture;
	snprintf(lab->path, sizeof lab->path, "%s/content", lab->fixture->directory);
	gated_io_init(&lab->gated);
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;
	void *fixture = lab->fixture;
	web_stop(lab->web);
	unlink(lab->path);
	free(lab);
	return fixture_teardown(&fixture);
}

/* ---- clients ------------------------------------------------------------------------------- */

static int dial(const struct lab *lab)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	const int little = 16 << 10;
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(web_port(lab->web)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static int begin_download(const struct lab *lab)
{
	int fd = dial(lab);
	send_all(fd, GET_CONTENT, strlen(GET_CONTENT));
	return fd;
}

/* The head, byte by byte, lest some of the body is taken with it; the length that it promises. */
static size_t read_head(int fd)
{
	char text[2048] = "";
	size_t length = 0, promised = 0;
	while (length < sizeof text - 1 && !strstr(text, "\r\n\r\n"))
		if (recv(fd, text + length++, 1, 0) != 1)
			fail_msg("the head does not end: %s", text);
	const char *line = strstr(text, "\r\nContent-Length: ");
	assert_non_null(line);
	assert_int_equal(sscanf(line, " Content-Length: %zu", &promised), 1);
	assert_memory_equal(text, "HTTP/1.1 200 ", 13);
	return promised;
}

/* To the end; how much came. All of it is as the file was. */
static size_t read_body(int fd)
{
	static char bytes[1 << 16], wanted[1 << 16];
	size_t offset = 0;
	ssize_t count;
	while ((count = recv(fd, bytes, sizeof bytes, 0)) > 0) {
		fill(wanted, offset, (size_t)count, 0);
		assert_memory_equal(bytes, wanted, count);
		offset += (size_t)count;
	}
	assert_false(count < 0 && errno == EAGAIN); /* it ended, well or not */
	close(fd);
	return offset;
}

static void assert_whole(const struct lab *lab, int fd)
{
	assert_int_equal(read_head(fd), lab->size);
	assert_int_equal(read_body(fd), lab->size);
}

static void assert_answered(const struct lab *lab)
{
	static const char get[] = "GET /api/v1/drives HTTP/1.1\r\nHost: localhost\r\n"
				  "Authorization: Bearer " TOKEN "\r\nConnection: close\r\n\r\n";
	struct reply reply;
	int fd = dial(lab);
	send_all(fd, get, strlen(get));
	receive(fd, &reply);
	assert_int_equal(reply.status, 200);
	reply_finish(&reply);
}

/* ---- slow disks ---------------------------------------------------------------------------- */

/* All have their heads, and wait for bytes: so many of them before the gate. */
static void begin_many(struct lab *lab, int fds[MANY], unsigned waiting)
{
	for (unsigned i = 0; i < MANY; i++) {
		fds[i] = begin_download(lab);
		assert_int_equal(read_head(fds[i]), SMALL);
	}
	gated_io_await(&lab->gated, waiting);
}

static void reads_that_hang_hold_up_nobody(void **state)
{
	struct lab *lab = *state;
	int fds[MANY];
	make_content(lab, SMALL);
	start(lab, 0);
	gated_io_shut(&lab->gated, true);
	begin_many(lab, fds, READERS_THREADS);
	for (unsigned i = 0; i < 2 * MANY; i++)
		assert_answered(lab);
	gated_io_shut(&lab->gated, false);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(read_body(fds[i]), SMALL);
}

static long microseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int by_value(const void *a, const void *b)
{
	long left = *(const long *)a, right = *(const long *)b;
	return (left > right) - (left < right);
}

/* A disk that takes a second for each piece: the thread of the listener has none of it. */
static void others_are_answered_while_a_disk_is_slow(void **state)
{
	struct lab *lab = *state;
	int fds[MANY];
	long took[2 * MANY + 1];
	make_content(lab, SMALL);
	atomic_store(&lab->gated.delay_us, A_SECOND);
	start(lab, 0);
	for (unsigned i = 0; i < MANY; i++)
		fds[i] = begin_download(lab);
	for (unsigned i = 0; i < 2 * MANY + 1; i++) {
		long begun = microseconds();
		assert_answered(lab);
		took[i] = microseconds() - begun;
	}
	qsort(took, 2 * MANY + 1, sizeof *took, by_value);
	print_message("others: half of them within %ld us, the slowest in %ld us\n", took[MANY],
		took[2 * MANY]);
	assert_in_range(took[MANY], 0, A_SECOND); /* less than one read */
	atomic_store(&lab->gated.delay_us, 0);
	for (unsigned i = 0; i < MANY; i++)
		assert_whole(lab, fds[i]);
}

static void a_server_that_hangs_holds_up_its_own_files(void **state)
{
	struct lab *lab = *state;
	int fds[MANY];
	make_content(lab, SMALL);
	lab->gated.hangs_size = SMALL;
	start(lab, 0);
	gated_io_hang(&lab->gated, true);
	begin_many(lab, fds, READERS_HANGING_MAX);
	unlink(lab->path);
	make_content(lab, SMALL + 1);
	for (unsigned i = 0; i < MANY; i++)
		assert_whole(lab, begin_download(lab));
	gated_io_hang(&lab->gated, false);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(read_body(fds[i]), SMALL);
}

static void what_is_cached_needs_nobody_else(void **state)
{
	struct lab *lab = *state;
	make_content(lab, SMALL);
	lab->gated.cached = true;
	start(lab, 0);
	gated_io_shut(&lab->gated, true);
	assert_whole(lab, begin_download(lab));
	gated_io_shut(&lab->gated, false);
}

static void a_disk_that_fails_is_no_end(void **state)
{
	struct lab *lab = *state;
	make_content(lab, SMALL);
	lab->gated.bad_offset = SMALL / 2;
	start(lab, 0);
	int fd = begin_download(lab);
	assert_int_equal(read_head(fd), SMALL);
	assert_in_range(read_body(fd), 0, SMALL / 2);
	fixture_await_log(lab->fixture, "<4>GET /api/v1/media/netinst/content status=200");
	fixture_await_log(lab->fixture, "the file cannot be read: Input/output error");
	assert_answered(lab);
}

static void who_leaves_while_it_is_read_is_forgotten(void **state)
{
	struct lab *lab = *state;
	int fds[MANY];
	make_content(lab, SMALL);
	start(lab, 0);
	gated_io_shut(&lab->gated, true);
	begin_many(lab, fds, READERS_THREADS);
	for (unsigned i = 0; i < MANY; i++)
		close(fds[i]);
	gated_io_shut(&lab->gated, false);
	gated_io_await_closed(&lab->gated, MANY);
	assert_answered(lab);
}

static void stopping_does_not_wait_for_a_disk(void **state)
{
	struct lab *lab = *state;
	int fds[MANY];
	make_content(lab, SMALL);
	start(lab, 0);
	gated_io_shut(&lab->gated, true);
	begin_many(lab, fds, READERS_THREADS);
	web_stop(steal(lab->web));
	fixture_await_log(lab->fixture, "the daemon stops");
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(read_body(fds[i]), 0);
	gated_io_shut(&lab->gated, false);
	gated_io_await_closed(&lab->gated, MANY);
	usleep(100000); /* the threads that were left behind end */
}

/* ---- files that change --------------------------------------------------------------------- */

/* Everything that came is what the file was, and less of it came than was promised. */
static void assert_cut_after(struct lab *lab, void (*change)(struct lab *lab), bool cached)
{
	char byte;
	make_content(lab, LARGE);
	lab->gated.cached = cached;
	start(lab, 0);
	int fd = begin_download(lab);
	assert_int_equal(read_head(fd), LARGE);
	assert_int_equal(recv(fd, &byte, 1, MSG_PEEK), 1);
	change(lab);
	assert_in_range(read_body(fd), 1, LARGE - 1);
	fixture_await_log(lab->fixture, "<4>GET /api/v1/media/netinst/content status=200");
	fixture_await_log(lab->fixture, "the file was changed while it was sent");
	assert_answered(lab);
}

static void truncate_it(struct lab *lab)
{
	assert_int_equal(truncate(lab->path, LARGE - (1 << 20)), 0);
}

static void empty_it(struct lab *lab)
{
	assert_int_equal(truncate(lab->path, 0), 0);
}

static void append_to_it(struct lab *lab)
{
	write_at(lab->path, LARGE, 1 << 20, 0);
}

static void write_into_it(struct lab *lab)
{
	write_at(lab->path, LARGE - (2 << 20), 1 << 20, 1);
}

static void a_file_that_is_truncated(void **state)
{
	assert_cut_after(*state, truncate_it, true);
}

static void a_file_that_is_emptied(void **state)
{
	assert_cut_after(*state, empty_it, true);
}

static void a_file_that_grows(void **state)
{
	assert_cut_after(*state, append_to_it, true);
}

static void a_file_that_is_written_to(void **state)
{
	assert_cut_after(*state, write_into_it, true);
}

static void a_file_on_a_slow_disk_that_is_truncated(void **state)
{
	assert_cut_after(*state, truncate_it, false);
}

static void a_file_on_a_slow_disk_that_is_written_to(void **state)
{
	assert_cut_after(*state, write_into_it, false);
}

/* The name is another file's now; what was begun is that which it was. */
static void a_file_that_is_replaced_is_sent_to_its_end(void **state)
{
	struct lab *lab = *state;
	char other[80];
	make_content(lab, LARGE);
	lab->gated.cached = true;
	start(lab, 0);
	int fd = begin_download(lab);
	assert_int_equal(read_head(fd), LARGE);
	snprintf(other, sizeof other, "%s.new", lab->path);
	write_at(other, 0, SMALL, 1);
	assert_int_equal(rename(other, lab->path), 0);
	assert_int_equal(read_body(fd), LARGE);
}

/* ---- slow clients -------------------------------------------------------------------------- */

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* What is allocated; what is freed is kept a while by sanitizers. */
static size_t allocated(void)
{
	return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes()
						       : mallinfo2().uordblks;
}

static void who_does_not_read_costs_little_and_is_dropped(void **state)
{
	struct lab *lab = *state;
	int fds[MANY];
	make_content(lab, LARGE);
	start(lab, 2);
	assert_answered(lab);
	size_t before = allocated();
	for (unsigned i = 0; i < MANY; i++) {
		fds[i] = begin_download(lab);
		assert_int_equal(read_head(fds[i]), LARGE);
	}
	usleep(500000);
	assert_in_range(allocated(), 0, before + MANY * (512 << 10));
	gated_io_await_closed(&lab->gated, MANY);
	fixture_await_log(lab->fixture, "status=200 actor=token ms=");
	fixture_await_log(lab->fixture, "client too slow");
	for (unsigned i = 0; i < MANY; i++)
		assert_in_range(read_body(fds[i]), 1, LARGE - 1);
}

/* Nothing that is sent to it arrives any more, and it says nothing: a cable that was pulled. */
static void who_vanishes_in_the_middle_is_dropped(void **state)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog program = {1, &drop};
	struct lab *lab = *state;
	make_content(lab, LARGE);
	start(lab, 2);
	int fd = begin_download(lab);
	assert_int_equal(read_head(fd), LARGE);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
	fixture_await_log(lab->fixture, "GET /api/v1/media/netinst/content status=200");
	gated_io_await_closed(&lab->gated, 1);
	close(fd);
}

/* It takes longer than the time for which a client may do nothing, and is not cut. */
static void who_reads_slowly_gets_all_of_it(void **state)
{
	struct lab *lab = *state;
	static char bytes[LARGE / 32];
	size_t offset = 0;
	make_content(lab, LARGE);
	lab->gated.cached = true;
	start(lab, 5);
	int fd = begin_download(lab);
	assert_int_equal(read_head(fd), LARGE);
	for (unsigned i = 0; i < 32; i++) {
		usleep(200000);
		assert_int_equal(recv(fd, bytes, sizeof bytes, MSG_WAITALL), sizeof bytes);
		assert_int_equal((unsigned char)bytes[0], offset % 251);
		offset += sizeof bytes;
	}
	assert_int_equal(read_body(fd), 0);
}

#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(reads_that_hang_hold_up_nobody),
		IN_LAB(others_are_answered_while_a_disk_is_slow),
		IN_LAB(a_server_that_hangs_holds_up_its_own_files),
		IN_LAB(what_is_cached_needs_nobody_else),
		IN_LAB(a_disk_that_fails_is_no_end),
		IN_LAB(who_leaves_while_it_is_read_is_forgotten),
		IN_LAB(stopping_does_not_wait_for_a_disk),
		IN_LAB(a_file_that_is_truncated),
		IN_LAB(a_file_that_is_emptied),
		IN_LAB(a_file_that_grows),
		IN_LAB(a_file_that_is_written_to),
		IN_LAB(a_file_on_a_slow_disk_that_is_truncated),
		IN_LAB(a_file_on_a_slow_disk_that_is_written_to),
		IN_LAB(a_file_that_is_replaced_is_sent_to_its_end),
		IN_LAB(who_does_not_read_costs_little_and_is_dropped),
		IN_LAB(who_vanishes_in_the_middle_is_dropped),
		IN_LAB(who_reads_slowly_gets_all_of_it),
	};
	return cmocka_run_group_tests_name("web/downloads", tests, NULL, NULL);
}
