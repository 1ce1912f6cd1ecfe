/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything at once, for two seconds: transports execute and cancel, workers read, the library
 * claims and finishes, hosts register and preempt each other, media are swapped behind a drain,
 * logical unit resets and nexus losses fall in between. Every command is completed once and
 * released once, afterwards; a buffer is the transport's again from its completion on; a read never
 * mixes two media; no drain is missed.
 *
 * The random numbers follow STRESS_SEED (1), the interleaving does not: run it under
 * ThreadSanitizer.
 */
#include "support.h"

#include <time.h>
#include <unistd.h>

#include "stress.h"
#include "util/cleanup.h"

enum {
	TRANSPORTS = 3,
	WORKERS = 2,
	OUTSTANDING_MAX = 200,
	RUN_SECONDS = 2,
	WAIT_SECONDS = 20,
	RECYCLED = 0xaa, /* what the transport makes of a buffer that is its own again */
};

struct stress_request {
	struct scsi_cmd cmd;
	struct iovec iov[2];
	uint8_t data[4 * BLOCK];
	atomic_uint completed;
};

static struct timespec deadline(int seconds)
{
	struct timespec at;
	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_sec += seconds;
	return at;
}

/* ---- transports ----------------------------------------------------------------------------- */

static void check_read(const struct stress_request *request)
{
	const struct scsi_cmd *cmd = &request->cmd;
	if (cmd->status != SCSI_STATUS_GOOD || cmd->cdb[0] != 0x28)
		return;
	CHECK(cmd->data_in_done == cmd->transfer_length);
	for (uint64_t i = 0; i < cmd->data_in_done; i++)
		CHECK(request->data[i] == request->data[0]);
	atomic_fetch_add(&stress.good_reads, 1);
}

static void stress_complete(struct scsi_cmd *cmd)
{
	struct stress_request *request = container_of(cmd, struct stress_request, cmd);
	CHECK(atomic_fetch_add(&request->completed, 1) == 0);
	check_read(request);
	memset(request->data, RECYCLED, sizeof request->data);
	if (cmd->status == SCSI_STATUS_TASK_ABORTED)
		atomic_fetch_add(&stress.aborted, 1);
	atomic_fetch_add(&stress.completed, 1);
}

static void stress_release(struct scsi_cmd *cmd)
{
	struct stress_request *request = container_of(cmd, struct stress_request, cmd);
	CHECK(atomic_load(&request->completed) == 1);
	for (size_t i = 0; i < sizeof request->data; i++)
		CHECK(request->data[i] == RECYCLED);
	free(request);
	atomic_fetch_add(&stress.released, 1);
}

static const struct scsi_transport_ops stress_transport = {
	.complete = stress_complete,
	.release = stress_release,
};

struct choice {
	uint8_t cdb[16];
	unsigned length;
};

static const struct choice choices[] = {
	{{0x28, 0, 0, 0, 0, 5, 0, 0, 4}, 4 * BLOCK},
	{{0x28, 0, 0, 0, 0, 8, 0, 0, 2}, 2 * BLOCK},
	{{0x28, 0, 0, 0, 0, 1, 0, 0, 3}, 3 * BLOCK},
	{{0x28, 0, 0, 0, 0, 0, 0, 0, 1}, 1 * BLOCK},
	{{0x00}, 0},
	{{0x12, 0, 0, 0, 96}, 96},
	{{0x03, 0, 0, 0, 18}, 18},
	{{0x15, 0x11, 0, 0, 16}, 16},
	{{0x15, 0x10, 0, 0, 16}, 16},
	{{0x1a, 0, 0x3f, 0, 255}, 255},
	{{0x16}, 0},
	{{0x17}, 0},
	{{0x1b, 0, 0, 0, 2}, 0},
	{{0x1e, 0, 0, 0, 1}, 0},
	{{0x1e, 0, 0, 0, 0}, 0},
	{{0x9e, 0x11}, 0},
	{{0x5e, 0x03, 0, 0, 0, 0, 0, 0, 200}, 200},
	{{0x5f, 0x06, 0, 0, 0, 0, 0, 0, 24}, 24},
	{{0x5f, 0x01, 0x01, 0, 0, 0, 0, 0, 24}, 24},
	{{0x5f, 0x02, 0x01, 0, 0, 0, 0, 0, 24}, 24},
	{{0x5f, 0x03, 0, 0, 0, 0, 0, 0, 24}, 24},
	{{0x5f, 0x05, 0x05, 0, 0, 0, 0, 0, 24}, 24},
};

static struct stress_request *request_create(uint64_t *random)
{
	const struct choice *choice =
		&choices[random_below(random, sizeof choices / sizeof choices[0])];
	struct stress_request *request = calloc(1, sizeof *request);
	CHECK(request);
	scsi_cmd_init(
		&request->cmd, stress.nexuses[random_below(random, NEXUSES)], &stress_transport);
	memcpy(request->cmd.cdb, choice->cdb, sizeof choice->cdb);
	request->cmd.cdb_length = (uint8_t)scsi_cdb_length(choice->cdb[0]);
	if (choice->cdb[0] == 0x15)
		memcpy(request->data + 4, "\x01\x0a\x00", 3);
	request->data[7] = (uint8_t)random_below(random, 0x20);
	if (choice->cdb[0] == 0x5f) {
		request->data[7] = request->data[15] = 1;            /* keys */
		request->data[20] = random_below(random, 4) ? 0 : 1; /* APTPL */
	}
	size_t cut = choice->length / 3;
	request->iov[0] = (struct iovec){request->data, cut};
	request->iov[1] = (struct iovec){request->data + cut, choice->length - cut};
	request->cmd.iov = request->iov;
	request->cmd.iov_count = 2;
	request->cmd.transfer_length = choice->length;
	return request;
}

/* Leaves a reference among the recent commands, for whoever cancels; takes one out for that. */
static struct scsi_cmd *exchange_recent(struct scsi_cmd *cmd, unsigned slot)
{
	SCOPED_LOCK(&stress.recent_lock);
	struct scsi_cmd *old = stress.recent[slot];
	stress.recent[slot] = cmd;
	return old;
}

static void execute_one(uint64_t *random)
{
	struct stress_request *request = request_create(random);
	scsi_cmd_get(&request->cmd);
	atomic_fetch_add(&stress.started, 1);
	struct scsi_cmd *old = exchange_recent(&request->cmd, random_below(random, RECENT));
	scsi_execute(&request->cmd);
	if (!old)
		return;
	if (random_below(random, 2))
		scsi_cmd_cancel(old);
	scsi_cmd_put(old);
}

static void *transport_thread(void *argument)
{
	uint64_t random = random_stream((uintptr_t)argument);
	while (!atomic_load(&stress.stop)) {
		if (atomic_load(&stress.started) - atomic_load(&stress.completed) < OUTSTANDING_MAX)
			execute_one(&random);
		else
			usleep(100);
	}
	return NULL;
}

static void *canceller(void *argument)
{
	uint64_t random = random_stream(100);
	while (!atomic_load(&stress.stop)) {
		struct scsi_cmd *cmd = exchange_recent(NULL, random_below(&random, RECENT));
		if (cmd) {
			scsi_cmd_cancel(cmd);
			scsi_cmd_put(cmd);
		}
		usleep(50);
	}
	return NULL;
}

/* ---- what happens to the drive -------------------------------------------------------------- */

static void *resetter(void *argument)
{
	uint64_t random = random_stream(200);
	struct scsi_record records[8];
	while (!atomic_load(&stress.stop)) {
		struct scsi_nexus *nexus = stress.nexuses[random_below(&random, NEXUSES)];
		if (random_below(&random, 3) == 0)
			scsi_lu_reset(&stress.drive.lu, random_below(&random, 2) ? nexus : NULL);
		else
			scsi_nexus_lost(nexus);
		CHECK(scsi_recorder_read(&nexus->recorder, records, 8) <= 8);
		usleep(random_below(&random, 2000));
	}
	return NULL;
}

static void wait_drained(unsigned events)
{
	struct timespec until = deadline(WAIT_SECONDS);
	SCOPED_LOCK(&stress.drain_lock);
	while (stress.drain_events < events)
		CHECK(pthread_cond_timedwait(&stress.drained, &stress.drain_lock, &until) == 0);
	CHECK(stress.drain_events == events);
}

static void set_changing(bool changing, struct medium *medium)
{
	struct drive *drive = &stress.drive;
	scsi_lu_lock(&drive->lu);
	drive->not_ready = changing ? SENSE_BECOMING_READY : SENSE_NONE;
	if (medium)
		drive->medium = medium;
	scsi_lu_unlock(&drive->lu);
}

/* Swaps media; returns how many drains had to wait. */
static void *changer(void *argument)
{
	struct drive *drive = &stress.drive;
	uint64_t random = random_stream(300);
	uintptr_t waited = 0;
	for (uint8_t generation = 1; !atomic_load(&stress.stop); generation++) {
		set_changing(true, NULL);
		scsi_lu_lock(&drive->lu);
		bool drained = scsi_lu_drained(&drive->lu);
		scsi_lu_unlock(&drive->lu);
		if (!drained)
			wait_drained((unsigned)++waited);
		CHECK(atomic_load(&drive->lu.reads_in_flight) == 0);
		struct medium *old = drive->medium;
		set_changing(false, insert(generation));
		scsi_source_put(&old->source);
		usleep(random_below(&random, 3000));
	}
	return (void *)waited;
}

/* ---- the test ------------------------------------------------------------------------------- */

static int stress_setup(void **state)
{
	stress_init();
	return 0;
}

static void start(pthread_t *thread, void *(*run)(void *), uintptr_t argument)
{
	assert_int_equal(pthread_create(thread, NULL, run, (void *)argument), 0);
}

static uintptr_t finish(pthread_t thread)
{
	void *result;
	assert_int_equal(pthread_join(thread, &result), 0);
	return (uintptr_t)result;
}

static void forget_recent(void)
{
	for (unsigned i = 0; i < RECENT; i++) {
		struct scsi_cmd *cmd = exchange_recent(NULL, i);
		if (cmd)
			scsi_cmd_put(cmd);
	}
}

static void every_command_is_completed_once_and_released_once(void **state)
{
	pthread_t transports[TRANSPORTS], workers[WORKERS], librarian, others[3];
	start(&librarian, library, 0);
	for (uintptr_t i = 0; i < WORKERS; i++)
		start(&workers[i], worker, i);
	start(&others[0], canceller, 0);
	start(&others[1], resetter, 0);
	start(&others[2], changer, 0);
	for (uintptr_t i = 0; i < TRANSPORTS; i++)
		start(&transports[i], transport_thread, i);

	sleep(RUN_SECONDS);
	atomic_store(&stress.stop, true);
	for (int i = 0; i < TRANSPORTS; i++)
		finish(transports[i]);
	finish(others[0]);
	finish(others[1]);
	uintptr_t waited = finish(others[2]);
	/* Nobody adds anything any more: what is queued is worked off, then the threads end. */
	queue_stop(&stress.works);
	queue_stop(&stress.inbox);
	for (int i = 0; i < WORKERS; i++)
		finish(workers[i]);
	finish(librarian);
	forget_recent();

	assert_int_equal(stress.completed, stress.started);
	assert_int_equal(stress.released, stress.started);
	assert_int_equal(stress.drain_events, waited);
	assert_int_equal(stress.drive.lu.reads_in_flight, 0);
	assert_int_equal(stress.drive.lu.commands, stress.started);
	print_message(
		"%u commands, %u aborted, %u good reads, %u library requests, %u drains waited\n",
		stress.started, stress.aborted, stress.good_reads, stress.requests,
		(unsigned)waited);
}

/* The run above went where it was meant to go. */
static void all_paths_were_taken(void **state)
{
	assert_true(stress.aborted > 0);
	assert_true(stress.good_reads > 0);
	assert_true(stress.requests > 0);
	assert_true(stress.reserved > 0);
	assert_true(stress.drive.lu.inline_reads > 0);
	assert_true(stress.drive.lu.pool_reads > 0);
}

static int stress_teardown(void **state)
{
	for (int i = 0; i < NEXUSES; i++)
		scsi_nexus_destroy(stress.nexuses[i]);
	scsi_lu_finish(&stress.drive.lu);
	scsi_source_put(&stress.drive.medium->source);
	return atomic_load(&stress.sources) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_is_completed_once_and_released_once),
		cmocka_unit_test(all_paths_were_taken),
	};
	return cmocka_run_group_tests_name("scsi/stress", tests, stress_setup, stress_teardown);
}
