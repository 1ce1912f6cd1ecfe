/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three rings in front of one drive, for four seconds: hosts keep up to 64 commands in flight,
 * abort some, give up on others and reset the logical unit; workers, an executor and the library
 * answer; media are swapped; the kernel looks at the tail when it likes, resets rings under the
 * device; devices are drained, killed and made anew, and in the end one is removed. Every command
 * is answered once, what was read is of one medium, and the ring double finds nothing to object to.
 *
 * The random numbers follow STRESS_SEED (1), the interleaving does not: run it under
 * ThreadSanitizer.
 */
#include "support.h"

#include <unistd.h>

#include "../scsi/stress.h"
#include "device.h"
#include "ring_double.h"
#include "workers.h"

enum { PATHS = NEXUSES, DEPTH = 64, RUN_MS = 4000, EXECUTORS = 2, DATA_MAX = 4 * BLOCK };

struct host_io {
	struct ring_io io;
	bool sent;
	uint8_t data[DATA_MAX];
};

struct path {
	unsigned number;
	struct ring_double *kernel;
	struct ring_device *device; /* the operator's */
	struct host_io ios[DEPTH];  /* the host's */
	unsigned in_flight, depth;
	uint64_t random;
	unsigned checked, busy;
	atomic_uint good_reads, aborted;
	atomic_bool dying;
	atomic_uint failures;
};

static struct path paths[PATHS];
static struct workers *ring_workers;
static atomic_bool stop_hosts, stop_others, removing;
static atomic_uint drains, kills, resets;

/* ---- the hosts --------------------------------------------------------------------------------
 */

struct choice {
	uint8_t cdb[16];
	enum ring_io_direction direction;
	unsigned length;
};

static const struct choice choices[] = {
	{{0x28, 0, 0, 0, 0, 5, 0, 0, 4}, RING_IO_IN, 4 * BLOCK},
	{{0x28, 0, 0, 0, 0, 8, 0, 0, 2}, RING_IO_IN, 2 * BLOCK},
	{{0x28, 0, 0, 0, 0, 1, 0, 0, 3}, RING_IO_IN, 3 * BLOCK},
	{{0x28, 0, 0, 0, 0, 0, 0, 0, 1}, RING_IO_IN, 4 * BLOCK},
	{{0x28, 0, 0, 0, 0, 9, 0, 0, 4}, RING_IO_IN, 1000},
	{{0x00}, RING_IO_NONE, 0},
	{{0x00}, RING_IO_IN, 512},
	{{0x12, 0, 0, 0, 96}, RING_IO_IN, 96},
	{{0x03, 0, 0, 0, 18}, RING_IO_IN, 252},
	{{0x15, 0x11, 0, 0, 16}, RING_IO_OUT, 16},
	{{0x1a, 0, 0x3f, 0, 255}, RING_IO_IN, 255},
	{{0x16}, RING_IO_NONE, 0},
	{{0x17}, RING_IO_NONE, 0},
	{{0x1b, 0, 0, 0, 2}, RING_IO_NONE, 0},
	{{0xd8}, RING_IO_IN, 2000},
};

static void check_read(struct path *path, const struct host_io *sent)
{
	const struct ring_io *io = &sent->io;
	size_t expected = (size_t)io->cdb[8] * BLOCK;
	CHECK(io->received == (expected < io->length ? expected : io->length));
	CHECK(io->residual == io->length - io->received);
	for (size_t i = 0; i < io->received; i++)
		CHECK(io->data[i] == io->data[0] && io->data[0] < 0x80);
	path->good_reads++;
}

static void check_answer(struct path *path, const struct host_io *sent)
{
	const struct ring_io *io = &sent->io;
	if (io->aborted) {
		path->aborted++;
		return;
	}
	switch (io->status) {
	case SCSI_STATUS_GOOD:
		if (io->cdb[0] == 0x28)
			check_read(path, sent);
		return;
	case SCSI_STATUS_CHECK_CONDITION:
		path->checked++;
		CHECK(io->sense[0] >= 0x70 || atomic_load(&removing));
		return;
	case SCSI_STATUS_BUSY:
		path->busy++;
		return;
	default:
		CHECK(io->status == SCSI_STATUS_TASK_ABORTED ||
			io->status == SCSI_STATUS_RESERVATION_CONFLICT);
	}
}

static bool is_back(struct path *path, struct host_io *sent)
{
	if (!sent->sent)
		return true;
	if (!atomic_load(&sent->io.done))
		return false;
	/* Whoever answered is out of the lock of the kernel. */
	ring_double_wait(path->kernel, &sent->io);
	check_answer(path, sent);
	sent->sent = false;
	path->in_flight--;
	return true;
}

static void send_one(struct path *path, struct host_io *sent)
{
	const struct choice *choice =
		&choices[random_below(&path->random, sizeof choices / sizeof choices[0])];
	memcpy(sent->io.cdb, choice->cdb, sizeof choice->cdb);
	memset(sent->data, 0, sizeof sent->data);
	memcpy(sent->data + 4, "\x01\x0a\x00", 3);
	sent->io.data = sent->data;
	sent->io.direction = choice->direction;
	sent->io.length = choice->length;
	sent->sent = true;
	path->in_flight++;
	ring_double_submit(path->kernel, &sent->io);
}

static struct host_io *any_io(struct path *path)
{
	return &path->ios[random_below(&path->random, DEPTH)];
}

static void give_up(struct path *path)
{
	struct ring_io *victims[] = {&any_io(path)->io, &any_io(path)->io};
	ring_double_abort(path->kernel, ABI_ABORT_TASK, victims, 1, 0);
}

static void misbehave(struct path *path)
{
	switch (random_below(&path->random, 400)) {
	case 0:
		ring_double_abort_all(path->kernel, ABI_LUN_RESET);
		break;
	case 1 ... 20:
		give_up(path);
		break;
	case 21 ... 25:
		ring_double_expire(path->kernel, &any_io(path)->io);
		break;
	case 26 ... 30:
		ring_double_plug(path->kernel, true);
		break;
	case 31 ... 40:
		path->depth = 1 + random_below(&path->random, DEPTH);
		break;
	default:
		break;
	}
}

static void wait_for_some(struct path *path)
{
	ring_double_plug(path->kernel, false);
	for (struct host_io *sent = any_io(path); path->in_flight >= path->depth;
		sent = any_io(path))
		if (sent->sent) {
			ring_double_wait(path->kernel, &sent->io);
			is_back(path, sent);
		}
}

static void *host(void *argument)
{
	struct path *path = argument;
	while (!atomic_load(&stop_hosts)) {
		struct host_io *sent = any_io(path);
		if (is_back(path, sent))
			send_one(path, sent);
		misbehave(path);
		if (path->in_flight >= path->depth)
			wait_for_some(path);
	}
	path->depth = 1;
	wait_for_some(path);
	return NULL;
}

/* ---- the kernel at other times ------------------------------------------------------------------
 */

static void *unmap_worker(void *argument)
{
	uint64_t random = random_stream(400);
	while (!atomic_load(&stop_others)) {
		struct path *path = &paths[random_below(&random, PATHS)];
		ring_double_consume(path->kernel);
		if (random_below(&random, 4) == 0)
			ring_double_wake(path->kernel);
		usleep(random_below(&random, 200));
	}
	return NULL;
}

static void *changer(void *argument)
{
	uint64_t random = random_stream(500);
	struct drive *drive = &stress.drive;
	for (unsigned generation = 1; !atomic_load(&stop_others); generation++) {
		struct medium *medium = insert(generation & 0x7f);
		scsi_lu_lock(&drive->lu);
		struct medium *old = drive->medium;
		drive->medium = medium;
		drive->not_ready = generation % 8 ? SENSE_NONE : SENSE_BECOMING_READY;
		scsi_lu_unlock(&drive->lu);
		scsi_source_put(&old->source);
		usleep(random_below(&random, 3000));
	}
	return NULL;
}

/* ---- the operator
 * --------------------------------------------------------------------------------- */

/* A process dies at some instant, and what it sees of its ring from then on may not fit together.
 */
static void failed(void *context, const char *reason)
{
	struct path *path = context;
	if (atomic_load(&path->dying))
		return;
	if (!atomic_load(&removing) || path->number != PATHS - 1)
		fprintf(stderr, "ring %u: %s\n", path->number, reason);
	CHECK(atomic_load(&removing) && path->number == PATHS - 1);
	atomic_fetch_add(&path->failures, 1);
}

static void open_path(struct path *path)
{
	struct ring_port *port = ring_double_open(path->kernel);
	CHECK(port);
	path->device = ring_device_create(
		&(struct ring_device_config){
			.port = port,
			.nexus = stress.nexuses[path->number],
			.failed = failed,
			.context = path,
		},
		NULL);
	CHECK(path->device);
	CHECK(ring_device_start(path->device, ring_workers, NULL));
}

/* The next process goes on where this one has stopped. */
static void hand_over(struct path *path)
{
	CHECK(ring_device_drain(path->device, RING_DOUBLE_ANSWER_MS));
	ring_device_destroy(path->device);
	open_path(path);
	drains++;
}

static void crash(struct path *path, int level)
{
	atomic_store(&path->dying, true);
	ring_double_kill(path->kernel);
	ring_double_block(path->kernel, true);
	ring_double_reset(path->kernel, level);
	ring_device_destroy(path->device);
	atomic_store(&path->dying, false);
	open_path(path);
	ring_double_block(path->kernel, false);
	kills++;
}

/* Twice: the first event may have been on its way before. */
static void let_it_look(struct path *path)
{
	for (int i = 0; i < 2; i++) {
		unsigned before = ring_double_counters(path->kernel).acknowledged;
		while (ring_double_counters(path->kernel).acknowledged == before) {
			ring_double_wake(path->kernel);
			usleep(200);
		}
	}
}

/* What comes while the ring is blocked cannot hide the reset. */
static void reset_under_it(struct path *path, int level)
{
	ring_double_block(path->kernel, true);
	ring_double_reset(path->kernel, level);
	let_it_look(path);
	ring_double_block(path->kernel, false);
	resets++;
}

static void *operator(void *argument)
{
	uint64_t random = random_stream(600);
	while (!atomic_load(&stop_others)) {
		struct path *path = &paths[random_below(&random, PATHS)];
		int level = 1 + (int)random_below(&random, 2);
		switch (random_below(&random, 3)) {
		case 0:
			hand_over(path);
			break;
		case 1:
			crash(path, level);
			break;
		default:
			reset_under_it(path, level);
		}
		usleep(random_below(&random, 20000));
	}
	return NULL;
}

/* ---- the test
 * ---------------------------------------------------------------------------------------- */

static const struct ring_double_config configs[PATHS] = {
	{.ring_size = 1024 - 128, .blocks = 24},
	{.ring_size = 8 + 120 * 37, .blocks = 200},
	{.blocks = 40, .block_pages = 2},
};

static int stress_setup(void **state)
{
	stress_init();
	ring_workers = workers_create(2, NULL);
	CHECK(ring_workers);
	for (unsigned i = 0; i < PATHS; i++) {
		paths[i].number = i;
		paths[i].depth = DEPTH / 2;
		paths[i].random = random_stream(i);
		paths[i].kernel = ring_double_create(&configs[i]);
		ring_double_fragment(paths[i].kernel, 5);
		open_path(&paths[i]);
	}
	return 0;
}

static pthread_t start(void *(*run)(void *), void *argument)
{
	pthread_t thread;
	CHECK(pthread_create(&thread, NULL, run, argument) == 0);
	return thread;
}

static void finish(pthread_t thread)
{
	CHECK(pthread_join(thread, NULL) == 0);
}

static void remove_last(void)
{
	struct path *path = &paths[PATHS - 1];
	atomic_store(&removing, true);
	ring_double_remove(path->kernel);
	for (int i = 0; !atomic_load(&path->failures); i++) {
		CHECK(i < RING_DOUBLE_ANSWER_MS);
		usleep(1000);
	}
}

/* The run went where it was meant to go. */
static bool went_everywhere(void)
{
	bool all = drains > 0 && kills > 0 && resets > 0;
	for (int i = 0; i < PATHS; i++) {
		struct ring_double_counters counters = ring_double_counters(paths[i].kernel);
		all = all && counters.answers > 0 && counters.pads > 0 && paths[i].good_reads > 0 &&
		      paths[i].aborted > 0;
	}
	return all;
}

static void every_command_is_answered_once(void **state)
{
	pthread_t hosts[PATHS], others[3], executors[EXECUTORS];
	pthread_t librarian = start(library, NULL);
	for (uintptr_t i = 0; i < EXECUTORS; i++)
		executors[i] = start(worker, (void *)i);
	for (int i = 0; i < PATHS; i++)
		hosts[i] = start(host, &paths[i]);
	others[0] = start(unmap_worker, NULL);
	others[1] = start(changer, NULL);
	others[2] = start(operator, NULL);

	usleep(RUN_MS * 1000);
	for (int i = 0; i < RING_DOUBLE_ANSWER_MS && !went_everywhere(); i++)
		usleep(1000);
	atomic_store(&stop_others, true);
	for (int i = 0; i < 3; i++)
		finish(others[i]);
	remove_last();
	atomic_store(&stop_hosts, true);
	for (int i = 0; i < PATHS; i++)
		finish(hosts[i]);
	for (int i = 0; i < PATHS; i++)
		ring_device_destroy(paths[i].device);
	queue_stop(&stress.works);
	queue_stop(&stress.inbox);
	for (int i = 0; i < EXECUTORS; i++)
		finish(executors[i]);
	finish(librarian);
	assert_int_equal(stress.drive.lu.reads_in_flight, 0);
}

static void nothing_is_left_behind(void **state)
{
	for (int i = 0; i < PATHS; i++) {
		assert_int_equal(paths[i].in_flight, 0);
		assert_int_equal(ring_double_in_flight(paths[i].kernel), 0);
		assert_int_equal(paths[i].failures, i == PATHS - 1);
	}
}

static void all_paths_were_taken(void **state)
{
	assert_true(went_everywhere());
	for (int i = 0; i < PATHS; i++) {
		struct path *path = &paths[i];
		struct ring_double_counters counters = ring_double_counters(path->kernel);
		print_message("%u answers, %u kicks, %u events, %u queued, %u late, %u pads, %u "
			      "task management, %u good reads, %u aborted, %u busy\n",
			counters.answers, counters.kicks, counters.events, counters.queued,
			counters.late, counters.pads, counters.task_management, path->good_reads,
			path->aborted, path->busy);
	}
}

static int stress_teardown(void **state)
{
	for (int i = 0; i < PATHS; i++)
		ring_double_destroy(paths[i].kernel);
	workers_destroy(ring_workers);
	for (int i = 0; i < NEXUSES; i++)
		scsi_nexus_destroy(stress.nexuses[i]);
	scsi_lu_finish(&stress.drive.lu);
	scsi_source_put(&stress.drive.medium->source);
	return atomic_load(&stress.sources) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_is_answered_once),
		cmocka_unit_test(nothing_is_left_behind),
		cmocka_unit_test(all_paths_were_taken),
	};
	return cmocka_run_group_tests_name("tcmu/stress", tests, stress_setup, stress_teardown);
}
