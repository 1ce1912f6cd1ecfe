/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An initiator that reads: libiscsi, one thread, any number of sessions, each with READ(10)s in
 * flight all the time.
 *
 *	portal-load URL LENGTH DEPTH SESSIONS SECONDS sequential|random PID
 *
 * URL is iscsi://ADDRESS/TARGET/LUN, PID the process that serves it. Prints one line of JSON: reads
 * a second, bytes a second, latency in microseconds, the processor time of this program and of that
 * one, and the reads of each session.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include "initiator.h"

enum { BLOCK = 2048, SESSIONS_MAX = 256, SAMPLES_MAX = 1 << 22, WARM_UP_PART = 5 };

struct session {
	struct iscsi_context *iscsi;
	int lun;
	uint32_t next;
	uint64_t reads;
};

struct request {
	struct session *session;
	struct scsi_iovec iov;
	uint64_t started_ns;
};

static struct {
	uint32_t length, depth, sessions;
	double seconds;
	bool random;
	const char *pid;
} asked;

static uint32_t blocks; /* of the disc */
static bool stopping;
static uint64_t random_state = 88172645463325252u;
static uint32_t samples[SAMPLES_MAX]; /* nanoseconds */
static uint64_t sample_count;

/* ---- reading ----------------------------------------------------------------------------------
 */

static uint32_t next_address(struct session *session)
{
	uint32_t count = asked.length / BLOCK, places = blocks / count;
	if (!asked.random)
		return session->next++ % places * count;
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state % places) * count;
}

static void start(struct request *request);

static void arrived(struct iscsi_context *iscsi, int status, void *data, void *context)
{
	struct request *request = context;
	struct scsi_task *task = data;
	if (status != SCSI_STATUS_GOOD || task->residual != 0)
		die("a read failed", iscsi);
	scsi_free_scsi_task(task);
	samples[sample_count++ % SAMPLES_MAX] =
		(uint32_t)(clock_ns(CLOCK_MONOTONIC) - request->started_ns);
	request->session->reads++;
	if (!stopping)
		start(request);
}

static void start(struct request *request)
{
	struct session *session = request->session;
	request->started_ns = clock_ns(CLOCK_MONOTONIC);
	if (!iscsi_read10_iov_task(session->iscsi, session->lun, next_address(session),
		    asked.length, BLOCK, 0, 0, 0, 0, 0, arrived, request, &request->iov, 1))
		die("cannot send", session->iscsi);
}

static struct request *make_requests(struct session *session)
{
	struct request *requests = calloc(asked.depth, sizeof *requests);
	for (uint32_t i = 0; requests && i < asked.depth; i++) {
		requests[i].session = session;
		requests[i].iov = (struct scsi_iovec){malloc(asked.length), asked.length};
	}
	return requests;
}

/* ---- sessions ---------------------------------------------------------------------------------
 */

static void begin_session(struct session *session, const char *url, unsigned number)
{
	char name[64];
	snprintf(name, sizeof name, "iqn.2026-01.bench:load-%u", number);
	session->iscsi = open_session(name, url, &session->lun);
}

static void find_capacity(struct session *session)
{
	struct scsi_task *task = iscsi_readcapacity10_sync(session->iscsi, session->lun, 0, 0);
	struct scsi_readcapacity10 *capacity = task ? scsi_datain_unmarshall(task) : NULL;
	if (!capacity || capacity->block_size != BLOCK)
		die("the capacity", session->iscsi);
	blocks = capacity->lba + 1;
	scsi_free_scsi_task(task);
}

static void serve_until(struct session *sessions, uint64_t end_ns)
{
	struct pollfd fds[SESSIONS_MAX];
	while (clock_ns(CLOCK_MONOTONIC) < end_ns) {
		for (uint32_t i = 0; i < asked.sessions; i++)
			fds[i] = (struct pollfd){.fd = iscsi_get_fd(sessions[i].iscsi),
				.events = (short)iscsi_which_events(sessions[i].iscsi)};
		poll(fds, asked.sessions, 100);
		for (uint32_t i = 0; i < asked.sessions; i++)
			if (fds[i].revents && iscsi_service(sessions[i].iscsi, fds[i].revents))
				die("the connection broke", sessions[i].iscsi);
	}
}

/* ---- what came out ----------------------------------------------------------------------------
 */

static void report(
	const struct session *sessions, double seconds, uint64_t client_ns, uint64_t served_ns)
{
	uint64_t reads = 0, least = UINT64_MAX, most = 0;
	for (uint32_t i = 0; i < asked.sessions; i++) {
		uint64_t own = sessions[i].reads;
		reads += own;
		least = own < least ? own : least;
		most = own > most ? own : most;
	}
	uint64_t count = sample_count < SAMPLES_MAX ? sample_count : SAMPLES_MAX;
	double bytes = (double)reads * asked.length;
	printf("{\"iops\": %.0f, \"mb_s\": %.1f, \"client_cores\": %.3f, \"server_cores\": %.3f, "
	       "\"server_s_gib\": %.4f, \"server_us\": %.3f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
	       "\"max_us\": %.1f, \"session_min\": %llu, \"session_max\": %llu}\n",
		(double)reads / seconds, bytes / seconds / 1e6, (double)client_ns / seconds / 1e9,
		(double)served_ns / seconds / 1e9, (double)served_ns / 1e9 / bytes * (1 << 30),
		(double)served_ns / 1e3 / (double)reads, quantile(samples, count, 0.5) / 1e3,
		quantile(samples, count, 0.99) / 1e3, quantile(samples, count, 1) / 1e3,
		(unsigned long long)least, (unsigned long long)most);
}

static void measure(struct session *sessions)
{
	uint64_t whole_ns = (uint64_t)(asked.seconds * 1e9);
	serve_until(sessions, clock_ns(CLOCK_MONOTONIC) + whole_ns / WARM_UP_PART);
	for (uint32_t i = 0; i < asked.sessions; i++)
		sessions[i].reads = 0;
	sample_count = 0;
	uint64_t served = process_ns(asked.pid), own = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);
	serve_until(sessions, begin + whole_ns);
	uint64_t end = clock_ns(CLOCK_MONOTONIC);
	own = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own;
	served = process_ns(asked.pid) - served;
	report(sessions, (double)(end - begin) / 1e9, own, served);
}

int main(int argc, char **argv)
{
	static struct session sessions[SESSIONS_MAX];
	if (argc != 8) {
		fprintf(stderr, "usage: portal-load URL LENGTH DEPTH SESSIONS SECONDS "
				"sequential|random PID\n");
		return 2;
	}
	asked.length = (uint32_t)atoi(argv[2]);
	asked.depth = (uint32_t)atoi(argv[3]);
	asked.sessions = (uint32_t)atoi(argv[4]);
	asked.seconds = atof(argv[5]);
	asked.random = !strcmp(argv[6], "random");
	asked.pid = argv[7];
	if (asked.length < BLOCK || asked.sessions < 1 || asked.sessions > SESSIONS_MAX)
		die("the arguments", NULL);
	for (uint32_t i = 0; i < asked.sessions; i++)
		begin_session(&sessions[i], argv[1], i);
	find_capacity(&sessions[0]);
	for (uint32_t i = 0; i < asked.sessions; i++) {
		struct request *requests = make_requests(&sessions[i]);
		sessions[i].next = blocks / asked.sessions * i / (asked.length / BLOCK);
		for (uint32_t k = 0; requests && k < asked.depth; k++)
			start(&requests[k]);
	}
	measure(sessions);
	exit(0); /* as initiators go: the server sees the connections end */
}
