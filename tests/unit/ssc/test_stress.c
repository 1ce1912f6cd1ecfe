/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tape drive with everything at once, for two seconds: hosts write, read and move, with reads
 * that begin on their own threads, commands are aborted, logical unit resets and nexus losses fall
 * in between, hosts come and go, and the library takes the cartridge out and puts it in. Every
 * command is completed once and released once, afterwards; a buffer is the transport's again from
 * its completion on; every block on the tape is one that a host wrote, whole.
 *
 * The interleaving follows no seed: run it under ThreadSanitizer.
 */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scsi/command.h"
#include "scsi/lu.h"
#include "tape_unit.h"
#include "thread_check.h"
#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/list.h"

enum {
	HOSTS = 3,
	OUTSTANDING_MAX = 4,
	RECENT = 8,
	FIXED_LENGTH = 512,
	FIXED_COUNT = 16,
	DATA_MAX = FIXED_LENGTH * FIXED_COUNT,
	CUT = 100,  /* bytes of a block that may be longer */
	HEADER = 8, /* of a block: its length and what it is made of */
	RUN_US = 2000000,
	RECYCLED = 0xaa, /* what the transport makes of a buffer that is its own again */
};

struct host {
	struct scsi_nexus *nexus;
	atomic_uint outstanding;
	uint32_t random;
};

struct request {
	struct scsi_cmd cmd;
	struct host *host;
	struct iovec iov[2];
	uint8_t data[DATA_MAX];
	atomic_uint completed;
};

static struct {
	struct tape_unit *unit;
	struct host hosts[HOSTS];
	atomic_bool stop;
	atomic_uint started, released, aborted, good_reads, good_writes;
	pthread_mutex_t lock;
	struct scsi_cmd *recent[RECENT]; /* a reference each */
} stress = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint32_t next_random(uint32_t *random, uint32_t limit)
{
	*random = *random * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*random * limit >> 32);
}

/* ---- blocks -----------------------------------------------------------------------------------
 */

static void make_block(uint8_t *block, uint32_t length, uint32_t seed)
{
	tape_block_fill(block, length, seed);
	put_be32(block, length);
	put_be32(block + 4, seed);
}

/* `done` bytes of it, which is all of it unless it is longer. */
static void check_block(const uint8_t *block, uint32_t done, bool cut)
{
	uint8_t expected[DATA_MAX];
	CHECK(done >= HEADER);
	uint32_t length = get_be32(block);
	CHECK(length <= DATA_MAX && (cut ? length >= done : length == done));
	make_block(expected, length, get_be32(block + 4));
	CHECK(memcmp(block, expected, done) == 0);
}

/* ---- the transport ----------------------------------------------------------------------------
 */

/* Aborted ones say nothing of what they read. */
static void check_read(const struct request *request)
{
	const struct scsi_cmd *cmd = &request->cmd;
	if (cmd->cdb[0] != 0x08 || cmd->status == SCSI_STATUS_TASK_ABORTED)
		return;
	uint32_t done = (uint32_t)cmd->data_in_done;
	bool fixed = cmd->cdb[1] & 0x01;
	CHECK(cmd->sense.code != SENSE_UNRECOVERED_READ_ERROR);
	CHECK(!fixed || done % FIXED_LENGTH == 0);
	for (uint32_t at = 0; fixed && at < done; at += FIXED_LENGTH)
		check_block(request->data + at, FIXED_LENGTH, false);
	if (!fixed && done > 0)
		check_block(request->data, done, done == CUT);
	if (done > 0)
		atomic_fetch_add(&stress.good_reads, 1);
}

static void complete(struct scsi_cmd *cmd)
{
	struct request *request = container_of(cmd, struct request, cmd);
	CHECK(atomic_fetch_add(&request->completed, 1) == 0);
	check_read(request);
	if (cmd->status == SCSI_STATUS_TASK_ABORTED)
		atomic_fetch_add(&stress.aborted, 1);
	if (cmd->status == SCSI_STATUS_GOOD && cmd->cdb[0] == 0x0a)
		atomic_fetch_add(&stress.good_writes, 1);
	memset(request->data, RECYCLED, sizeof request->data);
	atomic_fetch_sub(&request->host->outstanding, 1);
}

static void release(struct scsi_cmd *cmd)
{
	struct request *request = container_of(cmd, struct request, cmd);
	CHECK(atomic_load(&request->completed) == 1);
	for (size_t i = 0; i < sizeof request->data; i++)
		CHECK(request->data[i] == RECYCLED);
	free(request);
	atomic_fetch_add(&stress.released, 1);
}

static const struct scsi_transport_ops transport = {.complete = complete, .release = release};

/* ---- hosts ------------------------------------------------------------------------------------
 */

static void cdb_of_length(struct scsi_cmd *cmd, uint8_t code, uint8_t flags, uint32_t field)
{
	cmd->cdb[0] = code;
	cmd->cdb[1] = flags;
	put_be24(cmd->cdb + 2, field);
}

static void write_variable(struct request *request, uint32_t length, uint32_t seed)
{
	make_block(request->data, length, seed);
	cdb_of_length(&request->cmd, 0x0a, 0, length);
	request->cmd.transfer_length = length;
}

static void write_fixed(struct request *request, uint32_t seed)
{
	for (uint32_t i = 0; i < FIXED_COUNT; i++)
		make_block(request->data + (size_t)i * FIXED_LENGTH, FIXED_LENGTH, seed + i);
	cdb_of_length(&request->cmd, 0x0a, 1, FIXED_COUNT);
	request->cmd.transfer_length = DATA_MAX;
}

static void read_some(struct request *request, uint8_t flags, uint32_t field)
{
	cdb_of_length(&request->cmd, 0x08, flags, field);
	request->cmd.transfer_length = DATA_MAX;
}

static void select_block_length(struct request *request, uint32_t length)
{
	cdb_of_length(&request->cmd, 0x15, 0x10, 12);
	memset(request->data, 0, 12);
	request->data[2] = 0x10;
	request->data[3] = 8;
	put_be24(request->data + 9, length);
	request->cmd.transfer_length = 12;
}

static void choose(struct request *request, uint32_t *random)
{
	switch (next_random(random, 16)) {
	case 0:
	case 1:
		write_variable(request, HEADER + next_random(random, 3000), *random);
		break;
	case 2:
	case 3:
		write_fixed(request, *random);
		break;
	case 4:
		read_some(request, 0x02, CUT);
		break;
	case 5:
	case 6:
		read_some(request, 0x02, DATA_MAX);
		break;
	case 7:
	case 8:
		read_some(request, 0x01, FIXED_COUNT);
		break;
	case 9:
	case 10:
		select_block_length(request, FIXED_LENGTH);
		break;
	case 11:
		cdb_of_length(&request->cmd, 0x10, 0x01, next_random(random, 3));
		break;
	case 12:
		cdb_of_length(&request->cmd, 0x11, 0, (next_random(random, 40) - 20) & 0xffffff);
		break;
	case 13:
		cdb_of_length(&request->cmd, 0x01, 0, 0);
		break;
	case 14:
		cdb_of_length(&request->cmd, 0x1b, 0, next_random(random, 4) > 0);
		break;
	default:
		cdb_of_length(&request->cmd, 0x00, 0, 0);
		break;
	}
}

static struct request *request_create(struct host *host)
{
	struct request *request = calloc(1, sizeof *request);
	CHECK(request);
	request->host = host;
	scsi_cmd_init(&request->cmd, host->nexus, &transport);
	choose(request, &host->random);
	request->cmd.cdb_length = 6;
	/* In one piece every other time. */
	size_t length = (size_t)request->cmd.transfer_length;
	size_t first = next_random(&host->random, 2) ? length : length / 3;
	request->iov[0] = (struct iovec){request->data, first};
	request->iov[1] = (struct iovec){request->data + first, length - first};
	request->cmd.iov = request->iov;
	request->cmd.iov_count = 2;
	return request;
}

/* Leaves a reference for whoever aborts; returns another, or NULL. */
static struct scsi_cmd *exchange_recent(struct scsi_cmd *cmd, uint32_t slot)
{
	SCOPED_LOCK(&stress.lock);
	struct scsi_cmd *old = stress.recent[slot];
	stress.recent[slot] = cmd;
	return old;
}

static void send_one(struct host *host)
{
	struct request *request = request_create(host);
	atomic_fetch_add(&host->outstanding, 1);
	atomic_fetch_add(&stress.started, 1);
	scsi_cmd_get(&request->cmd);
	struct scsi_cmd *old = exchange_recent(&request->cmd, next_random(&host->random, RECENT));
	scsi_execute(&request->cmd);
	if (old)
		scsi_cmd_put(old);
}

/* All its commands are complete; it is lost, or leaves, and comes back. */
static void come_and_go(struct host *host, uint32_t number)
{
	char name[] = "host0";
	name[4] = (char)('0' + number);
	while (atomic_load(&host->outstanding) > 0)
		usleep(10);
	(next_random(&host->random, 2) ? scsi_nexus_leave : scsi_nexus_suspend)(host->nexus);
	host->nexus = scsi_nexus_enter(tape_unit_lu(stress.unit), name);
	CHECK(host->nexus);
}

static void *host_thread(void *argument)
{
	struct host *host = argument;
	uint32_t number = (uint32_t)(host - stress.hosts);
	while (!atomic_load(&stress.stop)) {
		send_one(host);
		while (atomic_load(&host->outstanding) >= 1 + number % OUTSTANDING_MAX)
			usleep(1);
		if (number > 0 && next_random(&host->random, 200) == 0)
			come_and_go(host, number);
	}
	while (atomic_load(&host->outstanding) > 0)
		usleep(10);
	return NULL;
}

/* ---- those who disturb ------------------------------------------------------------------------
 */

static void *aborter_thread(void *unused)
{
	uint32_t random = 1;
	while (!atomic_load(&stress.stop)) {
		struct scsi_cmd *old = exchange_recent(NULL, next_random(&random, RECENT));
		if (old) {
			scsi_cmd_cancel(old);
			scsi_cmd_put(old);
		}
		usleep(next_random(&random, 3000));
	}
	return NULL;
}

/* The first host's nexus stays; it hears of no reset. */
static void *resetter_thread(void *unused)
{
	uint32_t random = 2;
	while (!atomic_load(&stress.stop)) {
		if (next_random(&random, 4) == 0)
			scsi_nexus_lost(stress.hosts[0].nexus);
		else
			scsi_lu_reset(tape_unit_lu(stress.unit), stress.hosts[0].nexus);
		usleep(next_random(&random, 10000));
	}
	return NULL;
}

static void *library_thread(void *unused)
{
	while (!atomic_load(&stress.stop)) {
		usleep(20000);
		tape_unit_reload(stress.unit);
	}
	return NULL;
}

/* ---- afterwards -------------------------------------------------------------------------------
 */

static const struct scsi_cmd *ask(struct scsi_cmd *cmd)
{
	scsi_execute(cmd);
	while (atomic_load(&stress.hosts[0].outstanding) > 0)
		usleep(10);
	return cmd;
}

/* GOOD, or what was told instead. */
static enum scsi_sense_code send_and_wait(uint8_t code, uint8_t flags, uint32_t field)
{
	struct request *request = request_create(&stress.hosts[0]);
	memset(request->cmd.cdb, 0, sizeof request->cmd.cdb);
	cdb_of_length(&request->cmd, code, flags, field);
	request->cmd.transfer_length = code == 0x08 ? DATA_MAX : 0;
	request->iov[0] = (struct iovec){request->data, DATA_MAX};
	atomic_fetch_add(&stress.hosts[0].outstanding, 1);
	atomic_fetch_add(&stress.started, 1);
	scsi_cmd_get(&request->cmd);
	enum scsi_sense_code sense = ask(&request->cmd)->status == SCSI_STATUS_GOOD
					     ? SENSE_NONE
					     : request->cmd.sense.code;
	scsi_cmd_put(&request->cmd);
	return sense;
}

/* Every block of the tape is looked at by check_read. */
static unsigned read_whole_tape(void)
{
	unsigned blocks = 0;
	enum scsi_sense_code code;
	while (send_and_wait(0x1b, 0, 1) != SENSE_NONE)
		;
	while ((code = send_and_wait(0x08, 0x02, DATA_MAX)) != SENSE_END_OF_DATA) {
		CHECK(code == SENSE_NONE || code == SENSE_FILEMARK);
		blocks += code == SENSE_NONE;
	}
	return blocks;
}

static void drop_recent(void)
{
	for (unsigned i = 0; i < RECENT; i++) {
		struct scsi_cmd *cmd = exchange_recent(NULL, i);
		if (cmd)
			scsi_cmd_put(cmd);
	}
}

static void whatever_falls_into_a_tape_drive_leaves_whole_blocks(void **state)
{
	void *(*const others[])(void *) = {aborter_thread, resetter_thread, library_thread};
	pthread_t threads[HOSTS + 3];
	char name[] = "host0";
	stress.unit = tape_unit_create("stress");
	for (unsigned i = 0; i < HOSTS; i++) {
		name[4] = (char)('0' + i);
		stress.hosts[i].random = i + 10;
		stress.hosts[i].nexus = scsi_nexus_enter(tape_unit_lu(stress.unit), name);
		CHECK(stress.hosts[i].nexus);
	}
	for (unsigned i = 0; i < HOSTS; i++)
		CHECK(pthread_create(&threads[i], NULL, host_thread, &stress.hosts[i]) == 0);
	for (unsigned i = 0; i < 3; i++)
		CHECK(pthread_create(&threads[HOSTS + i], NULL, others[i], NULL) == 0);
	usleep(RUN_US);
	atomic_store(&stress.stop, true);
	for (unsigned i = 0; i < HOSTS + 3; i++)
		pthread_join(threads[i], NULL);
	drop_recent();
	unsigned blocks = read_whole_tape();
	print_message("%u commands, %u aborted, %u writes and %u reads good, %u blocks left\n",
		stress.started, stress.aborted, stress.good_writes, stress.good_reads, blocks);
	assert_true(stress.aborted > 0 && stress.good_reads > 0 && stress.good_writes > 0);
	for (unsigned i = 0; i < HOSTS; i++)
		scsi_nexus_destroy(stress.hosts[i].nexus);
	tape_unit_destroy(stress.unit);
	assert_int_equal(stress.released, stress.started);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_falls_into_a_tape_drive_leaves_whole_blocks),
	};
	return cmocka_run_group_tests_name("ssc/stress", tests, NULL, NULL);
}
