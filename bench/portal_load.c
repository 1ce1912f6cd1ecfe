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
#include <dirent.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

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

static _Noreturn void die(const char *what, struct iscsi_context *iscsi)
{
	fprintf(stderr, "portal-load: %s: %s\n", what, iscsi ? iscsi_get_error(iscsi) : "");
	exit(1);
}

static uint64_t clock_ns(clockid_t which)
{
	struct timespec time;
	clock_gettime(which, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- processor time of the server: the first number of each thread's schedstat, nanoseconds ---
 */

static uint64_t thread_ns(const char *thread)
{
	char path[384];
	unsigned long long ns = 0;
	snprintf(path, sizeof path, "/proc/%s/task/%s/schedstat", asked.pid, thread);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%llu", &ns) != 1)
		ns = 0;
	fclose(file);
	return ns;
}

static uint64_t server_ns(void)
{
	char path[320];
	struct dirent *entry;
	uint64_t total = 0;
	snprintf(path, sizeof path, "/proc/%s/task", asked.pid);
	DIR *directory = opendir(path);
	if (!directory)
		die(path, NULL);
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			total += thread_ns(entry->d_name);
	closedir(directory);
	return total;
}

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

static void open_session(struct session *session, const char *text, unsigned number)
{
	char name[64];
	snprintf(name, sizeof name, "iqn.2026-01.bench:load-%u", number);
	session->iscsi = iscsi_create_context(name);
	struct iscsi_url *url = iscsi_parse_full_url(session->iscsi, text);
	if (!url)
		die("the URL", session->iscsi);
	iscsi_set_targetname(session->iscsi, url->target);
	iscsi_set_session_type(session->iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_header_digest(session->iscsi, ISCSI_HEADER_DIGEST_NONE);
	iscsi_set_noautoreconnect(session->iscsi, 1);
	session->lun = url->lun;
	if (iscsi_full_connect_sync(session->iscsi, url->portal, url->lun))
		die("connecting", session->iscsi);
	iscsi_destroy_url(url);
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

static int by_value(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return left < right ? -1 : left > right;
}

static double quantile(double part)
{
	uint64_t count = sample_count < SAMPLES_MAX ? sample_count : SAMPLES_MAX;
	return count ? samples[(uint64_t)(part * (double)(count - 1))] / 1e3 : 0;
}

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
	qsort(samples, count, sizeof samples[0], by_value);
	double bytes = (double)reads * asked.length;
	printf("{\"iops\": %.0f, \"mb_s\": %.1f, \"client_cores\": %.3f, \"server_cores\": %.3f, "
	       "\"server_s_gib\": %.4f, \"server_us\": %.3f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
	       "\"max_us\": %.1f, \"session_min\": %llu, \"session_max\": %llu}\n",
		(double)reads / seconds, bytes / seconds / 1e6, (double)client_ns / seconds / 1e9,
		(double)served_ns / seconds / 1e9, (double)served_ns / 1e9 / bytes * (1 << 30),
		(double)served_ns / 1e3 / (double)reads, quantile(0.5), quantile(0.99), quantile(1),
		(unsigned long long)least, (unsigned long long)most);
}

static void measure(struct session *sessions)
{
	uint64_t whole_ns = (uint64_t)(asked.seconds * 1e9);
	serve_until(sessions, clock_ns(CLOCK_MONOTONIC) + whole_ns / WARM_UP_PART);
	for (uint32_t i = 0; i < asked.sessions; i++)
		sessions[i].reads = 0;
	sample_count = 0;
	uint64_t served = server_ns(), own = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);
	serve_until(sessions, begin + whole_ns);
	uint64_t end = clock_ns(CLOCK_MONOTONIC);
	own = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own;
	served = server_ns() - served;
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
		open_session(&sessions[i], argv[1], i);
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
