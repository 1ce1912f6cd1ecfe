/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An initiator that writes a tape and reads it again: libiscsi, one thread, one session.
 *
 *	tape-load URL LENGTH DEPTH BLOCKS random|half as-is|off|on PID
 *
 * REWIND, WRITE(6) of BLOCKS blocks of variable length with DEPTH commands in flight, WRITE
 * FILEMARKS without IMMED, REWIND, and the same blocks with READ(6); the first and the last of them
 * are compared. `random` content does not shrink, `half` does by some two to one. `off` and `on`
 * set the data compression page first (SSC-4 8.3.2). PID is the process that serves it.
 *
 * Prints one line of JSON: for writing and for reading blocks and bytes a second, latency in
 * microseconds, processor time of that process and of this one; and the wait for the filemark.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include "initiator.h"
#include "util/bytes.h"

enum {
	REWIND = 0x01,
	READ_6 = 0x08,
	WRITE_6 = 0x0a,
	WRITE_FILEMARKS_6 = 0x10,
	MODE_SELECT_6 = 0x15,
	MODE_SENSE_6 = 0x1a,
	COMPRESSION_PAGE = 0x0f,
	COMPRESSION_ENABLED = 0x80,
	PAGE_FORMAT = 0x10,
	MODE_HEADER = 4,
	MODE_ROOM = 64,
	CONTENT = 16 << 20,
	CONTENT_STEP = 64,
	CONTENT_RANDOM = 28, /* of each step, when it shrinks */
	DEPTH_MAX = 64,
};

static struct {
	uint32_t length, depth;
	uint64_t blocks;
	const char *pid;
} asked;

struct request {
	struct scsi_iovec iov;
	uint64_t number; /* of the block */
	uint64_t started_ns;
};

static struct iscsi_context *iscsi;
static int lun;
static bool writing;
static uint64_t started, arrived;
static uint32_t *samples; /* nanoseconds */
static uint8_t *content;

/* ---- content ----------------------------------------------------------------------------------
 */

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void make_content(bool half)
{
	uint64_t state = 88172645463325252u;
	content = malloc(2 * CONTENT);
	if (!content)
		die("out of memory", NULL);
	for (size_t i = 0; i < 2 * CONTENT; i++) {
		bool random = !half || i % CONTENT_STEP < CONTENT_RANDOM;
		content[i] = (uint8_t)(random ? next_random(&state) >> 32 : i >> 12);
	}
}

/* Of a block: each is another piece, as far as there are any. */
static uint8_t *content_of(uint64_t number)
{
	return content + number * (asked.length + CONTENT_STEP) % CONTENT;
}

/* ---- commands one by one ----------------------------------------------------------------------
 */

static struct scsi_task *command(const uint8_t cdb[6], int direction, void *data, int length)
{
	uint8_t copy[6];
	struct iscsi_data out = {.size = (size_t)length, .data = data};
	memcpy(copy, cdb, sizeof copy);
	struct scsi_task *task = scsi_create_task(sizeof copy, copy, direction, length);
	if (!task || !iscsi_scsi_command_sync(
			     iscsi, lun, task, direction == SCSI_XFER_WRITE ? &out : NULL))
		die("a command could not be sent", iscsi);
	return task;
}

static void simple(const char *name, const uint8_t cdb[6])
{
	struct scsi_task *task = command(cdb, SCSI_XFER_NONE, NULL, 0);
	if (task->status != SCSI_STATUS_GOOD)
		die(name, iscsi);
	scsi_free_scsi_task(task);
}

/* Until no unit attention is left. */
static void become_ready(void)
{
	static const uint8_t test_unit_ready[6];
	int status = SCSI_STATUS_CHECK_CONDITION;
	for (int tries = 0; tries < 10 && status != SCSI_STATUS_GOOD; tries++) {
		struct scsi_task *task = command(test_unit_ready, SCSI_XFER_NONE, NULL, 0);
		status = task->status;
		scsi_free_scsi_task(task);
	}
	if (status != SCSI_STATUS_GOOD)
		die("the drive is not ready", iscsi);
}

static void set_compression(bool on)
{
	static const uint8_t sense[6] = {MODE_SENSE_6, 0x08, COMPRESSION_PAGE, 0, MODE_ROOM};
	struct scsi_task *task = command(sense, SCSI_XFER_READ, NULL, MODE_ROOM);
	if (task->status != SCSI_STATUS_GOOD || task->datain.size < MODE_HEADER + 16)
		die("MODE SENSE", iscsi);
	int length = task->datain.data[0] + 1;
	uint8_t list[MODE_ROOM], select[6] = {MODE_SELECT_6, PAGE_FORMAT, 0, 0, (uint8_t)length};
	if (length > task->datain.size || length > MODE_ROOM)
		die("MODE SENSE", iscsi);
	memcpy(list, task->datain.data, (size_t)length);
	scsi_free_scsi_task(task);
	list[0] = 0; /* reserved in MODE SELECT */
	uint8_t *page = list + MODE_HEADER;
	page[2] = (uint8_t)((page[2] & ~COMPRESSION_ENABLED) | (on ? COMPRESSION_ENABLED : 0));
	task = command(select, SCSI_XFER_WRITE, list, length);
	if (task->status != SCSI_STATUS_GOOD)
		die("MODE SELECT", iscsi);
	scsi_free_scsi_task(task);
}

/* ---- many -------------------------------------------------------------------------------------
 */

static void start(struct request *request);

static void compare(const struct request *request)
{
	if (memcmp(request->iov.iov_base, content_of(request->number), asked.length) != 0)
		die("a block was read that was not written", NULL);
}

static void done(struct iscsi_context *context, int status, void *data, void *private)
{
	struct request *request = private;
	struct scsi_task *task = data;
	if (status != SCSI_STATUS_GOOD || task->residual != 0)
		die(writing ? "a write failed" : "a read failed", context);
	scsi_free_scsi_task(task);
	samples[arrived++] = (uint32_t)(clock_ns(CLOCK_MONOTONIC) - request->started_ns);
	if (!writing && (request->number == 0 || request->number + 1 == asked.blocks))
		compare(request);
	if (started < asked.blocks)
		start(request);
}

static void start(struct request *request)
{
	uint8_t cdb[6] = {writing ? WRITE_6 : READ_6};
	put_be24(cdb + 2, asked.length);
	struct scsi_task *task = scsi_create_task(
		sizeof cdb, cdb, writing ? SCSI_XFER_WRITE : SCSI_XFER_READ, (int)asked.length);
	if (!task)
		die("out of memory", NULL);
	request->number = started++;
	if (writing) {
		request->iov = (struct scsi_iovec){content_of(request->number), asked.length};
		scsi_task_set_iov_out(task, &request->iov, 1);
	} else {
		scsi_task_set_iov_in(task, &request->iov, 1);
	}
	request->started_ns = clock_ns(CLOCK_MONOTONIC);
	if (iscsi_scsi_command_async(iscsi, lun, task, done, NULL, request))
		die("cannot send", iscsi);
}

static void move_all(struct request *requests)
{
	started = arrived = 0;
	for (uint32_t i = 0; i < asked.depth && i < asked.blocks; i++)
		start(&requests[i]);
	while (arrived < asked.blocks) {
		struct pollfd fd = {
			.fd = iscsi_get_fd(iscsi), .events = (short)iscsi_which_events(iscsi)};
		if (poll(&fd, 1, -1) > 0 && iscsi_service(iscsi, fd.revents))
			die("the connection broke", iscsi);
	}
}

static void report(const char *name, uint64_t took_ns, uint64_t served_ns, uint64_t own_ns)
{
	double seconds = (double)took_ns / 1e9, blocks = (double)asked.blocks;
	printf("\"%s\": {\"blocks_s\": %.0f, \"mb_s\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
	       "\"max_us\": %.0f, \"server_us\": %.2f, \"client_us\": %.2f, "
	       "\"server_cores\": %.3f}, ",
		name, blocks / seconds, blocks * asked.length / seconds / 1e6,
		quantile(samples, asked.blocks, 0.5) / 1e3,
		quantile(samples, asked.blocks, 0.99) / 1e3,
		quantile(samples, asked.blocks, 1) / 1e3, (double)served_ns / 1e3 / blocks,
		(double)own_ns / 1e3 / blocks, (double)served_ns / (double)took_ns);
}

static void measure(const char *name, struct request *requests, bool write)
{
	writing = write;
	uint64_t served = process_ns(asked.pid), own = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);
	move_all(requests);
	uint64_t end = clock_ns(CLOCK_MONOTONIC);
	report(name, end - begin, process_ns(asked.pid) - served,
		clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own);
}

static void run(void)
{
	static const uint8_t rewind[6] = {REWIND};
	static const uint8_t filemark[6] = {WRITE_FILEMARKS_6, 0, 0, 0, 1};
	static struct request requests[DEPTH_MAX];
	simple("REWIND", rewind);
	printf("{");
	measure("write", requests, true);
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);
	simple("WRITE FILEMARKS", filemark);
	printf("\"filemark_ms\": %.2f, ", (double)(clock_ns(CLOCK_MONOTONIC) - begin) / 1e6);
	simple("REWIND", rewind);
	for (uint32_t i = 0; i < asked.depth; i++) {
		requests[i].iov = (struct scsi_iovec){malloc(asked.length), asked.length};
		if (!requests[i].iov.iov_base)
			die("out of memory", NULL);
	}
	measure("read", requests, false);
	printf("\"length\": %u}\n", asked.length);
}

static bool take_arguments(int argc, char **argv)
{
	if (argc != 8)
		return false;
	asked.length = (uint32_t)atoi(argv[2]);
	asked.depth = (uint32_t)atoi(argv[3]);
	asked.blocks = strtoull(argv[4], NULL, 10);
	asked.pid = argv[7];
	return asked.length >= 1 && asked.length <= CONTENT && asked.depth >= 1 &&
	       asked.depth <= DEPTH_MAX && asked.blocks >= 1;
}

int main(int argc, char **argv)
{
	if (!take_arguments(argc, argv)) {
		fprintf(stderr, "usage: tape-load URL LENGTH DEPTH BLOCKS random|half "
				"as-is|off|on PID\n");
		return 2;
	}
	samples = calloc(asked.blocks, sizeof *samples);
	if (!samples)
		die("out of memory", NULL);
	make_content(!strcmp(argv[5], "half"));
	iscsi = open_session("iqn.2026-01.bench:tape-load", argv[1], &lun);
	become_ready();
	if (strcmp(argv[6], "as-is") != 0)
		set_compression(!strcmp(argv[6], "on"));
	run();
	exit(0); /* as initiators go: the server sees the connection end */
}
